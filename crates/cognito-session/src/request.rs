//! A request to the API, and why it can fail.

use cognito_hosted_ui::json;
use http::Method;
use serde::Deserialize;
use thiserror::Error;

/// A request to the API of [`AuthConfig::api`](crate::AuthConfig::api).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiRequest {
    /// The method.
    pub method: Method,
    /// The path, with its query. It is appended to the API's URL; see [`is_api_path`](cognito_hosted_ui::is_api_path).
    pub path: String,
    /// The headers. The client sets `Authorization` itself.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// Why a request to the API failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ApiError {
    /// 401, even after the retry. The session has ended, unless another tab has replaced it in the meantime.
    #[error("the API refused the token")]
    Unauthorized,
    /// 403 with API Gateway's "Missing Authentication Token": there is no such path or method.
    #[error("the API has no such path or method")]
    MissingAuthenticationToken,
    /// Another status that is not a success.
    #[error("the API responded with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
        /// The response's body.
        body: String,
    },
    /// There is no response that the page can read: no network, no server, a timeout, a redirect, or no CORS headers. The
    /// browser does not say which.
    #[error("the API cannot be reached")]
    Unreachable,
    /// The same, but the token is about to expire. The API has probably rejected it in a response without CORS headers.
    #[error("the API cannot be reached, or has refused a token that is about to expire")]
    UnreachableNearExpiry,
    /// The same, but the request is larger than API Gateway accepts
    /// ([AWS: quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html)):
    /// 10,240 bytes for the request line and all headers. The token is probably that large, because the user is in many groups or
    /// has many attributes.
    #[error("the API cannot be reached, probably because the token is too large")]
    TokenTooLarge,
    /// The API expects the access token, and Cognito issued none. The configuration's scopes probably lack `openid`.
    #[error("the session has no access token, which the API expects")]
    NoAccessToken,
    /// The body of a successful response is not the expected JSON.
    #[error("the API's response is not valid: {0}")]
    InvalidResponse(String),
    /// The request cannot be sent: its body cannot be serialized, a header is not valid, or a GET request has a body.
    #[error("the request is not valid: {0}")]
    InvalidRequest(String),
    /// The path does not start with `/`, or a browser or a server could take it for one that is not below the API's URL.
    #[error("the path does not start with a slash, or leads out of the API")]
    InvalidPath,
    /// The user who made the request is no longer signed in.
    #[error("the user is no longer signed in")]
    SignedOut,
    /// The component that made the request was removed.
    #[error("the request was aborted")]
    Aborted,
}

impl ApiError {
    /// The status of the response, if there is one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized => Some(401),
            Self::MissingAuthenticationToken => Some(403),
            Self::Status { status, .. } => Some(*status),
            Self::InvalidResponse(_) => Some(200),
            _ => None,
        }
    }

    /// Returns the body of a response if its status is a success.
    ///
    /// # Errors
    /// The [`ApiError`] for the status.
    pub fn check(status: u16, body: String) -> Result<String, Self> {
        match status {
            200..=299 => Ok(body),
            401 => Err(Self::Unauthorized),
            403 if is_missing_authentication_token(&body) => Err(Self::MissingAuthenticationToken),
            status => Err(Self::Status { status, body }),
        }
    }
}

fn is_missing_authentication_token(body: &str) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
    }
    let refusal: Option<Refusal> = json::from_str(body).ok();
    refusal.is_some_and(|refusal| refusal.message == "Missing Authentication Token")
}
