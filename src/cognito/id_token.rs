//! The ID token: read, and checked claim by claim (OIDC Core, sections 3.1.3.7 and 3.2.2.11).
//! Knows what has to be verified of the signature, and by which key; until that is done the read is named unverified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::json::{Json, Object, texts};
use super::tokens::IdToken;

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
    /// When the person signed in, in seconds since 1970.
    pub auth_time: Option<u64>,
    /// `id` or `access`: Cognito's own claim that tells its two kinds of JWT apart.
    pub token_use: String,
    /// The nonce of the request it answers.
    pub nonce: Option<String>,
    /// The left half of the SHA-256 of the access token that came along, as base64url.
    pub at_hash: Option<String>,
    /// The person's e-mail address, if the scope `email` was granted.
    pub email: Option<String>,
    /// Whether the person has proved that the address is theirs, if that is said.
    pub email_verified: Option<bool>,
    /// The person's groups in the user pool.
    pub groups: Vec<String>,
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
    /// How far, in seconds, our clock and Cognito's may be apart.
    pub clock_skew: u64,
    /// Why we have it.
    pub origin: Origin<'a>,
}

/// Where a token comes from, and so what it answers.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// A sign-in: it has to bear the request's nonce, and cannot be older than the request.
    SignIn {
        /// The request's nonce.
        nonce: &'a str,
        /// When the request was made, by our clock.
        started_at: u64,
    },
    /// A refresh: it has to be about the same person and sign-in as the token before (OIDC Core, section 12.2).
    Refresh(&'a Claims),
    /// Our own storage, which it reached by one of the other two ways.
    Storage,
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
    /// `iat` lies before the request that the token answers, or before the token that it replaces.
    IssuedBefore,
    /// `sub` is not the person's whose session is renewed.
    Subject,
    /// `auth_time` is not that of the session that is renewed.
    AuthTime,
    /// `nonce` is missing or not the request's.
    Nonce,
}

impl IdToken {
    /// The part that is signed: header and payload, with the dot between them.
    #[must_use]
    pub fn signed_part(&self, unverified: &UnverifiedToken) -> &[u8] {
        let token = self.authorization().as_bytes();
        token.get(..unverified.signed).unwrap_or_default()
    }

    /// All that the token says, as it says it; empty, if it cannot be read.
    #[must_use]
    pub fn all_claims_unverified(&self) -> Object {
        let payload = self.authorization().split('.').nth(1);
        let claims = payload.and_then(|payload| decode_object(payload).ok());
        claims.unwrap_or_default()
    }

    /// Reads the token without verifying the signature.
    ///
    /// # Errors
    /// The first of [`TokenError`]'s rules of form that the token breaks.
    pub fn read_unverified(&self) -> Result<UnverifiedToken, TokenError> {
        let mut parts = self.authorization().split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(TokenError::NotAJwt);
        };
        let read_header = decode_object(header)?;
        if read_header.text("alg") != Some("RS256") {
            return Err(TokenError::Algorithm);
        }
        if read_header.get("crit").is_some() {
            return Err(TokenError::Critical);
        }
        Ok(UnverifiedToken {
            claims: Claims::read(&decode_object(payload)?)?,
            kid: read_header.owned("kid"),
            signed: header.len() + 1 + payload.len(),
            signature: decode(signature)?,
        })
    }
}

