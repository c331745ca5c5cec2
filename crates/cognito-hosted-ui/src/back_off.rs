//! How long to wait after a failure. Does not wait itself.

/// The consecutive failures of something that is retried. The wait is 5 seconds after the first failure, then twice as long each
/// time, up to a minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BackOff {
    failures: u32,
    /// When the last one failed, in seconds since 1970.
    failed_at: u64,
}

impl BackOff {
    /// Records a failure at `now` (seconds since 1970).
    pub fn fail(&mut self, now: u64) {
        self.failures = self.failures.saturating_add(1);
        self.failed_at = now;
    }

    /// Allows another attempt at once, because the reason for the failures may be gone.
    pub fn hurry(&mut self) {
        self.failures = self.failures.min(1);
        self.failed_at = 0;
    }

    /// Whether it has failed since it last succeeded.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// Whether it is time for another attempt at `now`. Also true if the clock was set back or ahead by at least the wait.
    #[must_use]
    pub fn allows(&self, now: u64) -> bool {
        let wait = match self.failures {
            0 => 0,
            failures => 60.min(5 << (failures - 1).min(4)),
        };
        now.abs_diff(self.failed_at) >= wait
    }
}
