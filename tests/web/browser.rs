//! The browser around the page: its storage, its clock, its address bar, and the ways out of the page.

use std::time::Duration;

use gloo_timers::future::sleep;
use js_sys::{Array, Function, Reflect};
use leptos::prelude::{document, window};
use leptos_cognito::base_url;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, Storage};

use crate::fixtures::{CLIENT_ID, NOW};

/// A browser that has stored nothing and asks for English. Its clocks are stopped at [`NOW`], and it never leaves the page: it
/// records where the page would have gone. Clocks, address and ways out are restored on drop.
pub struct Browser {
    /// The functions that read the clocks.
    clocks: [JsValue; 2],
    exits: Exits,
}

impl Browser {
    pub fn new() -> Self {
        for storage in [session_storage(), local_storage()] {
            storage.clear().unwrap();
        }
        local_storage().set_item(LANGUAGE, "en").unwrap();
        // A test that fails leaves its page behind.
        let pages = document().query_selector_all("body > section").unwrap();
        for page in (0..pages.length()).filter_map(|index| pages.item(index)) {
            page.unchecked_into::<Element>().remove();
        }
        set_address(&base_url());
        let browser = Self {
            clocks: CLOCKS.map(|clock| Reflect::get(&object(clock), &"now".into()).unwrap()),
            exits: Exits::new(),
        };
        browser.set_clock(NOW);
        browser
    }

    /// Sets the clocks, in seconds since 1970.
    pub fn set_clock(&self, seconds: u64) {
        let now = Function::new_no_args(&format!("return {seconds}000"));
        for clock in CLOCKS {
            set_function(clock, &now);
        }
    }

    /// The URLs for which the page would have been left.
    pub fn exits(&self) -> Vec<String> {
        let urls = self.exits.urls.iter();
        urls.map(|url| url.as_string().unwrap()).collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        for (clock, now) in CLOCKS.into_iter().zip(&self.clocks) {
            set_function(clock, now);
        }
        set_address(&base_url());
        self.exits.remove();
    }
}

/// The objects whose `now` reads a clock.
const CLOCKS: [&str; 2] = ["Date", "performance"];

fn object(name: &str) -> JsValue {
    Reflect::get(&window(), &name.into()).unwrap()
}

fn set_function(clock: &str, now: &JsValue) {
    Reflect::set(&object(clock), &"now".into(), now).unwrap();
}

/// Cancels each navigation to another document and records its URL. web-sys does not have the Navigation API yet.
struct Exits {
    urls: Array,
    remove: Function,
}

impl Exits {
    fn new() -> Self {
        let install = Function::new_with_args(
            "urls",
            "const cancel = event => {
                if (event.destination.sameDocument) return;
                urls.push(event.destination.url);
                event.preventDefault();
            };
            navigation.addEventListener('navigate', cancel);
            return () => navigation.removeEventListener('navigate', cancel);",
        );
        let urls = Array::new();
        let remove = install.call1(&JsValue::NULL, &urls).unwrap();
        Self {
            urls,
            remove: remove.unchecked_into(),
        }
    }

    fn remove(&self) {
        self.remove.call0(&JsValue::NULL).unwrap();
    }
}

/// The key of the language.
pub const LANGUAGE: &str = "cognito-spa.lang";

/// The key of one of the library's records.
pub fn key(record: &str) -> String {
    format!("cognito-spa.{CLIENT_ID}.{record}")
}

pub fn session_storage() -> Storage {
    window().session_storage().unwrap().unwrap()
}

pub fn local_storage() -> Storage {
    window().local_storage().unwrap().unwrap()
}

/// The value of one of the library's records.
pub fn stored(record: &str) -> Option<String> {
    session_storage().get_item(&key(record)).unwrap()
}

/// Stores one of the library's records.
pub fn store(record: &str, text: &str) {
    session_storage().set_item(&key(record), text).unwrap();
}

/// The keys of the library's records, without their prefix, that start like this.
pub fn stored_keys(start: &str) -> Vec<String> {
    let storage = session_storage();
    let start = key(start);
    let mut keys: Vec<String> = (0..storage.length().unwrap())
        .filter_map(|index| storage.key(index).unwrap())
        .filter(|name| name.starts_with(&start))
        .map(|name| name[key("").len()..].to_owned())
        .collect();
    keys.sort();
    keys
}

/// The page's URL.
pub fn href() -> String {
    window().location().href().unwrap()
}

/// Replaces the URL in the address bar and in the history. Unlike a link, this fires no event.
pub fn set_address(url: &str) {
    // Chrome ignores a page that does this too often.
    if href() == url {
        return;
    }
    let history = window().history().unwrap();
    history
        .replace_state_with_url(&JsValue::NULL, "", Some(url))
        .unwrap();
}

/// The number of the history's entries.
pub fn history_length() -> u32 {
    window().history().unwrap().length().unwrap()
}

/// Dispatches an event on `window`, and waits until the page shows what it did.
pub async fn dispatch(event: &str) {
    let event = Event::new(event).unwrap();
    window().dispatch_event(&event).unwrap();
    leptos::task::tick().await;
}

/// Waits until effects have run and responses have arrived: for what must not happen.
pub async fn settle() {
    for _ in 0..20 {
        sleep(Duration::from_millis(2)).await;
    }
}

/// Waits until the condition holds, for five seconds at most.
#[track_caller]
pub fn until(condition: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..1000 {
            if condition() {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
        panic!("the condition at {caller} does not come true");
    }
}
