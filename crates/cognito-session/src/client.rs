//! The client: what the page shows, and how events change it.
//!
//! `cognito_hosted_ui` makes the decisions, and the `Platform` performs the effects. Tasks hold the client, so that they finish
//! even if nothing else does: a refresh that has used up a refresh token must store the new one.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use cognito_hosted_ui::{
    AuthorizationCallback, BackOff, Expiry, Fate, Held, HostedUi, Session, SignOut, StoredSession,
    TabChange,
};

use crate::config::AuthConfig;
use crate::platform::{Arrival, Event, Platform};
use crate::state::{AuthState, Notice, SessionEnd, Snapshot};
use crate::store::SessionStore;

use refresh::Done;

mod sign_in;

mod verification;

mod clock;

mod refresh;

mod requests;

mod sign_out;

/// The session of a page. All clones are the same client.
///
/// Call [`start`](Self::start) once, and [`handle`](Self::handle) for each event.
pub struct SessionClient<P: Platform>(Rc<Inner<P>>);

struct Inner<P: Platform> {
    config: AuthConfig,
    platform: Rc<P>,
    store: SessionStore<P>,
    on_change: Box<dyn Fn(&Snapshot)>,
    snapshot: RefCell<Snapshot>,
    page: RefCell<Page>,
}

/// What this page knows, but does not show.
#[derive(Default)]
struct Page {
    /// The session, if only this page has it, because the browser did not store it.
    unstored: Option<Session>,
    /// The `sub` of the user who was last shown as signed in. `None` once the page shows that no one is.
    last_user: Option<String>,
    /// The identifier of the last sign-out in any tab, as of when the session was shown.
    seen_sign_out: Option<String>,
    /// The refresh in progress.
    refresh: Option<Done>,
    refreshes: BackOff,
    is_clock_being_checked: bool,
    clock_checks: BackOff,
    /// The page is leaving, or is kept in the back/forward cache.
    is_away: bool,
    /// The notice of a change that has happened while the page was away.
    missed: Option<Option<Notice>>,
    /// How often the user has signed out, here or, as a message says, in another tab.
    sign_outs: u32,
    /// The user has signed out here without a network.
    finishes_sign_out: bool,
    /// The forms of revocations that could not be sent.
    unsent_revocations: Vec<String>,
}

impl<P: Platform> Clone for SessionClient<P> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<P: Platform> fmt::Debug for SessionClient<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionClient")
            .field(&self.0.snapshot)
            .finish()
    }
}

impl<P: Platform> SessionClient<P> {
    /// A client in its initial state, [`AuthState::SigningIn`]. It calls `on_change` after each change of the snapshot.
    pub fn new(config: AuthConfig, platform: P, on_change: impl Fn(&Snapshot) + 'static) -> Self {
        let platform = Rc::new(platform);
        let now = platform.now();
        Self(Rc::new(Inner {
            store: SessionStore::new(&config, Rc::clone(&platform)),
            config,
            platform,
            on_change: Box::new(on_change),
            snapshot: RefCell::new(Snapshot {
                state: AuthState::SigningIn,
                notice: None,
                is_refreshing: false,
                now,
            }),
            page: RefCell::default(),
        }))
    }

    /// A client with a state of your choice, for tests. It does nothing by itself.
    #[cfg(feature = "testing")]
    pub fn with_state(
        config: AuthConfig,
        platform: P,
        on_change: impl Fn(&Snapshot) + 'static,
        state: AuthState,
        notice: Option<Notice>,
    ) -> Self {
        let client = Self::new(config, platform, on_change);
        client.update(|snapshot| snapshot.notice = notice);
        client.set_state(state);
        client
    }

    /// Changes the state, in tests.
    #[cfg(feature = "testing")]
    pub fn set_state(&self, state: AuthState) {
        // The browser has not stored the session.
        self.page_mut(|page| page.unstored = state.session().cloned());
        self.update(|snapshot| snapshot.state = state);
    }

    /// What the page shows now.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.0.snapshot.borrow().clone()
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &AuthConfig {
        &self.0.config
    }

    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &P {
        &self.0.platform
    }

    /// The name of the channel on which tabs tell each other of a sign-out; see [`Event::Message`].
    #[must_use]
    pub fn channel(&self) -> String {
        self.store().key("sign-outs")
    }

    /// Whether the browser allows the storage that a sign-in needs.
    #[must_use]
    pub fn can_store(&self) -> bool {
        self.store().is_available()
    }

    /// (D) Handles the response that the page was opened with, or else restores the stored session.
    pub fn start(&self, callback: Option<AuthorizationCallback>) {
        for form in self.store().take_leftovers() {
            self.post_revocation(form);
        }
        self.store().remove_expired_requests(self.now());
        // `/logout` redirects to the app, without a response.
        let is_redirected = callback.is_none() && self.platform().arrival() == Arrival::Navigation;
        let notice = self.notice_of_sign_out(is_redirected);
        match callback {
            None => self.restore(notice),
            Some(callback) => self.handle_callback(callback),
        }
        // A restored session may already need a refresh.
        self.tick();
    }

