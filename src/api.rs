//! (E) The call that a signed-in person makes.
//! Knows the API's address and its answers' form; an `Api` cannot be made without a session.

use crate::browser::http;
use crate::cognito::json::Object;
use crate::cognito::session::Session;
use crate::config::{ApiSettings, ApiToken, AuthorizationScheme};

/// The API as one signed-in person reaches it.
#[derive(Clone)]
pub struct Api {
    url: String,
    authorization: String,
}

/// Why there is no greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the authorizer did not take the token.
    Unauthorized,
    /// 403 with API Gateway's "Missing Authentication Token", which means that there is no such path or method.
    NoSuchPath,
    /// Another status than 200.
    Status(u16),
    /// No answer that the browser lets us read.
    Unreachable,
    /// The same, with a token that was about to expire: API Gateway's refusal may carry no CORS headers.
    UnreachableAtTheEnd,
    /// An answer that is not `{"message": "…"}`.
    NotAGreeting,
}

impl Api {
    /// The API with these settings, for this session.
    #[must_use]
    pub fn new(settings: &ApiSettings, session: &Session) -> Self {
        let tokens = session.tokens();
        let token = match (settings.token, &tokens.access_token) {
            (ApiToken::Id, _) => tokens.id_token.authorization(),
            (ApiToken::Access, Some(token)) => token.authorization(),
            // Which the API answers as it answers whoever has no token.
            (ApiToken::Access, None) => "",
        };
        let scheme = match settings.scheme {
            AuthorizationScheme::Bare => "",
            AuthorizationScheme::Bearer => "Bearer ",
        };
        Self {
            url: format!("{}/hiUsers", settings.url),
            authorization: [scheme, token].concat(),
        }
    }

    /// `GET /hiUsers`: the greeting.
    ///
    /// # Errors
    /// [`ApiError`], one variant for each cause.
    pub async fn hi_users(&self) -> Result<String, ApiError> {
        let response = http::get(&self.url, Some(&self.authorization)).await;
        let response = response.map_err(|_| ApiError::Unreachable)?;
        greeting(response.status, &response.body)
    }
}

/// Reads the API's answer.
///
/// # Errors
/// Those of [`ApiError`] that an answer can mean.
pub fn greeting(status: u16, body: &str) -> Result<String, ApiError> {
    let message = Object::read(body).and_then(|answer| answer.text("message"));
    match (status, message) {
        (200, message) => message.ok_or(ApiError::NotAGreeting),
        (401, _) => Err(ApiError::Unauthorized),
        (403, Some(message)) if message == "Missing Authentication Token" => {
            Err(ApiError::NoSuchPath)
        }
        (status, _) => Err(ApiError::Status(status)),
    }
}
