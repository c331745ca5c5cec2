//! The user pool's public keys: a JSON Web Key Set (RFC 7517), and which of them signed a token.
//! Knows what a usable key is; fetching them and verifying with them is done elsewhere.

use serde_json::{Map, Value};

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
        let document: Value = serde_json::from_str(document).unwrap_or_default();
        let keys = document.get("keys").and_then(Value::as_array);
        let keys = keys.into_iter().flatten().filter_map(Value::as_object);
        Self(keys.filter_map(JsonWebKey::read).collect())
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
    fn read(key: &Map<String, Value>) -> Option<Self> {
        /// The characters of 2,048 bits as base64url.
        const SHORTEST_MODULUS: usize = 342;
        let text = |name: &str| key.get(name).and_then(Value::as_str);
        let is_unless_absent = |name, value| text(name).is_none_or(|text| text == value);
        let usable = text("kty") == Some("RSA")
            && is_unless_absent("use", "sig")
            && is_unless_absent("alg", "RS256");
        let number = |name| {
            text(name)
                .filter(|text| is_base64url(text))
                .map(str::to_owned)
        };
        Some(Self {
            kid: text("kid").map(str::to_owned),
            n: number("n").filter(|n| usable && n.len() >= SHORTEST_MODULUS)?,
            e: number("e")?,
        })
    }

    /// The key as a JSON Web Key of its own, with nothing in it but what verifies a signature.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Both numbers are base64url, so nothing in them needs escaping.
        format!(
            r#"{{"kty":"RSA","alg":"RS256","n":"{}","e":"{}"}}"#,
            self.n, self.e
        )
    }
}

fn is_base64url(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
