//! A user pool whose responses can be altered, and a client that takes the same steps as cognito-session, with
//! `jsonwebtoken` instead of WebCrypto.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_hosted_ui::{
    Accepted, AuthorizationCallback, HostedUi, JsonWebKeySet, PendingSignIn, Refresh, Session,
    SignInError, TokenError, UnverifiedSession, sign_in, token_endpoint,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fixtures::{NOW, claims, code_grant, implicit_grant};

/// The pool's key for ID tokens, another key of the pool, and a foreign key with the identifier of the first.
pub static POOL: LazyLock<Key> = LazyLock::new(|| Key::generate("id-token-key"));
pub static ACCESS: LazyLock<Key> = LazyLock::new(|| Key::generate("access-token-key"));
pub static FOREIGN: LazyLock<Key> = LazyLock::new(|| Key::generate("id-token-key"));

/// An RSA key pair.
pub struct Key {
    pub kid: &'static str,
    private: EncodingKey,
    n: String,
    e: String,
}

impl Key {
    fn generate(kid: &'static str) -> Self {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
        Self {
            kid,
            private: EncodingKey::from_rsa_der(key.to_pkcs1_der().unwrap().as_bytes()),
            n: URL_SAFE_NO_PAD.encode(key.n().to_bytes_be()),
            e: URL_SAFE_NO_PAD.encode(key.e().to_bytes_be()),
        }
    }

    pub fn jwk(&self) -> Value {
        json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "n": self.n, "e": self.e })
    }

    /// A JWS of this header and payload, signed with this algorithm regardless of the header.
    pub fn sign(&self, algorithm: Algorithm, header: &Value, payload: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(payload));
        let symmetric = EncodingKey::from_secret(self.n.as_bytes());
        let key = match algorithm {
            Algorithm::HS256 => &symmetric,
            _ => &self.private,
        };
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), key, algorithm).unwrap();
        format!("{signed}.{signature}")
    }
}

/// Verifies an RS256 signature, as WebCrypto does in a browser.
pub fn is_rs256_signature(jwk: &str, signature: &[u8], signed: &[u8]) -> bool {
    let jwk: Value = serde_json::from_str(jwk).unwrap();
    let part = |name: &str| jwk[name].as_str().unwrap().to_owned();
    let key = DecodingKey::from_rsa_components(&part("n"), &part("e")).unwrap();
    let signature = URL_SAFE_NO_PAD.encode(signature);
    jsonwebtoken::crypto::verify(&signature, signed, &key, Algorithm::RS256).unwrap_or(false)
}

fn at_hash(access_token: &str) -> String {
    URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16])
}

/// One response of the pool, which a test can alter.
pub struct Response {
    pub state: Option<String>,
    pub error: Option<String>,
    pub header: Value,
    pub claims: Value,
    pub algorithm: Algorithm,
    pub signer: &'static Key,
    /// Replaces the signature.
    pub signature: Option<String>,
    pub access_token: String,
    pub token_type: String,
    /// The other members of the token endpoint's response.
    pub members: Value,
    pub status: u16,
    /// The keys that the client has cached.
    pub cached_keys: Vec<Value>,
    /// The keys that the client fetches if the right one is not cached; `None` if they cannot be fetched.
    pub fetched_keys: Option<Vec<Value>>,
}

impl Response {
    fn to(nonce: &str, state: Option<&str>) -> Self {
        let mut claims = claims();
        claims["nonce"] = nonce.into();
        claims["at_hash"] = at_hash("d.e.f").into();
        let keys = vec![POOL.jwk(), ACCESS.jwk()];
        Self {
            state: state.map(str::to_owned),
            error: None,
            header: json!({ "kid": POOL.kid, "alg": "RS256" }),
            claims,
            algorithm: Algorithm::RS256,
            signer: &POOL,
            signature: None,
            access_token: "d.e.f".to_owned(),
            token_type: "Bearer".to_owned(),
            members: json!({ "expires_in": 3600, "refresh_token": "r" }),
            status: 200,
            cached_keys: keys.clone(),
            fetched_keys: Some(keys),
        }
    }

    pub fn remove_claim(&mut self, claim: &str) {
        self.claims.as_object_mut().unwrap().remove(claim);
    }

    fn id_token(&self) -> String {
        let mut token = self.signer.sign(self.algorithm, &self.header, &self.claims);
        if let Some(signature) = &self.signature {
            token.truncate(token.rfind('.').unwrap() + 1);
            token.push_str(signature);
        }
        token
    }

