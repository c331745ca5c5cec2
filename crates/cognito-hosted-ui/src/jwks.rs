//! The user pool's public keys, a JSON Web Key Set (RFC 7517), and the selection of the key for a token.
//! Does not fetch keys or verify signatures.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::json;

/// The keys of a pool that can verify an RS256 signature. Other keys in the set are ignored (RFC 7517, section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonWebKeySet {
    keys: Vec<JsonWebKey>,
}

/// An RSA public key of at least 2,048 bits (RFC 7518, section 3.3).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct JsonWebKey {
    kty: String,
    #[serde(rename = "use")]
    key_use: Option<String>,
    alg: Option<String>,
    kid: Option<String>,
    n: String,
    e: String,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<Value>,
}

impl JsonWebKeySet {
    /// Reads the document at [`HostedUi::jwks_url`](crate::HostedUi::jwks_url). If the document is not a key set, the
    /// result is empty.
    #[must_use]
    pub fn read(document: &str) -> Self {
        let document: Option<Document> = json::from_object(document);
        let keys = document.map_or_else(Vec::new, |document| document.keys);
        // Keys are read one by one, so that an unreadable key does not affect the others.
        let keys = keys
            .into_iter()
            .filter(Value::is_object)
            .filter_map(|key| serde_json::from_value(key).ok());
        Self {
            keys: keys.filter(JsonWebKey::verifies_rs256).collect(),
        }
    }

    /// The number of usable keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no usable key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key with this `kid`. A token may omit its `kid` if the set has a single key (OIDC Core, section 10.1).
    #[must_use]
    pub fn find(&self, kid: Option<&str>) -> Option<&JsonWebKey> {
        match (kid, self.keys.as_slice()) {
            (Some(_), keys) => keys.iter().find(|key| key.kid.as_deref() == kid),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl JsonWebKey {
    fn verifies_rs256(&self) -> bool {
        /// The length of 2,048 bits in base64url.
        const MIN_MODULUS: usize = 342;
        self.kty == "RSA"
            && self.key_use.as_deref().is_none_or(|it| it == "sig")
            && self.alg.as_deref().is_none_or(|it| it == "RS256")
            && self.n.len() >= MIN_MODULUS
            && is_base64url(&self.n)
            && is_base64url(&self.e)
    }

    /// The key as a JSON Web Key that contains only what is needed to verify a signature.
    #[must_use]
    pub fn to_json(&self) -> String {
        json!({ "kty": "RSA", "alg": "RS256", "n": self.n, "e": self.e }).to_string()
    }
}

fn is_base64url(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
