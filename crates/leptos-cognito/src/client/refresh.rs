//! (F) The refresh of the session, by one tab for all tabs.

use std::sync::Arc;

use cognito_hosted_ui::{Session, SignInError, TokenEndpointError, TokenResponse, TokenSource};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Client;
use crate::browser::{clock, http, locks};
use crate::session_store::StoredSession;
use crate::state::{AuthState, Notice, SessionEnd};

/// Resolves when the refresh ends.
type Done = Shared<oneshot::Receiver<()>>;

/// The refresh in progress, and the failures since the last success.
#[derive(Clone, Default)]
pub struct Refreshes {
    in_progress: Option<Done>,
    failed: u32,
    /// When the last one failed, in seconds since 1970.
    failed_at: u64,
}

/// What has become of a session while a request was in flight.
enum Fate {
    /// It is as it was.
    Current,
    /// Another tab has refreshed it.
    Refreshed,
    /// It has ended, or a new sign-in has replaced it, here or in another tab.
    Ended,
}

impl Refreshes {
    /// Whether at least one refresh has failed since the last success.
    pub fn have_failed(&self) -> bool {
        self.failed > 0
    }

    fn fail(&mut self, now: u64) {
        self.failed += 1;
        self.failed_at = now;
    }

    /// Forgets the failures.
    pub fn succeed(&mut self) {
        self.failed = 0;
    }

    /// Whether it is time for another one: 5 seconds after a failure, then twice as long each time, up to a minute.
    fn allow_another(&self, now: u64) -> bool {
        let wait = match self.failed {
            0 => 0,
            failed => 60.min(5 << (failed - 1).min(4)),
        };
        // The clock may have been set back.
        now.abs_diff(self.failed_at) >= wait
    }
}

impl Client {
    /// Refreshes `session` if it is still the current one, or joins the refresh in progress. After a failure, does
    /// nothing until it is time for another attempt. Starts at once, even if the future is dropped.
    pub fn refresh(self: &Arc<Self>, session: Session) -> impl Future<Output = ()> + use<> {
        let refreshes = self.refreshes.get_value();
        let is_due = refreshes.in_progress.is_some() || refreshes.allow_another(clock::now());
        let done = is_due.then(|| self.start_refresh(session));
        async move {
            if let Some(done) = done {
                let _ = done.await;
            }
        }
    }

    /// Refreshes the session at once, even after failures, unless a refresh is in progress.
    pub fn refresh_now(self: &Arc<Self>) {
        if let Some(session) = self.session() {
            // Nothing waits for the result.
            drop(self.start_refresh(session));
        }
    }

    /// Tries again at once, if refreshes have failed.
    pub fn network_is_back(self: &Arc<Self>) {
        self.refreshes.update_value(Refreshes::succeed);
        self.tick();
    }

    /// Starts the refresh in a separate task, so that it finishes even if the request that waits for it is aborted.
    fn start_refresh(self: &Arc<Self>, session: Session) -> Done {
        /// In milliseconds. Longer than the tab that has the lock can wait for the token endpoint and the pool's keys.
        const PATIENCE: u32 = 2 * http::TIMEOUT + 5_000;
        /// In milliseconds. Firefox and WebKit can grant the lock to another tab before that tab sees what this one has
        /// stored. The other tab would then use the same refresh token again.
        const STORAGE_DELAY: u32 = 200;
        if let Some(done) = &self.refreshes.read_value().in_progress {
            return done.clone();
        }
        let (end, done) = oneshot::channel();
        let done = done.shared();
        let in_progress = Some(done.clone());
        self.refreshes
            .update_value(|refreshes| refreshes.in_progress = in_progress);
        self.is_refreshing.set(true);
        let client = Arc::clone(self);
        spawn_local(async move {
            let lock = match client.store.is_shared() {
                true => locks::lock(&client.store.key("refresh"), PATIENCE).await,
                false => None,
            };
            // Another tab may have refreshed it already, and a refresh token must not be used twice.
            client.sync_from_storage();
            let current = client.session().filter(|it| it.has_same_token(&session));
            let is_refreshed = current.is_some();
            if let Some(current) = current {
                client.request_refresh(client.newest(current)).await;
                client.sync_from_storage();
            }
            client
                .refreshes
                .update_value(|refreshes| refreshes.in_progress = None);
            client.is_refreshing.set(false);
            // No one may be waiting.
            let _ = end.send(());
            if lock.is_some() && is_refreshed {
                TimeoutFuture::new(STORAGE_DELAY).await;
            }
            drop(lock);
        });
        done
    }

