//! A sign-in from start to end: [`begin`] before the redirect, [`accept`] after it, [`validate`] for the tokens of a sign-in
//! or a refresh, and [`UnverifiedSession::verify`] with the result of the signature check.
//! Performs no I/O: the caller stores, navigates, reads the clock, sends requests and computes hashes.

use thiserror::Error;

use crate::authorization::{
    AuthorizationCallback, AuthorizationCode, AuthorizationError, AuthorizationResponse,
    CodeVerifier, MalformedResponse, Nonce, PendingSignIn, State,
};
use crate::hosted_ui::{Grant, HostedUi};
use crate::id_token::{TokenError, TokenSource, UnverifiedIdToken};
use crate::jwks::{JsonWebKey, JsonWebKeySet};
use crate::return_to::ReturnTo;
use crate::session::Session;
use crate::token_endpoint::TokenEndpointError;
use crate::tokens::TokenResponse;

/// Why a sign-in or a refresh failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SignInError {
    /// The Hosted UI responded with an error.
    #[error(transparent)]
    Authorization(#[from] AuthorizationError),
    /// The response belongs to no request of this app: its `state` is missing, unknown, expired or already used.
    #[error("the response belongs to no request of this app (state)")]
    StateMismatch,
    /// The response is not valid, or belongs to another grant.
    #[error("the response is malformed: {0}")]
    Malformed(#[from] MalformedResponse),
    /// The token endpoint issued no tokens.
    #[error(transparent)]
    TokenEndpoint(#[from] TokenEndpointError),
    /// The ID token is not valid.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The pool's keys cannot be fetched, so the signature cannot be verified.
    #[error("the user pool's keys cannot be fetched")]
    JwksUnavailable,
}

/// A response that belongs to a request of this app.
#[derive(Debug, PartialEq, Eq)]
pub enum Accepted {
    /// The tokens.
    Tokens(TokenResponse),
    /// The code and its verifier, for [`token_endpoint::exchange`](crate::token_endpoint::exchange).
    Code(AuthorizationCode, CodeVerifier),
}

/// Tokens with valid claims, whose signature is not verified yet.
#[derive(Debug, PartialEq, Eq)]
pub struct UnverifiedSession {
    response: TokenResponse,
    id_token: UnverifiedIdToken,
    clock_offset: i64,
}

/// (B) Begins a sign-in at `now` (seconds since 1970).
///
/// `random` returns fresh, unguessable bytes on each call. The caller stores the result under its
/// [`state`](PendingSignIn::state) and navigates to [`HostedUi::authorization_url`]. `session` is the current session, if a
/// user is signed in.
#[must_use]
pub fn begin(
    hosted_ui: &HostedUi,
    random: impl Fn() -> [u8; 32],
    return_to: Option<ReturnTo>,
    session: Option<&Session>,
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
        sub: session.map(|session| session.claims().sub.clone()),
        started_at: now,
    }
}

/// (D) Accepts a response that belongs to `pending`, the record stored under the response's `state`. The caller has removed
/// the record from storage, so that it can be used only once.
///
/// # Errors
/// [`SignInError`], one variant for each cause.
pub fn accept(
    callback: AuthorizationCallback,
    pending: Option<PendingSignIn>,
    now: u64,
) -> Result<(Accepted, PendingSignIn), SignInError> {
    let state = callback.state.as_deref();
    let matches =
        |pending: &PendingSignIn| state == Some(pending.state.as_str()) && !pending.is_expired(now);
    let pending = pending.filter(matches).ok_or(SignInError::StateMismatch);
    match callback.response {
        // Cognito sends some errors without a `state`. An error without a matching one is reported by its code only, if the
        // code is in `ERROR_CODES`.
        AuthorizationResponse::Error(error) => Err(match pending {
            Ok(_) => error.into(),
            Err(mismatch) => error.without_foreign_text().map_or(mismatch, Into::into),
        }),
        AuthorizationResponse::Malformed(malformed) => Err(malformed.into()),
        AuthorizationResponse::Tokens(tokens) => {
            let pending = pending?;
            match pending.code_verifier {
                None => Ok((Accepted::Tokens(tokens), pending)),
                Some(_) => Err(MalformedResponse::WrongGrant.into()),
            }
        }
        AuthorizationResponse::Code(code) => {
            let mut pending = pending?;
            match pending.code_verifier.take() {
                Some(verifier) => Ok((Accepted::Code(code, verifier), pending)),
                None => Err(MalformedResponse::WrongGrant.into()),
            }
        }
    }
}

/// (D) Validates the claims of tokens that came from `source`, at `now` (seconds since 1970).
///
/// # Errors
/// [`SignInError::Token`] with the first check that fails.
pub fn validate(
    hosted_ui: &HostedUi,
    response: TokenResponse,
    source: TokenSource<'_>,
    now: u64,
) -> Result<UnverifiedSession, SignInError> {
    let id_token = response.id_token.read_unverified()?;
    id_token
        .claims
        .validate(hosted_ui.validation(source), now)?;
    let clock_offset = source.clock_offset(id_token.claims.iat, now);
    Ok(UnverifiedSession {
        response,
        id_token,
        clock_offset,
    })
}

impl UnverifiedSession {
    /// The key that must verify the signature, if it is in this set.
    #[must_use]
    pub fn key<'a>(&self, keys: &'a JsonWebKeySet) -> Option<&'a JsonWebKey> {
        keys.find(self.id_token.kid.as_deref())
    }

    /// The bytes that are signed.
    #[must_use]
    pub fn signed_part(&self) -> &[u8] {
        self.response.id_token.signed_part(&self.id_token)
    }

    /// The RS256 signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.id_token.signature
    }

    /// The access token, whose SHA-256 [`verify`](Self::verify) needs. Empty if there is none.
    #[must_use]
    pub fn access_token(&self) -> &str {
        let access_token = self.response.access_token.as_ref();
        access_token.map_or("", |token| token.authorization())
    }

    /// Completes a sign-in or a refresh. `signature_is_valid` is the result of the signature check, and `access_token_hash` is
    /// the SHA-256 of [`access_token`](Self::access_token).
    ///
    /// # Errors
    /// [`TokenError::Signature`] or [`TokenError::AccessTokenHash`].
    pub fn verify(
        self,
        signature_is_valid: bool,
        access_token_hash: Option<&[u8; 32]>,
    ) -> Result<Session, SignInError> {
        if !signature_is_valid {
            return Err(TokenError::Signature.into());
        }
        if self.response.access_token.is_some() {
            self.id_token
                .claims
                .validate_access_token(access_token_hash)?;
        }
        Ok(Session::new(
            self.response,
            self.id_token.claims,
            self.clock_offset,
        ))
    }
}