    fn fragment(&self) -> String {
        let mut fragment = format!(
            "id_token={}&access_token={}&token_type={}",
            self.id_token(),
            self.access_token,
            self.token_type
        );
        if let Some(error) = &self.error {
            fragment = format!("error={error}");
        }
        if let Some(state) = &self.state {
            fragment = format!("{fragment}&state={state}");
        }
        fragment
    }

    fn body(&self) -> String {
        let mut body = self.members.clone();
        body["id_token"] = self.id_token().into();
        body["access_token"] = self.access_token.clone().into();
        body["token_type"] = self.token_type.clone().into();
        if let Some(error) = &self.error {
            body = json!({ "error": error });
        }
        body.to_string()
    }
}

/// Runs a flow with an altered response.
pub type Flow = fn(fn(&mut Response)) -> Result<Session, SignInError>;

fn pending(hosted_ui: &HostedUi) -> PendingSignIn {
    let bytes = std::cell::Cell::new(0);
    let random = || {
        bytes.set(bytes.get() + 1);
        [bytes.get(); 32]
    };
    sign_in::begin(hosted_ui, random, None, None, None, NOW)
}

/// The implicit grant.
pub fn implicit(alter: fn(&mut Response)) -> Result<Session, SignInError> {
    let hosted_ui = implicit_grant();
    let pending = pending(&hosted_ui);
    let mut response = Response::to(pending.nonce.as_str(), Some(pending.state.as_str()));
    alter(&mut response);
    let callback = AuthorizationCallback::find("", &response.fragment()).unwrap();
    let (accepted, pending) = sign_in::accept(callback, Some(pending), None, NOW)?;
    let Accepted::Tokens(tokens) = accepted else {
        panic!("{accepted:?}");
    };
    verify(
        sign_in::validate(&hosted_ui, tokens, &pending, NOW)?,
        &response,
    )
}

/// The code grant.
pub fn code(alter: fn(&mut Response)) -> Result<Session, SignInError> {
    let hosted_ui = code_grant();
    let pending = pending(&hosted_ui);
    let mut response = Response::to(pending.nonce.as_str(), Some(pending.state.as_str()));
    alter(&mut response);
    let state = response
        .state
        .as_deref()
        .map(|state| format!("&state={state}"));
    // Without a state, the code is a parameter of the app.
    let query = format!("code=c{}", state.unwrap_or_default());
    let callback = AuthorizationCallback::find(&query, "").ok_or(SignInError::StateMismatch)?;
    let (accepted, pending) = sign_in::accept(callback, Some(pending), None, NOW)?;
    let Accepted::Code(code, verifier) = accepted else {
        panic!("{accepted:?}");
    };
    let form = token_endpoint::exchange(&hosted_ui.client, &code, &verifier);
    assert!(form.contains("grant_type=authorization_code"), "{form}");
    let tokens = token_endpoint::read(response.status, &response.body())?;
    verify(
        sign_in::validate(&hosted_ui, tokens, &pending, NOW)?,
        &response,
    )
}

/// A refresh, 50 minutes after a sign-in with the code grant.
pub fn refresh(alter: fn(&mut Response)) -> Result<Session, SignInError> {
    const LATER: u64 = NOW + 3000;
    let hosted_ui = code_grant();
    let before = code(|_| {}).unwrap();
    let mut response = Response::to("x", None);
    response.claims["nonce"] = before.claims().nonce.clone().into();
    response.claims["iat"] = LATER.into();
    response.claims["exp"] = (LATER + 3600).into();
    alter(&mut response);
    let refresh = Refresh::begin(&before, LATER).unwrap();
    let received = refresh.receive(response.status, &response.body())?;
    let (newest, unverified) = received.newest(None);
    assert!(newest.has_same_token(&before));
    verify(unverified.validate(&hosted_ui, LATER)?, &response)
}

fn verify(unverified: UnverifiedSession, response: &Response) -> Result<Session, SignInError> {
    let keys = |keys: &[Value]| JsonWebKeySet::read(&json!({ "keys": keys }).to_string());
    let key = match unverified.key(&keys(&response.cached_keys)) {
        Some(key) => key.to_json(),
        None => {
            let fetched = response.fetched_keys.as_ref();
            let fetched = keys(fetched.ok_or(SignInError::JwksUnavailable)?);
            let key = unverified.key(&fetched).ok_or(TokenError::UnknownKey)?;
            key.to_json()
        }
    };
    let is_valid = is_rs256_signature(&key, unverified.signature(), unverified.signed_part());
    unverified.verify(is_valid)
}
