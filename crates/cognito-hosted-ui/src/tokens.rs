//! The tokens: opaque, redacted in `Debug`, each with a single accessor.
//! Does not know their content.

use std::fmt;

use serde::Deserialize;

/// An ID token, which says who the user is (OIDC Core, section 2).
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct IdToken(String);

/// An access token, which authorizes requests to an API (RFC 6749, section 1.4).
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct AccessToken(String);

/// A refresh token, which is exchanged for new tokens (RFC 6749, section 1.5).
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct RefreshToken(String);

/// The tokens of one response, from the fragment or from the token endpoint. They are not verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenResponse {
    /// The ID token.
    pub id_token: IdToken,
    /// The access token. Not every response contains one.
    pub access_token: Option<AccessToken>,
    /// The refresh token. It is never in the fragment, and in the response to a refresh only if the pool rotates refresh
    /// tokens.
    pub refresh_token: Option<RefreshToken>,
}

macro_rules! opaque {
    ($token:ident, $way_out:ident: $purpose:literal) => {
        impl $token {
            /// Wraps a token.
            #[must_use]
            pub fn new(text: String) -> Self {
                Self(text)
            }

            #[doc = $purpose]
            #[must_use]
            pub fn $way_out(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $token {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($token), "([redacted])"))
            }
        }
    };
}

opaque!(IdToken, authorization: "The value for an `Authorization` header. There is no other accessor.");
opaque!(AccessToken, authorization: "The value for an `Authorization` header and for `at_hash`. There is no other accessor.");
opaque!(RefreshToken, as_parameter: "The value for the token endpoint. There is no other accessor.");
