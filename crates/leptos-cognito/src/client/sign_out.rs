//! (G) The sign-out, and the revocation of refresh tokens.

use std::sync::Arc;

use cognito_hosted_ui::Session;
use leptos::task::spawn_local;

use super::Client;
use crate::browser::{http, random};
use crate::session_store::StoredSession;

impl Client {
    /// Removes the session in all tabs, revokes its refresh token, and redirects to Cognito's `/logout`, which ends Cognito's
    /// session for the whole browser.
    pub fn sign_out(self: &Arc<Self>) {
        let session = match self.stored() {
            StoredSession::Session(stored) | StoredSession::SignedOut(stored) => Some(stored),
            StoredSession::None | StoredSession::Unreadable => self.session(),
        };
        self.store.remove_session();
        self.store.save_signed_out(&random::id());
        self.set_redirecting();
        let client = Arc::clone(self);
        spawn_local(async move {
            if let Some(session) = session {
                client
                    .post_revocation(client.revocation_form(&session))
                    .await;
            }
            client.set_redirecting();
            (client.navigate)(&client.hosted_ui().sign_out_url());
        });
    }

    /// Revokes the refresh token of a session that has ended.
    pub(super) fn revoke(self: &Arc<Self>, session: &Session) {
        let client = Arc::clone(self);
        let form = self.revocation_form(session);
        spawn_local(async move { client.post_revocation(form).await });
    }

    fn revocation_form(&self, session: &Session) -> Option<String> {
        session.revocation_form(&self.hosted_ui().client)
    }

    /// Posts the form, if there is one, to the revocation endpoint.
    pub(super) async fn post_revocation(&self, form: Option<String>) {
        /// How long to wait for the revocation, in milliseconds.
        const TIMEOUT: u32 = 3_000;
        if let Some(form) = form {
            // The session has ended in the app, even if the revocation fails.
            let url = self.hosted_ui().revocation_url();
            let _ = http::post_form(&url, &form, TIMEOUT).await;
        }
    }
}
