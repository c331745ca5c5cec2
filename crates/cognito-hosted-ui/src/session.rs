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
use crate::secure_url::SecureUrl;
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
    /// The `state` of the request that began the session.
    sign_in: String,
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
    /// The session seems to have expired and has no refresh token: confirm this with another clock, then end it.
    Expired,
}

/// What has become of a session while a request was in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is as it was.
    Current,
    /// Another tab has refreshed it.
    Refreshed,
    /// It has ended, or a new sign-in has replaced it, here or in another tab.
    Ended,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    clock_offset: i64,
    sign_in: Cow<'a, str>,
}

impl Session {
    /// Creates a session. The claims and the signature must already be valid.
    pub(crate) fn new(
        tokens: TokenResponse,
        claims: Claims,
        clock_offset: i64,
        sign_in: String,
    ) -> Self {
        Self(Arc::new(Inner {
            tokens,
            claims,
            user_info: None,
            clock_offset,
            sign_in,
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
            sign_in: record.sign_in.into_owned(),
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
            sign_in: self.0.sign_in.as_str().into(),
        })
    }

    /// The form that revokes the refresh token in a stored record of the app client `client_id`, which
    /// [`restore`](Self::restore) may not accept. `None` if the record has none, or if it belongs to another user pool than
    /// `issuer`: its token must not be sent to this pool's domain.
    #[must_use]
    pub fn revocation_form_of_record(
        stored: &str,
        client_id: &str,
        issuer: &SecureUrl,
    ) -> Option<String> {
        let record: Record<'_> = json::from_object(stored)?;
        let id_token = IdToken::new(record.id_token.into_owned());
        if id_token.read_unverified().ok()?.claims.iss != issuer.as_str() {
            return None;
        }
        let token = RefreshToken::new(record.refresh_token?.into_owned());
        Some(token_endpoint::revocation_form(client_id, &token))
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
        let Ok(attributes) = json::from_str::<Map<String, Value>>(body) else {
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
    pub(crate) fn keep_user_info(self, previous: &Self) -> Self {
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

    /// This session with another refresh token.
    pub(crate) fn with_refresh_token(&self, token: RefreshToken) -> Self {
        let mut inner = Inner::clone(&self.0);
        inner.tokens.refresh_token = Some(token);
        Self(Arc::new(inner))
    }

    /// The refresh token, and the identifier of the sign-in: what a refresh does not change.
    pub(crate) fn origin(&self) -> (Option<RefreshToken>, String) {
        (self.0.tokens.refresh_token.clone(), self.0.sign_in.clone())
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

    /// The remaining lifetime at `now`, in seconds, by Cognito's clock as far as it is known.
    #[must_use]
    pub fn time_left(&self, now: u64) -> u64 {
        self.0.claims.exp.saturating_sub(self.cognito_time(now))
    }

    /// Converts `now` from this device's clock to Cognito's, in seconds since 1970.
    ///
    /// It is never before the time at which the ID token was issued; see [`was_clock_set_back`](Self::was_clock_set_back).
    #[must_use]
    pub fn cognito_time(&self, now: u64) -> u64 {
        if self.was_clock_set_back(now) {
            now.max(self.0.claims.iat)
        } else {
            self.time_by_offset(now)
        }
    }

    /// Whether this device's clock must have been set back since it was compared with Cognito's: by the measured difference,
    /// `now` would be before the time at which the ID token was issued. That difference is then no longer valid.
    #[must_use]
    pub fn was_clock_set_back(&self, now: u64) -> bool {
        self.time_by_offset(now) < self.0.claims.iat
    }

    fn time_by_offset(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.0.clock_offset.saturating_neg())
    }

    /// The least difference between this device's clock and Cognito's that explains when the ID token arrived, in seconds.
    /// Positive if this device's clock was ahead, negative if it was behind.
    #[must_use]
    pub fn clock_offset(&self) -> i64 {
        self.0.clock_offset
    }

    /// Whether this device's clock differed by more than `tolerance` seconds when it was last compared.
    #[must_use]
    pub fn is_clock_wrong(&self, tolerance: u64) -> bool {
        self.0.clock_offset.unsigned_abs() > tolerance
    }

    /// Whether a session that is restored at `now` needs another comparison of the clocks: they differed by more than `tolerance`
    /// seconds, and the clock may have been corrected since. If the session is refreshable, only a clock that
    /// [was set back](Self::was_clock_set_back) needs it: the next refresh compares anyway, and a clock that stays wrong must not
    /// cause one for each page that is opened.
    #[must_use]
    pub fn needs_clock_check(&self, tolerance: u64, now: u64) -> bool {
        let is_urgent = !self.is_refreshable() || self.was_clock_set_back(now);
        self.is_clock_wrong(tolerance) && is_urgent
    }

    /// The same session, after another server's clock said `time` when this device's clock said `now`. If `time` is before the
    /// ID token was issued, that clock is slow, and the token's time is closer to Cognito's.
    #[must_use]
    pub fn with_time(&self, time: u64, now: u64) -> Self {
        let mut inner = Inner::clone(&self.0);
        let time = time.max(inner.claims.iat);
        inner.clock_offset = now.cast_signed().saturating_sub(time.cast_signed());
        Self(Arc::new(inner))
    }

    /// Whether the two sessions have the same ID token. Every refresh replaces it.
    #[must_use]
    pub fn has_same_token(&self, other: &Self) -> bool {
        self.0.tokens.id_token == other.0.tokens.id_token
    }

    /// Whether the two sessions have the same tokens. A refresh replaces at least one of them.
    #[must_use]
    pub fn has_same_tokens(&self, other: &Self) -> bool {
        self.0.tokens == other.0.tokens
    }

    /// Whether the two sessions have the same refresh token. With rotation, every refresh replaces it.
    #[must_use]
    pub fn has_same_refresh_token(&self, other: &Self) -> bool {
        self.0.tokens.refresh_token == other.0.tokens.refresh_token
    }

    /// Whether the two sessions come from the same sign-in, before or after a refresh.
    #[must_use]
    pub fn is_same_sign_in(&self, other: &Self) -> bool {
        self.0.claims.sub == other.0.claims.sub && self.0.sign_in == other.0.sign_in
    }

    /// What has become of this session, given the current one, `found`.
    #[must_use]
    pub fn fate(&self, found: Option<&Self>) -> Fate {
        match found {
            Some(found) if found.has_same_tokens(self) => Fate::Current,
            Some(found) if found.is_same_sign_in(self) => Fate::Refreshed,
            _ => Fate::Ended,
        }
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
