//! The storage says who is signed in, for all tabs.

use cognito_hosted_ui::{Expiry, Fate, Held, Session, SignOut, StoredSession, TabChange};

use super::{NAVIGATION, SessionClient};
use crate::platform::Platform;
use crate::state::{AuthState, Notice, SessionEnd};

impl<P: Platform> SessionClient<P> {
    /// Adopts changes that another tab has made: the storage says who is signed in. Does nothing while the page waits for a
    /// response or is about to leave.
    pub(super) fn follow_storage(&self) {
        let now = self.now();
        match self.0.snapshot.borrow().state {
            AuthState::SigningIn => return,
            AuthState::Redirecting { since } if now.abs_diff(since) < NAVIGATION => return,
            _ => {}
        }
        if self.is_redirecting() {
            return self.restore(self.notice_of_sign_out(false));
        }
        let held = self.session();
        let change = self.stored().change_for(
            held.as_ref().map(|session| Held {
                session,
                is_stored: self.0.page.borrow().unstored.is_none(),
                is_signed_out: self.is_signed_out_since_shown(),
            }),
            now,
        );
        match change {
            TabChange::None => {}
            TabChange::Update(session) => {
                self.update(|snapshot| snapshot.state = AuthState::SignedIn(session));
            }
            TabChange::Adopt(session) => self.show_session(session, true, None),
            TabChange::ConfirmExpiry(session) => self.check_clock(&session),
            TabChange::RemoveSignedOut(session) => {
                self.revoke(&session);
                self.store().remove_session();
                if held.is_some() {
                    self.show_signed_out(Some(SessionEnd::EndedInAnotherTab.into()));
                }
            }
            TabChange::Ended => {
                let is_expired = held.is_some_and(|held| held.expiry(now) == Expiry::Expired);
                let reason = if is_expired && !self.is_signed_out_since_shown() {
                    SessionEnd::Expired
                } else {
                    SessionEnd::EndedInAnotherTab
                };
                self.show_signed_out(Some(reason.into()));
            }
        }
    }

    /// Continues with the stored session, or with one that only this page has. A failed sign-in does not end it.
    pub(super) fn restore(&self, notice: Option<Notice>) {
        match self.stored() {
            StoredSession::Session(session) if session.expiry(self.now()) == Expiry::Expired => {
                // It is not shown before something other than this device's clock confirms that it has not expired.
                self.show_signed_out(notice);
                self.check_clock(&session);
            }
            StoredSession::Session(session) => {
                self.show_session(session.clone(), true, notice);
                if session.needs_clock_check(self.hosted_ui().clock_tolerance, self.now()) {
                    self.measure_clock(&session);
                }
            }
            StoredSession::SignedOut(session) => {
                self.revoke(&session);
                self.store().remove_session();
                let ended = SessionEnd::EndedInAnotherTab.into();
                self.show_signed_out(Some(notice.unwrap_or(ended)));
            }
            StoredSession::Unreadable => {
                if let Some(form) = self.store().revocation_form(&self.hosted_ui().issuer) {
                    self.post_revocation(form);
                }
                self.store().remove_session();
                let unreadable = SessionEnd::Unreadable.into();
                self.show_signed_out(Some(notice.unwrap_or(unreadable)));
            }
            StoredSession::None => match self.current() {
                Some(unstored) => self.show_session(unstored, false, notice),
                None => self.show_signed_out(notice),
            },
        }
    }

    /// Ends this session in this browser, and no other: another tab may already have stored a new one.
    pub(super) fn end_session(&self, ended: &Session, notice: impl Into<Notice>) {
        match self.stored() {
            StoredSession::Session(stored) if !stored.has_same_tokens(ended) => {
                return self.follow_storage();
            }
            StoredSession::SignedOut(_) => return self.follow_storage(),
            _ => {}
        }
        self.store().remove_session();
        // Whether to revoke it was the caller's decision.
        self.page_mut(|page| page.unstored = None);
        self.show_signed_out(Some(notice.into()));
    }

    /// What has become of a session while a request was in flight. Asks the storage, because another tab may have changed it,
    /// and the page may already be on its way to Cognito.
    pub(super) fn fate_of(&self, session: &Session) -> Fate {
        session.fate(self.current().as_ref())
    }

    /// The stored session, or the one that only this page has, unless the user has signed out.
    pub(super) fn current(&self) -> Option<Session> {
        match self.stored() {
            StoredSession::Session(stored) => Some(stored),
            StoredSession::SignedOut(_) => None,
            StoredSession::None | StoredSession::Unreadable => {
                let unstored = self.0.page.borrow().unstored.clone();
                unstored.filter(|_| !self.is_signed_out_since_shown())
            }
        }
    }

    /// Revokes the sessions that a sign-out or a new sign-in replaces: the stored one, even if the user has signed out in
    /// another tab, and the one that only this page has.
    pub(super) fn revoke_replaced(&self) {
        let stored = match self.stored() {
            StoredSession::Session(stored) | StoredSession::SignedOut(stored) => Some(stored),
            StoredSession::None | StoredSession::Unreadable => None,
        };
        let unstored = self.page_mut(|page| page.unstored.take());
        for replaced in stored.iter().chain(&unstored) {
            self.revoke(replaced);
        }
    }

    pub(super) fn is_signed_out_since_shown(&self) -> bool {
        let seen = self.0.page.borrow().seen_sign_out.clone();
        SignOut::is_since(self.store().last_sign_out().as_ref(), seen.as_deref())
    }

    pub(super) fn stored(&self) -> StoredSession {
        self.store().session(self.config())
    }
}
