//! (B, D) The sign-in: the redirect to the Hosted UI, and its response.

use cognito_hosted_ui::{
    AuthorizationCallback, HostedUiPage, PendingSignIn, ReturnTo, Session, SignOut, sign_in,
};

use super::SessionClient;
use crate::platform::Platform;
use crate::state::{AuthState, Notice, SessionEnd};

/// A sign-in whose response is being verified.
pub(super) struct Attempt {
    pub request: PendingSignIn,
    /// How often this page had heard of a sign-out when the response arrived.
    sign_outs: u32,
}

/// Why the result of a sign-in is discarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overtaken {
    /// The user has begun another sign-in, or has signed out here: the page is being redirected.
    ByRedirect,
    /// The user has signed out in another tab, or here without a network.
    BySignOut,
}

impl<P: Platform> SessionClient<P> {
    /// (B) Stores the request and redirects to a page of the Hosted UI. Its language is the page's, unless the configuration
    /// sets one. The user returns to the current path, query and route.
    ///
    /// While a sign-out is unfinished at Cognito, finishes that instead: otherwise, Cognito would sign the previous user in
    /// without asking for a password.
    pub fn sign_in(&self, page: HostedUiPage) {
        if self.is_away() {
            return;
        }
        if self.is_sign_out_unfinished() {
            return self.finish_sign_out();
        }
        let platform = self.platform();
        let here = ReturnTo::parse(&platform.place(), &platform.base_path());
        self.store().reserve_sign_out();
        let pending = sign_in::begin(
            self.hosted_ui(),
            || platform.random(),
            here,
            self.session().as_ref(),
            self.store().last_sign_out().as_ref(),
            self.now(),
        );
        if self.store().save_request(&pending).is_err() {
            let notice = Some(Notice::StorageUnavailable);
            return self.update(|snapshot| snapshot.notice = notice);
        }
        self.set_redirecting();
        let url = self
            .hosted_ui()
            .authorization_url(&pending, &page, &platform.language());
        platform.navigate(&url);
    }

    pub(super) fn set_redirecting(&self) {
        let since = self.now();
        self.update(|snapshot| {
            // It was about the previous state.
            snapshot.notice = None;
            snapshot.state = AuthState::Redirecting { since };
        });
    }

    /// (D) Handles a response from the Hosted UI, and returns the user to the page they came from.
    pub(super) fn handle_callback(&self, callback: AuthorizationCallback) {
        let state = callback.state.as_deref();
        let pending = state.and_then(|state| self.store().take_request(state));
        let return_to = pending.as_ref().and_then(|it| it.return_to.as_ref());
        if let Some(place) = return_to {
            self.platform().replace_place(place.as_str());
        }
        let last = self.store().last_sign_out();
        match sign_in::accept(callback, pending, last.as_ref(), self.now()) {
            Err(error) => self.restore(Some(error.into())),
            Ok((accepted, request)) => {
                let attempt = Attempt {
                    sign_outs: self.0.page.borrow().sign_outs,
                    request,
                };
                let client = self.clone();
                self.platform().spawn(async move {
                    let completed = client.complete(accepted, &attempt).await;
                    match (client.overtaken(&attempt), completed) {
                        (None, Ok(session)) => client.begin_session(session, &attempt.request),
                        (None, Err(error)) => client.restore(Some(error.into())),
                        (Some(overtaken), completed) => {
                            if let Ok(session) = completed {
                                client.revoke(&session);
                            }
                            if overtaken == Overtaken::BySignOut {
                                let unfinished = client.notice_of_sign_out(false);
                                let ended = SessionEnd::EndedInAnotherTab.into();
                                client.restore(Some(unfinished.unwrap_or(ended)));
                            }
                        }
                    }
                });
            }
        }
    }

    /// Whether the result of a sign-in is discarded because of what the user has done since it began.
    pub(super) fn overtaken(&self, attempt: &Attempt) -> Option<Overtaken> {
        let last = self.store().last_sign_out();
        let request = &attempt.request;
        let is_signed_out = SignOut::is_since(last.as_ref(), request.sign_out.as_deref())
            || self.0.page.borrow().sign_outs != attempt.sign_outs;
        if self.is_redirecting() {
            Some(Overtaken::ByRedirect)
        } else {
            is_signed_out.then_some(Overtaken::BySignOut)
        }
    }

    /// Begins the session of a sign-in, in place of the stored one.
    fn begin_session(&self, session: Session, request: &PendingSignIn) {
        self.revoke_replaced();
        // Cognito has a session again, and the user wants it.
        self.store().finish_sign_out();
        self.store().remove_returning();
        let is_stored = self.store().save_session(&session).is_ok();
        let notice = request
            .has_other_user(session.claims())
            .then_some(Notice::UserChanged);
        self.show_session(session, is_stored, notice);
    }
}
