//! The signing keys, the claims of Cognito's tokens, and the pool's discovery documents.
//! Knows nothing of how a user signs in.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tower_http::cors::CorsLayer;

use crate::faults::Fault;
use crate::user_pool::User;
use crate::{CLIENT_ID, DevStack, USER_POOL_ID, now, random_token};

/// Cognito signs ID tokens and access tokens with different keys.
#[derive(Clone)]
pub(crate) struct Keys {
    id: Key,
    access: Key,
    /// The key set from before the last rotation.
    previous: Value,
}

#[derive(Clone)]
struct Key {
    kid: String,
    signing: EncodingKey,
    modulus: String,
    exponent: String,
}

/// A user's sign-in, from which tokens are issued.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) user: User,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) auth_time: u64,
    /// All tokens of one sign-in share this value.
    pub(crate) origin_jti: String,
    /// The `iat` of the ID token that a refresh replaces. `None` at a sign-in.
    pub(crate) replaces: Option<u64>,
}

/// The tokens issued for a grant.
pub(crate) struct Tokens {
    /// `None` without the scope `openid`.
    pub(crate) id_token: Option<String>,
    pub(crate) access_token: String,
    /// The ID token's `iat`.
    pub(crate) issued_at: u64,
}

/// Why a token is rejected.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    Expired,
    Invalid,
}

impl Keys {
    /// The keys that every stack of this process begins with, because it takes half a second to generate them.
    pub(crate) fn initial() -> Self {
        static INITIAL: LazyLock<Keys> = LazyLock::new(Keys::generate);
        INITIAL.clone()
    }

    /// New keys.
    pub(crate) fn generate() -> Self {
        Self {
            id: Key::generate(),
            access: Key::generate(),
            previous: json!({ "keys": [] }),
        }
    }

    /// Replaces the keys with new ones.
    pub(crate) fn replace_with(&mut self, new: Self) {
        let previous = self.jwks();
        *self = Self { previous, ..new };
    }

    fn jwks(&self) -> Value {
        let jwk = |key: &Key| {
            json!({
                "alg": "RS256", "e": key.exponent, "kid": key.kid, "kty": "RSA", "n": key.modulus, "use": "sig",
            })
        };
        json!({ "keys": [jwk(&self.id), jwk(&self.access)] })
    }
}

impl Key {
    #[allow(clippy::expect_used)]
    fn generate() -> Self {
        let key = RsaPrivateKey::new(&mut OsRng, 2048).expect("2048 bits are a valid size");
        let der = key.to_pkcs1_der().expect("a new key can be encoded");
        let random = uuid::Uuid::new_v4();
        Self {
            // Cognito's key IDs are standard base64 and end with `=`.
            kid: STANDARD.encode([random.as_bytes().as_slice(), random.as_bytes()].concat()),
            signing: EncodingKey::from_rsa_der(der.as_bytes()),
            modulus: URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
            exponent: URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
        }
    }

    #[allow(clippy::expect_used)]
    fn sign(&self, claims: &Map<String, Value>) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.typ = None;
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.signing).expect("claims can be signed")
    }

    fn verify(&self, token: &str, issuer: &str) -> Result<Value, TokenError> {
        let key = DecodingKey::from_rsa_components(&self.modulus, &self.exponent)
            .map_err(|_| TokenError::Invalid)?;
        let mut rules = Validation::new(Algorithm::RS256);
        rules.leeway = 0;
        rules.validate_aud = false;
        rules.set_issuer(&[issuer]);
        match jsonwebtoken::decode(token, &key, &rules) {
            Ok(token) => Ok(token.claims),
            Err(error) => match error.kind() {
                jsonwebtoken::errors::ErrorKind::ExpiredSignature => Err(TokenError::Expired),
                _ => Err(TokenError::Invalid),
            },
        }
    }
}

impl DevStack {
    /// Issues the tokens for a grant and applies the active fault.
    pub(crate) fn issue(&self, grant: &Grant) -> Tokens {
        let issued_at = match (self.fault(), grant.replaces) {
            (Some(Fault::IssuedEarlier), Some(previous)) => previous - 1,
            _ => now(),
        };
        let common = self.common_claims(grant, issued_at);
        let access_token = {
            let mut claims = common.clone();
            claims.insert("client_id".into(), CLIENT_ID.into());
            claims.insert("scope".into(), grant.scopes.join(" ").into());
            claims.insert("token_use".into(), "access".into());
            claims.insert("username".into(), grant.user.sub.clone().into());
            claims.insert("version".into(), 2.into());
            self.keys().access.sign(&claims)
        };
        let granted = |scope: &str| grant.scopes.iter().any(|granted| granted == scope);
        let id_token = granted("openid").then(|| {
            let mut claims = common;
            claims.insert("aud".into(), CLIENT_ID.into());
            claims.insert("at_hash".into(), left_half_hash(&access_token).into());
            claims.insert("cognito:username".into(), grant.user.sub.clone().into());
            claims.insert("token_use".into(), "id".into());
            let omits_email = matches!(self.fault(), Some(Fault::NoEmail | Fault::UserInfo));
            if granted("email") && !omits_email {
                claims.insert("email".into(), grant.user.email.clone().into());
                claims.insert("email_verified".into(), true.into());
            }
            if let Some(nonce) = &grant.nonce {
                claims.insert("nonce".into(), nonce.clone().into());
            }
            self.apply_claim_fault(&mut claims, grant.replaces.is_some());
            self.sign_id_token(&claims)
        });
        Tokens {
            id_token,
            access_token,
            issued_at,
        }
    }

