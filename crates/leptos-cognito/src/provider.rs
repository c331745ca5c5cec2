//! The provider: it owns the client and its listeners, and drops both when it is removed.

use cognito_session::cognito_hosted_ui::AuthorizationCallback;
use cognito_session::web::{Browser, listen, take_callback};
use cognito_session::{AuthConfig, SessionClient};
use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;

use crate::auth::Auth;
use crate::signals::Signals;

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
