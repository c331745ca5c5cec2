//! Reads the ID token and validates its claims (OIDC Core, sections 3.1.3.7 and 3.2.2.11).
//! Does not verify the signature. Until the caller has done so, the names say "unverified".

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::hash::sha_256;
use crate::json;
use crate::tokens::{AccessToken, IdToken};

/// The claims of an ID token that this crate uses
/// ([AWS: ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// The issuer.
    pub iss: String,
    /// The user's identifier, which never changes.
    pub sub: String,
    /// The app clients that the token is intended for.
    pub aud: Vec<String>,
    /// The app client that the token was issued to.
    pub azp: Option<String>,
    /// When the token expires, in seconds since 1970.
    pub exp: u64,
    /// When the token was issued, in seconds since 1970.
    pub iat: u64,
    /// When the user signed in, in seconds since 1970.
    pub auth_time: Option<u64>,
    /// The type of token, `id` or `access`. This is Cognito's own claim.
    pub token_use: String,
    /// The nonce of the authorization request.
    pub nonce: Option<String>,
    /// The left half of the access token's SHA-256, as base64url.
    pub at_hash: Option<String>,
    /// The user's email address, if the scope `email` was granted.
    pub email: Option<String>,
    /// Whether the email address is verified.
    pub email_verified: Option<bool>,
    /// The user's groups in the user pool (`cognito:groups`).
    pub groups: Vec<String>,
    /// The user's username in the user pool (`cognito:username`).
    pub username: Option<String>,
}

/// The content of a token whose signature is not verified: **anyone could have written it.**
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedIdToken {
    /// The claims.
    pub claims: Claims,
    /// The identifier of the key that signed the token, according to the token.
    pub kid: Option<String>,
    /// The length of the signed part, in bytes.
    signed: usize,
    /// The signature.
    pub signature: Vec<u8>,
}

/// The expected values for validating a token.
#[derive(Clone, Copy, Debug)]
pub struct Validation<'a> {
    /// The pool's issuer.
    pub issuer: &'a str,
    /// The app client.
    pub client_id: &'a str,
    /// How far this device's clock and Cognito's may differ, in seconds.
    pub clock_tolerance: u64,
    /// Where the token comes from.
    pub source: TokenSource<'a>,
}

/// Where a token comes from, which determines what it must match.
#[derive(Clone, Copy, Debug)]
pub enum TokenSource<'a> {
    /// A sign-in. The token must contain the request's nonce, and must not be older than the request.
    SignIn {
        /// The request's nonce.
        nonce: &'a str,
        /// When the request was made, by this device's clock.
        started_at: u64,
    },
    /// A refresh. The token must be about the same user. Its time is not checked: the token endpoint has just issued it, so it
    /// tells Cognito's time, not this device's clock.
    ///
    /// OIDC Core, section 12.2, also compares `auth_time`, `azp`, `nonce` and `iat` with the previous token. Cognito changes
    /// `auth_time` when the user has signed in again meanwhile, and none of them protects from anything that `iss`, `aud`, `sub`
    /// and the signature do not.
    Refresh {
        /// The user whose session is refreshed.
        sub: &'a str,
    },
    /// The app's own storage. The time is not checked.
    Storage,
}

