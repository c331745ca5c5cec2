//! One HTTP request at a time.

use gloo_net::http::Request;

/// What the server answered, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body as text.
    pub body: String,
}

/// No answer that we may read: no network, nobody there, cut off, or no CORS headers. The browser does not say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreachable;

/// Sends a GET request, with an `Authorization` header if there is one.
///
/// # Errors
/// [`Unreachable`] if no answer came.
pub async fn get(url: &str, authorization: Option<&str>) -> Result<Response, Unreachable> {
    let request = Request::get(url);
    let request = match authorization {
        Some(value) => request.header("Authorization", value),
        None => request,
    };
    let response = request.send().await.map_err(|_| Unreachable)?;
    Ok(Response {
        status: response.status(),
        body: response.text().await.map_err(|_| Unreachable)?,
    })
}
