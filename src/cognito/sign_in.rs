//! The whole journey: [`begin`] before the redirect, [`accept`] after it, [`check`] for the tokens that came of it or of
//! a refresh, and [`Unverified::verified`] when the signature is known to be good.
//! Knows no effect: the caller stores, leaves, takes, reads the clock, fetches and computes.

use super::authorization::{
    AuthorizationCode, AuthorizationError, AuthorizationResponse, Callback, CodeVerifier,
    Malformed, Nonce, PendingSignIn, State,
};
use super::hosted_ui::{Grant, HostedUi};
use super::id_token::{Origin, TokenError, UnverifiedToken};
use super::keys::{JsonWebKey, JsonWebKeySet};
use super::return_to::ReturnTo;
use super::session::Session;
use super::token_endpoint::TokenEndpointError;
use super::tokens::TokenResponse;

/// Why a sign-in or a refresh did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// The Hosted UI answered with an error.
    Refused(AuthorizationError),
    /// The answer belongs to no sign-in that was started here: its `state` is missing, another, or used up.
    Unsolicited,
    /// The answer is not one that was asked for.
    Malformed(Malformed),
    /// The token endpoint gave no tokens.
    TokenEndpoint(TokenEndpointError),
    /// The ID token breaks a rule.
    Token(TokenError),
    /// The pool's keys cannot be had, and without them nothing can be verified.
    NoKeys,
}

/// An answer that belongs to a request of ours, and the tokens or the way to them.
#[derive(Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The tokens themselves.
    Tokens(TokenResponse),
    /// What the token endpoint exchanges for tokens.
    Code(AuthorizationCode, CodeVerifier),
}

/// Tokens that are ours by all their claims, and whose signature is still to be verified.
#[derive(Debug, PartialEq, Eq)]
pub struct Unverified {
    response: TokenResponse,
    id_token: UnverifiedToken,
    now: u64,
}

/// (B) Starts a sign-in at `now` (seconds since 1970): what is to be stored under [`PendingSignIn::state`], and what
/// [`HostedUi::authorization_url`] is made of.
pub fn begin(
    hosted_ui: &HostedUi,
    random: impl Fn() -> [u8; 32],
    return_to: Option<ReturnTo>,
    now: u64,
) -> PendingSignIn {
    PendingSignIn {
        state: State::new(random()),
        nonce: Nonce::new(random()),
        code_verifier: match hosted_ui.client.grant {
            Grant::Implicit => None,
            Grant::Code => Some(CodeVerifier::new(random())),
        },
        return_to,
        started_at: now,
    }
}

/// (D) Accepts an answer if it belongs to `pending`: what was stored under the callback's state, already taken from the
/// storage so that it serves once.
///
/// # Errors
/// [`SignInError`], one variant for each cause.
pub fn accept(
    callback: Callback,
    pending: Option<PendingSignIn>,
    now: u64,
) -> Result<(Accepted, PendingSignIn), SignInError> {
    let state = callback.state.as_deref();
    let ours =
        |pending: &PendingSignIn| state == Some(pending.state.as_str()) && !pending.is_over(now);
    let mut pending = pending.filter(ours).ok_or(SignInError::Unsolicited);
    let verifier = pending.as_mut().map(|pending| pending.code_verifier.take());
    match (callback.response, verifier) {
        // Shown whether it was asked for or not: some of Cognito's errors come without the state, and a text
        // that is only shown can do no more than an ordinary link.
        (AuthorizationResponse::Error(error), _) => Err(SignInError::Refused(error)),
        (AuthorizationResponse::Malformed(malformed), _) => Err(SignInError::Malformed(malformed)),
        (AuthorizationResponse::Tokens(tokens), Ok(None)) => {
            Ok((Accepted::Tokens(tokens), pending?))
        }
        (AuthorizationResponse::Code(code), Ok(Some(verifier))) => {
            Ok((Accepted::Code(code, verifier), pending?))
        }
        (_, Ok(_)) => Err(SignInError::Malformed(Malformed::OtherGrant)),
        (_, Err(_)) => Err(SignInError::Unsolicited),
    }
}

/// Checks the claims of tokens that came from `origin`, at `now`.
///
/// # Errors
/// The first [`TokenError`] of the ID token.
pub fn check(
    hosted_ui: &HostedUi,
    response: TokenResponse,
    origin: Origin<'_>,
    now: u64,
) -> Result<Unverified, SignInError> {
    let read = response.id_token.read_unverified();
    let id_token = read.map_err(SignInError::Token)?;
    let checked = id_token.claims.check(hosted_ui.expected(origin), now);
    checked.map_err(SignInError::Token)?;
    Ok(Unverified {
        response,
        id_token,
        now,
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
        self.response.id_token.signed_part(&self.id_token)
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.id_token.signature
    }

    /// What has to be hashed: the access token, if one came along.
    #[must_use]
    pub fn access_token(&self) -> &str {
        let access_token = self.response.access_token.as_ref();
        access_token.map_or("", |token| token.authorization())
    }

    /// Ends a sign-in, by the verdict on the signature and the SHA-256 of [`Unverified::access_token`].
    ///
    /// # Errors
    /// [`TokenError::Signature`] and [`TokenError::AccessTokenHash`].
    pub fn verified(
        self,
        signature: bool,
        access_token: Option<&[u8; 32]>,
    ) -> Result<Session, SignInError> {
        if !signature {
            return Err(SignInError::Token(TokenError::Signature));
        }
        if self.response.access_token.is_some() {
            let checked = self.id_token.claims.check_access_token(access_token);
            checked.map_err(SignInError::Token)?;
        }
        Ok(Session::new(self.response, self.id_token.claims, self.now))
    }
}
