//! (F) The refresh of the session, by one tab for all tabs.

use std::sync::Arc;

use cognito_hosted_ui::{Session, SignInError, TokenEndpointError, TokenSource};
use futures::channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Client;
use crate::browser::locks;
use crate::state::{Notice, SessionEnd};

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

    /// Starts the refresh in a separate task, so that it finishes even if the request that waits for it is aborted.
    fn start_refresh(self: &Arc<Self>, session: Session) -> oneshot::Receiver<()> {
        let (done, is_done) = oneshot::channel();
        self.is_refreshing.set(true);
        let client = Arc::clone(self);
        spawn_local(async move {
            let task = Box::pin(Arc::clone(&client).refresh_now(session));
            locks::with_lock(&client.store.key("refresh"), task).await;
            client.is_refreshing.set(false);
            // The receiver may have been dropped.
            let _ = done.send(());
        });
        is_done
    }

    async fn refresh_now(self: Arc<Self>, session: Session) {
        if !self.is_current(&session) {
            return;
        }
        let Some(form) = session.refresh_form(&self.hosted_ui().client) else {
            return;
        };
        let refreshed = self.request_refresh(&session, &form).await;
        // A user who has signed out meanwhile, here or in another tab, stays signed out.
        if self.is_current(&session) {
            self.finish_refresh(refreshed);
        }
    }

    /// Whether this is still the current session, also after following what other tabs have done.
    fn is_current(self: &Arc<Self>, session: &Session) -> bool {
        self.has_session(session) && {
            self.sync_from_storage();
            self.has_session(session)
        }
    }

    async fn request_refresh(&self, session: &Session, form: &str) -> Result<Session, SignInError> {
        let response = session.keep_refresh_token(self.request_tokens(form).await?);
        let source = TokenSource::Refresh(session.claims());
        self.verify(response, source).await
    }

    fn finish_refresh(self: &Arc<Self>, refreshed: Result<Session, SignInError>) {
        match refreshed {
            Ok(session) => {
                let is_stored = self.store.save_session(&session).is_ok();
                self.replace_session(session, is_stored);
            }
            Err(SignInError::TokenEndpoint(TokenEndpointError::Refused(_))) => {
                self.end_session(SessionEnd::Expired);
            }
            // Temporary failures: `tick` tries again.
            Err(SignInError::JwksUnavailable | SignInError::TokenEndpoint(_)) => {
                self.notify(Notice::NotRefreshed);
            }
            Err(error) => {
                self.store.remove_session();
                self.show_signed_out(Some(error.into()));
            }
        }
    }
}