/// Why an ID token is rejected, one variant for each check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The token does not consist of three parts separated by dots.
    #[error("the ID token is not a JWT")]
    NotAJwt,
    /// A part is not base64url (RFC 7515, section 2).
    #[error("a part of the ID token is not base64url")]
    NotBase64Url,
    /// A part is not a JSON object.
    #[error("a part of the ID token is not a JSON object")]
    NotJson,
    /// `alg` is not RS256. In particular, `none` and HS256 are rejected (RFC 8725, sections 2.1 and 3.1).
    #[error("the ID token is not signed with RS256 (alg)")]
    Algorithm,
    /// `crit` requires an extension, and none is supported (RFC 7515, section 4.1.11).
    #[error("the ID token requires an extension (crit)")]
    Critical,
    /// The pool has no key with the token's `kid`.
    #[error("the user pool has no such key (kid)")]
    UnknownKey,
    /// The signature is not valid.
    #[error("the ID token's signature is not valid")]
    Signature,
    /// `at_hash` does not match the access token.
    #[error("the access token does not belong to the ID token (at_hash)")]
    AccessTokenHash,
    /// This claim is missing or has the wrong type.
    #[error("the ID token has no valid {0:?}")]
    InvalidClaim(&'static str),
    /// `iss` is not the pool's issuer.
    #[error("another issuer issued the ID token (iss)")]
    Issuer,
    /// `aud` does not contain the app client.
    #[error("the ID token is for another app client (aud)")]
    Audience,
    /// `aud` also contains another app client, which is not trusted.
    #[error("the ID token is for other app clients as well (aud)")]
    UntrustedAudience,
    /// `azp` is not the app client.
    #[error("the ID token was issued to another app client (azp)")]
    AuthorizedParty,
    /// `token_use` is not `id`.
    #[error("the token is not an ID token (token_use)")]
    TokenUse,
    /// `exp` is in the past.
    #[error("the ID token has expired (exp)")]
    Expired,
    /// `iat` is in the future.
    #[error("the ID token was issued in the future (iat)")]
    IssuedInFuture,
    /// `iat` is earlier than the authorization request.
    #[error("the ID token was issued too early (iat)")]
    IssuedTooEarly,
    /// `sub` is not the user whose session is refreshed, or whose attributes were requested.
    #[error("the ID token is about another user (sub)")]
    Subject,
    /// `nonce` is missing, or is not that of the request.
    #[error("the ID token belongs to another sign-in (nonce)")]
    Nonce,
}

impl IdToken {
    /// The signed part of the token: the header, a dot and the payload.
    #[must_use]
    pub fn signed_part(&self, unverified: &UnverifiedIdToken) -> &[u8] {
        let token = self.authorization().as_bytes();
        token.get(..unverified.signed).unwrap_or_default()
    }

    /// All claims of the token, without validation. Empty if the token cannot be read.
    #[must_use]
    pub fn all_claims_unverified(&self) -> Map<String, Value> {
        let payload = self.authorization().split('.').nth(1);
        let claims = payload.and_then(|payload| decode_object(payload).ok());
        claims.unwrap_or_default()
    }

    /// Reads the token without verifying the signature.
    ///
    /// # Errors
    /// [`TokenError`] if the token has the wrong format.
    pub fn read_unverified(&self) -> Result<UnverifiedIdToken, TokenError> {
        let mut parts = self.authorization().split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::NotAJwt);
        };
        let fields = decode_object(header)?;
        if fields.get("alg").and_then(Value::as_str) != Some("RS256") {
            return Err(TokenError::Algorithm);
        }
        if fields.contains_key("crit") {
            return Err(TokenError::Critical);
        }
        Ok(UnverifiedIdToken {
            claims: Claims::read(&decode_object(payload)?)?,
            kid: text(&fields, "kid"),
            signed: header.len() + 1 + payload.len(),
            signature: decode(signature)?,
        })
    }
}

impl Claims {
    fn read(claims: &Map<String, Value>) -> Result<Self, TokenError> {
        let required = |name| text(claims, name).ok_or(TokenError::InvalidClaim(name));
        let required_time = |name| time(claims, name).ok_or(TokenError::InvalidClaim(name));
        let sub = required("sub")?;
        if sub.is_empty() {
            return Err(TokenError::InvalidClaim("sub"));
        }
        let groups = claims.get("cognito:groups").and_then(Value::as_array);
        Ok(Self {
            iss: required("iss")?,
            sub,
            aud: audiences(claims).ok_or(TokenError::InvalidClaim("aud"))?,
            azp: match claims.get("azp") {
                None => None,
                Some(_) => Some(required("azp")?),
            },
            exp: required_time("exp")?,
            iat: required_time("iat")?,
            auth_time: time(claims, "auth_time"),
            token_use: required("token_use")?,
            nonce: text(claims, "nonce"),
            at_hash: text(claims, "at_hash"),
            email: text(claims, "email"),
            email_verified: claims.get("email_verified").map(is_true),
            groups: groups.map_or_else(Vec::new, |groups| {
                let names = groups.iter().filter_map(Value::as_str);
                names.map(str::to_owned).collect()
            }),
            username: text(claims, "cognito:username"),
        })
    }

