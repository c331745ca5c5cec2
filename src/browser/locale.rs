//! The person's languages, and times as they are written in them.

use js_sys::JSON;
use wasm_bindgen::JsValue;

/// The languages that the browser asks for, the most wanted first (RFC 5646).
#[must_use]
pub fn languages() -> Vec<String> {
    let mut tags = Vec::new();
    if let Some(window) = web_sys::window() {
        let languages = window.navigator().languages();
        for index in 0..languages.length() {
            tags.extend(languages.get(index).as_string());
        }
    }
    tags
}

/// A moment (in seconds since 1970) on this device's calendar and clock.
#[must_use]
pub fn time(tag: &str, seconds: u64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64(seconds as f64 * 1000.0));
    let options = JSON::parse(r#"{"dateStyle":"medium","timeStyle":"short"}"#);
    date.to_locale_string(tag, &options.unwrap_or_default())
        .into()
}