    /// Signs an ID token and applies the faults that concern the signature.
    fn sign_id_token(&self, claims: &Map<String, Value>) -> String {
        let keys = self.keys();
        let mut token = keys.id.sign(claims);
        match self.fault() {
            Some(Fault::CutOff) => token.truncate(token.len() / 2),
            Some(Fault::UnknownKey) => token = Key::generate().sign(claims),
            Some(Fault::Signature) => {
                let signed_by_other_key = keys.access.sign(claims);
                let signature = signed_by_other_key.rsplit('.').next().unwrap_or_default();
                token.truncate(token.rfind('.').map_or(0, |dot| dot + 1));
                token.push_str(signature);
            }
            Some(Fault::AlgNone) => {
                let header = json!({ "alg": "none", "kid": keys.id.kid }).to_string();
                let payload = token.split('.').nth(1).unwrap_or_default();
                token = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header));
            }
            Some(Fault::AlgHs256) => {
                let mut header = Header::new(Algorithm::HS256);
                header.kid = Some(keys.id.kid.clone());
                let secret = EncodingKey::from_secret(keys.id.modulus.as_bytes());
                token = jsonwebtoken::encode(&header, claims, &secret).unwrap_or_default();
            }
            _ => {}
        }
        token
    }

    fn common_claims(&self, grant: &Grant, issued_at: u64) -> Map<String, Value> {
        let claims = json!({
            "auth_time": grant.auth_time,
            "event_id": random_token(),
            "exp": now() + self.token_lifetime(),
            "iat": issued_at,
            "iss": self.issuer(),
            "jti": random_token(),
            "origin_jti": grant.origin_jti,
            "sub": grant.user.sub,
        });
        claims.as_object().cloned().unwrap_or_default()
    }

    fn apply_claim_fault(&self, claims: &mut Map<String, Value>, is_refresh: bool) {
        const DAY: u64 = 24 * 60 * 60;
        let (claim, value) = match self.fault() {
            Some(Fault::Nonce) => ("nonce", json!("another-nonce")),
            Some(Fault::Issuer) => ("iss", json!(format!("{}x", self.issuer()))),
            Some(Fault::Audience) => ("aud", json!("another-client")),
            Some(Fault::ExtraAudience) => ("aud", json!([CLIENT_ID, "another-client"])),
            Some(Fault::Expired) => ("exp", json!(now() - DAY)),
            Some(Fault::Future) => ("iat", json!(now() + DAY)),
            Some(Fault::AccessTokenHash) => ("at_hash", json!(left_half_hash("another"))),
            Some(Fault::TokenUse) => ("token_use", json!("access")),
            Some(Fault::Subject) if is_refresh => ("sub", json!("another-user")),
            Some(Fault::AuthTime) if is_refresh => ("auth_time", json!(now() + 1)),
            _ => return,
        };
        claims.insert(claim.to_owned(), value);
    }

    /// Verifies an ID token of this pool and returns its claims.
    pub(crate) fn verify_id_token(&self, token: &str) -> Result<Value, TokenError> {
        self.keys().id.verify(token, &self.issuer())
    }

    /// Verifies an access token of this pool and returns its claims.
    pub(crate) fn verify_access_token(&self, token: &str) -> Result<Value, TokenError> {
        self.keys().access.verify(token, &self.issuer())
    }
}

pub(crate) fn routes() -> Router<DevStack> {
    Router::new()
        .route("/{pool}/.well-known/jwks.json", get(jwks))
        .route("/{pool}/.well-known/openid-configuration", get(discovery))
        .layer(CorsLayer::new().allow_origin(tower_http::cors::Any))
}

async fn jwks(State(stack): State<DevStack>, Path(pool): Path<String>) -> Response {
    if stack.fault() == Some(Fault::NoKeys) {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let keys = match stack.fault() {
        Some(Fault::StaleKeys) => {
            stack.set_fault(None);
            stack.keys().previous.clone()
        }
        _ => stack.keys().jwks(),
    };
    // Browsers may use the response for a day, as they may Cognito's.
    let cache = [(CACHE_CONTROL, "public, max-age=86400")];
    (cache, document(&pool, keys)).into_response()
}

async fn discovery(State(stack): State<DevStack>, Path(pool): Path<String>) -> Response {
    let (origin, issuer) = (&stack.0.origin, stack.issuer());
    let configuration = json!({
        "authorization_endpoint": format!("{origin}/oauth2/authorize"),
        "end_session_endpoint": format!("{origin}/logout"),
        "id_token_signing_alg_values_supported": ["RS256"],
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code", "token"],
        "revocation_endpoint": format!("{origin}/oauth2/revoke"),
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint": format!("{origin}/oauth2/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "userinfo_endpoint": format!("{origin}/oauth2/userInfo"),
    });
    document(&pool, configuration)
}

fn document(pool: &str, document: Value) -> Response {
    if pool == USER_POOL_ID {
        Json(document).into_response()
    } else {
        let message = format!("User pool {pool} does not exist.");
        (StatusCode::NOT_FOUND, Json(json!({ "message": message }))).into_response()
    }
}

/// The `at_hash` of an access token: base64url of the left half of its SHA-256 (OIDC Core 1.0, section 3.1.3.6).
fn left_half_hash(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16])
}
