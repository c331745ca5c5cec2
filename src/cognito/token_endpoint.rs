//! What goes to Cognito's token and revocation endpoints and what comes back, as values (RFC 6749, sections 4.1.3, 5
//! and 6; RFC 7009). Knows forms and answers; sending is the browser's business, believing is `sign_in`'s.
//! [AWS: token endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html)

use super::authorization::{AuthorizationCode, CodeVerifier};
use super::hosted_ui::{AppClient, form};
use super::json::Object;
use super::tokens::{AccessToken, IdToken, RefreshToken, TokenResponse};

/// Why the token endpoint gave no tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenEndpointError {
    /// No answer, or one that says to try later.
    Unreachable,
    /// Its error code, such as `invalid_grant` (RFC 6749, section 5.2).
    Refused(String),
    /// An answer with neither tokens nor an error.
    Malformed,
}

/// Reads the token endpoint's answer.
///
/// # Errors
/// [`TokenEndpointError`], one variant for each cause.
pub fn read(status: u16, body: &str) -> Result<TokenResponse, TokenEndpointError> {
    if status >= 500 || status == 429 {
        return Err(TokenEndpointError::Unreachable);
    }
    let answer = Object::read(body).ok_or(TokenEndpointError::Malformed)?;
    let text = |name| answer.owned(name);
    if status != 200 {
        let error = text("error").map(TokenEndpointError::Refused);
        return Err(error.unwrap_or(TokenEndpointError::Malformed));
    }
    // RFC 6749, sections 5.1 and 7.1: the type's case does not matter. What `expires_in` says, `exp` says as well.
    let bearer = answer
        .text("token_type")
        .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let id_token = text("id_token").filter(|_| bearer);
    Ok(TokenResponse {
        id_token: IdToken::new(id_token.ok_or(TokenEndpointError::Malformed)?),
        access_token: text("access_token").map(AccessToken::new),
        refresh_token: text("refresh_token").map(RefreshToken::new),
    })
}

/// The form that exchanges a code for tokens, once, within five minutes.
#[must_use]
pub fn exchange(client: &AppClient, code: &AuthorizationCode, verifier: &CodeVerifier) -> String {
    form(&[
        ("grant_type", "authorization_code"),
        ("client_id", client.client_id.as_str()),
        ("redirect_uri", client.redirect_uri.as_str()),
        ("code", code.as_str()),
        ("code_verifier", verifier.as_str()),
    ])
}

/// The form that exchanges a refresh token for new tokens.
#[must_use]
pub fn refresh(client: &AppClient, token: &RefreshToken) -> String {
    form(&[
        ("grant_type", "refresh_token"),
        ("client_id", client.client_id.as_str()),
        ("refresh_token", token.as_parameter()),
    ])
}

/// The form that ends a refresh token's life, and that of the access tokens that came of it.
#[must_use]
pub fn revoke(client: &AppClient, token: &RefreshToken) -> String {
    form(&[
        ("client_id", client.client_id.as_str()),
        ("token", token.as_parameter()),
    ])
}
