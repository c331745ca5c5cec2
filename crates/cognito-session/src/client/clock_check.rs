//! This device's clock can be wrong. The engine compares it with another clock after a jump, and before it ends a session that
//! seems to have expired.

use cognito_hosted_ui::{BackOff, Expiry, Fate, Session};

use super::SessionClient;
use crate::platform::Platform;
use crate::state::{AuthState, Notice, SessionEnd};

impl<P: Platform> SessionClient<P> {
    /// Finds out what time it is at Cognito: by a refresh, whose token says so, or else by the app's server.
    pub(super) fn measure_clock(&self, session: &Session) {
        if session.is_refreshable() {
            // Nothing waits for the result.
            drop(self.refresh(session));
        } else {
            self.check_clock(session);
        }
    }

    /// Whether the last attempt of [`measure_clock`](Self::measure_clock) failed.
    pub(super) fn has_measuring_failed(&self, session: &Session) -> bool {
        let page = self.0.page.borrow();
        if session.is_refreshable() {
            page.refreshes.has_failed()
        } else {
            page.clock_checks.has_failed()
        }
    }

    /// For a session that cannot be refreshed: asks the app's server for the time, and corrects the session's clock offset. Ends
    /// the session if it has expired by the server's time, too.
    pub(super) fn check_clock(&self, session: &Session) {
        let now = self.now();
        let begins = self.page_mut(|page| {
            let begins = !page.is_clock_being_checked && page.clock_checks.allows(now);
            page.is_clock_being_checked |= begins;
            begins
        });
        if !begins {
            return;
        }
        let client = self.clone();
        let session = session.clone();
        self.platform().spawn(async move {
            let time = client.platform().server_time().await;
            client.page_mut(|page| page.is_clock_being_checked = false);
            client.correct_clock(&session, time);
        });
    }

    fn correct_clock(&self, session: &Session, time: Option<u64>) {
        /// How exact the server's answer is, in seconds: its clock, its precision, and the duration of the request.
        const PRECISION: u64 = 10;
        let now = self.now();
        self.page_mut(|page| match time {
            Some(_) => page.clock_checks = BackOff::default(),
            None => page.clock_checks.fail(now),
        });
        let is_busy = !matches!(
            self.0.snapshot.borrow().state,
            AuthState::SignedOut | AuthState::SignedIn(_)
        );
        let current = self
            .current()
            .filter(|it| session.fate(Some(it)) == Fate::Current);
        let Some(session) = current.filter(|_| !is_busy && !self.is_away()) else {
            return;
        };
        let Some(time) = time else {
            if session.expiry(now) == Expiry::Expired {
                self.notify(Notice::PerhapsExpired);
            }
            return;
        };
        let corrected = session.with_time(time, now);
        let correction = corrected.clock_offset().abs_diff(session.clock_offset());
        if corrected.expiry(now) == Expiry::Expired {
            // A page that shows why a sign-in has failed goes on to show it.
            let shown = self.snapshot().notice;
            let shown =
                shown.filter(|shown| self.session().is_none() && *shown != Notice::PerhapsExpired);
            self.end_session(&session, shown.unwrap_or(SessionEnd::Expired.into()));
        } else if correction > PRECISION {
            let is_stored = self.0.page.borrow().unstored.is_none();
            if is_stored {
                self.store().correct_session(&corrected);
            }
            self.show_session(corrected, is_stored, None);
        }
    }
}
