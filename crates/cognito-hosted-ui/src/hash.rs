//! SHA-256, which PKCE and `at_hash` need. It is computation and not I/O, so no caller can forget it or pass a wrong hash.

use sha2::{Digest, Sha256};

/// The SHA-256 of a text.
pub fn sha_256(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}
