//! The whole journey in two steps: [`begin`] before the redirect, [`complete`] after it.
//! Knows no effect: the caller stores, leaves, takes and reads the clock.

use super::authorization::{
    AuthorizationError, AuthorizationResponse, Callback, Malformed, Nonce, PendingSignIn, State,
};
use super::hosted_ui::HostedUi;
use super::id_token::{Expected, TokenError};
use super::session::{Session, SessionTokens};

/// Why a sign-in did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// The Hosted UI answered with an error.
    Refused(AuthorizationError),
    /// The answer belongs to no sign-in that was started here: its `state` is missing, another, or used up.
    Unsolicited,
    /// The answer is not one that was asked for.
    Malformed(Malformed),
    /// The ID token breaks a rule.
    Token(TokenError),
}

/// (B) Starts a sign-in: what is to be stored under [`PendingSignIn::state`], and the URL to leave by.
pub fn begin(hosted_ui: &HostedUi, random: impl Fn() -> [u8; 16]) -> (PendingSignIn, String) {
    let pending = PendingSignIn {
        state: State::new(random()),
        nonce: Nonce::new(random()),
    };
    let url = hosted_ui.sign_in_url(&pending);
    (pending, url)
}

/// (D) Ends a sign-in. `pending` is what was stored under the callback's state, already taken from the storage so that
/// it serves once; `now` is in seconds since 1970.
///
/// # Errors
/// [`SignInError`], one variant for each cause.
pub fn complete(
    hosted_ui: &HostedUi,
    callback: Callback,
    pending: Option<PendingSignIn>,
    now: u64,
) -> Result<Session, SignInError> {
    let state = callback.state.as_deref();
    let pending = pending.filter(|pending| state == Some(pending.state.as_str()));
    let (id_token, access_token) = match callback.response {
        // Shown whether it was asked for or not: some of Cognito's errors come without the state, and a text
        // that is only shown can do no more than an ordinary link.
        AuthorizationResponse::Error(error) => return Err(SignInError::Refused(error)),
        AuthorizationResponse::Malformed(malformed) => {
            return Err(SignInError::Malformed(malformed));
        }
        AuthorizationResponse::Tokens {
            id_token,
            access_token,
        } => (id_token, access_token),
    };
    let pending = pending.ok_or(SignInError::Unsolicited)?;
    let claims = id_token.read_unverified().map_err(SignInError::Token)?;
    let expected = Expected {
        issuer: hosted_ui.issuer.as_str(),
        client_id: hosted_ui.client.client_id.as_str(),
        nonce: Some(pending.nonce.as_str()),
    };
    claims.check(expected, now).map_err(SignInError::Token)?;
    let tokens = SessionTokens {
        id_token,
        access_token,
    };
    Ok(Session::new(tokens, claims))
}
