//! A user's session: its tokens, its claims and its expiry.
//! Does not know where it is stored.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::hosted_ui::{AppClient, HostedUi};
use crate::id_token::{Claims, TokenError, TokenSource, is_true};
use crate::json;
use crate::token_endpoint;
use crate::tokens::{AccessToken, IdToken, RefreshToken, TokenResponse};

/// A signed-in user's session. Cheap to clone. It is only made from a verified sign-in or refresh, or restored from storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session(Arc<Inner>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    tokens: TokenResponse,
    claims: Claims,
    /// The email address from the userInfo endpoint, if the ID token has none.
    user_info: Option<UserInfo>,
    clock_offset: i64,
}

/// The email address from the userInfo endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
struct UserInfo {
    email: String,
    email_verified: Option<bool>,
}

/// What the remaining lifetime of a session requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// Nothing.
    Valid,
    /// The session expires soon and has no refresh token: warn the user.
    ExpiringSoon,
    /// The session expires soon or has expired, and has a refresh token: refresh it.
    NeedsRefresh,
    /// The session has expired and has no refresh token: end it.
    Expired,
}

/// Why a session cannot be restored from a stored record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RestoreError {
    /// The record is not a session.
    #[error("the stored record is not a session")]
    NotASession,
    /// The ID token cannot be read, or belongs to another pool or app client.
    #[error(transparent)]
    Token(#[from] TokenError),
}

/// A session as it is stored. The claims are not stored, but read from the ID token.
#[derive(Serialize, Deserialize)]
struct Record<'a> {
    id_token: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    access_token: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<Cow<'a, str>>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "json::flag"
    )]
    email_verified: Option<bool>,
    #[serde(alias = "clock_ahead", deserialize_with = "json::number")]
    clock_offset: i64,
}

impl Session {
    /// Creates a session. The claims and the signature must already be valid.
    pub(crate) fn new(tokens: TokenResponse, claims: Claims, clock_offset: i64) -> Self {
        Self(Arc::new(Inner {
            tokens,
            claims,
            user_info: None,
            clock_offset,
        }))
    }

    /// Restores a stored session, which may have expired. The signature was verified before the session was stored.
    ///
    /// # Errors
    /// [`RestoreError`] if the record cannot be read, or belongs to another user pool or app client.
    pub fn restore(stored: &str, hosted_ui: &HostedUi) -> Result<Self, RestoreError> {
        let record: Record<'_> = json::from_object(stored).ok_or(RestoreError::NotASession)?;
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let tokens = TokenResponse {
            id_token: IdToken::new(record.id_token.into_owned()),
            access_token: owned(record.access_token).map(AccessToken::new),
            refresh_token: owned(record.refresh_token).map(RefreshToken::new),
        };
        let claims = tokens.id_token.read_unverified()?.claims;
        claims.validate(hosted_ui.validation(TokenSource::Storage), 0)?;
        let session = Self(Arc::new(Inner {
            tokens,
            claims,
            user_info: None,
            clock_offset: record.clock_offset,
        }));
        Ok(match owned(record.email) {
            None => session,
            Some(email) => session.named_by(UserInfo {
                email,
                email_verified: record.email_verified,
            }),
        })
    }

