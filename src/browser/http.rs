//! One HTTP request at a time.

use gloo_net::http::{Method, RequestBuilder};
use web_sys::AbortSignal;

/// What the server answered, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

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
pub async fn get(url: &str, authorization: Option<&str>) -> Result<Response, Unreachable> {
    send(url, authorization, None, PATIENCE).await
}

/// Posts a form, and waits as many seconds as an answer may take.
///
/// # Errors
/// [`Unreachable`] if no answer came.
pub async fn post(url: &str, form: String, patience: u32) -> Result<Response, Unreachable> {
    send(url, None, Some(form), patience).await
}

async fn send(
    url: &str,
    authorization: Option<&str>,
    form: Option<String>,
    patience: u32,
) -> Result<Response, Unreachable> {
    let end = AbortSignal::timeout_with_u32(patience * 1000);
    let mut request = RequestBuilder::new(url).abort_signal(Some(&end));
    if let Some(value) = authorization {
        request = request.header("Authorization", value);
    }
    let request = match form {
        None => request.build(),
        Some(form) => request
            .method(Method::POST)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(form),
    };
    let response = request.map_err(|_| Unreachable)?.send().await;
    let response = response.map_err(|_| Unreachable)?;
    Ok(Response {
        status: response.status(),
        body: response.text().await.map_err(|_| Unreachable)?,
    })
}
