//! (E) The calls that a signed-in person makes.
//! Knows the API's address and its answers' form; an `Api` cannot be made without a session.

use crate::browser::http;
use crate::cognito::json::Object;
use crate::cognito::secure_url::SecureUrl;
use crate::cognito::session::Session;
use crate::config::{ApiSettings, ApiToken, AuthorizationScheme};

/// The path of the greeting.
pub const HI_USERS: &str = "/hiUsers";

/// The API as one signed-in person reaches it.
#[derive(Clone)]
pub struct Api {
    url: SecureUrl,
    authorization: String,
}

/// Why there is no greeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiError {
    /// 401: the authorizer did not take the token.
    Unauthorized,
    /// 403 with API Gateway's "Missing Authentication Token", which means that there is no such path or method.
    NoSuchPath,
    /// A status that is no success.
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
            url: settings.url.clone(),
            authorization: [scheme, token].concat(),
        }
    }

    /// The same call for a command line, with the token or with `$TOKEN` in its place.
    #[must_use]
    pub fn curl(&self, path: &str, with_token: bool) -> String {
        let scheme = match self.authorization.split_once(' ') {
            Some((scheme, _)) => [scheme, " "].concat(),
            None => String::new(),
        };
        let authorization = match with_token {
            true => self.authorization.clone(),
            false => scheme + "$TOKEN",
        };
        // Of the characters that an address may have, a shell reads only ' within '…'.
        let url = [self.url.as_str(), path].concat().replace('\'', "%27");
        [
            "curl '",
            &url,
            "' -H \"Authorization: ",
            &authorization,
            "\"",
        ]
        .concat()
    }

    /// Sends a GET request for this path of the API, such as `/hiUsers`, and returns the answer's body.
    ///
    /// # Errors
    /// [`ApiError`], one variant for each cause.
    pub async fn get(&self, path: &str) -> Result<String, ApiError> {
        let url = [self.url.as_str(), path].concat();
        let response = http::get(&url, Some(&self.authorization)).await;
        let response = response.map_err(|_| ApiError::Unreachable)?;
        read(response.status, response.body)
    }
}

impl ApiError {
    /// The status of the answer, if one came.
    #[must_use]
    pub fn status(self) -> Option<u16> {
        match self {
            Self::Unauthorized => Some(401),
            Self::NoSuchPath => Some(403),
            Self::Status(status) => Some(status),
            Self::NotAGreeting => Some(200),
            Self::Unreachable | Self::UnreachableAtTheEnd => None,
        }
    }
}

/// Reads the API's answer: its body, if it is a good one.
///
/// # Errors
/// Those of [`ApiError`] that a status can mean.
pub fn read(status: u16, body: String) -> Result<String, ApiError> {
    match status {
        200..=299 => Ok(body),
        401 => Err(ApiError::Unauthorized),
        403 if message(&body).as_deref() == Some("Missing Authentication Token") => {
            Err(ApiError::NoSuchPath)
        }
        status => Err(ApiError::Status(status)),
    }
}

/// Reads what `GET /hiUsers` answers, `{"message": "…"}`.
///
/// # Errors
/// [`ApiError::NotAGreeting`].
pub fn greeting(body: &str) -> Result<String, ApiError> {
    message(body).ok_or(ApiError::NotAGreeting)
}

fn message(body: &str) -> Option<String> {
    Object::read(body)?.owned("message")
}
