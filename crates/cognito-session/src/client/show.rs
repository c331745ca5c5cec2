//! What the page shows.

use cognito_hosted_ui::{BackOff, Session};

use super::SessionClient;
use crate::platform::Platform;
use crate::state::{AuthState, Notice, Snapshot};

impl<P: Platform> SessionClient<P> {
    /// Shows a session that is new, restored or refreshed.
    pub(super) fn show_session(&self, session: Session, is_stored: bool, notice: Option<Notice>) {
        let has_same_token = |shown: Session| is_stored && shown.has_same_token(&session);
        if self.is_away() && is_stored {
            return self.page_mut(|page| page.missed = Some(notice));
        }
        let is_refreshed = !self.session().is_some_and(has_same_token);
        let user = Some(session.claims().sub.clone());
        let is_clock_wrong = session.is_clock_wrong(self.hosted_ui().clock_tolerance);
        let seen_sign_out = self.store().last_sign_out();
        let (is_other_user, unstored) = self.page_mut(|page| {
            if is_refreshed {
                page.refreshes = BackOff::default();
            }
            page.seen_sign_out = seen_sign_out.map(|last| last.id().to_owned());
            let new = (!is_stored).then(|| session.clone());
            let unstored = std::mem::replace(&mut page.unstored, new);
            let last_user = std::mem::replace(&mut page.last_user, user.clone());
            (last_user.is_some() && last_user != user, unstored)
        });
        // No other tab has it.
        if let Some(unstored) = unstored.filter(|it| !it.has_same_refresh_token(&session)) {
            self.revoke(&unstored);
        }
        let notice = if is_other_user {
            Some(Notice::UserChanged)
        } else {
            // A session that has ended is not the one that is shown.
            notice
                .filter(|notice| !notice.is_about_an_end())
                .or((!is_stored).then_some(Notice::SessionNotStored))
                .or(is_clock_wrong.then_some(Notice::ClockWrong))
        };
        self.update(|snapshot| {
            snapshot.notice = notice;
            snapshot.state = AuthState::SignedIn(session);
        });
    }

    pub(super) fn show_signed_out(&self, notice: Option<Notice>) {
        if self.is_away() {
            return self.page_mut(|page| page.missed = Some(notice));
        }
        let unstored = self.page_mut(|page| {
            page.last_user = None;
            page.unstored.take()
        });
        if let Some(unstored) = unstored {
            self.revoke(&unstored);
        }
        self.update(|snapshot| {
            snapshot.notice = notice;
            snapshot.state = AuthState::SignedOut;
        });
        // Fetching the keys now saves a round trip when the user returns from the Hosted UI, and removes keys that the pool
        // no longer uses.
        let client = self.clone();
        self.platform()
            .spawn(async move { client.fetch_jwks().await });
    }

    /// Tells a signed-in user, unless there is something more important.
    pub(super) fn notify(&self, notice: Notice) {
        self.update(|snapshot| {
            let is_free = matches!(
                snapshot.notice,
                None | Some(
                    Notice::ExpiringSoon
                        | Notice::NotRefreshed
                        | Notice::PerhapsExpired
                        | Notice::ClockWrong
                        | Notice::UserChanged
                        | Notice::SessionNotStored
                )
            );
            if is_free {
                snapshot.notice = Some(notice);
            }
        });
    }

    /// Removes this notice.
    pub(super) fn retract(&self, notice: &Notice) {
        self.update(|snapshot| {
            if snapshot.notice.as_ref() == Some(notice) {
                snapshot.notice = None;
            }
        });
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut Snapshot)) {
        let changed = {
            let mut snapshot = self.0.snapshot.borrow_mut();
            let before = snapshot.clone();
            change(&mut snapshot);
            (*snapshot != before).then(|| snapshot.clone())
        };
        // The callback may call the client again.
        if let Some(snapshot) = changed {
            (self.0.on_change)(&snapshot);
        }
    }
}
