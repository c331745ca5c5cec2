//! One at a time, over all tabs of this origin.

use std::pin::Pin;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// Does this work while no other tab, and nobody else in this one, does work of the same name. A browser without
/// `navigator.locks` does it at once.
pub async fn exclusively(name: &str, work: Pin<Box<dyn Future<Output = ()>>>) {
    let locks = web_sys::window()
        .and_then(|window| Reflect::get(&window.navigator(), &"locks".into()).ok());
    let request = locks
        .as_ref()
        .and_then(|locks| Reflect::get(locks, &"request".into()).ok()?.dyn_into().ok());
    let (Some(locks), Some(request)) = (locks, request) else {
        return work.await;
    };
    let request: Function = request;
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
