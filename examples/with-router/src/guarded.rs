//! The guard of a route: its page for a signed-in user, and a sign-in page at the same path for everyone else.

use leptos::either::Either;
use leptos::prelude::*;
use leptos_cognito::{AuthState, Session, SignInButton, SignedIn, use_auth};

/// Shows a page that takes a session. leptos_router's `ProtectedRoute` would redirect to another path; this one stays at its
/// own, so the user returns to it after signing in.
#[component]
pub fn Guarded<F, V>(
    /// What the user signs in to see, such as "your orders".
    what: &'static str,
    /// The page, given the session.
    children: F,
) -> impl IntoView
where
    F: Fn(Signal<Session>) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let fallback = move || view! { <SignIn what/> };
    view! { <SignedIn fallback children/> }
}

#[component]
fn SignIn(what: &'static str) -> impl IntoView {
    let state = use_auth().state();
    move || match state.get() {
        AuthState::SignedOut => Either::Left(view! {
            <h1>"Sign in to see " {what}</h1>
            <p>"Afterwards you return to this page."</p>
            <SignInButton>"Sign in"</SignInButton>
        }),
        // The response is being verified, or the browser is on its way to the Hosted UI.
        _ => Either::Right(view! { <p>"One moment…"</p> }),
    }
}