    /// Validates the claims at `now` (seconds since 1970). The lifetime of a token from storage is not checked;
    /// [`Session::expiry`](crate::Session::expiry) does that.
    ///
    /// # Errors
    /// [`TokenError`] for the first check that fails.
    pub fn validate(&self, validation: Validation<'_>, now: u64) -> Result<(), TokenError> {
        let Validation {
            issuer,
            client_id,
            clock_tolerance,
            source,
        } = validation;
        if self.iss != issuer {
            return Err(TokenError::Issuer);
        }
        if !self.aud.iter().any(|aud| aud == client_id) {
            return Err(TokenError::Audience);
        }
        if self.aud.iter().any(|aud| aud != client_id) {
            return Err(TokenError::UntrustedAudience);
        }
        if self.azp.as_deref().is_some_and(|azp| azp != client_id) {
            return Err(TokenError::AuthorizedParty);
        }
        if self.token_use != "id" {
            return Err(TokenError::TokenUse);
        }
        match source {
            TokenSource::SignIn { nonce, started_at } => {
                self.validate_time(clock_tolerance, now)?;
                if self.nonce.as_deref() != Some(nonce) {
                    return Err(TokenError::Nonce);
                }
                if self.iat.saturating_add(clock_tolerance) < started_at {
                    return Err(TokenError::IssuedTooEarly);
                }
                Ok(())
            }
            TokenSource::Refresh { sub } if self.sub != sub => Err(TokenError::Subject),
            TokenSource::Refresh { .. } => Ok(()),
            TokenSource::Storage => Ok(()),
        }
    }

    fn validate_time(&self, clock_tolerance: u64, now: u64) -> Result<(), TokenError> {
        if self.exp.saturating_add(clock_tolerance) <= now {
            return Err(TokenError::Expired);
        }
        if self.iat > now.saturating_add(clock_tolerance) {
            return Err(TokenError::IssuedInFuture);
        }
        Ok(())
    }

    /// Compares `at_hash` with the SHA-256 of the access token (OIDC Core, section 3.2.2.9). Cognito sends `at_hash` but
    /// does not document it, so a token without it is accepted.
    ///
    /// # Errors
    /// [`TokenError::AccessTokenHash`]
    pub fn validate_access_token(&self, access_token: &AccessToken) -> Result<(), TokenError> {
        let Some(at_hash) = &self.at_hash else {
            return Ok(());
        };
        let hash = sha_256(access_token.authorization());
        if decode(at_hash).as_deref() != Ok(&hash[..16]) {
            return Err(TokenError::AccessTokenHash);
        }
        Ok(())
    }

    /// A name for the user: the email address, or else the username, or else the identifier.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.email
            .as_deref()
            .or(self.username.as_deref())
            .unwrap_or(&self.sub)
    }
}

/// Whether the value is `true` or `"true"`. The userInfo endpoint and some identity providers send a string.
pub(crate) fn is_true(value: &Value) -> bool {
    value.as_bool() == Some(true) || value.as_str() == Some("true")
}

fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    claims.get(name)?.as_str().map(str::to_owned)
}

/// A NumericDate (RFC 7519, section 2) that is a non-negative whole number, also if written as `1.0` or `1e0`.
fn time(claims: &Map<String, Value>, name: &str) -> Option<u64> {
    let value = claims.get(name)?;
    let whole = |float: &f64| *float >= 0.0 && float.fract() == 0.0;
    let float = || value.as_f64().filter(whole).map(|float| float as u64);
    value.as_u64().or_else(float)
}

/// A string, or a non-empty array of strings (RFC 7519, section 4.1.3).
fn audiences(claims: &Map<String, Value>) -> Option<Vec<String>> {
    match claims.get("aud")? {
        Value::String(aud) => Some(vec![aud.clone()]),
        Value::Array(several) if !several.is_empty() => several
            .iter()
            .map(|aud| aud.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::NotBase64Url)
}

fn decode_object(part: &str) -> Result<Map<String, Value>, TokenError> {
    let text = String::from_utf8(decode(part)?).map_err(|_| TokenError::NotJson)?;
    json::from_str(&text).map_err(|_| TokenError::NotJson)
}
