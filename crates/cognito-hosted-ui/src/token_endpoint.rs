//! Forms for Cognito's token and revocation endpoints, and the token endpoint's responses (RFC 6749, sections 4.1.3, 5 and
//! 6; RFC 7009). Sends nothing and verifies nothing.
//! [AWS: token endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html)

use serde::Deserialize;
use thiserror::Error;

use crate::authorization::{AuthorizationCode, CodeVerifier};
use crate::hosted_ui::{AppClient, form};
use crate::json;
use crate::tokens::{AccessToken, IdToken, RefreshToken, TokenResponse};

/// Why the token endpoint issued no tokens.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TokenEndpointError {
    /// There is no response, or its status means that the caller should try again later (429 or 5xx).
    #[error("the token endpoint cannot be reached")]
    Unreachable,
    /// The endpoint responded with this error code, such as `invalid_grant` (RFC 6749, section 5.2).
    #[error("the token endpoint refused: {0}")]
    Refused(String),
    /// The response contains neither tokens nor an error code.
    #[error("the token endpoint's response is not valid")]
    InvalidResponse,
}

/// A successful response (RFC 6749, section 5.1). `expires_in` is not needed, because the ID token has a signed `exp`.
#[derive(Deserialize)]
struct Success {
    id_token: IdToken,
    access_token: Option<AccessToken>,
    refresh_token: Option<RefreshToken>,
    token_type: Option<String>,
}

/// An error response (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Failure {
    error: String,
}

/// Whether a status of the token or the revocation endpoint says nothing about the tokens: the caller should try again later
/// (RFC 7009, section 2.2.1).
#[must_use]
pub fn is_temporary(status: u16) -> bool {
    status >= 500 || status == 429
}

/// Reads the token endpoint's response.
///
/// # Errors
/// [`TokenEndpointError`], one variant for each cause.
pub fn read(status: u16, body: &str) -> Result<TokenResponse, TokenEndpointError> {
    if is_temporary(status) {
        return Err(TokenEndpointError::Unreachable);
    }
    if status != 200 {
        let failure: Option<Failure> = json::from_object(body);
        return Err(
            failure.map_or(TokenEndpointError::InvalidResponse, |failure| {
                TokenEndpointError::Refused(failure.error)
            }),
        );
    }
    let success: Success = json::from_object(body).ok_or(TokenEndpointError::InvalidResponse)?;
    // RFC 6749, section 5.1: the type is case-insensitive.
    let is_bearer = success
        .token_type
        .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    if !is_bearer {
        return Err(TokenEndpointError::InvalidResponse);
    }
    Ok(TokenResponse {
        id_token: success.id_token,
        access_token: success.access_token,
        // An empty token must not replace a valid one.
        refresh_token: success
            .refresh_token
            .filter(|token| !token.as_parameter().is_empty()),
    })
}

/// The form that exchanges a code for tokens. Cognito accepts a code once, within five minutes.
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

/// The form that revokes a refresh token and the access tokens issued with it.
#[must_use]
pub fn revoke(client: &AppClient, token: &RefreshToken) -> String {
    revocation_form(client.client_id.as_str(), token)
}

/// The same for any app client.
pub(crate) fn revocation_form(client_id: &str, token: &RefreshToken) -> String {
    form(&[("client_id", client_id), ("token", token.as_parameter())])
}
