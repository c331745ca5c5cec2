//! Web Locks: one task at a time, across all tabs of this origin.

use std::pin::Pin;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// Runs a task while holding the lock of this name. Without `navigator.locks`, as in an insecure context, runs it at once.
pub async fn with_lock(name: &str, task: Pin<Box<dyn Future<Output = ()>>>) {
    let Some((locks, request)) = lock_manager() else {
        return task.await;
    };
    let callback = Closure::once(move || {
        future_to_promise(async move {
            task.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    let held = request.call2(&locks, &name.into(), callback.as_ref());
    if let Ok(held) = held.and_then(|held| held.dyn_into::<Promise>()) {
        let _ = JsFuture::from(held).await;
    }
}

/// `navigator.locks` and its `request` method, by name, because web-sys has them only behind its unstable APIs.
fn lock_manager() -> Option<(JsValue, Function)> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let request = Reflect::get(&locks, &"request".into()).ok()?;
    Some((locks, request.dyn_into().ok()?))
}
