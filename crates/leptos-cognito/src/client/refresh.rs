//! (F) The refresh of the session, by one tab for all tabs.

use std::sync::Arc;

use cognito_hosted_ui::{Session, SignInError, TokenEndpointError, TokenResponse, TokenSource};
use futures::channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Client;
use crate::browser::{clock, http, locks};
use crate::state::{Notice, SessionEnd};

/// The refreshes that have failed since the last success.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailedRefreshes {
    count: u32,
    /// When the last one failed, in seconds since 1970.
    last: u64,
}

impl FailedRefreshes {
    fn one_more(self, now: u64) -> Self {
        Self {
            count: self.count + 1,
            last: now,
        }
    }

    /// Whether the next automatic refresh is due: after 5 seconds, then after twice as long each time, up to 5 minutes.
    pub fn allow_another(self, now: u64) -> bool {
        let wait = match self.count {
            0 => 0,
            count => 300.min(5 << (count - 1).min(6)),
        };
        // The clock may have been set back.
        now.abs_diff(self.last) >= wait
    }
}

impl Client {
    /// Refreshes the session, unless a refresh is in progress.
    pub fn refresh_soon(self: &Arc<Self>) {
        if self.is_refreshing.get_untracked() {
            return;
        }
        if let Some(session) = self.session() {
            // Nothing waits for the result.
            drop(self.start_refresh(session));
        }
    }

    /// Refreshes `session` if it is still the current one. Another call or another tab may have refreshed it already, and a
    /// refresh token must not be used twice.
    pub async fn refresh(self: &Arc<Self>, session: Session) {
        let _ = self.start_refresh(session).await;
    }

    /// Tries again at once, if refreshes have failed.
    pub fn network_is_back(self: &Arc<Self>) {
        self.failed_refreshes.set_value(FailedRefreshes::default());
        self.tick();
    }

    /// Starts the refresh in a separate task, so that it finishes even if the request that waits for it is aborted.
    fn start_refresh(self: &Arc<Self>, session: Session) -> oneshot::Receiver<()> {
        /// In milliseconds. A little longer than the tab that has the lock can wait for the token endpoint.
        const PATIENCE: u32 = http::TIMEOUT + 5_000;
        let (done, is_done) = oneshot::channel();
        let failed_before = self.failed_refreshes.get_value();
        self.is_refreshing.set(true);
        let client = Arc::clone(self);
        spawn_local(async move {
            let _lock = locks::lock(&client.store.key("refresh"), PATIENCE).await;
            // If the refresh that had the lock before has failed, another one at once would fail, too.
            if client.failed_refreshes.get_value() == failed_before {
                client.refresh_now(&session).await;
            }
            client.is_refreshing.set(false);
            // The receiver may have been dropped.
            let _ = done.send(());
        });
        is_done
    }

    async fn refresh_now(self: &Arc<Self>, session: &Session) {
        let Some(session) = self.current(session) else {
            return;
        };
        let Some(form) = session.refresh_form(&self.hosted_ui().client) else {
            return;
        };
        let started_at = clock::now();
        let (session, refreshed) = match self.request_tokens(&form).await {
            Err(error) => (session, Err(error)),
            Ok(response) => {
                let session = session.with_refresh_token_of(&response).unwrap_or(session);
                // What follows can fail, and the previous refresh token soon stops working.
                if self.current(&session).is_some() {
                    self.save_refreshed(session.clone());
                }
                let refreshed = self.verify_refreshed(&session, response, started_at).await;
                (session, refreshed)
            }
        };
        if self.current(&session).is_some() {
            self.finish_refresh(&session, refreshed);
        } else if !self.has_sign_in_of(&session) {
            // The user has signed out meanwhile, here or in another tab, and stays signed out.
            self.revoke(&session);
        }
    }

    /// The current session, if it still has this ID token, also after following what other tabs have done. Its refresh token
    /// may be newer.
    fn current(self: &Arc<Self>, session: &Session) -> Option<Session> {
        if self.has_session(session) {
            self.sync_from_storage();
        }
        self.session().filter(|it| it.has_same_token(session))
    }

    /// Whether the current session comes from the same sign-in: another tab has refreshed it.
    fn has_sign_in_of(&self, session: &Session) -> bool {
        self.session().is_some_and(|it| it.is_same_sign_in(session))
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

    fn finish_refresh(
        self: &Arc<Self>,
        session: &Session,
        refreshed: Result<Session, SignInError>,
    ) {
        match refreshed {
            Ok(refreshed) => {
                self.failed_refreshes.set_value(FailedRefreshes::default());
                self.save_refreshed(refreshed);
            }
            Err(SignInError::TokenEndpoint(TokenEndpointError::Refused(_))) => {
                self.end_session(SessionEnd::Expired);
            }
            // Temporary failures: `tick` tries again.
            Err(SignInError::JwksUnavailable | SignInError::TokenEndpoint(_)) => {
                let failed = self.failed_refreshes.get_value();
                self.failed_refreshes
                    .set_value(failed.one_more(clock::now()));
                self.notify(Notice::NotRefreshed);
            }
            Err(error) => {
                self.revoke(session);
                self.store.remove_session();
                self.show_signed_out(Some(error.into()));
            }
        }
    }

    fn save_refreshed(&self, session: Session) {
        let is_stored = self.store.save_session(&session).is_ok();
        self.replace_session(session, is_stored);
    }
}

#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::FailedRefreshes;

    #[test]
    fn refreshes_that_fail_become_less_frequent() {
        const NOW: u64 = 1_800_000_000;
        let mut failed = FailedRefreshes::default();
        assert!(failed.allow_another(NOW));
        for wait in [5, 10, 20, 40, 80, 160, 300, 300] {
            failed = failed.one_more(NOW);
            assert!(!failed.allow_another(NOW + wait - 1), "{wait}");
            assert!(failed.allow_another(NOW + wait), "{wait}");
            assert!(failed.allow_another(NOW - wait), "{wait}");
        }
    }
}
