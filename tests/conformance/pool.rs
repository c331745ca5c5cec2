//! A user pool that answers as it is told to, and an app without a page: the same steps as in `app/auth.rs`, with
//! RSA in the place of WebCrypto.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_spa::cognito::authorization::{Callback, PendingSignIn};
use cognito_spa::cognito::hosted_ui::HostedUi;
use cognito_spa::cognito::id_token::{Origin, TokenError};
use cognito_spa::cognito::keys::JsonWebKeySet;
use cognito_spa::cognito::session::Session;
use cognito_spa::cognito::sign_in::{self, Accepted, SignInError};
use cognito_spa::cognito::token_endpoint;
use cognito_spa::cognito::tokens::TokenResponse;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::given::{NOW, claims, config_with};

/// The key that the pool signs ID tokens with, another one of its, and a stranger's.
pub static POOL: LazyLock<Key> = LazyLock::new(|| Key::generate("the-pools"));
pub static ACCESS: LazyLock<Key> = LazyLock::new(|| Key::generate("for-access-tokens"));
pub static STRANGER: LazyLock<Key> = LazyLock::new(|| Key::generate("the-pools"));

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

    /// A JWS of this header and payload, signed by this algorithm whatever the header says.
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

/// What WebCrypto would say.
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

/// One answer of the pool, ready to be spoilt.
pub struct Answer {
    pub state: Option<String>,
    pub error: Option<String>,
    pub header: Value,
    pub claims: Value,
    pub algorithm: Algorithm,
    pub signer: &'static Key,
    /// Puts this in the signature's place.
    pub signature: Option<String>,
    pub access_token: String,
    pub token_type: String,
    /// All else that the token endpoint says.
    pub members: Value,
    pub status: u16,
    /// The keys that are kept, and those that are fetched if the right one is not among them; `None` for no answer.
    pub kept_keys: Vec<Value>,
    pub fresh_keys: Option<Vec<Value>>,
}

impl Answer {
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
            kept_keys: keys.clone(),
            fresh_keys: Some(keys),
        }
    }

    /// Takes a claim out.
    pub fn without(&mut self, claim: &str) {
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

/// What one of the flows comes to, with the fault that `spoil` makes.
pub type Flow = fn(fn(&mut Answer)) -> Result<Session, SignInError>;

fn pending(hosted_ui: &HostedUi) -> PendingSignIn {
    let bytes = std::cell::Cell::new(0);
    let random = || {
        bytes.set(bytes.get() + 1);
        [bytes.get(); 32]
    };
    sign_in::begin(hosted_ui, random, None, NOW)
}

/// The implicit grant.
pub fn implicit(spoil: fn(&mut Answer)) -> Result<Session, SignInError> {
    let hosted_ui = config_with("grant", json!("implicit")).hosted_ui;
    let pending = pending(&hosted_ui);
    let mut answer = Answer::to(pending.nonce.as_str(), Some(pending.state.as_str()));
    spoil(&mut answer);
    let callback = Callback::find("", &answer.fragment()).unwrap();
    let (accepted, request) = sign_in::accept(callback, Some(pending), NOW)?;
    let Accepted::Tokens(tokens) = accepted else {
        panic!("{accepted:?}");
    };
    verify(&hosted_ui, tokens, origin(&request), &answer, NOW)
}

/// The code grant.
pub fn code(spoil: fn(&mut Answer)) -> Result<Session, SignInError> {
    let hosted_ui = config_with("grant", json!("code")).hosted_ui;
    let pending = pending(&hosted_ui);
    let mut answer = Answer::to(pending.nonce.as_str(), Some(pending.state.as_str()));
    spoil(&mut answer);
    let state = answer
        .state
        .as_deref()
        .map(|state| format!("&state={state}"));
    // Without a state a code is an address's own parameter.
    let query = format!("code=c{}", state.unwrap_or_default());
    let callback = Callback::find(&query, "").ok_or(SignInError::Unsolicited)?;
    let (accepted, request) = sign_in::accept(callback, Some(pending), NOW)?;
    let Accepted::Code(code, verifier) = accepted else {
        panic!("{accepted:?}");
    };
    let form = token_endpoint::exchange(&hosted_ui.client, &code, &verifier);
    assert!(form.contains("grant_type=authorization_code"), "{form}");
    let tokens = token_endpoint::read(answer.status, &answer.body());
    let tokens = tokens.map_err(SignInError::TokenEndpoint)?;
    verify(&hosted_ui, tokens, origin(&request), &answer, NOW)
}

/// A refresh, 50 minutes after a sign-in by the code grant.
pub fn refresh(spoil: fn(&mut Answer)) -> Result<Session, SignInError> {
    const LATER: u64 = NOW + 3000;
    let hosted_ui = config_with("grant", json!("code")).hosted_ui;
    let before = code(|_| {}).unwrap();
    assert!(before.refresh(&hosted_ui.client).is_some());
    let mut answer = Answer::to("x", None);
    answer.claims["nonce"] = before.claims().nonce.clone().into();
    answer.claims["iat"] = LATER.into();
    answer.claims["exp"] = (LATER + 3600).into();
    spoil(&mut answer);
    let tokens = token_endpoint::read(answer.status, &answer.body());
    let tokens = before.carried_over(tokens.map_err(SignInError::TokenEndpoint)?);
    let origin = Origin::Refresh(before.claims());
    verify(&hosted_ui, tokens, origin, &answer, LATER)
}

fn origin(request: &PendingSignIn) -> Origin<'_> {
    Origin::SignIn {
        nonce: request.nonce.as_str(),
        started_at: request.started_at,
    }
}

fn verify(
    hosted_ui: &HostedUi,
    tokens: TokenResponse,
    origin: Origin<'_>,
    answer: &Answer,
    now: u64,
) -> Result<Session, SignInError> {
    let keys = |keys: &[Value]| JsonWebKeySet::read(&json!({ "keys": keys }).to_string());
    let unverified = sign_in::check(hosted_ui, tokens, origin, now)?;
    let key = match unverified.key(&keys(&answer.kept_keys)) {
        Some(key) => key.to_json(),
        None => {
            let fresh = answer.fresh_keys.as_ref().ok_or(SignInError::NoKeys)?;
            let fresh = keys(fresh);
            let key = unverified.key(&fresh);
            key.ok_or(SignInError::Token(TokenError::UnknownKey))?
                .to_json()
        }
    };
    let valid = is_rs256_signature(&key, unverified.signature(), unverified.signed_part());
    let hash = Sha256::digest(unverified.access_token()).into();
    unverified.verified(valid, Some(&hash))
}
