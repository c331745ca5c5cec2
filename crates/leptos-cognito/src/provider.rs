//! The provider: it owns the state and the browser listeners, and drops both when it is removed.

use std::sync::Arc;

use cognito_hosted_ui::AuthorizationCallback;
use gloo_timers::callback::Interval;
use leptos::prelude::*;
use leptos::tachys::reactive_graph::OwnedView;
use send_wrapper::SendWrapper;

use crate::auth::Auth;
use crate::browser::location;
use crate::client::Client;
use crate::config::AuthConfig;

/// (D) Takes the Hosted UI's response out of the page's URL and the browser's history.
///
/// Call it first in `main`, before anything can fail or send a request, and pass the result to the [`AuthProvider`]. Returns
/// `None` if the URL contains no response.
///
/// Until the WebAssembly module runs, and if it cannot be loaded, the response stays in the URL. To prevent that, put
/// this script at the top of the page's `<head>`. It removes the response before the page requests anything, and this function
/// finds the response in `window.cognitoCallback`:
///
/// ```html
/// <script>
///   if (/[?#&](id_token|access_token|code|error)=/.test(location.search + location.hash)) {
///     window.cognitoCallback = location.search + location.hash;
///     history.replaceState(null, "", location.origin + location.pathname);
///   }
/// </script>
/// ```
#[must_use = "it contains the Hosted UI's response: pass it to the AuthProvider"]
pub fn take_callback() -> Option<AuthorizationCallback> {
    let saved = location::take_saved_query_and_fragment();
    let is_saved = saved.is_some();
    let (query, fragment) = saved.unwrap_or_else(location::query_and_fragment);
    let callback = AuthorizationCallback::find(&query, &fragment);
    match &callback {
        Some(callback) => location::replace_query_and_fragment(&callback.remaining_query, ""),
        // The page's script removed it, but it is not a response.
        None if is_saved => location::replace_query_and_fragment(&query, &fragment),
        None => {}
    }
    callback
}

/// The app's own URL, with a trailing slash: `<base href>`, or else the root of the origin. [`AuthConfig::new`] uses it as the
/// callback URL and the sign-out URL.
#[must_use]
pub fn base_url() -> String {
    location::base().0
}

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
    let client = Arc::new(Client::new(config, location::assign));
    provide(client, children, move |client| {
        client.start(callback.or_else(take_callback));
        listen(client);
        // A restored session may already need a refresh.
        client.tick();
    })
}

/// Renders `children` with the client in their context, under a separate reactive owner: whatever `begin` registers is cleaned
/// up with the children.
pub(crate) fn provide<C: IntoView + 'static>(
    client: Arc<Client>,
    children: TypedChildren<C>,
    begin: impl FnOnce(&Arc<Client>),
) -> impl IntoView {
    let owner = Owner::current().unwrap_or_default().child();
    let children = owner.with(|| {
        begin(&client);
        provide_context(Auth::new(client));
        children.into_inner()()
    });
    OwnedView::new_with_owner(children, owner)
}

/// Ticks every few seconds, and on every event that can change the session.
fn listen(client: &Arc<Client>) {
    /// In milliseconds. There is no timer for the end of the session, because timers stop while the computer sleeps.
    const INTERVAL: u32 = 5_000;
    let react = |react: fn(&Arc<Client>)| {
        let client = Arc::clone(client);
        move || react(&client)
    };
    let interval = SendWrapper::new(Interval::new(INTERVAL, react(Client::tick)));
    on_cleanup(move || drop(interval));

    let on = |event: &str, react: Box<dyn Fn()>| {
        let handle = window_event_listener_untyped(event, move |_| react());
        on_cleanup(move || handle.remove());
    };
    // Another tab has changed the storage, the page becomes visible or is restored from the history, or the network is lost.
    for event in ["storage", "visibilitychange", "pageshow", "offline"] {
        on(event, Box::new(react(Client::tick)));
    }
    on("online", Box::new(react(Client::network_is_back)));
    on("pagehide", Box::new(react(|client| client.page_hidden())));
    // If only the fragment changes, as when the user pastes a response into the address bar, the browser does not reload.
    on(
        "hashchange",
        Box::new(|| {
            let (query, fragment) = location::query_and_fragment();
            if AuthorizationCallback::find(&query, &fragment).is_some() {
                location::reload();
            }
        }),
    );
}