impl Claims {
    fn read(claims: &Object) -> Result<Self, TokenError> {
        let text = |name| claims.owned(name).ok_or(TokenError::Claim(name));
        let seconds = |name| claims.number(name).ok_or(TokenError::Claim(name));
        let sub = text("sub")?;
        if sub.is_empty() {
            return Err(TokenError::Claim("sub"));
        }
        Ok(Self {
            iss: text("iss")?,
            sub,
            aud: audiences(claims).ok_or(TokenError::Claim("aud"))?,
            azp: match claims.get("azp") {
                None => None,
                Some(_) => Some(text("azp")?),
            },
            exp: seconds("exp")?,
            iat: seconds("iat")?,
            auth_time: claims.number("auth_time"),
            token_use: text("token_use")?,
            nonce: claims.owned("nonce"),
            at_hash: claims.owned("at_hash"),
            email: claims.owned("email"),
            email_verified: claims.get("email_verified").map(is_true),
            groups: claims
                .list("cognito:groups")
                .map_or_else(Vec::new, |groups| groups.iter().map(Json::plain).collect()),
            username: claims.owned("cognito:username"),
        })
    }

    /// Checks every claim that says whether this token is meant for us, here and now (in seconds since 1970). Whether
    /// the time of one from the storage is over is the [`Session`](super::session::Session)'s to say.
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
        match expected.origin {
            Origin::SignIn { nonce, started_at } => {
                self.check_time(expected.clock_skew, now)?;
                if self.nonce.as_deref() != Some(nonce) {
                    return Err(TokenError::Nonce);
                }
                if self.iat.saturating_add(expected.clock_skew) < started_at {
                    return Err(TokenError::IssuedBefore);
                }
                Ok(())
            }
            Origin::Refresh(before) => {
                self.check_time(expected.clock_skew, now)?;
                self.check_refresh(before)
            }
            Origin::Storage => Ok(()),
        }
    }

    fn check_time(&self, clock_skew: u64, now: u64) -> Result<(), TokenError> {
        if self.exp.saturating_add(clock_skew) <= now {
            return Err(TokenError::Expired);
        }
        if self.iat > now.saturating_add(clock_skew) {
            return Err(TokenError::IssuedInTheFuture);
        }
        Ok(())
    }

    /// OIDC Core, section 12.2. `iss` and `aud` have been checked; what is left are the rules that compare.
    fn check_refresh(&self, before: &Self) -> Result<(), TokenError> {
        if self.sub != before.sub {
            return Err(TokenError::Subject);
        }
        if self.azp != before.azp {
            return Err(TokenError::AuthorizedParty);
        }
        if self.auth_time.is_some() && self.auth_time != before.auth_time {
            return Err(TokenError::AuthTime);
        }
        if self.nonce.is_some() && self.nonce != before.nonce {
            return Err(TokenError::Nonce);
        }
        if self.iat < before.iat {
            return Err(TokenError::IssuedBefore);
        }
        Ok(())
    }

    /// Checks `at_hash`, if the token has one, against the SHA-256 of the access token (OIDC Core, section 3.2.2.9).
    /// Cognito sends it and does not document it, so a token without it is accepted.
    ///
    /// # Errors
    /// [`TokenError::AccessTokenHash`].
    pub fn check_access_token(&self, sha_256: Option<&[u8; 32]>) -> Result<(), TokenError> {
        let Some(at_hash) = &self.at_hash else {
            return Ok(());
        };
        // Without WebCrypto there is no hash to compare with, which is no match either.
        match sha_256.map(|hash| &hash[..16]) {
            Some(left_half) if decode(at_hash).as_deref() == Ok(left_half) => Ok(()),
            _ => Err(TokenError::AccessTokenHash),
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

/// `true`; or a text that says so, which is how `userInfo` and some identity providers write it.
pub(super) fn is_true(value: &Json) -> bool {
    value.plain() == "true"
}

/// A string, or an array of strings that is not empty (RFC 7519, section 4.1.3).
fn audiences(claims: &Object) -> Option<Vec<String>> {
    match claims.list("aud") {
        None => Some(vec![claims.owned("aud")?]),
        Some([]) => None,
        Some(several) => texts(several),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::NotBase64Url)
}

fn decode_object(part: &str) -> Result<Object, TokenError> {
    let text = String::from_utf8(decode(part)?).map_err(|_| TokenError::NotJson)?;
    Object::read(&text).ok_or(TokenError::NotJson)
}
