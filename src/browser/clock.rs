//! The one clock.

/// Seconds since 1970, by this computer's clock, which may be wrong.
#[must_use]
pub fn now() -> u64 {
    // A clock before 1970 saturates to 0.
    (js_sys::Date::now() / 1000.0) as u64
}
