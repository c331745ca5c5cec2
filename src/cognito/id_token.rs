//! The ID token: read, and checked claim by claim (OIDC Core, sections 3.1.3.7 and 3.2.2.11).
//! Knows what has to be verified of the signature, and by which key; until that is done the read is named unverified.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Map, Value};

/// How far, in seconds, our clock and Cognito's may be apart.
pub const LEEWAY: u64 = 120;

/// An ID token as it came: opaque, never printed, with one way out.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct IdToken(String);

/// An access token as it came: opaque, never printed.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct AccessToken(String);

/// What an ID token says, as far as this app uses it
/// ([AWS: ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// Who issued the token.
    pub iss: String,
    /// Whom the token is about, for ever the same.
    pub sub: String,
    /// Whom the token is for.
    pub aud: Vec<String>,
    /// The party it was issued to, if it says so.
    pub azp: Option<String>,
    /// When it ends, in seconds since 1970.
    pub exp: u64,
    /// When it was issued, in seconds since 1970.
    pub iat: u64,
    /// `id` or `access`: Cognito's own claim that tells its two kinds of JWT apart.
    pub token_use: String,
    /// The nonce of the request it answers.
    pub nonce: Option<String>,
    /// The left half of the SHA-256 of the access token that came along, as base64url.
    pub at_hash: Option<String>,
    /// The person's e-mail address, if the scope `email` was granted.
    pub email: Option<String>,
    /// The person's name in the user pool.
    pub username: Option<String>,
}

/// A token that has been read and not verified: **anybody could have written it.**
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnverifiedToken {
    /// What it says.
    pub claims: Claims,
    /// Which key is said to have signed it.
    pub kid: Option<String>,
    /// How many of the token's bytes are signed, from its start.
    signed: usize,
    /// The signature.
    pub signature: Vec<u8>,
}

/// What a token has to agree with.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The pool's issuer.
    pub issuer: &'a str,
    /// Our client.
    pub client_id: &'a str,
    /// The nonce of the request; `None` for a token that was checked against its nonce before.
    pub nonce: Option<&'a str>,
}

/// Why an ID token is refused: one variant for each rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It does not consist of three parts with dots between them.
    NotAJwt,
    /// A part is not base64url (RFC 7515, section 2).
    NotBase64Url,
    /// A part is not a JSON object.
    NotJson,
    /// `alg` is not RS256: never `none`, and never HS256, whose key anybody has (RFC 8725, section 3.1).
    Algorithm,
    /// `crit` asks for something that we do not know (RFC 7515, section 4.1.11).
    Critical,
    /// The pool has no such key.
    UnknownKey,
    /// The signature is not that key's.
    Signature,
    /// `at_hash` is not the access token's.
    AccessTokenHash,
    /// This claim is missing or of a wrong type.
    Claim(&'static str),
    /// `iss` is not the pool's issuer.
    Issuer,
    /// `aud` does not name our client.
    Audience,
    /// `aud` names somebody else besides, whom we have no reason to trust.
    ExtraAudience,
    /// `azp` is not our client.
    AuthorizedParty,
    /// `token_use` is not `id`.
    TokenUse,
    /// `exp` has passed.
    Expired,
    /// `iat` lies in the future.
    IssuedInTheFuture,
    /// `nonce` is missing or not the request's.
    Nonce,
}

impl IdToken {
    /// Wraps a token as it came.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The one way out of the page: the value for an `Authorization` header.
    #[must_use]
    pub fn authorization(&self) -> &str {
        &self.0
    }

    /// The part that is signed: header and payload, with the dot between them.
    #[must_use]
    pub fn signed_part(&self, unverified: &UnverifiedToken) -> &[u8] {
        self.0
            .as_bytes()
            .get(..unverified.signed)
            .unwrap_or_default()
    }

