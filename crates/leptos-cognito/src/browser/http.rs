//! HTTP requests with `fetch`. A request is aborted when it takes too long or its future is dropped. Redirects are
//! errors: otherwise, the browser could send a token or a code to any URL that the response names.

use gloo_net::http::RequestBuilder;
use gloo_timers::callback::Timeout;
use http::Method;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, Headers, RequestCache, RequestRedirect};

/// The maximum duration of a request, in milliseconds. API Gateway times out after 29 seconds.
pub const TIMEOUT: u32 = 30_000;

/// A response with any status.
pub struct Response {
    pub status: u16,
    pub body: String,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpError {
    /// The browser rejects the request: a header is not valid, or a GET request has a body.
    Invalid(String),
    /// There is no response that the page can read: no network, no server, a timeout, a redirect, or no CORS headers. The
    /// browser does not say which.
    Unreachable,
}

/// Sends a request, and waits up to `timeout` milliseconds for the response.
pub async fn send(
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    timeout: u32,
) -> Result<Response, HttpError> {
    send_with(RequestCache::Default, method, url, headers, body, timeout).await
}

async fn send_with(
    cache: RequestCache,
    method: Method,
    url: &str,
    headers: &[(&str, &str)],
    body: Option<&str>,
    timeout: u32,
) -> Result<Response, HttpError> {
    let headers = read_headers(headers).map_err(|error| HttpError::Invalid(text_of(&error)))?;
    let controller = AbortController::new().map_err(|_| HttpError::Unreachable)?;
    let request = RequestBuilder::new(url)
        .method(method)
        .cache(cache)
        .redirect(RequestRedirect::Error)
        .headers(gloo_net::http::Headers::from_raw(headers))
        .abort_signal(Some(&controller.signal()));
    let request = match body {
        Some(body) => request.body(body),
        None => request.build(),
    };
    let request = request.map_err(|error| HttpError::Invalid(error.to_string()))?;
    let _guard = AbortGuard::new(controller, timeout);
    let response = request.send().await.map_err(|_| HttpError::Unreachable)?;
    let body = response.text().await;
    Ok(Response {
        status: response.status(),
        body: body.map_err(|_| HttpError::Unreachable)?,
    })
}

/// Sends a GET request, with an `Authorization` header if a value is given.
pub async fn get(url: &str, authorization: Option<&str>) -> Result<Response, HttpError> {
    let authorization = authorization.map(|value| ("Authorization", value));
    send(Method::GET, url, authorization.as_slice(), None, TIMEOUT).await
}

/// Sends a GET request that bypasses the browser's HTTP cache.
pub async fn get_uncached(url: &str) -> Result<Response, HttpError> {
    send_with(RequestCache::Reload, Method::GET, url, &[], None, TIMEOUT).await
}

/// Posts a form, and waits up to `timeout` milliseconds for the response.
pub async fn post_form(url: &str, form: &str, timeout: u32) -> Result<Response, HttpError> {
    let content_type = ("Content-Type", "application/x-www-form-urlencoded");
    send(Method::POST, url, &[content_type], Some(form), timeout).await
}

/// Creates the headers; the last one of the same name wins. gloo's own setter panics if the browser rejects a header.
fn read_headers(headers: &[(&str, &str)]) -> Result<Headers, JsValue> {
    let read = Headers::new()?;
    for (name, value) in headers {
        read.set(name, value)?;
    }
    Ok(read)
}

fn text_of(error: &JsValue) -> String {
    String::from(js_sys::Object::from(error.clone()).to_string())
}

/// Aborts a request when dropped or after the timeout. Aborting a completed request has no effect.
struct AbortGuard {
    controller: AbortController,
    _timeout: Timeout,
}

impl AbortGuard {
    fn new(controller: AbortController, timeout: u32) -> Self {
        let late = controller.clone();
        Self {
            controller,
            _timeout: Timeout::new(timeout, move || late.abort()),
        }
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        self.controller.abort();
    }
}