    /// The record to store.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let TokenResponse {
            id_token,
            access_token,
            refresh_token,
        } = &self.0.tokens;
        let user_info = self.0.user_info.as_ref();
        json::to_json(&Record {
            id_token: id_token.authorization().into(),
            access_token: access_token.as_ref().map(|it| it.authorization().into()),
            refresh_token: refresh_token.as_ref().map(|it| it.as_parameter().into()),
            email: user_info.map(|it| it.email.as_str().into()),
            email_verified: user_info.and_then(|it| it.email_verified),
            clock_offset: self.0.clock_offset,
        })
    }

    /// The access token for the userInfo endpoint, if the ID token has no email address.
    #[must_use]
    pub fn needs_user_info(&self) -> Option<&AccessToken> {
        let access_token = self.0.tokens.access_token.as_ref()?;
        self.0.claims.email.is_none().then_some(access_token)
    }

    /// Adds the email address from the userInfo endpoint's response. Ignores a response that is not a JSON object.
    ///
    /// # Errors
    /// [`TokenError::Subject`] if the response is about another user (OIDC Core, section 5.3.2).
    pub fn with_user_info(self, body: &str) -> Result<Self, TokenError> {
        let Ok(attributes) = serde_json::from_str::<Map<String, Value>>(body) else {
            return Ok(self);
        };
        let text = |name| attributes.get(name).and_then(Value::as_str);
        if text("sub") != Some(&self.0.claims.sub) {
            return Err(TokenError::Subject);
        }
        Ok(
            match text("email").filter(|_| self.0.claims.email.is_none()) {
                None => self,
                Some(email) => self.named_by(UserInfo {
                    email: email.to_owned(),
                    email_verified: attributes.get("email_verified").map(is_true),
                }),
            },
        )
    }

    /// Keeps what the userInfo endpoint said about this user before a refresh, unless the new ID token says it itself.
    #[must_use]
    pub fn keep_user_info(self, previous: &Self) -> Self {
        let is_same_user = self.0.claims.sub == previous.0.claims.sub;
        match &previous.0.user_info {
            Some(user_info) if is_same_user && self.0.claims.email.is_none() => {
                self.named_by(user_info.clone())
            }
            _ => self,
        }
    }

    /// Takes the email address and `email_verified` from the same source.
    fn named_by(self, user_info: UserInfo) -> Self {
        let mut inner = Arc::unwrap_or_clone(self.0);
        inner.claims.email = Some(user_info.email.clone());
        inner.claims.email_verified = user_info.email_verified;
        inner.user_info = Some(user_info);
        Self(Arc::new(inner))
    }

    /// Whether the session has a refresh token, as in the authorization code grant.
    #[must_use]
    pub fn is_refreshable(&self) -> bool {
        self.0.tokens.refresh_token.is_some()
    }

    /// The form that refreshes the session; see [`token_endpoint::refresh`].
    #[must_use]
    pub fn refresh_form(&self, client: &AppClient) -> Option<String> {
        let token = self.0.tokens.refresh_token.as_ref()?;
        Some(token_endpoint::refresh(client, token))
    }

    /// The form that revokes the session's refresh token; see [`token_endpoint::revoke`].
    #[must_use]
    pub fn revocation_form(&self, client: &AppClient) -> Option<String> {
        let token = self.0.tokens.refresh_token.as_ref()?;
        Some(token_endpoint::revoke(client, token))
    }

    /// Adds this session's refresh token to the response to a refresh, unless the response has a new one (RFC 6749, section
    /// 6).
    #[must_use]
    pub fn keep_refresh_token(&self, mut response: TokenResponse) -> TokenResponse {
        let current = &self.0.tokens.refresh_token;
        response.refresh_token = response.refresh_token.or_else(|| current.clone());
        response
    }

    /// This session with the new refresh token of the response to a refresh. `None` if the response has no new one.
    ///
    /// The previous refresh token soon stops working, so store this session before the new ID token is verified, which can
    /// fail.
    #[must_use]
    pub fn with_refresh_token_of(&self, response: &TokenResponse) -> Option<Self> {
        let refresh_token = response.refresh_token.clone()?;
        let mut inner = Inner::clone(&self.0);
        inner.tokens.refresh_token = Some(refresh_token);
        Some(Self(Arc::new(inner)))
    }

    /// What the remaining lifetime requires at `now` (seconds since 1970, by this device's clock).
    #[must_use]
    pub fn expiry(&self, now: u64) -> Expiry {
        /// Warn the user when this number of seconds is left.
        const WARNING: u64 = 5 * 60;
        /// Refresh the session when this number of seconds is left.
        const REFRESH: u64 = 60;
        // The lifetime of Cognito's tokens can be as short as five minutes.
        let quarter = self.lifetime() / 4;
        match (self.is_refreshable(), self.time_left(now)) {
            (true, left) if left <= REFRESH.min(quarter) => Expiry::NeedsRefresh,
            (false, 0) => Expiry::Expired,
            (false, left) if left <= WARNING.min(quarter) => Expiry::ExpiringSoon,
            _ => Expiry::Valid,
        }
    }

    /// The lifetime of the ID token, in seconds.
    #[must_use]
    pub fn lifetime(&self) -> u64 {
        self.0.claims.exp.saturating_sub(self.0.claims.iat)
    }

    /// The remaining lifetime at `now`, in seconds, by Cognito's clock.
    #[must_use]
    pub fn time_left(&self, now: u64) -> u64 {
        self.0.claims.exp.saturating_sub(self.cognito_time(now))
    }

    /// Converts `now` from this device's clock to Cognito's, in seconds since 1970.
    #[must_use]
    pub fn cognito_time(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.0.clock_offset.saturating_neg())
    }

    /// The least difference between this device's clock and Cognito's that explains when the ID token arrived, in seconds.
    /// Positive if this device's clock was ahead, negative if it was behind.
    #[must_use]
    pub fn clock_offset(&self) -> i64 {
        self.0.clock_offset
    }

    /// Whether the two sessions have the same ID token. Every refresh replaces it.
    #[must_use]
    pub fn has_same_token(&self, other: &Self) -> bool {
        self.0.tokens.id_token == other.0.tokens.id_token
    }

    /// Whether the two sessions come from the same sign-in, before or after a refresh.
    #[must_use]
    pub fn is_same_sign_in(&self, other: &Self) -> bool {
        let (this, other) = (&self.0.claims, &other.0.claims);
        this.sub == other.sub && this.auth_time == other.auth_time
    }

    /// The ID token.
    #[must_use]
    pub fn id_token(&self) -> &IdToken {
        &self.0.tokens.id_token
    }

    /// The access token, if the response had one.
    #[must_use]
    pub fn access_token(&self) -> Option<&AccessToken> {
        self.0.tokens.access_token.as_ref()
    }

    /// The ID token's claims. The email address may come from the userInfo endpoint.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.0.claims
    }
}