    /// Reacts to an event.
    pub fn handle(&self, event: Event) {
        match event {
            Event::Tick | Event::Visible | Event::Offline => self.tick(),
            Event::Online => self.network_is_back(),
            Event::PageHide => self.page_mut(|page| page.is_away = true),
            Event::PageShow => self.page_is_shown(),
            Event::Message(message) => {
                if let Some(sign_out) = SignOut::from_stored(&message) {
                    self.hear_of_sign_out(&sign_out);
                }
            }
        }
    }

    /// Continues after the page was away.
    fn page_is_shown(&self) {
        let (was_away, missed) =
            self.page_mut(|page| (std::mem::take(&mut page.is_away), page.missed.take()));
        if !was_away {
            return;
        }
        if let Some(notice) = missed {
            self.restore(notice);
        } else if self.is_redirecting() {
            // The user has come back without an answer.
            self.restore(self.notice_of_sign_out(false));
        }
        self.tick();
    }

    /// Tries again at once what has failed for lack of a network.
    fn network_is_back(&self) {
        let unsent = self.page_mut(|page| {
            page.refreshes = BackOff::default();
            page.clock_checks = BackOff::default();
            std::mem::take(&mut page.unsent_revocations)
        });
        for form in unsent {
            self.post_revocation(form);
        }
        self.finish_sign_out_soon();
        self.tick();
    }

    /// Reacts to changes of the time and the storage.
    fn tick(&self) {
        if self.is_away() {
            return;
        }
        let now = self.now();
        let before = self.0.snapshot.borrow().now;
        self.update(|snapshot| snapshot.now = now);
        self.follow_storage();
        let Some(session) = self.session() else {
            return;
        };
        if clock::has_jumped(before, now) {
            self.measure_clock(&session);
        }
        match session.expiry(now) {
            Expiry::Valid => self.retract(&Notice::PerhapsExpired),
            Expiry::ExpiringSoon => self.notify(Notice::ExpiringSoon),
            // Nothing waits for the result.
            Expiry::NeedsRefresh => drop(self.refresh(&session)),
            Expiry::Expired => self.check_clock(&session),
        }
    }

    /// Adopts changes that another tab has made: the storage says who is signed in. Does nothing while the page waits for a
    /// response or is about to leave.
    fn follow_storage(&self) {
        /// The time after which a redirect counts as failed, in seconds.
        const NAVIGATION: u64 = 20;
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
        let stored = self.stored();
        let is_unreadable = stored == StoredSession::Unreadable;
        let change = stored.change_for(
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
            TabChange::Adopt {
                session,
                revokes_held,
            } => {
                if let Some(held) = held.filter(|_| revokes_held) {
                    self.revoke(&held);
                }
                self.show_session(session, true, None);
            }
            TabChange::ConfirmExpiry(session) => self.check_clock(&session),
            TabChange::RemoveSignedOut(session) => {
                self.revoke(&session);
                self.store().remove_session();
                if held.is_some() {
                    self.show_signed_out(Some(SessionEnd::EndedInAnotherTab.into()));
                }
            }
            TabChange::Ended { revokes_held } => {
                if is_unreadable {
                    self.store().remove_session();
                }
                let is_expired = held
                    .as_ref()
                    .is_some_and(|held| held.expiry(now) == Expiry::Expired);
                let has_other_reason = is_unreadable || self.is_signed_out_since_shown();
                let reason = if is_expired && !has_other_reason {
                    SessionEnd::Expired
                } else {
                    SessionEnd::EndedInAnotherTab
                };
                if let Some(held) = held.filter(|_| revokes_held) {
                    self.revoke(&held);
                }
                self.show_signed_out(Some(reason.into()));
            }
        }
    }

    /// Continues with the stored session, or with one that only this page has. A failed sign-in does not end it.
    fn restore(&self, notice: Option<Notice>) {
        match self.stored() {
            StoredSession::Session(session) if session.expiry(self.now()) == Expiry::Expired => {
                // It is not shown before something other than this device's clock confirms that it has not expired.
                self.show_signed_out(notice);
                self.check_clock(&session);
            }
            StoredSession::Session(session) => {
                self.show_session(session.clone(), true, notice);
                self.measure_doubtful_clock(&session);
            }
            StoredSession::SignedOut(session) => {
                self.revoke(&session);
                self.store().remove_session();
                let ended = SessionEnd::EndedInAnotherTab.into();
                self.show_signed_out(Some(notice.unwrap_or(ended)));
            }
            StoredSession::Unreadable => {
                self.store().remove_session();
                let unreadable = SessionEnd::Unreadable.into();
                self.show_signed_out(Some(notice.unwrap_or(unreadable)));
            }
            StoredSession::None => match self.current() {
                Some(unstored) => self.show_session(unstored, false, notice),
                None => {
                    if let Some(ended) = self.page_mut(|page| page.unstored.take()) {
                        self.revoke(&ended);
                    }
                    self.show_signed_out(notice);
                }
            },
        }
    }

