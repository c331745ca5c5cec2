//! A signed-in person's session, what its time asks for, and why there is none.
//! Knows what a session consists of; where it is kept is the browser's business.

use super::hosted_ui::{AppClient, HostedUi};
use super::id_token::{Claims, Origin, TokenError, is_true};
use super::json::{self, Object};
use super::token_endpoint;
use super::tokens::{AccessToken, IdToken, RefreshToken, TokenResponse};

/// A signed-in person's session: a page that takes one cannot be shown to anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    tokens: SessionTokens,
    claims: Claims,
}

/// What is stored of a session: the claims are read again from the token each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionTokens {
    /// The ID token.
    pub id_token: IdToken,
    /// The access token, if one came along.
    pub access_token: Option<AccessToken>,
    /// The refresh token, in the code grant.
    pub refresh_token: Option<RefreshToken>,
    /// The e-mail address, if it is not in the ID token but among the user's attributes.
    pub email: Option<String>,
    /// Whether that address is verified, if it is said.
    pub email_verified: Option<bool>,
    /// By how many seconds this device's clock was ahead of Cognito's when the ID token was fresh.
    pub clock_ahead: i64,
}

/// What a session's time asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing yet.
    Nothing,
    /// It ends soon and cannot be renewed here: the person should know.
    Warning,
    /// It ends soon or has ended, and can be renewed.
    Renewal,
    /// It has ended.
    End,
}

/// Why there is no session any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// The person signed out.
    SignedOut,
    /// Its time was over.
    Expired,
    /// The API no longer took the token.
    Rejected,
    /// It was ended in another tab.
    Elsewhere,
    /// What was stored of it cannot be read.
    Unreadable,
}

impl SessionTokens {
    /// Reads what was stored; anything else is nothing stored.
    #[must_use]
    pub fn from_stored(stored: &str) -> Option<Self> {
        let stored = Object::read(stored)?;
        let clock_ahead = stored.text("clock_ahead")?;
        Some(Self {
            id_token: IdToken::new(stored.owned("id_token")?),
            access_token: stored.owned("access_token").map(AccessToken::new),
            refresh_token: stored.owned("refresh_token").map(RefreshToken::new),
            email: stored.owned("email"),
            email_verified: stored.get("email_verified").map(is_true),
            clock_ahead: match clock_ahead.strip_prefix('-') {
                Some(behind) => -json::digits(behind)?.cast_signed(),
                None => json::digits(clock_ahead)?.cast_signed(),
            },
        })
    }

    /// What is to be stored.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let access_token = self.access_token.as_ref();
        let refresh_token = self.refresh_token.as_ref();
        let clock_ahead = json::decimal(self.clock_ahead.unsigned_abs());
        let sign = if self.clock_ahead < 0 { "-" } else { "" };
        json::object(&[
            ("id_token", self.id_token.authorization()),
            (
                "access_token",
                access_token.map_or("", AccessToken::authorization),
            ),
            (
                "refresh_token",
                refresh_token.map_or("", RefreshToken::as_parameter),
            ),
            ("email", self.email.as_deref().unwrap_or_default()),
            (
                "email_verified",
                self.email_verified.map_or("", |verified| match verified {
                    true => "true",
                    false => "false",
                }),
            ),
            ("clock_ahead", &[sign, &clock_ahead].concat()),
        ])
    }
}

impl Session {
    /// A session that begins now, with a token whose claims and signature have been found good.
    pub(super) fn new(response: TokenResponse, claims: Claims, now: u64) -> Self {
        let TokenResponse {
            id_token,
            access_token,
            refresh_token,
        } = response;
        Self {
            tokens: SessionTokens {
                id_token,
                access_token,
                refresh_token,
                email: None,
                email_verified: None,
                clock_ahead: now.cast_signed().saturating_sub(claims.iat.cast_signed()),
            },
            claims,
        }
    }

    /// Makes a stored session live again, if it is one of this app client's; its time may be over.
    ///
    /// # Errors
    /// [`TokenError`] for one that was stored under other settings or was tampered with.
    pub fn restore(tokens: SessionTokens, hosted_ui: &HostedUi) -> Result<Self, TokenError> {
        // What is in our own storage was verified before it got there.
        let mut claims = tokens.id_token.read_unverified()?.claims;
        claims.check(hosted_ui.expected(Origin::Storage), 0)?;
        claims.email = claims.email.or_else(|| tokens.email.clone());
        claims.email_verified = claims.email_verified.or(tokens.email_verified);
        Ok(Self { tokens, claims })
    }

