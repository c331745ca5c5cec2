//! The whole journey in three steps: [`begin`] before the redirect, [`complete`] after it, and
//! [`Unverified::verified`] when the signature is known to be good.
//! Knows no effect: the caller stores, leaves, takes, reads the clock, fetches the keys and computes.

use super::authorization::{
    AuthorizationError, AuthorizationResponse, Callback, Malformed, Nonce, PendingSignIn, State,
};
use super::hosted_ui::HostedUi;
use super::id_token::{TokenError, UnverifiedToken};
use super::keys::{JsonWebKey, JsonWebKeySet};
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
    /// The pool's keys cannot be had, and without them nothing can be verified.
    NoKeys,
}

/// An answer that is ours by all its claims, and whose signature is still to be verified.
#[derive(Debug, PartialEq, Eq)]
pub struct Unverified {
    tokens: SessionTokens,
    id_token: UnverifiedToken,
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

/// (D) Checks an answer. `pending` is what was stored under the callback's state, already taken from the storage so that
/// it serves once; `now` is in seconds since 1970.
///
/// # Errors
/// [`SignInError`], one variant for each cause.
pub fn complete(
    hosted_ui: &HostedUi,
    callback: Callback,
    pending: Option<PendingSignIn>,
    now: u64,
) -> Result<Unverified, SignInError> {
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
    let unverified = id_token.read_unverified().map_err(SignInError::Token)?;
    let expected = hosted_ui.expected(Some(pending.nonce.as_str()));
    unverified
        .claims
        .check(expected, now)
        .map_err(SignInError::Token)?;
    Ok(Unverified {
        tokens: SessionTokens {
            id_token,
            access_token,
        },
        id_token: unverified,
    })
}

impl Unverified {
    /// The key that has to have signed it, if it is among these.
    #[must_use]
    pub fn key<'a>(&self, keys: &'a JsonWebKeySet) -> Option<&'a JsonWebKey> {
        keys.find(self.id_token.kid.as_deref())
    }

    /// What has to have been signed.
    #[must_use]
    pub fn signed_part(&self) -> &[u8] {
        self.tokens.id_token.signed_part(&self.id_token)
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.id_token.signature
    }

    /// What has to be hashed: the access token, if one came along.
    #[must_use]
    pub fn access_token(&self) -> &[u8] {
        let access_token = self.tokens.access_token.as_ref();
        access_token.map_or(&[], |token| token.as_bytes())
    }

    /// Ends a sign-in, by the verdict on the signature and the SHA-256 of [`Unverified::access_token`].
    ///
    /// # Errors
    /// [`TokenError::Signature`] and [`TokenError::AccessTokenHash`].
    pub fn verified(self, signature: bool, access_token: &[u8]) -> Result<Session, SignInError> {
        if !signature {
            return Err(SignInError::Token(TokenError::Signature));
        }
        if self.tokens.access_token.is_some() {
            let checked = self.id_token.claims.check_access_token(access_token);
            checked.map_err(SignInError::Token)?;
        }
        Ok(Session::new(self.tokens, self.id_token.claims))
    }
}