    /// Shows a session that is new, restored or refreshed.
    fn show_session(&self, session: Session, is_stored: bool, notice: Option<Notice>) {
        let has_same_token = |shown: Session| is_stored && shown.has_same_token(&session);
        if self.is_away() && is_stored {
            return self.page_mut(|page| page.missed = Some(notice));
        }
        let is_refreshed = !self.session().is_some_and(has_same_token);
        let user = Some(session.claims().sub.clone());
        let is_clock_wrong = session.is_clock_wrong(self.hosted_ui().clock_tolerance);
        let seen_sign_out = self.store().last_sign_out();
        let is_other_user = self.page_mut(|page| {
            if is_refreshed {
                page.refreshes = BackOff::default();
            }
            page.seen_sign_out = seen_sign_out.map(|last| last.id().to_owned());
            page.unstored = (!is_stored).then(|| session.clone());
            let last_user = std::mem::replace(&mut page.last_user, user.clone());
            last_user.is_some() && last_user != user
        });
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

    fn show_signed_out(&self, notice: Option<Notice>) {
        if self.is_away() {
            return self.page_mut(|page| page.missed = Some(notice));
        }
        self.page_mut(|page| {
            page.unstored = None;
            page.last_user = None;
        });
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

    /// Ends this session in this browser, and no other: another tab may already have stored a new one.
    fn end_session(&self, ended: &Session, notice: impl Into<Notice>) {
        match self.stored() {
            StoredSession::Session(stored) if !stored.has_same_tokens(ended) => {
                return self.follow_storage();
            }
            StoredSession::SignedOut(_) => return self.follow_storage(),
            _ => {}
        }
        self.store().remove_session();
        self.show_signed_out(Some(notice.into()));
    }

    /// Tells a signed-in user, unless there is something more important.
    fn notify(&self, notice: Notice) {
        self.update(|snapshot| {
            let is_free = matches!(
                snapshot.notice,
                None | Some(
                    Notice::ExpiringSoon
                        | Notice::NotRefreshed
                        | Notice::PerhapsExpired
                        | Notice::ClockWrong
                )
            );
            if is_free {
                snapshot.notice = Some(notice);
            }
        });
    }

    /// Removes this notice.
    fn retract(&self, notice: &Notice) {
        self.update(|snapshot| {
            if snapshot.notice.as_ref() == Some(notice) {
                snapshot.notice = None;
            }
        });
    }

    fn update(&self, change: impl FnOnce(&mut Snapshot)) {
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

    /// What has become of a session while a request was in flight. Asks the storage, because another tab may have changed it,
    /// and the page may already be on its way to Cognito.
    fn fate_of(&self, session: &Session) -> Fate {
        session.fate(self.current().as_ref())
    }

    /// The stored session, or the one that only this page has, unless the user has signed out.
    fn current(&self) -> Option<Session> {
        match self.stored() {
            StoredSession::Session(stored) => Some(stored),
            StoredSession::SignedOut(_) => None,
            StoredSession::None | StoredSession::Unreadable => {
                let unstored = self.0.page.borrow().unstored.clone();
                unstored.filter(|_| !self.is_signed_out_since_shown())
            }
        }
    }

    /// The session that a sign-out or a new sign-in replaces, even if the user has signed out in another tab: its tokens may
    /// still be valid.
    fn session_to_replace(&self) -> Option<Session> {
        match self.stored() {
            StoredSession::Session(stored) | StoredSession::SignedOut(stored) => Some(stored),
            StoredSession::None | StoredSession::Unreadable => {
                self.0.page.borrow().unstored.clone()
            }
        }
    }

    fn is_signed_out_since_shown(&self) -> bool {
        let seen = self.0.page.borrow().seen_sign_out.clone();
        SignOut::is_since(self.store().last_sign_out().as_ref(), seen.as_deref())
    }

    fn page_mut<T>(&self, change: impl FnOnce(&mut Page) -> T) -> T {
        change(&mut self.0.page.borrow_mut())
    }

    fn is_away(&self) -> bool {
        self.0.page.borrow().is_away
    }

    fn is_redirecting(&self) -> bool {
        matches!(
            self.0.snapshot.borrow().state,
            AuthState::Redirecting { .. }
        )
    }

    /// The session that the page shows.
    fn session(&self) -> Option<Session> {
        self.0.snapshot.borrow().state.session().cloned()
    }

    fn stored(&self) -> StoredSession {
        self.store().session(self.config())
    }

    fn store(&self) -> &SessionStore<P> {
        &self.0.store
    }

    fn hosted_ui(&self) -> &HostedUi {
        &self.config().hosted_ui
    }

    fn now(&self) -> u64 {
        self.platform().now()
    }
}
