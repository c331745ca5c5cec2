//! The state behind an [`Auth`](crate::Auth) handle, and its transitions.
//!
//! Connects the protocol, `cognito_hosted_ui`, which makes the decisions, with `browser`, which performs the effects. Tasks
//! hold an `Arc` of the client, so that they finish even after an unmount: a refresh that has used up a refresh token must
//! store the new one.

use std::mem::discriminant;
use std::sync::Arc;

use cognito_hosted_ui::{
    AuthorizationCallback, Expiry, HostedUi, HostedUiPage, PendingSignIn, ReturnTo, Session,
    sign_in,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{clock, crypto, location, random};
use crate::config::AuthConfig;
use crate::session_store::{SessionStore, StoredSession};
use crate::state::{AuthState, Notice, SessionEnd};

use refresh::Refreshes;

mod refresh;

mod requests;

mod sign_out;

mod verification;

/// The state behind an `Auth` handle.
pub struct Client {
    pub config: AuthConfig,
    pub store: SessionStore,
    pub state: ArcRwSignal<AuthState>,
    pub notice: ArcRwSignal<Option<Notice>>,
    pub is_refreshing: ArcRwSignal<bool>,
    /// Seconds since 1970, as of the last tick.
    pub now: ArcRwSignal<u64>,
    /// Whether the browser has stored the session.
    is_stored: ArcStoredValue<bool>,
    /// The `sub` of the user who was last shown as signed in. `None` once the page shows that no one is.
    last_user: ArcStoredValue<Option<String>>,
    /// The identifier of the last sign-out in any tab, as of when the session was shown.
    seen_sign_out: ArcStoredValue<Option<String>>,
    refreshes: ArcStoredValue<Refreshes>,
    /// Navigates to a URL.
    navigate: fn(&str),
}

impl Client {
    /// A client in its initial state; see [`start`](Self::start).
    pub fn new(config: AuthConfig, navigate: fn(&str)) -> Self {
        let store = SessionStore::new(&config);
        Self {
            seen_sign_out: ArcStoredValue::new(store.last_sign_out()),
            store,
            config,
            state: ArcRwSignal::new(AuthState::SigningIn),
            notice: ArcRwSignal::new(None),
            is_refreshing: ArcRwSignal::new(false),
            now: ArcRwSignal::new(clock::now()),
            is_stored: ArcStoredValue::new(false),
            last_user: ArcStoredValue::default(),
            refreshes: ArcStoredValue::default(),
            navigate,
        }
    }

    /// (D) Handles the response that the page was opened with, or else restores the stored session.
    pub fn start(self: &Arc<Self>, callback: Option<AuthorizationCallback>) {
        self.store.remove_expired(clock::now());
        let notice = match self.stored() {
            StoredSession::Unreadable => {
                self.store.remove_session();
                Some(SessionEnd::Unreadable.into())
            }
            StoredSession::SignedOut(session) => {
                self.revoke(&session);
                self.store.remove_session();
                Some(SessionEnd::EndedInAnotherTab.into())
            }
            _ if self.store.take_signed_out() => Some(SessionEnd::SignedOut.into()),
            _ => None,
        };
        match callback {
            None => self.restore(notice),
            Some(callback) => self.handle_callback(callback),
        }
    }

    /// Handles a response from the Hosted UI, and returns the user to the page they came from.
    fn handle_callback(self: &Arc<Self>, callback: AuthorizationCallback) {
        let state = callback.state.as_deref();
        let pending = state.and_then(|state| self.store.take_pending(state));
        let return_to = pending.as_ref().and_then(|it| it.return_to.as_ref());
        if let Some(place) = return_to {
            location::replace_place(place.as_str());
        }
        match sign_in::accept(callback, pending, clock::now()) {
            Ok((accepted, request)) => {
                let client = Arc::clone(self);
                let sign_out = self.store.last_sign_out();
                spawn_local(async move {
                    let completed = client.complete(accepted, &request).await;
                    // The user has begun another sign-in meanwhile, or has signed out, here or in another tab.
                    let is_redirecting = client.is_redirecting();
                    let is_signed_out = client.store.has_sign_out_since(sign_out);
                    let is_overtaken = is_redirecting || is_signed_out;
                    match completed {
                        Ok(session) if !is_overtaken => client.begin_session(session, &request),
                        Err(error) if !is_overtaken => client.restore(Some(error.into())),
                        late => {
                            if let Ok(session) = late {
                                client.revoke(&session);
                            }
                            if !is_redirecting {
                                client.restore(Some(SessionEnd::EndedInAnotherTab.into()));
                            }
                        }
                    }
                });
            }
            Err(error) => self.restore(Some(error.into())),
        }
    }

    /// Begins the session of a sign-in, in place of the stored one.
    fn begin_session(self: &Arc<Self>, session: Session, request: &PendingSignIn) {
        if let StoredSession::Session(previous) = self.stored() {
            self.revoke(&previous);
        }
        let is_stored = self.store.save_session(&session).is_ok();
        let notice = request
            .has_other_user(session.claims())
            .then_some(Notice::UserChanged);
        self.show_session(session, is_stored, notice);
    }

    /// Continues with the stored session. A failed sign-in does not end it.
    fn restore(self: &Arc<Self>, notice: Option<Notice>) {
        match self.stored() {
            StoredSession::Session(session) if session.expiry(clock::now()) == Expiry::Expired => {
                self.end_session(SessionEnd::Expired);
            }
            StoredSession::Session(session) => self.show_session(session, true, notice),
            StoredSession::None | StoredSession::Unreadable | StoredSession::SignedOut(_) => {
                self.show_signed_out(notice);
            }
        }
    }

    /// Shows a session that is new, restored or refreshed.
    fn show_session(&self, session: Session, is_stored: bool, notice: Option<Notice>) {
        let user = Some(session.claims().sub.clone());
        let last_user = self.last_user.get_value();
        let notice = match (last_user.is_some() && last_user != user, is_stored) {
            (true, _) => Some(Notice::UserChanged),
            (false, true) => notice,
            (false, false) => notice.or(Some(Notice::SessionNotStored)),
        };
        self.last_user.set_value(user);
        self.seen_sign_out.set_value(self.store.last_sign_out());
        self.refreshes.update_value(Refreshes::succeed);
        self.is_stored.set_value(is_stored);
        self.notice.set(notice);
        self.state.set(AuthState::SignedIn(session));
    }

    fn show_signed_out(self: &Arc<Self>, notice: Option<Notice>) {
        self.last_user.set_value(None);
        self.notice.set(notice);
        self.state.set(AuthState::SignedOut);
        // Fetching the keys now saves a round trip when the user returns from the Hosted UI, and removes keys that the pool
        // no longer uses.
        let client = Arc::clone(self);
        spawn_local(async move {
            client.fetch_jwks().await;
        });
    }

    /// Ends the session in this browser.
    fn end_session(self: &Arc<Self>, reason: SessionEnd) {
        self.store.remove_session();
        self.show_signed_out(Some(reason.into()));
    }

    /// Reacts to changes of the time and the storage.
    pub fn tick(self: &Arc<Self>) {
        let now = clock::now();
        self.now.set(now);
        self.sync_from_storage();
        let Some(session) = self.session() else {
            return;
        };
        match session.expiry(now) {
            Expiry::Valid => {}
            Expiry::ExpiringSoon => self.notify(Notice::ExpiringSoon),
            // Nothing waits for the result.
            Expiry::NeedsRefresh => drop(self.refresh(session)),
            Expiry::Expired => self.end_session(SessionEnd::Expired),
        }
    }

    /// Adopts changes that another tab has made: the storage says who is signed in. Does nothing while the page waits for a
    /// response or is about to leave.
    fn sync_from_storage(self: &Arc<Self>) {
        /// The time after which a redirect counts as failed, in seconds.
        const NAVIGATION: u64 = 20;
        let now = clock::now();
        let is_busy = self.state.with_untracked(|state| match state {
            AuthState::SigningIn => true,
            AuthState::Redirecting { since } => now.abs_diff(*since) < NAVIGATION,
            AuthState::SignedOut | AuthState::SignedIn(_) => false,
        });
        if is_busy {
            return;
        }
        match (self.session(), self.stored()) {
            (Some(held), StoredSession::Session(stored)) if held.has_same_token(&stored) => {}
            (held, StoredSession::Session(stored)) if stored.expiry(now) != Expiry::Expired => {
                if let Some(held) = held.filter(|_| !self.is_stored.get_value()) {
                    self.revoke(&held);
                }
                self.show_session(stored, true, None);
            }
            // Cognito's own session has ended for the whole browser.
            (held, StoredSession::SignedOut(session)) => {
                self.revoke(&session);
                self.store.remove_session();
                if held.is_some() {
                    self.show_signed_out(Some(SessionEnd::EndedInAnotherTab.into()));
                }
            }
            (None, _) => {
                // The redirect did not happen.
                if self.is_redirecting() {
                    self.state.set(AuthState::SignedOut);
                }
            }
            (Some(held), _) if self.is_stored.get_value() => {
                self.end_session(match held.expiry(now) {
                    Expiry::Expired => SessionEnd::Expired,
                    _ => SessionEnd::EndedInAnotherTab,
                });
            }
            (Some(_), _) if self.is_held_alone() => {}
            (Some(held), _) => {
                self.revoke(&held);
                self.end_session(SessionEnd::EndedInAnotherTab);
            }
        }
    }

    /// Whether only this page has the session, because the browser did not store it, and no tab has signed out since.
    fn is_held_alone(&self) -> bool {
        !self.is_stored.get_value()
            && !self
                .store
                .has_sign_out_since(self.seen_sign_out.get_value())
    }

    /// (B) Stores the request and redirects to a page of the Hosted UI.
    pub fn sign_in(self: &Arc<Self>, page: HostedUiPage) {
        let here = ReturnTo::parse(&location::place(), &location::base().1);
        let session = self.session();
        let now = clock::now();
        let pending = sign_in::begin(self.hosted_ui(), random::bytes, here, session.as_ref(), now);
        if self.store.save_pending(&pending).is_err() {
            return self.notice.set(Some(Notice::StorageUnavailable));
        }
        self.set_redirecting();
        let client = Arc::clone(self);
        spawn_local(async move {
            let challenge = match &pending.code_verifier {
                Some(verifier) => crypto::sha_256(verifier.as_str().as_bytes()).await,
                None => None,
            };
            let lang = location::language();
            let hosted_ui = client.hosted_ui();
            let url = hosted_ui.authorization_url(&pending, challenge.as_ref(), &page, &lang);
            (client.navigate)(&url);
        });
    }

    fn set_redirecting(&self) {
        // It was about the previous state.
        self.notice.set(None);
        self.state.set(AuthState::Redirecting {
            since: clock::now(),
        });
    }

    /// Ends a redirect, because the browser may restore the page from its back/forward cache.
    pub fn page_hidden(&self) {
        if self.is_redirecting() {
            self.state.set(AuthState::SignedOut);
        }
    }

    /// Sets a notice, unless it is there already, or another one says why a sign-in failed.
    fn notify(&self, notice: Notice) {
        let is_failure =
            |current: &Option<Notice>| matches!(current, Some(Notice::SignInFailed(_)));
        if !self.has_notice(&notice) && !self.notice.with_untracked(is_failure) {
            self.notice.set(Some(notice));
        }
    }

    fn has_notice(&self, notice: &Notice) -> bool {
        let kind = discriminant(notice);
        self.notice
            .with_untracked(|current| current.as_ref().map(discriminant) == Some(kind))
    }

    pub fn session(&self) -> Option<Session> {
        self.state.with_untracked(|state| state.session().cloned())
    }

    fn is_redirecting(&self) -> bool {
        self.state
            .with_untracked(|state| matches!(state, AuthState::Redirecting { .. }))
    }

    fn stored(&self) -> StoredSession {
        self.store.session(self.hosted_ui())
    }

    fn hosted_ui(&self) -> &HostedUi {
        &self.config.hosted_ui
    }
}
