//! The person's languages, and times as they are written in them.

use js_sys::Intl::NumberFormat;
use js_sys::{Array, JSON};
use wasm_bindgen::{JsCast, JsValue};

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
    let options = options(r#"{"dateStyle":"medium","timeStyle":"short"}"#);
    date.to_locale_string(tag, &options).into()
}

/// A length of time: whole days, hours, minutes or, below two minutes, seconds.
#[must_use]
pub fn duration(tag: &str, seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..120 => (seconds, "second"),
        120..7200 => (seconds / 60, "minute"),
        7200..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let parts = [
        r#"{"style":"unit","unitDisplay":"long","unit":""#,
        unit,
        r#""}"#,
    ];
    let options = options(&parts.concat());
    let format = NumberFormat::new(&Array::of1(&tag.into()), options.unchecked_ref());
    let number = JsValue::from_f64(number as f64);
    let written = format.format().call1(&JsValue::NULL, &number);
    written
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

fn options(text: &str) -> JsValue {
    JSON::parse(text).unwrap_or_default()
}
