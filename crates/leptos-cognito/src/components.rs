//! Components that depend on who is signed in.

use cognito_session::AuthState;
use cognito_session::cognito_hosted_ui::{HostedUiPage, Session};
use leptos::either::EitherOf3;
use leptos::prelude::*;

use crate::auth::use_auth;
use crate::cleanup::unsubscribe_on_cleanup;

/// Shows its children while a user is signed in, and passes them the session: `<SignedIn let:session>`.
///
/// The children are recreated only when the user changes. A refresh updates the signal in place, so it does not clear a
/// half-filled form.
#[component]
pub fn SignedIn<F, V>(
    /// The view for a signed-in user, given the session.
    children: F,
    /// The view while no one is signed in. It is also shown during the verification of a response and the redirect to the
    /// Hosted UI; see [`Auth::state`](crate::Auth::state).
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView
where
    F: Fn(Signal<Session>) -> V + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let state = use_auth().state();
    // The user, and a flag that flips whenever the user changes.
    let user = Memo::new(move |last: Option<&(Option<String>, bool)>| {
        unsubscribe_on_cleanup();
        let sub = state.with(|state| state.session().map(|it| it.claims().sub.clone()));
        let flag = last.is_some_and(|(last, flag)| flag ^ (*last != sub));
        (sub, flag)
    });
    move || {
        let (sub, flag) = user.get();
        let first = state.with_untracked(|state| state.session().cloned());
        let Some((sub, first)) = sub.zip(first) else {
            return EitherOf3::A(fallback.run());
        };
        // While the children are being removed, they keep the last session.
        let session = Memo::new(move |last: Option<&Session>| {
            unsubscribe_on_cleanup();
            let current = state.with(|state| state.session().cloned());
            let is_same_user = |current: &Session| current.claims().sub == sub;
            let last = || last.unwrap_or(&first).clone();
            current.filter(is_same_user).unwrap_or_else(last)
        });
        let children = children(session.into());
        // Within one branch, Leptos would patch the previous user's elements and keep their input. `<For>` with the user as
        // its key would also recreate them, but adds 4 kB.
        match flag {
            false => EitherOf3::B(children),
            true => EitherOf3::C(children),
        }
    }
}

/// Shows its children while no one is signed in and no sign-in is in progress: neither during the verification of a response
/// nor during the redirect to the Hosted UI.
#[component]
pub fn SignedOut(
    /// The view for a signed-out user.
    children: ChildrenFn,
) -> impl IntoView {
    let state = use_auth().state();
    let is_signed_out = Memo::new(move |_| {
        unsubscribe_on_cleanup();
        state.with(|state| *state == AuthState::SignedOut)
    });
    move || is_signed_out.get().then(|| children().into_any())
}

/// A button that redirects to the Hosted UI.
#[component]
pub fn SignInButton(
    /// The page of the Hosted UI. The default is the sign-in page.
    #[prop(optional)]
    page: HostedUiPage,
    /// The button's CSS class.
    #[prop(optional)]
    class: Option<&'static str>,
    /// The button's text.
    children: Children,
) -> impl IntoView {
    let auth = use_auth();
    view! {
        <button type="button" class=class on:click=move |_| auth.sign_in_at(page.clone())>
            {children()}
        </button>
    }
}

/// A button that ends the session in the app and at Cognito.
#[component]
pub fn SignOutButton(
    /// The button's CSS class.
    #[prop(optional)]
    class: Option<&'static str>,
    /// The button's text.
    children: Children,
) -> impl IntoView {
    let auth = use_auth();
    view! {
        <button type="button" class=class on:click=move |_| auth.sign_out()>
            {children()}
        </button>
    }
}
