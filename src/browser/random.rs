//! The one source of randomness.

/// Thirty-two bytes that nobody can guess, from `crypto.getRandomValues`.
///
/// # Panics
/// Where there is no such source. Every browser that runs WebAssembly has one, and a predictable value must not stand
/// in for it.
#[must_use]
#[allow(clippy::expect_used)]
pub fn bytes() -> [u8; 32] {
    let mut bytes = [0; 32];
    web_sys::window()
        .and_then(|window| window.crypto().ok())
        .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).ok())
        .expect("crypto.getRandomValues");
    bytes
}
