//! A sign-in from start to end: [`begin`] before the redirect, [`accept`] after it, [`validate`] for its tokens, and [`UnverifiedSession::verify`] with the result of the signature check.
//! Performs no I/O: the caller stores, navigates, reads the clock, sends requests and verifies signatures.

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
use crate::sign_out::SignOut;
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
    /// The user has signed out, in any tab, since the sign-in began.
    #[error("the user has signed out since the sign-in began")]
    SignedOut,
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
    sign_in: String,
    /// The session that is refreshed.
    previous: Option<Session>,
}

/// (B) Begins a sign-in at `now` (seconds since 1970).
///
/// `random` returns fresh, unguessable bytes on each call. The caller stores the result under its
/// [`state`](PendingSignIn::state) and navigates to [`HostedUi::authorization_url`]. `session` is the current session, if a
/// user is signed in, and `last` is the last sign-out in this browser.
#[must_use]
pub fn begin(
    hosted_ui: &HostedUi,
    random: impl Fn() -> [u8; 32],
    return_to: Option<ReturnTo>,
    session: Option<&Session>,
    last: Option<&SignOut>,
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
        sign_out: last.map(|last| last.id().to_owned()),
        started_at: now,
    }
}

/// (D) Accepts a response that belongs to `pending`, the record stored under the response's `state`. The caller has removed
/// the record from storage, so that it can be used only once. `last` is the last sign-out in this browser.
///
/// # Errors
/// [`SignInError`], one variant for each cause.
pub fn accept(
    callback: AuthorizationCallback,
    pending: Option<PendingSignIn>,
    last: Option<&SignOut>,
    now: u64,
) -> Result<(Accepted, PendingSignIn), SignInError> {
    let state = callback.state.as_deref();
    let matches =
        |pending: &PendingSignIn| state == Some(pending.state.as_str()) && !pending.is_expired(now);
    let pending = pending.filter(matches).ok_or(SignInError::StateMismatch);
    let is_signed_out =
        |pending: &PendingSignIn| SignOut::is_since(last, pending.sign_out.as_deref());
    match callback.response {
        // Cognito sends some errors without a `state`. An error without a matching one is reported by its code only, if the
        // code is in `ERROR_CODES`.
        AuthorizationResponse::Error(error) => Err(match pending {
            Ok(_) => error.into(),
            Err(mismatch) => error.without_foreign_text().map_or(mismatch, Into::into),
        }),
        AuthorizationResponse::Malformed(malformed) => Err(malformed.into()),
        _ if pending.as_ref().is_ok_and(is_signed_out) => Err(SignInError::SignedOut),
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

/// (D) Validates the claims of the tokens that Cognito issued for this request, at `now` (seconds since 1970).
///
/// # Errors
/// [`SignInError::Token`] with the first check that fails.
pub fn validate(
    hosted_ui: &HostedUi,
    response: TokenResponse,
    request: &PendingSignIn,
    now: u64,
) -> Result<UnverifiedSession, SignInError> {
    let id_token = response.id_token.read_unverified()?;
    let source = TokenSource::SignIn {
        nonce: request.nonce.as_str(),
        started_at: request.started_at,
    };
    id_token
        .claims
        .validate(hosted_ui.validation(source), now)?;
    Ok(UnverifiedSession {
        clock_offset: clock_offset(id_token.claims.iat, request.started_at, now),
        response,
        id_token,
        sign_in: request.state.as_str().to_owned(),
        previous: None,
    })
}

/// By how many seconds this device's clock is ahead of Cognito's: the smallest difference that explains why a token that was
/// requested at `started_at` and arrived at `now` was issued at `iat`. A response can be opened long after it was issued, so
/// `now - iat` alone says nothing about the clock.
fn clock_offset(iat: u64, started_at: u64, now: u64) -> i64 {
    let ahead = |here: u64| here.cast_signed().saturating_sub(iat.cast_signed());
    // If the clock was set back meanwhile, only `now` counts.
    0.clamp(ahead(started_at.min(now)), ahead(now))
}

impl SignInError {
    /// Whether this failure of a refresh ends the session.
    ///
    /// Only an answer that Cognito gives about this refresh token does (RFC 6749, section 5.2), or a token that Cognito did not
    /// issue for this user and this app. Everything else can be a fault of the network, a server, a cache or a clock, and
    /// passes: the session is kept and the refresh is tried again.
    #[must_use]
    pub fn ends_session(&self) -> bool {
        match self {
            Self::TokenEndpoint(TokenEndpointError::Refused(error)) => matches!(
                error.as_str(),
                "invalid_grant" | "invalid_client" | "unauthorized_client"
            ),
            Self::Token(error) => matches!(
                error,
                TokenError::Algorithm
                    | TokenError::Signature
                    | TokenError::Issuer
                    | TokenError::Audience
                    | TokenError::UntrustedAudience
                    | TokenError::TokenUse
                    | TokenError::Subject
            ),
            _ => false,
        }
    }
}

impl UnverifiedSession {
    /// The tokens of a refresh that was requested at `started_at` and has arrived at `now`. `newest` is the session that is
    /// refreshed, with its newest refresh token.
    pub(crate) fn of_refresh(
        newest: Session,
        mut response: TokenResponse,
        id_token: UnverifiedIdToken,
        started_at: u64,
        now: u64,
    ) -> Self {
        let (refresh_token, sign_in) = newest.origin();
        response.refresh_token = refresh_token;
        Self {
            clock_offset: clock_offset(id_token.claims.iat, started_at, now),
            response,
            id_token,
            sign_in,
            previous: Some(newest),
        }
    }

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

    /// Completes a sign-in or a refresh. `signature_is_valid` is the result of the signature check.
    ///
    /// # Errors
    /// [`TokenError::Signature`] or [`TokenError::AccessTokenHash`].
    pub fn verify(self, signature_is_valid: bool) -> Result<Session, SignInError> {
        if !signature_is_valid {
            return Err(TokenError::Signature.into());
        }
        if let Some(access_token) = &self.response.access_token {
            self.id_token.claims.validate_access_token(access_token)?;
        }
        let session = Session::new(
            self.response,
            self.id_token.claims,
            self.clock_offset,
            self.sign_in,
        );
        Ok(match &self.previous {
            Some(previous) => session.keep_user_info(previous),
            None => session,
        })
    }
}