    /// The access token for `userInfo`, if the ID token does not say who the person is as people do.
    #[must_use]
    pub fn wants_user_info(&self) -> Option<&AccessToken> {
        let access_token = self.tokens.access_token.as_ref()?;
        self.claims.email.is_none().then_some(access_token)
    }

    /// Takes the e-mail address out of `userInfo`'s answer.
    ///
    /// # Errors
    /// [`TokenError::Subject`] if that is about somebody else (OIDC Core, section 5.3.2).
    pub fn with_user_info(mut self, body: &str) -> Result<Self, TokenError> {
        let Some(attributes) = Object::read(body) else {
            return Ok(self);
        };
        if attributes.text("sub") != Some(&self.claims.sub) {
            return Err(TokenError::Subject);
        }
        self.tokens.email = attributes.owned("email");
        self.tokens.email_verified = attributes.get("email_verified").map(is_true);
        self.claims.email = self.tokens.email.clone();
        self.claims.email_verified = self.tokens.email_verified;
        Ok(self)
    }

    /// How much of its time is left at `now`, and how long that is in all, in seconds.
    #[must_use]
    pub fn time(&self, now: u64) -> (u64, u64) {
        let whole = self.claims.exp.saturating_sub(self.claims.iat);
        (self.time_left(now).min(whole), whole)
    }

    /// Whether it can be renewed here, as in the code grant.
    #[must_use]
    pub fn is_renewable(&self) -> bool {
        self.tokens.refresh_token.is_some()
    }

    /// The form that renews it, in the code grant.
    #[must_use]
    pub fn refresh(&self, client: &AppClient) -> Option<String> {
        let token = self.tokens.refresh_token.as_ref()?;
        Some(token_endpoint::refresh(client, token))
    }

    /// The form that revokes its refresh token, in the code grant.
    #[must_use]
    pub fn revocation(&self, client: &AppClient) -> Option<String> {
        let token = self.tokens.refresh_token.as_ref()?;
        Some(token_endpoint::revoke(client, token))
    }

    /// What came of a refresh, with the refresh token that goes on: the old one unless there is a new one (RFC 6749,
    /// section 6).
    #[must_use]
    pub fn carried_over(&self, mut response: TokenResponse) -> TokenResponse {
        let old = &self.tokens.refresh_token;
        response.refresh_token = response.refresh_token.or_else(|| old.clone());
        response
    }

    /// What is due at `now` (seconds since 1970, by this device's clock).
    #[must_use]
    pub fn due(&self, now: u64) -> Due {
        /// How long before its end, in seconds, the person is warned.
        const WARNING: u64 = 5 * 60;
        /// How long before its end, in seconds, it is renewed.
        const RENEWAL: u64 = 60;
        let left = self.time_left(now);
        // Cognito's shortest tokens live for five minutes.
        let quarter = self.claims.exp.saturating_sub(self.claims.iat) / 4;
        match (&self.tokens.refresh_token, left) {
            (Some(_), left) if left <= RENEWAL.min(quarter) => Due::Renewal,
            (None, 0) => Due::End,
            (None, left) if left <= WARNING.min(quarter) => Due::Warning,
            _ => Due::Nothing,
        }
    }

    /// How many seconds the API will still take the token, by Cognito's clock.
    #[must_use]
    pub fn time_left(&self, now: u64) -> u64 {
        self.claims.exp.saturating_sub(self.now(now))
    }

    /// What time it is by Cognito's clock when it is `now` by this device's.
    #[must_use]
    pub fn now(&self, now: u64) -> u64 {
        now.saturating_add_signed(self.tokens.clock_ahead.saturating_neg())
    }

    /// Whether the two have the same ID token, which each renewal replaces.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.tokens.id_token == other.tokens.id_token
    }

    /// What is to be stored.
    #[must_use]
    pub fn tokens(&self) -> &SessionTokens {
        &self.tokens
    }

    /// What the ID token says of the person.
    #[must_use]
    pub fn claims(&self) -> &Claims {
        &self.claims
    }
}
