//! What a device's clock shows of itself.

/// Whether this device's clock was set, or the device was asleep, between two looks at the clock that a timer of a few seconds
/// takes (both in seconds since 1970). Browsers delay the timers of hidden tabs to one a minute; a longer time has another cause.
#[must_use]
pub fn has_jumped(before: u64, now: u64) -> bool {
    /// In seconds.
    const LONGEST_TICK: u64 = 90;
    now.abs_diff(before) > LONGEST_TICK
}
