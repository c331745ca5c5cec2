//! One HTTP request at a time.

use std::pin::Pin;

use gloo_net::http;
use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::{AbortSignal, Request, RequestCache, RequestInit, RequestMode};

/// What the server answered, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
    /// What time it was for the server, in seconds since 1970 (RFC 9110, section 6.6.1; an answer out of a cache says how
    /// old it is: RFC 9111, section 5.1). Another origin's answer does not let this page read it.
    pub time: Option<u64>,
}

/// An answer that is on its way. In a box, because there are many in the app, and each state of each would be larger.
pub type Answer = Pin<Box<dyn Future<Output = Result<Response, Unreachable>>>>;

/// No answer that we may read: no network, nobody there, cut off, too late, or no CORS headers. The browser does not
/// say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

/// How long, in seconds, an answer may take: API Gateway gives up after 29.
pub const PATIENCE: u32 = 30;

/// Sends a GET request, with an `Authorization` header if there is one.
///
/// # Errors
/// [`Unreachable`] if no answer came.
pub fn get(url: &str, authorization: Option<&str>) -> Answer {
    let options = options(PATIENCE);
    if let Some(value) = authorization {
        set_header(&options, "Authorization", value);
    }
    send(url, &options)
}

/// Posts a form, and waits as many seconds as an answer may take.
///
/// # Errors
/// [`Unreachable`] if no answer came.
pub fn post(url: &str, form: &str, patience: u32) -> Answer {
    let options = options(patience);
    options.set_method("POST");
    set_header(
        &options,
        "Content-Type",
        "application/x-www-form-urlencoded",
    );
    options.set_body(&form.into());
    send(url, &options)
}

/// Sends a GET request past the browser's cache.
///
/// # Errors
/// [`Unreachable`] if no answer came.
pub fn get_fresh(url: &str) -> Answer {
    let options = options(PATIENCE);
    options.set_cache(RequestCache::NoStore);
    send(url, &options)
}

/// Sends a GET request whose answer this page may not read: it is empty, and says that somebody answers there.
///
/// # Errors
/// [`Unreachable`] if nobody does.
pub fn get_opaque(url: &str) -> Answer {
    let options = options(PATIENCE);
    options.set_mode(RequestMode::NoCors);
    send(url, &options)
}

fn options(patience: u32) -> RequestInit {
    let options = RequestInit::new();
    let end = AbortSignal::timeout_with_u32(patience * 1000);
    options.set_signal(Some(&end));
    options
}

fn set_header(options: &RequestInit, name: &str, value: &str) {
    let header = Array::of2(&name.into(), &value.into());
    options.set_headers(&Array::of1(&header));
}

/// Not by gloo's own builder of requests, which takes the address apart: 1 KB for every visitor.
fn send(url: &str, options: &RequestInit) -> Answer {
    let request = Request::new_with_str_and_init(url, options);
    Box::pin(async {
        let request = http::Request::from(request.map_err(|_| Unreachable)?);
        let answer = request.send().await.map_err(|_| Unreachable)?;
        Ok(Response {
            status: answer.status(),
            time: time(&answer.headers()),
            body: answer.text().await.map_err(|_| Unreachable)?,
        })
    })
}

fn time(headers: &http::Headers) -> Option<u64> {
    let date = js_sys::Date::parse(&headers.get("date")?) / 1000.0;
    let age = headers.get("age").map_or(JsValue::from(0), JsValue::from);
    let now = date + age.unchecked_into_f64();
    now.is_finite().then_some(now as u64)
}
