//! The provider: it owns the client and its listeners, and drops both when it is removed. Shows the client's snapshot as signals.

use cognito_session::cognito_hosted_ui::AuthorizationCallback;
use cognito_session::web::{Browser, listen, take_callback};
use cognito_session::{AuthConfig, AuthState, Notice, SessionClient, Snapshot};
use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;

use crate::auth::Auth;

/// Signs users in and keeps their session. Components inside it can call [`use_auth`](crate::use_auth) and
/// [`use_api`](crate::use_api).
///
/// It restores a stored session, handles the Hosted UI's response, refreshes the session before it expires, and stays in sync
/// with other tabs. Its listeners and its timer are removed with it.
#[component]
pub fn AuthProvider<C: IntoView + 'static>(
    /// Your user pool, your API, and where the session is stored.
    config: AuthConfig,
    /// What [`take_callback`] returned. Without it, the provider calls [`take_callback`] itself.
    #[prop(optional_no_strip)]
    callback: Option<AuthorizationCallback>,
    /// The components that can use the session.
    children: TypedChildren<C>,
) -> impl IntoView {
    provide(children, |signals| {
        let show = signals.clone();
        let client = SessionClient::new(config, Browser::new(), move |it| show.show(it));
        client.start(callback.or_else(take_callback));
        // They are dropped with the owner.
        StoredValue::new_local(listen(&client));
        client
    })
}

/// Renders `children` with a client in their context, under a separate reactive owner: whatever `begin` creates is cleaned up
/// with the children. The client has to show its snapshots in these signals.
pub(crate) fn provide<C: IntoView + 'static>(
    children: TypedChildren<C>,
    begin: impl FnOnce(&Signals) -> SessionClient<Browser>,
) -> impl IntoView {
    let owner = Owner::current().unwrap_or_default().child();
    let children = owner.with(|| {
        let signals = Signals::new();
        let client = begin(&signals);
        signals.show(&client.snapshot());
        provide_context(Auth::new(client, &signals));
        children.into_inner()()
    });
    OwnedView::new_with_owner(children, owner)
}

/// What the page shows, as signals. They are not bound to an owner, because the client may outlive the provider: a refresh
/// that has used up a refresh token must store the new one.
#[derive(Clone)]
pub(crate) struct Signals {
    pub state: ArcRwSignal<AuthState>,
    pub notice: ArcRwSignal<Option<Notice>>,
    pub is_refreshing: ArcRwSignal<bool>,
    pub now: ArcRwSignal<u64>,
}

impl Signals {
    fn new() -> Self {
        Self {
            state: ArcRwSignal::new(AuthState::SigningIn),
            notice: ArcRwSignal::new(None),
            is_refreshing: ArcRwSignal::new(false),
            now: ArcRwSignal::new(0),
        }
    }

    pub fn show(&self, snapshot: &Snapshot) {
        set(&self.notice, &snapshot.notice);
        set(&self.state, &snapshot.state);
        set(&self.is_refreshing, &snapshot.is_refreshing);
        set(&self.now, &snapshot.now);
    }
}

/// Notifies the readers of a signal only if its value changes: a tick is nothing to those who do not read the time.
fn set<T: PartialEq + Clone + Send + Sync + 'static>(signal: &ArcRwSignal<T>, value: &T) {
    if signal.with_untracked(|current| current != value) {
        signal.set(value.clone());
    }
}
