//! The source of randomness.

use super::window;

/// Unguessable bytes from `crypto.getRandomValues`.
///
/// # Panics
/// If there is no such source, because a predictable value must never replace it. Every browser with WebAssembly has one.
#[allow(clippy::expect_used)]
pub fn bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    window()
        .crypto()
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes))
        .expect("crypto.getRandomValues");
    bytes
}
