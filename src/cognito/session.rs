//! A signed-in person's session, and why there is none.
//! Knows what a session consists of; where it is kept is the browser's business.

use serde::Serialize;
use serde_json::Value;

use super::hosted_ui::HostedUi;
use super::id_token::{AccessToken, Claims, IdToken, TokenError};

/// A signed-in person's session: a page that takes one cannot be shown to anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    tokens: SessionTokens,
    claims: Claims,
}

/// What is stored of a session: the claims are read again from the token each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionTokens {
    /// The ID token, which the API asks for.
    pub id_token: IdToken,
    /// The access token, if one came along.
    pub access_token: Option<AccessToken>,
}

/// Why there is no session any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The ID token's time was over.
    Expired,
    /// The API no longer took the token.
    Rejected,
}

impl SessionTokens {
    /// Reads what was stored; anything else is nothing stored.
    #[must_use]
    pub fn from_stored(stored: &Value) -> Option<Self> {
        let text = |name| Some(stored.get(name)?.as_str()?.to_owned());
        Some(Self {
            id_token: IdToken::new(text("id_token")?),
            access_token: text("access_token").map(AccessToken::new),
        })
    }
}

impl Session {
    pub(super) fn new(tokens: SessionTokens, claims: Claims) -> Self {
        Self { tokens, claims }
    }

    /// Makes a stored session live again, if it still is one of this app client's at `now` (seconds since 1970).
    ///
    /// # Errors
    /// [`TokenError::Expired`] for one whose time is over, another [`TokenError`] for one that was stored
    /// under other settings or was tampered with.
    pub fn restore(
        tokens: SessionTokens,
        hosted_ui: &HostedUi,
        now: u64,
    ) -> Result<Self, TokenError> {
        // What is in our own storage was verified before it got there.
        let claims = tokens.id_token.read_unverified()?.claims;
        claims.check(hosted_ui.expected(None), now)?;
        // No leeway here: the API would refuse the token at once.
        if claims.exp <= now {
            return Err(TokenError::Expired);
        }
        Ok(Self::new(tokens, claims))
    }

    /// What is to be stored.
    #[must_use]
    pub fn tokens(&self) -> &SessionTokens {
        &self.tokens
    }

    /// The ID token, for the API.
    #[must_use]
    pub fn id_token(&self) -> &IdToken {
        &self.tokens.id_token
    }

    /// What the ID token says of the person.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }
}
