//! (G) The sign-out, and the revocation of refresh tokens.

use cognito_hosted_ui::{BackOff, Session, SignOut, token_endpoint};

use super::{NAVIGATION, SessionClient};
use crate::platform::{HttpError, HttpRequest, Platform, StorageArea};
use crate::state::{Notice, SessionEnd};
use crate::store::Returning;

impl<P: Platform> SessionClient<P> {
    /// Ends the session in all tabs, revokes its refresh token, and redirects to Cognito's `/logout`, which ends Cognito's
    /// own session for the whole browser.
    ///
    /// Without a network, stays in the app with [`Notice::SignOutUnfinished`], and finishes when the network is back.
    pub fn sign_out(&self) {
        let sign_out = SignOut::begin(self.platform().random(), self.now());
        // First, so that no other tab finds the session gone without the reason.
        let is_shared = self.store().save_sign_out(&sign_out).is_ok();
        self.revoke_replaced();
        self.store().remove_session();
        self.store().remove_all_requests();
        self.platform()
            .broadcast(&self.channel(), &sign_out.to_stored());
        self.page_mut(|page| page.sign_outs += 1);
        self.leave_to_sign_out(is_shared.then_some(sign_out));
    }

    /// Finishes a sign-out at Cognito, after [`Notice::SignOutUnfinished`]. Does nothing without a network, or if another tab
    /// has finished it.
    pub fn finish_sign_out(&self) {
        if self.is_sign_out_unfinished() {
            self.leave_to_sign_out(self.unfinished_sign_out());
        } else {
            self.retract(&Notice::SignOutUnfinished);
        }
    }

    /// Finishes the sign-out that this page began while offline, a moment after the network is back: the first requests on a new
    /// connection often fail, and after a failed navigation, the browser shows its error page in place of the app.
    pub(super) fn finish_sign_out_soon(&self) {
        /// In milliseconds.
        const SETTLING: u32 = 1_000;
        if !self.0.page.borrow().finishes_sign_out {
            return;
        }
        let client = self.clone();
        self.platform().spawn(async move {
            client.platform().sleep(SETTLING).await;
            let is_possible = client.platform().is_online() && !client.is_away();
            if is_possible && client.page_mut(|page| std::mem::take(&mut page.finishes_sign_out)) {
                client.finish_sign_out();
            }
        });
    }

    /// Goes to Cognito's `/logout`, or waits for a network. `sign_out` is `None` if the browser could not store it.
    fn leave_to_sign_out(&self, sign_out: Option<SignOut>) {
        if self.is_away() {
            return;
        }
        let now = self.now();
        let is_online = self.platform().is_online();
        // Without a network, no tab is on its way, so no other tab has to give it time.
        let since = if is_online {
            now
        } else {
            now.saturating_sub(NAVIGATION + 1)
        };
        let sign_out = sign_out.map(|it| it.retried(since));
        if let Some(sign_out) = &sign_out {
            // The record is as long as before, so it fits.
            let _ = self.store().save_sign_out(sign_out);
        }
        self.page_mut(|page| page.finishes_sign_out = !is_online);
        let id = sign_out.map(|it| it.id().to_owned());
        let before = self.store().returning().filter(|before| before.id == id);
        let leaves = before.map_or(0, |before| before.leaves);
        let mut returning = Returning { id, since, leaves };
        if !is_online {
            self.store().save_returning(&returning);
            return self.show_signed_out(Some(Notice::SignOutUnfinished));
        }
        if self.returns_after_sign_out() {
            returning.leaves += 1;
            self.store().save_returning(&returning);
        } else {
            // Cognito leads the user to another page, so nothing will tell this app that the sign-out is finished.
            self.store().finish_sign_out();
            self.store().remove_returning();
        }
        self.set_redirecting();
        self.platform().navigate(&self.hosted_ui().sign_out_url());
    }

    /// Whether Cognito leads the user back to this app after a sign-out.
    fn returns_after_sign_out(&self) -> bool {
        let client = &self.hosted_ui().client;
        let origin_and_path = |url: &str| {
            let host = url.find("://").map_or(0, |at| at + 3);
            let path = url[host..].find('/').map_or(url.len(), |at| host + at);
            (url[..path].to_owned(), url[path..].to_owned())
        };
        let (app, _) = origin_and_path(client.redirect_uri.as_str());
        let (origin, path) = origin_and_path(client.logout_uri.as_str());
        app == origin && format!("{path}/").starts_with(&self.platform().base_path())
    }