    /// This session as it is stored: its refresh token may be newer, if the ID token that came with it could not be verified.
    pub(super) fn newest(&self, session: Session) -> Session {
        match self.stored() {
            StoredSession::Session(stored) if stored.has_same_token(&session) => stored,
            _ => session,
        }
    }

    async fn request_refresh(self: &Arc<Self>, mut session: Session) {
        let Some(form) = session.refresh_form(&self.hosted_ui().client) else {
            return;
        };
        let started_at = clock::now();
        let response = match self.request_tokens(&form).await {
            Ok(response) => response,
            Err(error) => {
                if let Fate::Current = self.fate_of(&session) {
                    self.refresh_has_failed(&session, error);
                }
                return;
            }
        };
        if let Some(newest) = session.with_refresh_token_of(&response) {
            // What follows can fail, and the previous refresh token soon stops working.
            if let Fate::Current = self.fate_of(&session) {
                self.keep(&newest);
            }
            session = newest;
        }
        let refreshed = self.verify_refreshed(&session, response, started_at).await;
        match (self.fate_of(&session), refreshed) {
            (Fate::Current, Ok(refreshed)) => self.save_refreshed(refreshed),
            (Fate::Current, Err(error)) => self.refresh_has_failed(&session, error),
            (Fate::Refreshed, _) => {}
            (Fate::Ended, _) => self.revoke(&session),
        }
    }

    async fn verify_refreshed(
        &self,
        session: &Session,
        response: TokenResponse,
        started_at: u64,
    ) -> Result<Session, SignInError> {
        let response = session.keep_refresh_token(response);
        let source = TokenSource::Refresh {
            previous: session.claims(),
            started_at,
        };
        let refreshed = self.verify(response, source).await?;
        Ok(refreshed.keep_user_info(session))
    }

    /// Asks the storage, because another tab may have changed it, and the page may already be on its way to Cognito.
    fn fate_of(&self, session: &Session) -> Fate {
        let found = match self.stored() {
            StoredSession::Session(stored) => Some(stored),
            StoredSession::None | StoredSession::Unreadable if self.is_held_alone() => {
                self.session()
            }
            _ => None,
        };
        match found {
            Some(found) if found == *session => Fate::Current,
            Some(found) if found.is_same_sign_in(session) => Fate::Refreshed,
            _ => Fate::Ended,
        }
    }

    /// Keeps a new refresh token: in the storage, where [`newest`](Self::newest) finds it, or else in this page.
    fn keep(&self, session: &Session) {
        let is_stored = self.store.save_session(session).is_ok();
        if !is_stored && self.session().is_some() {
            self.is_stored.set_value(false);
            self.state.set(AuthState::SignedIn(session.clone()));
        }
    }

    fn save_refreshed(self: &Arc<Self>, session: Session) {
        let is_stored = self.store.save_session(&session).is_ok();
        // A page that is on its way to Cognito stays as it is.
        if self.session().is_some() {
            self.show_session(session, is_stored, None);
        } else if !is_stored {
            self.revoke(&session);
        }
    }

    fn refresh_has_failed(self: &Arc<Self>, session: &Session, error: SignInError) {
        let now = clock::now();
        self.refreshes.update_value(|refreshes| refreshes.fail(now));
        if self.session().is_none() {
            // The page is on its way to Cognito.
            return;
        }
        match error {
            SignInError::TokenEndpoint(TokenEndpointError::Refused(_)) => {
                self.end_session(SessionEnd::Expired);
            }
            // Temporary failures: `tick` tries again.
            SignInError::JwksUnavailable | SignInError::TokenEndpoint(_) => {
                self.notify(Notice::NotRefreshed);
            }
            error => {
                self.revoke(session);
                self.store.remove_session();
                self.show_signed_out(Some(error.into()));
            }
        }
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::Refreshes;

    #[test]
    fn refreshes_that_fail_become_less_frequent() {
        const NOW: u64 = 1_800_000_000;
        let mut refreshes = Refreshes::default();
        assert!(refreshes.allow_another(NOW));
        for wait in [5, 10, 20, 40, 60, 60] {
            refreshes.fail(NOW);
            assert!(refreshes.have_failed());
            assert!(!refreshes.allow_another(NOW + wait - 1), "{wait}");
            assert!(refreshes.allow_another(NOW + wait), "{wait}");
            assert!(refreshes.allow_another(NOW - wait), "{wait}");
        }
        refreshes.succeed();
        assert!(refreshes.allow_another(NOW) && !refreshes.have_failed());
    }
}
