//! HTTP requests with `fetch`. A request is aborted when it takes too long or its future is dropped, unless it outlives the
//! page. Redirects are errors: otherwise, the browser could send a token or a code to any URL that the response names.
//!
//! Without gloo-net: its requests have no `keepalive`, and it panics if the browser rejects a header, or if an extension
//! rejects a request with something that is not an `Error`.

use gloo_timers::callback::Timeout;
use http::Method;
use js_sys::{Date, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Headers, Request, RequestCache, RequestInit, RequestRedirect,
    Response,
};

use super::{base_url, window};
use crate::platform::{HttpCache, HttpError, HttpRequest, HttpResponse};

/// Sends a request, and waits for the response and its body.
pub async fn send(request: &HttpRequest) -> Result<HttpResponse, HttpError> {
    let (response, _guard) = fetch(request).await?;
    let body = body_of(&response).await.ok();
    Ok(HttpResponse {
        status: response.status(),
        body: body
            .and_then(|body| body.as_string())
            .ok_or(HttpError::Unreachable)?,
    })
}

async fn body_of(response: &Response) -> Result<JsValue, JsValue> {
    JsFuture::from(response.text()?).await
}

/// The time in seconds since 1970 by the clock of the server that the app comes from (RFC 9110, section 6.6.1), including the
/// age of a cached response (RFC 9111, section 5.1). `None` if the server does not say.
pub async fn server_time() -> Option<u64> {
    let request = HttpRequest {
        timeout: 5_000,
        cache: HttpCache::NoStore,
        ..HttpRequest::new(Method::HEAD, base_url())
    };
    let (response, _guard) = fetch(&request).await.ok()?;
    let header = |name| response.headers().get(name).ok().flatten();
    let date = Date::parse(&header("date")?) / 1000.0;
    let age = header("age").map_or(Some(0), |age| age.parse::<u64>().ok())?;
    date.is_finite()
        .then_some((date as u64).saturating_add(age))
}

/// Sends a request, and waits for the response. It is aborted when the guard is dropped.
async fn fetch(request: &HttpRequest) -> Result<(Response, AbortGuard), HttpError> {
    let controller = AbortController::new().map_err(|_| HttpError::Unreachable)?;
    let raw = build(request, &controller.signal())
        .map_err(|error| HttpError::Invalid(text_of(&error)))?;
    let guard = AbortGuard::new(controller, request);
    let response = JsFuture::from(window().fetch_with_request(&raw)).await;
    let response = response.and_then(JsCast::dyn_into);
    Ok((response.map_err(|_| HttpError::Unreachable)?, guard))
}

fn build(request: &HttpRequest, signal: &AbortSignal) -> Result<Request, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in &request.headers {
        headers.set(name, value)?;
    }
    let init = RequestInit::new();
    init.set_method(request.method.as_str());
    init.set_headers(&headers);
    init.set_cache(match request.cache {
        HttpCache::Default => RequestCache::Default,
        HttpCache::Reload => RequestCache::Reload,
        HttpCache::NoStore => RequestCache::NoStore,
    });
    init.set_redirect(RequestRedirect::Error);
    init.set_signal(Some(signal));
    if let Some(body) = &request.body {
        init.set_body(&body.into());
    }
    // By name, because web-sys does not have it.
    Reflect::set(&init, &"keepalive".into(), &request.keepalive.into())?;
    Request::new_with_str_and_init(&request.url, &init)
}

fn text_of(error: &JsValue) -> String {
    String::from(js_sys::Object::from(error.clone()).to_string())
}

/// Aborts a request when dropped or after the timeout. Aborting a completed request has no effect. A request that outlives the
/// page also outlives its guard.
struct AbortGuard {
    controller: AbortController,
    keepalive: bool,
    _timeout: Timeout,
}

impl AbortGuard {
    fn new(controller: AbortController, request: &HttpRequest) -> Self {
        let late = controller.clone();
        Self {
            controller,
            keepalive: request.keepalive,
            _timeout: Timeout::new(request.timeout, move || late.abort()),
        }
    }
}

impl Drop for AbortGuard {
    fn drop(&mut self) {
        if !self.keepalive {
            self.controller.abort();
        }
    }
}
