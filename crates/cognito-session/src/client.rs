//! The client: what the page shows, and how events change it.
//!
//! `cognito_hosted_ui` makes the decisions, and the `Platform` performs the effects. Tasks hold the client, so that they finish
//! even if nothing else holds it: a refresh that has used up a refresh token must store the new one.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use cognito_hosted_ui::{
    AuthorizationCallback, BackOff, Expiry, HostedUi, Session, SignOut, clock,
};

use crate::config::AuthConfig;
use crate::platform::{Arrival, Event, Platform};
use crate::state::{AuthState, Notice, Snapshot};
use crate::store::SessionStore;

use refresh::Done;

mod show;

mod stored;

mod sign_in;

mod verification;

mod clock_check;

mod refresh;

mod requests;

mod sign_out;

/// How long it takes to reach Cognito, in seconds. After that, a redirect has failed.
const NAVIGATION: u64 = 20;

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
    revocations: BackOff,
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
        for form in self.store().take_leftovers(&self.hosted_ui().issuer) {
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

    /// Immediately retries what failed while the device was offline.
    fn network_is_back(&self) {
        self.page_mut(|page| {
            page.refreshes.hurry();
            page.clock_checks.hurry();
            page.revocations.hurry();
        });
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
        self.post_unsent_revocations();
        self.follow_storage();
        let Some(session) = self.session() else {
            let says_unfinished =
                self.0.snapshot.borrow().notice == Some(Notice::SignOutUnfinished);
            if says_unfinished && !self.is_sign_out_unfinished() {
                self.retract(&Notice::SignOutUnfinished);
            }
            return;
        };
        if self.has_measuring_failed(&session) || clock::has_jumped(before, now) {
            self.measure_clock(&session);
        }
        if !session.is_clock_wrong(self.hosted_ui().clock_tolerance) {
            // Another tab may have found that out.
            self.retract(&Notice::ClockWrong);
        }
        match session.expiry(now) {
            Expiry::Valid => self.retract(&Notice::PerhapsExpired),
            Expiry::ExpiringSoon => self.notify(Notice::ExpiringSoon),
            // Nothing waits for the result.
            Expiry::NeedsRefresh => drop(self.refresh(&session)),
            Expiry::Expired => self.check_clock(&session),
        }
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
