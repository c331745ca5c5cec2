//! Effects, each a thin door to one of the browser's powers. Decides nothing and knows nothing of Cognito.
//!
//! The functions that reach for the browser are disallowed everywhere else; see `clippy.toml`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod clipboard;

pub mod clock;

pub mod crypto;

pub mod elements;

pub mod http;

pub mod locale;

pub mod location;

pub mod locks;

pub mod page;

pub mod random;

pub mod storage;

pub mod task;

use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// `navigator.{power}` and its method; `None` where the browser has no such power, as on an insecure page, whatever its
/// type promises.
fn of_navigator(power: &str, method: &str) -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let power = Reflect::get(&navigator, &power.into()).ok()?;
    let method = Reflect::get(&power, &method.into()).ok()?;
    Some((power, method.dyn_into().ok()?))
}
