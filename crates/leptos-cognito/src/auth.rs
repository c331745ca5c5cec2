//! The handle that components use: signals for the state, and commands.

use cognito_session::cognito_hosted_ui::HostedUiPage;
use cognito_session::web::Browser;
use cognito_session::{AuthState, Notice, SessionClient};
use leptos::prelude::*;

use crate::signals::Signals;

/// The handle of an [`AuthProvider`](crate::AuthProvider); see [`use_auth`]. All copies refer to the same provider, and the
/// signals live as long as it does: what reads them and is removed earlier should
/// [`unsubscribe_on_cleanup`](crate::unsubscribe_on_cleanup).
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    client: StoredValue<SessionClient<Browser>, LocalStorage>,
    state: ReadSignal<AuthState>,
    notice: ReadSignal<Option<Notice>>,
    is_refreshing: ReadSignal<bool>,
    now: ReadSignal<u64>,
}

/// The handle of the [`AuthProvider`](crate::AuthProvider) around this component.
///
/// # Panics
/// Outside of an [`AuthProvider`](crate::AuthProvider).
#[track_caller]
#[must_use]
pub fn use_auth() -> Auth {
    expect_context()
}

impl Auth {
    /// A handle that is owned by the current reactive owner.
    pub(crate) fn new(client: SessionClient<Browser>, signals: &Signals) -> Self {
        Self {
            client: StoredValue::new_local(client),
            state: signals.state.read_only().into(),
            notice: signals.notice.read_only().into(),
            is_refreshing: signals.is_refreshing.read_only().into(),
            now: signals.now.read_only().into(),
        }
    }

    /// The state of the sign-in.
    #[must_use]
    pub fn state(self) -> ReadSignal<AuthState> {
        self.state
    }

    /// What the user should know.
    #[must_use]
    pub fn notice(self) -> ReadSignal<Option<Notice>> {
        self.notice
    }

    /// Whether the session is being refreshed.
    #[must_use]
    pub fn is_refreshing(self) -> ReadSignal<bool> {
        self.is_refreshing
    }

    /// Seconds since 1970 by this device's clock, updated every few seconds. Use it to display a session's remaining time.
    #[must_use]
    pub fn now(self) -> ReadSignal<u64> {
        self.now
    }

    /// Redirects to the Hosted UI's sign-in page. The user returns to the current path, query and route.
    pub fn sign_in(self) {
        self.sign_in_at(HostedUiPage::SignIn);
    }

    /// Redirects to a page of the Hosted UI. Its language is the page's `<html lang>`, unless the configuration sets one.
    ///
    /// While a sign-out is unfinished at Cognito, this finishes it instead: the Hosted UI would sign the user in again without
    /// a password.
    pub fn sign_in_at(self, page: HostedUiPage) {
        if let Some(client) = self.client() {
            client.sign_in(page);
        }
    }

    /// Ends the session in the app and at Cognito: removes it in all tabs, revokes the refresh token, and redirects to
    /// `/logout`. Without a network, the page stays and says [`Notice::SignOutUnfinished`].
    pub fn sign_out(self) {
        if let Some(client) = self.client() {
            client.sign_out();
        }
    }

    /// Finishes a sign-out at Cognito, after [`Notice::SignOutUnfinished`]. Does nothing without a network.
    pub fn finish_sign_out(self) {
        if let Some(client) = self.client() {
            client.finish_sign_out();
        }
    }

    /// Refreshes the session now, unless a refresh is in progress. Does nothing without a refresh token.
    pub fn refresh(self) {
        if let Some(client) = self.client() {
            client.refresh_now();
        }
    }

    /// Whether the browser allows the storage that a sign-in needs.
    #[must_use]
    pub fn can_store(self) -> bool {
        self.client().is_some_and(|client| client.can_store())
    }

    /// The client, unless the provider has been removed.
    pub(crate) fn client(self) -> Option<SessionClient<Browser>> {
        self.client.try_get_value()
    }
}
