//! Web Locks: one task at a time, across all tabs of this origin.

use futures::channel::oneshot;
use futures::future::{Either, select};
use gloo_timers::callback::Timeout;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortController;

use super::window;

/// A lock that is held until it is dropped.
pub type Lock = oneshot::Sender<()>;

/// Waits up to `patience` milliseconds for the lock of this name, then steals it from the tab that holds it, which the browser
/// may have suspended. Returns `None` without `navigator.locks`, as in an insecure context.
pub async fn lock(name: &str, patience: u32) -> Option<Lock> {
    // Only one tab at a time waits for the lock, so its patience covers one other tab. The others wait for their turn.
    let _turn = request_within(&format!("{name}.turn"), 2 * patience).await;
    match request_within(name, patience).await {
        Some(lock) => Some(lock),
        None => request(name, &option("steal", &JsValue::TRUE)).await,
    }
}

async fn request_within(name: &str, patience: u32) -> Option<Lock> {
    let controller = AbortController::new().ok()?;
    let options = option("signal", &controller.signal());
    let _timeout = Timeout::new(patience, move || controller.abort());
    request(name, &options).await
}

/// Requests the lock with these options. Returns `None` if the request is aborted or not possible.
async fn request(name: &str, options: &Object) -> Option<Lock> {
    let (grant, granted) = oneshot::channel();
    let callback = Closure::once(move |_: JsValue| {
        let (lock, released) = oneshot::channel();
        // If no one waits for the lock anymore, it is released at once.
        let _ = grant.send(lock);
        // The browser holds the lock until this promise is settled.
        future_to_promise(async move {
            let _ = released.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    // By name, because web-sys has `navigator.locks` only behind its unstable APIs.
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?;
    let request = request.dyn_into::<Function>().ok()?;
    let settled = request.call3(&locks, &name.into(), options, callback.as_ref());
    let settled = settled.ok()?.dyn_into::<Promise>().ok()?;
    match select(granted, JsFuture::from(settled)).await {
        Either::Left((lock, _)) => lock.ok(),
        Either::Right(_) => None,
    }
}

fn option(name: &str, value: &JsValue) -> Object {
    let options = Object::new();
    // Setting a property of a new object does not fail.
    let _ = Reflect::set(&options, &name.into(), value);
    options
}
