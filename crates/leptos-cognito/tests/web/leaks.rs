//! What a provider acquires, it releases: listeners on `window`, intervals, timeouts and channels are counted.

use js_sys::{Array, Function, Object, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_cognito::{
    AuthProvider, SignInButton, SignOutButton, SignedIn, SignedOut, use_api, use_auth,
};
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::fixtures::{ADA, clear_storage, config, session, settle, store, until};
use crate::network::{Network, Reply};
use crate::page::Page;

/// Wraps the functions of `window` that add and remove listeners and timers, and that open channels. `live()` returns the
/// numbers of listeners, intervals, timeouts and channels.
const COUNTER: &str = "
    const listeners = new Set(), intervals = new Set(), timeouts = new Set(), channels = new Set();
    const ids = new Map(), originals = {};
    const id = (listener) => ids.get(listener) ?? (ids.set(listener, ids.size), ids.get(listener));
    const name = (type, listener, options) =>
        [type, id(listener), typeof options === 'object' ? !!options?.capture : !!options].join();
    const wrap = (method, wrapper) => {
        originals[method] = window[method];
        window[method] = wrapper(window[method].bind(window));
    };
    wrap('addEventListener', (add) => (...args) => { listeners.add(name(...args)); add(...args); });
    wrap('removeEventListener', (remove) => (...args) => { listeners.delete(name(...args)); remove(...args); });
    wrap('setInterval', (set) => (...args) => {
        const timer = set(...args);
        intervals.add(timer);
        return timer;
    });
    wrap('setTimeout', (set) => (callback, ...args) => {
        const timer = set((...values) => { timeouts.delete(timer); callback(...values); }, ...args);
        timeouts.add(timer);
        return timer;
    });
    wrap('clearInterval', (clear) => (timer) => { intervals.delete(timer); clear(timer); });
    wrap('clearTimeout', (clear) => (timer) => { timeouts.delete(timer); clear(timer); });
    originals.BroadcastChannel = window.BroadcastChannel;
    window.BroadcastChannel = class extends BroadcastChannel {
        constructor(name) { super(name); channels.add(this); }
        close() { channels.delete(this); super.close(); }
    };
    return {
        live: () => [listeners.size, intervals.size, timeouts.size, channels.size],
        restore: () => Object.assign(window, originals),
    };
";

/// The counter; `window` is restored on drop.
struct Counter(Object);

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Live {
    listeners: u32,
    intervals: u32,
    timeouts: u32,
    channels: u32,
}

impl Counter {
    fn new() -> Self {
        let counter = Function::new_no_args(COUNTER).call0(&JsValue::NULL);
        Self(counter.unwrap().unchecked_into())
    }

    fn live(&self) -> Live {
        let numbers: Array = self.call("live").unchecked_into();
        let number = |index| numbers.get(index).as_f64().unwrap() as u32;
        Live {
            listeners: number(0),
            intervals: number(1),
            timeouts: number(2),
            channels: number(3),
        }
    }

    fn call(&self, method: &str) -> JsValue {
        let method = Reflect::get(&self.0, &method.into()).unwrap();
        let method: Function = method.unchecked_into();
        method.call0(&self.0).unwrap()
    }
}

impl Drop for Counter {
    fn drop(&mut self) {
        self.call("restore");
    }
}

/// A component that has a request in flight for as long as it lives.
#[component]
fn Orders() -> impl IntoView {
    let api = use_api();
    let failed = RwSignal::new(false);
    spawn_local(async move {
        let result = api.get::<()>("/orders").await;
        failed.try_set(result.is_err());
    });
    move || failed.get().then_some("Failed.")
}

#[component]
fn App() -> impl IntoView {
    let auth = use_auth();
    let left = move |exp: u64| exp.saturating_sub(auth.now().get());
    view! {
        <SignedIn let:session>
            {move || session.with(|session| left(session.claims().exp))}
            <Orders/>
            <SignOutButton>"Sign out"</SignOutButton>
        </SignedIn>
        <SignedOut>
            <SignInButton>"Sign in"</SignInButton>
        </SignedOut>
    }
}

/// Mounts the app, waits for its first effects, counts, and unmounts it.
async fn mount_and_unmount(counter: &Counter) -> Live {
    let page = Page::mount(|| view! { <AuthProvider config=config()><App/></AuthProvider> });
    leptos::task::tick().await;
    assert!(page.role("button").is_some());
    let live = counter.live();
    assert_eq!(page.unmount().inner_html(), "");
    live
}

#[test]
async fn a_hundred_providers_leave_nothing_behind() {
    let _network = Network::new(|call| match call.url.ends_with("/.well-known/jwks.json") {
        true => Reply::json(200, json!({ "keys": [] })),
        false => Reply::Silence,
    });
    let counter = Counter::new();
    for record in [None, Some(session(ADA).to_stored())] {
        clear_storage();
        if let Some(record) = &record {
            store("session", record);
        }
        // Leptos adds its own listeners once, for the events that it delegates.
        mount_and_unmount(&counter).await;
        settle().await;
        let before = counter.live();
        for _ in 0..100 {
            let live = mount_and_unmount(&counter).await;
            assert_eq!(live.listeners, before.listeners + 7);
            assert_eq!(live.intervals, before.intervals + 1);
            assert_eq!(live.channels, before.channels + 1);
        }
        until(|| counter.live() == before).await;
    }
}
