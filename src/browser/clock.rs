//! The one clock.

/// Seconds since 1970, by this computer's clock, which may be wrong.
#[must_use]
pub fn now() -> u64 {
    milliseconds() / 1000
}

/// Milliseconds since 1970.
#[must_use]
pub fn milliseconds() -> u64 {
    // A clock before 1970 saturates to 0.
    js_sys::Date::now() as u64
}
