//! The user pool's public keys: a JSON Web Key Set (RFC 7517), and which of them signed a token.
//! Knows what a usable key is; fetching them and verifying with them is done elsewhere.

use super::json::{self, Json, Object};

/// The keys of a pool that can verify an RS256 signature; others in the set are passed over (RFC 7517, section 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonWebKeySet(Vec<JsonWebKey>);

/// An RSA public key of at least 2,048 bits (RFC 7518, section 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonWebKey {
    kid: Option<String>,
    n: String,
    e: String,
}

impl JsonWebKeySet {
    /// Reads the document at `{issuer}/.well-known/jwks.json`. What is none has no keys.
    #[must_use]
    pub fn read(document: &str) -> Self {
        let document = Object::read(document);
        let keys = document.as_ref().and_then(|document| document.list("keys"));
        let keys = keys.unwrap_or_default().iter().filter_map(Json::object);
        Self(keys.filter_map(JsonWebKey::read).collect())
    }

    /// How many there are.
    #[must_use]
    #[allow(clippy::len_without_is_empty)] // Nobody asks.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The key with this identifier. A token may leave its identifier out if there is a single key to choose from
    /// (OIDC Core, section 10.1).
    #[must_use]
    pub fn find(&self, kid: Option<&str>) -> Option<&JsonWebKey> {
        match (kid, self.0.as_slice()) {
            (Some(_), keys) => keys.iter().find(|key| key.kid.as_deref() == kid),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }
}

impl JsonWebKey {
    fn read(key: &Object) -> Option<Self> {
        /// The characters of 2,048 bits as base64url.
        const SHORTEST_MODULUS: usize = 342;
        let is = |name, value| key.text(name).is_none_or(|text| text == value);
        let usable =
            key.get("kty").is_some() && is("kty", "RSA") && is("use", "sig") && is("alg", "RS256");
        let number = |name| key.owned(name).filter(|text| is_base64url(text));
        Some(Self {
            kid: key.owned("kid"),
            n: number("n").filter(|n| usable && n.len() >= SHORTEST_MODULUS)?,
            e: number("e")?,
        })
    }

    /// The key as a JSON Web Key of its own, with nothing in it but what verifies a signature.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::object(&[
            ("kty", "RSA"),
            ("alg", "RS256"),
            ("n", &self.n),
            ("e", &self.e),
        ])
    }
}

fn is_base64url(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
