//! What the page hears of: events of the window, messages of other tabs, and the time.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::Replaced;
use crate::platform::{Event, Platform};
use crate::web::channel::Channel;
use crate::web::listeners::Listeners;
use crate::web::{Browser, clock, document, window};

const NAME: &str = "test.channel";

/// A page that notes what it hears.
struct Page {
    browser: Browser,
    heard: Rc<RefCell<Vec<Event>>>,
    listeners: Listeners,
}

impl Page {
    fn open() -> Self {
        let browser = Browser::new();
        let heard = Rc::new(RefCell::new(Vec::new()));
        let notes = Rc::clone(&heard);
        let hear = move |event| notes.borrow_mut().push(event);
        Self {
            listeners: Listeners::add(browser.channel.clone(), NAME.to_owned(), hear),
            browser,
            heard,
        }
    }

    /// What it has heard since the last call.
    fn heard(&self) -> Vec<Event> {
        self.heard.take()
    }
}

fn dispatch(event: &str) {
    let event = web_sys::Event::new(event).unwrap();
    window().dispatch_event(&event).unwrap();
}

fn message(text: &str) -> Event {
    Event::Message(text.to_owned())
}

/// Long enough for a message between two channels.
async fn delivery() {
    clock::sleep(100).await;
}

/// While this exists, the page has this `visibilityState`.
struct Visibility;

impl Visibility {
    fn is(state: &str) -> Self {
        let descriptor = Object::new();
        Reflect::set(&descriptor, &"value".into(), &state.into()).unwrap();
        Reflect::set(&descriptor, &"configurable".into(), &JsValue::TRUE).unwrap();
        let document = document().unwrap();
        Object::define_property(&document, &"visibilityState".into(), &descriptor);
        Self
    }
}

impl Drop for Visibility {
    fn drop(&mut self) {
        let document = document().unwrap();
        // The property of the prototype is visible again.
        Reflect::delete_property(&document, &"visibilityState".into()).unwrap();
    }
}

#[test]
fn the_page_hears_of_what_happens_around_it() {
    let page = Page::open();
    for (name, event) in [
        ("storage", Event::Tick),
        ("pagehide", Event::PageHide),
        ("pageshow", Event::PageShow),
        ("online", Event::Online),
        ("offline", Event::Offline),
    ] {
        dispatch(name);
        assert_eq!(page.heard(), [event], "{name}");
    }
}

#[test]
fn only_becoming_visible_counts() {
    let page = Page::open();
    for (state, heard) in [("visible", vec![Event::Visible]), ("hidden", Vec::new())] {
        let _visibility = Visibility::is(state);
        dispatch("visibilitychange");
        assert_eq!(page.heard(), heard, "{state}");
    }
}

#[test]
async fn the_page_hears_the_clock_tick() {
    let soon = Function::new_with_args(
        "original",
        "return (callback, milliseconds) => original(callback, milliseconds / 100)",
    );
    let original = Reflect::get(&window(), &"setInterval".into()).unwrap();
    let soon = soon.call1(&JsValue::NULL, &original).unwrap();
    let _soon = Replaced::begin(window(), "setInterval", &soon);
    let page = Page::open();
    clock::sleep(20).await;
    assert!(page.heard().is_empty());
    clock::sleep(200).await;
    let heard = page.heard();
    assert!(heard.len() > 1 && heard.iter().all(|event| *event == Event::Tick));
}

#[test]
async fn a_message_reaches_the_other_tabs_alone() {
    let (sender, receiver) = (Page::open(), Page::open());
    // A tab that listens to nothing can still send.
    let (closed, other) = (Browser::new(), Channel::default());
    other.open("test.other channel", |_| panic!("another channel"));
    sender.browser.broadcast(NAME, "one");
    closed.broadcast(NAME, "two");
    delivery().await;
    assert_eq!(receiver.heard(), [message("one"), message("two")]);
    assert_eq!(sender.heard(), [message("two")]);
}

#[test]
async fn a_page_that_is_hidden_listens_to_no_channel_until_it_is_shown() {
    let (page, other) = (Page::open(), Browser::new());
    dispatch("pagehide");
    other.broadcast(NAME, "one");
    delivery().await;
    assert_eq!(page.heard(), [Event::PageHide]);
    // It can still send.
    let receiver = Page::open();
    page.browser.broadcast(NAME, "two");
    delivery().await;
    assert_eq!(receiver.heard(), [message("two")]);
    drop(receiver);

    dispatch("pageshow");
    dispatch("pageshow");
    other.broadcast(NAME, "three");
    delivery().await;
    let shown = [Event::PageShow, Event::PageShow, message("three")];
    assert_eq!(page.heard(), shown);
}

#[test]
async fn a_page_that_is_gone_hears_nothing() {
    let Page {
        heard, listeners, ..
    } = Page::open();
    drop(listeners);
    for event in [
        "storage",
        "visibilitychange",
        "pagehide",
        "pageshow",
        "online",
        "offline",
        "hashchange",
    ] {
        dispatch(event);
    }
    Browser::new().broadcast(NAME, "one");
    delivery().await;
    assert!(heard.take().is_empty());
}

#[test]
fn a_page_can_be_removed_by_what_it_hears() {
    let listeners = Rc::new(RefCell::new(None));
    let own = Rc::clone(&listeners);
    let remove = move |_| drop(own.take());
    let added = Listeners::add(Channel::default(), NAME.to_owned(), remove);
    *listeners.borrow_mut() = Some(added);
    dispatch("storage");
    assert!(listeners.borrow().is_none());
}
