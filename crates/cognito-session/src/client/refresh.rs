//! (F) The refresh of the session, by one tab for all tabs.

use cognito_hosted_ui::{
    Fate, Refresh, Session, SignInError, TokenEndpointError, UnverifiedRefresh,
};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;

use super::SessionClient;
use crate::platform::{HttpRequest, Platform};
use crate::state::{AuthState, Notice, SessionEnd};

/// Resolves when the refresh ends.
pub(super) type Done = Shared<oneshot::Receiver<()>>;

impl<P: Platform> SessionClient<P> {
    /// Refreshes the session at once, even after failures, unless a refresh is in progress. Does nothing without a refresh
    /// token.
    pub fn refresh_now(&self) {
        if let Some(session) = self.session() {
            // Nothing waits for the result.
            drop(self.start_refresh(&session));
        }
    }

    /// Refreshes `session` if it is still the current one, or joins the refresh in progress. After a failure, does
    /// nothing until it is time for another attempt. Starts at once, even if the future is dropped.
    pub(super) fn refresh(&self, session: &Session) -> impl Future<Output = ()> + use<P> {
        let now = self.now();
        let is_due = {
            let page = self.0.page.borrow();
            page.refresh.is_some() || page.refreshes.allows(now)
        };
        let done = is_due.then(|| self.start_refresh(session)).flatten();
        async move {
            if let Some(done) = done {
                let _ = done.await;
            }
        }
    }

    /// Starts the refresh in a separate task, so that it finishes even if the request that waits for it is aborted. `None` if
    /// there is nothing to refresh.
    fn start_refresh(&self, session: &Session) -> Option<Done> {
        /// In milliseconds. Longer than the tab that has the lock can wait for the token endpoint and the pool's keys.
        const PATIENCE: u32 = 2 * HttpRequest::TIMEOUT + 5_000;
        /// In milliseconds. Firefox and WebKit can grant the lock to another tab before that tab sees what this one has
        /// stored. The other tab would then use the same refresh token again.
        const STORAGE_DELAY: u32 = 200;
        if let Some(done) = &self.0.page.borrow().refresh {
            return Some(done.clone());
        }
        if self.is_away() || !session.is_refreshable() {
            return None;
        }
        let (end, done) = oneshot::channel();
        let done = done.shared();
        self.page_mut(|page| page.refresh = Some(done.clone()));
        self.update(|snapshot| snapshot.is_refreshing = true);
        let client = self.clone();
        let session = session.clone();
        self.platform().spawn(async move {
            let lock = if client.store().is_shared() {
                let name = client.store().key("refresh");
                client.platform().lock(&name, PATIENCE).await
            } else {
                // Tabs that share no session do not have to take turns.
                None
            };
            // Another tab may have refreshed it already, and a refresh token must not be used twice.
            let current = client.current_to_refresh(&session);
            let is_requested = current.is_some();
            if let Some(current) = current {
                client.request_refresh(current).await;
            }
            client.page_mut(|page| page.refresh = None);
            client.update(|snapshot| snapshot.is_refreshing = false);
            // No one may be waiting.
            let _ = end.send(());
            if lock.is_some() && is_requested {
                client.platform().sleep(STORAGE_DELAY).await;
            }
            drop(lock);
        });
        Some(done)
    }

    /// The current record of this session, unless another tab has changed it, or this page is leaving.
    fn current_to_refresh(&self, session: &Session) -> Option<Session> {
        if self.is_away() {
            return None;
        }
        self.follow_storage();
        self.session().filter(|it| it.has_same_token(session))
    }

    async fn request_refresh(&self, session: Session) {
        let client = &self.hosted_ui().client;
        let refresh = Refresh::begin(&session, self.now());
        let Some((refresh, form)) = refresh.and_then(|it| it.form(client).map(|form| (it, form)))
        else {
            return;
        };
        let response = match self.request_tokens(form).await {
            Ok(response) => refresh.receive(response.status, &response.body),
            Err(error) => Err(error),
        };
        let found = self.current();
        let (newest, unverified) = match response {
            Ok(response) => response.newest(found.as_ref()),
            Err(error) => return self.refresh_has_failed(&session, error.into()),
        };
        let is_used = found
            .as_ref()
            .is_some_and(|found| found.has_same_refresh_token(&session));
        // Before anything else can fail, because the previous refresh token soon stops working.
        match session.fate(found.as_ref()) {
            Fate::Ended => return self.revoke(&newest),
            Fate::Refreshed if !is_used => return,
            Fate::Refreshed | Fate::Current => self.keep(&newest),
        }
        let refreshed = self.verify_refreshed(unverified).await;
        match (self.fate_of(&newest), refreshed) {
            (Fate::Current, Ok(refreshed)) => self.save_refreshed(refreshed),
            (Fate::Current, Err(error)) => self.refresh_has_failed(&newest, error),
            (Fate::Refreshed, _) => {}
            (Fate::Ended, _) => self.revoke(&newest),
        }
    }

    async fn verify_refreshed(
        &self,
        unverified: UnverifiedRefresh,
    ) -> Result<Session, SignInError> {
        let unverified = unverified.validate(self.hosted_ui(), self.now())?;
        self.verify(unverified).await
    }

    /// Keeps a new refresh token: in the storage, or else in this page.
    fn keep(&self, newest: &Session) {
        let is_stored = self.store().save_session(newest).is_ok();
        self.page_mut(|page| page.unstored = (!is_stored).then(|| newest.clone()));
        if self.session().is_some() {
            let state = AuthState::SignedIn(newest.clone());
            self.update(|snapshot| snapshot.state = state);
        }
    }

    fn save_refreshed(&self, refreshed: Session) {
        let is_stored = self.store().save_session(&refreshed).is_ok();
        // A page that is on its way to Cognito stays as it is.
        if self.session().is_some() {
            self.show_session(refreshed, is_stored, None);
        } else {
            self.page_mut(|page| page.unstored = (!is_stored).then_some(refreshed));
        }
    }

    fn refresh_has_failed(&self, session: &Session, error: SignInError) {
        let now = self.now();
        self.page_mut(|page| page.refreshes.fail(now));
        if self.session().is_none() || self.fate_of(session) != Fate::Current {
            // The page is on its way to Cognito, or another tab has changed the session.
            return;
        }
        if !error.ends_session() {
            // `tick` tries again.
            return self.notify(Notice::NotRefreshed);
        }
        match error {
            SignInError::TokenEndpoint(TokenEndpointError::Refused(_)) => {
                self.end_session(session, SessionEnd::Expired);
            }
            error => {
                self.revoke(session);
                self.end_session(session, error);
            }
        }
    }
}