    /// The sign-out that is unfinished at Cognito, as all tabs know.
    fn unfinished_sign_out(&self) -> Option<SignOut> {
        let last = self.store().last_sign_out();
        last.filter(|last| last.unfinished_for(self.now()).is_some())
    }

    /// Whether Cognito may still have a session after a sign-out, as all tabs know, or only this one.
    pub(super) fn is_sign_out_unfinished(&self) -> bool {
        let is_unshared = |returning: Returning| returning.id.is_none();
        self.unfinished_sign_out().is_some() || self.store().returning().is_some_and(is_unshared)
    }

    /// The notice about a sign-out, if there is one. It is needed when the page opens, and when the page is still shown, or shown
    /// again, after it tried to redirect. `comes_from_cognito` says whether Cognito's `/logout` may have redirected to the page.
    pub(super) fn notice_of_sign_out(&self, comes_from_cognito: bool) -> Option<Notice> {
        let now = self.now();
        let Some(returning) = self.store().returning() else {
            // Another tab may be on its way to Cognito.
            let unfinished_for = self.unfinished_sign_out()?.unfinished_for(now)?;
            return (unfinished_for > NAVIGATION).then_some(Notice::SignOutUnfinished);
        };
        // Late, the user has more likely entered the app's address after the browser failed to reach Cognito. A second time, the
        // way to Cognito and back just takes that long.
        let is_late = returning.leaves < 2 && now.abs_diff(returning.since) > NAVIGATION;
        if !comes_from_cognito || is_late {
            return self
                .is_sign_out_unfinished()
                .then_some(Notice::SignOutUnfinished);
        }
        self.store().remove_returning();
        if returning.id.is_none() {
            return Some(Notice::SignOutNotShared);
        }
        self.store().finish_sign_out();
        Some(SessionEnd::SignedOut.into())
    }

    /// Another tab has signed out. Only pages that were open at that time receive the message, so this page's session and
    /// requests are older than the sign-out. If the storage has no record of it, either the storage was full, and only this
    /// message can end the session, or the message is late, and other tabs have signed out and in since.
    pub(super) fn hear_of_sign_out(&self, sign_out: &SignOut) {
        self.page_mut(|page| page.sign_outs += 1);
        let last = self.store().last_sign_out();
        if last.is_some_and(|last| last.id() == sign_out.id()) {
            return self.tick();
        }
        if let Some(signed_out_at) = sign_out.unfinished_since() {
            self.store().remove_requests_until(signed_out_at);
        }
        let ended = match self.config().storage {
            // The other tab has removed what all tabs had.
            StorageArea::Local => self.0.page.borrow().unstored.clone(),
            StorageArea::Session => self.current(),
        };
        if let Some(ended) = ended {
            self.revoke(&ended);
            self.end_session(&ended, SessionEnd::EndedInAnotherTab);
        } else {
            self.tick();
        }
    }

    /// Revokes the refresh token of a session that has ended.
    pub(super) fn revoke(&self, session: &Session) {
        if let Some(form) = session.revocation_form(&self.hosted_ui().client) {
            self.post_revocation(form);
        }
    }

    /// Posts the forms again that could not be sent, unless the last attempt was just now.
    pub(super) fn post_unsent_revocations(&self) {
        let now = self.now();
        let unsent = self.page_mut(|page| {
            let is_due = page.revocations.allows(now);
            let unsent = is_due.then(|| std::mem::take(&mut page.unsent_revocations));
            unsent.unwrap_or_default()
        });
        for form in unsent {
            self.post_revocation(form);
        }
    }

    /// Posts a form to the revocation endpoint. Nothing waits for it: the session has ended in the app, even if the revocation
    /// fails. It outlives the page. After a failure, it is sent again as long as the page is open (RFC 7009, section 2.2.1).
    pub(super) fn post_revocation(&self, form: String) {
        let client = self.clone();
        self.platform().spawn(async move {
            let request = HttpRequest {
                keepalive: true,
                ..HttpRequest::form(client.hosted_ui().revocation_url(), form.clone())
            };
            let is_unsent = match client.platform().send(request).await {
                Ok(response) => token_endpoint::is_temporary(response.status),
                Err(error) => error == HttpError::Unreachable,
            };
            let now = client.now();
            client.page_mut(|page| {
                if is_unsent {
                    page.unsent_revocations.push(form);
                    page.revocations.fail(now);
                } else {
                    page.revocations = BackOff::default();
                }
            });
        });
    }
}
