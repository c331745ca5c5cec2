//! (F) A refresh from start to end, as a chain of types, so that no step can be skipped or done too early:
//! [`Refresh`] → [`RefreshResponse`] → [`UnverifiedRefresh`] → [`UnverifiedSession`] → [`Session`].

use crate::hosted_ui::{AppClient, HostedUi};
use crate::id_token::TokenSource;
use crate::session::Session;
use crate::sign_in::{SignInError, UnverifiedSession};
use crate::token_endpoint::{self, TokenEndpointError};
use crate::tokens::TokenResponse;

/// A refresh that is about to be requested.
#[derive(Debug)]
pub struct Refresh {
    session: Session,
    started_at: u64,
}

/// The token endpoint's response.
#[derive(Debug)]
#[must_use = "the session with the newest refresh token must be stored"]
pub struct RefreshResponse {
    session: Session,
    started_at: u64,
    response: TokenResponse,
}

/// New tokens whose claims are not validated yet.
#[derive(Debug)]
pub struct UnverifiedRefresh {
    newest: Session,
    started_at: u64,
    response: TokenResponse,
}

impl Refresh {
    /// Begins the refresh of a session at `now` (seconds since 1970). `None` if it has no refresh token.
    #[must_use]
    pub fn begin(session: &Session, now: u64) -> Option<Self> {
        session.is_refreshable().then(|| Self {
            session: session.clone(),
            started_at: now,
        })
    }

    /// The form for the token endpoint.
    #[must_use]
    pub fn form(&self, client: &AppClient) -> Option<String> {
        self.session.refresh_form(client)
    }

    /// Reads the token endpoint's response.
    ///
    /// # Errors
    /// [`TokenEndpointError`]. [`SignInError::ends_session`] says which ones end the session.
    pub fn receive(self, status: u16, body: &str) -> Result<RefreshResponse, TokenEndpointError> {
        let response = token_endpoint::read(status, body)?;
        Ok(RefreshResponse {
            response,
            session: self.session,
            started_at: self.started_at,
        })
    }
}

impl RefreshResponse {
    /// The session with its newest refresh token, and the tokens to verify. `found` is the current session: in a browser
    /// without locks, another tab may have stored newer tokens with the same refresh token in the meantime.
    ///
    /// Store the session now: the previous refresh token soon stops working, and what follows can fail.
    #[must_use]
    pub fn newest(self, found: Option<&Session>) -> (Session, UnverifiedRefresh) {
        let mut response = self.response;
        let session = match found {
            Some(found) if found.has_same_refresh_token(&self.session) => found.clone(),
            _ => self.session,
        };
        let newest = match response.refresh_token.take() {
            Some(token) => session.with_refresh_token(token),
            // RFC 6749, section 6: without a new one, the previous one stays valid.
            None => session,
        };
        let unverified = UnverifiedRefresh {
            newest: newest.clone(),
            started_at: self.started_at,
            response,
        };
        (newest, unverified)
    }
}

impl UnverifiedRefresh {
    /// Validates the claims at `now` (seconds since 1970). What the userInfo endpoint said about the user is kept.
    ///
    /// # Errors
    /// [`SignInError::Token`] with the first check that fails.
    pub fn validate(
        self,
        hosted_ui: &HostedUi,
        now: u64,
    ) -> Result<UnverifiedSession, SignInError> {
        let Self {
            newest,
            started_at,
            response,
        } = self;
        let source = TokenSource::Refresh {
            sub: &newest.claims().sub,
        };
        let id_token = response.id_token.read_unverified()?;
        id_token
            .claims
            .validate(hosted_ui.validation(source), now)?;
        Ok(UnverifiedSession::of_refresh(
            newest, response, id_token, started_at, now,
        ))
    }
}
