//! One at a time, over all tabs of this origin.

use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::of_navigator;

/// Does this work while no other tab, and nobody else in this one, does work of the same name. A browser without
/// `navigator.locks` does it at once.
pub async fn exclusively(name: &str, work: Pin<Box<dyn Future<Output = ()>>>) {
    let Some((locks, request)) = of_navigator("locks", "request") else {
        return work.await;
    };
    let work = async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    };
    let locked = Closure::once(move || future_to_promise(work));
    let held = request.call2(&locks, &name.into(), locked.as_ref());
    if let Some(held) = held.ok().and_then(|held| held.dyn_into::<Promise>().ok()) {
        let _ = JsFuture::from(held).await;
    }
}