    /// Reads the token without verifying the signature.
    ///
    /// # Errors
    /// The first of [`TokenError`]'s rules of form that the token breaks.
    pub fn read_unverified(&self) -> Result<UnverifiedToken, TokenError> {
        let mut parts = self.0.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::NotAJwt);
        };
        let read_header = decode_object(header)?;
        if read_header.get("alg").and_then(Value::as_str) != Some("RS256") {
            return Err(TokenError::Algorithm);
        }
        if read_header.contains_key("crit") {
            return Err(TokenError::Critical);
        }
        let kid = read_header.get("kid").and_then(Value::as_str);
        Ok(UnverifiedToken {
            claims: Claims::read(&decode_object(payload)?)?,
            kid: kid.map(str::to_owned),
            signed: header.len() + 1 + payload.len(),
            signature: decode(signature)?,
        })
    }
}

impl Claims {
    fn read(claims: &Map<String, Value>) -> Result<Self, TokenError> {
        let optional = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let text = |name| optional(name).ok_or(TokenError::Claim(name));
        let seconds = |name| {
            claims
                .get(name)
                .and_then(Value::as_u64)
                .ok_or(TokenError::Claim(name))
        };
        let sub = text("sub")?;
        if sub.is_empty() {
            return Err(TokenError::Claim("sub"));
        }
        Ok(Self {
            iss: text("iss")?,
            sub,
            aud: audiences(claims.get("aud")).ok_or(TokenError::Claim("aud"))?,
            azp: match claims.get("azp") {
                None => None,
                Some(_) => Some(text("azp")?),
            },
            exp: seconds("exp")?,
            iat: seconds("iat")?,
            token_use: text("token_use")?,
            nonce: optional("nonce"),
            at_hash: optional("at_hash"),
            email: optional("email"),
            username: optional("cognito:username"),
        })
    }

    /// Checks every claim that says whether this token is meant for us, here and now (in seconds since 1970).
    ///
    /// # Errors
    /// The first of [`TokenError`]'s rules that the claims break.
    pub fn check(&self, expected: Expected<'_>, now: u64) -> Result<(), TokenError> {
        if self.iss != expected.issuer {
            return Err(TokenError::Issuer);
        }
        if !self.aud.iter().any(|aud| aud == expected.client_id) {
            return Err(TokenError::Audience);
        }
        if self.aud.iter().any(|aud| aud != expected.client_id) {
            return Err(TokenError::ExtraAudience);
        }
        if self
            .azp
            .as_deref()
            .is_some_and(|azp| azp != expected.client_id)
        {
            return Err(TokenError::AuthorizedParty);
        }
        if self.token_use != "id" {
            return Err(TokenError::TokenUse);
        }
        if self.exp.saturating_add(LEEWAY) <= now {
            return Err(TokenError::Expired);
        }
        if self.iat > now.saturating_add(LEEWAY) {
            return Err(TokenError::IssuedInTheFuture);
        }
        match expected.nonce {
            Some(nonce) if self.nonce.as_deref() != Some(nonce) => Err(TokenError::Nonce),
            _ => Ok(()),
        }
    }

    /// Checks `at_hash`, if the token has one, against the SHA-256 of the access token (OIDC Core, section 3.2.2.9).
    /// Cognito sends it and does not document it, so a token without it is accepted.
    ///
    /// # Errors
    /// [`TokenError::AccessTokenHash`].
    pub fn check_access_token(&self, sha_256: &[u8]) -> Result<(), TokenError> {
        let left_half = sha_256.get(..sha_256.len() / 2).unwrap_or_default();
        match &self.at_hash {
            // Without WebCrypto there is no hash to compare with, which is no match either.
            Some(at_hash)
                if left_half.is_empty() || decode(at_hash).as_deref() != Ok(left_half) =>
            {
                Err(TokenError::AccessTokenHash)
            }
            _ => Ok(()),
        }
    }

    /// What to call the person: the e-mail address, else the name in the pool, else the identifier.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.email
            .as_deref()
            .or(self.username.as_deref())
            .unwrap_or(&self.sub)
    }
}

/// A string, or an array of strings that is not empty (RFC 7519, section 4.1.3).
fn audiences(aud: Option<&Value>) -> Option<Vec<String>> {
    match aud? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(several) if !several.is_empty() => several
            .iter()
            .map(|one| one.as_str().map(str::to_owned))
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
    match serde_json::from_str(&text) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(TokenError::NotJson),
    }
}

impl AccessToken {
    /// Wraps a token as it came.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// What its hash is taken of.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
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
