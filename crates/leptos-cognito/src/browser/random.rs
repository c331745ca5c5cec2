//! The source of randomness.

use leptos::prelude::window;

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

/// A random identifier, unique across tabs.
pub fn id() -> String {
    let [a, b, c, d, e, f, g, h, ..] = bytes();
    format!("{:x}", u64::from_be_bytes([a, b, c, d, e, f, g, h]))
}
