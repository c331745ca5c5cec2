//! The tokens as they come: opaque, never printed, each with one way out.
//! Knows nothing of what is in them.

use std::fmt;

/// An ID token, which says who somebody is (OIDC Core, section 2).
#[derive(Clone, PartialEq, Eq)]
pub struct IdToken(String);

/// An access token, which opens an API (RFC 6749, section 1.4).
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken(String);

/// A refresh token, which gets new tokens (RFC 6749, section 1.5).
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken(String);

/// What came together, in the fragment or from the token endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// The ID token, not looked into yet.
    pub id_token: IdToken,
    /// The access token, which an answer may leave out.
    pub access_token: Option<AccessToken>,
    /// The refresh token: never in the fragment, and in the answer to a refresh only if the pool rotates them.
    pub refresh_token: Option<RefreshToken>,
}

impl IdToken {
    /// Wraps a token as it came.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The way out: the value for an `Authorization` header.
    #[must_use]
    pub fn authorization(&self) -> &str {
        &self.0
    }
}

impl AccessToken {
    /// Wraps a token as it came.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The way out: the value for an `Authorization` header, and what its hash is taken of.
    #[must_use]
    pub fn authorization(&self) -> &str {
        &self.0
    }
}

impl RefreshToken {
    /// Wraps a token as it came.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The way out: the value for the token endpoint.
    #[must_use]
    pub fn as_parameter(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdToken([redacted])")
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken([redacted])")
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefreshToken([redacted])")
    }
}
