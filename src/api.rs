//! (E) The call that a signed-in person makes.
//! Knows the API's address and its answers' form; an `Api` cannot be made without a session.

use serde_json::Value;

use crate::browser::http;
use crate::cognito::id_token::IdToken;
use crate::cognito::secure_url::SecureUrl;
use crate::cognito::session::Session;

/// The API as one signed-in person reaches it.
#[derive(Clone, Debug)]
pub struct Api {
    url: SecureUrl,
    id_token: IdToken,
}

/// Why there is no greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the authorizer did not take the token.
    Unauthorized,
    /// Another status than 200.
    Status(u16),
    /// No answer that the browser lets us read.
    Unreachable,
    /// An answer that is not `{"message": "…"}`.
    NotAGreeting,
}

impl Api {
    /// The API under `url`, for this session.
    #[must_use]
    pub fn new(url: &SecureUrl, session: &Session) -> Self {
        Self {
            url: url.clone(),
            id_token: session.id_token().clone(),
        }
    }

    /// `GET /hiUsers`: the greeting.
    ///
    /// # Errors
    /// [`ApiError`], one variant for each cause.
    pub async fn hi_users(&self) -> Result<String, ApiError> {
        let url = format!("{}/hiUsers", self.url);
        // API Gateway's Cognito authorizer documents the bare token, without a scheme.
        let authorization = self.id_token.authorization();
        let response = http::get(&url, Some(authorization))
            .await
            .map_err(|_| ApiError::Unreachable)?;
        greeting(response.status, &response.body)
    }
}

/// Reads the API's answer.
///
/// # Errors
/// All of [`ApiError`] but [`ApiError::Unreachable`].
pub fn greeting(status: u16, body: &str) -> Result<String, ApiError> {
    match status {
        200 => {}
        401 => return Err(ApiError::Unauthorized),
        _ => return Err(ApiError::Status(status)),
    }
    let answer: Value = serde_json::from_str(body).map_err(|_| ApiError::NotAGreeting)?;
    let message = answer.get("message").and_then(Value::as_str);
    message.map(str::to_owned).ok_or(ApiError::NotAGreeting)
}
