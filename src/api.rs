//! (E) The API's endpoints, typed.

use cognito_hosted_ui::Session;
use leptos_cognito::{ApiClient, ApiConfig, ApiError, AuthorizationScheme};
use serde::Deserialize;

/// The path of the greeting.
pub const HI_USERS: &str = "/hiUsers";

/// The response to `GET /hiUsers`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Greeting {
    /// The greeting, for the heading.
    pub message: String,
}

/// Requests the greeting.
///
/// # Errors
/// [`ApiError`], one variant for each cause.
pub async fn hi_users(api: ApiClient) -> Result<Greeting, ApiError> {
    api.get(HI_USERS).await
}

/// A GET request as a curl command, with the token if `shows_token` is set, and otherwise with `$TOKEN`.
#[must_use]
pub fn curl(api: &ApiConfig, path: &str, session: &Session, shows_token: bool) -> String {
    let token = match shows_token {
        false => "$TOKEN",
        true => api.token_of(session).unwrap_or_default(),
    };
    let scheme = match api.scheme {
        AuthorizationScheme::Bare => "",
        AuthorizationScheme::Bearer => "Bearer ",
    };
    // Within single quotes, a single quote is the only character of a URL that a shell interprets.
    let url = format!("{}{path}", api.url.as_str()).replace('\'', "%27");
    format!("curl '{url}' -H \"Authorization: {scheme}{token}\"")
}
