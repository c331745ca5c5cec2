//! The clock, and timers.

use gloo_timers::future::TimeoutFuture;

/// Seconds since 1970, by this device's clock, which may be wrong.
// The only place in this crate that may read the clock; see clippy.toml.
#[allow(clippy::disallowed_methods)]
pub fn now() -> u64 {
    // A time before 1970 saturates to 0.
    (js_sys::Date::now() / 1000.0) as u64
}

/// Waits.
pub async fn sleep(milliseconds: u32) {
    TimeoutFuture::new(milliseconds).await;
}
