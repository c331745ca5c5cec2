//! The header of every page: the app's name, the signed-in user, and *Sign out*.

use leptos::prelude::*;
use leptos_cognito::{SignOutButton, use_auth};

use crate::language::use_language;

/// The app's name, from `<meta name="application-name">` in index.html.
#[must_use]
pub fn app_name() -> String {
    let meta = document().query_selector("meta[name=application-name]");
    let name = meta
        .ok()
        .flatten()
        .and_then(|it| it.get_attribute("content"));
    name.unwrap_or_default()
}

/// The header without a user.
#[component]
pub fn Header(
    /// The content after the app's name.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <header>
            <svg viewBox="0 0 16 16" aria-hidden="true">
                <rect width="16" height="16" rx="4"></rect>
                <circle cx="8" cy="6" r="2.5"></circle>
                <path d="M3.5 13a4.5 4 0 0 1 9 0z"></path>
            </svg>
            <strong>{app_name()}</strong>
            {children.map(|children| children())}
        </header>
    }
}

/// The header with the signed-in user.
#[component]
pub fn UserHeader() -> impl IntoView {
    let auth = use_auth();
    let language = use_language();
    let user = move || {
        let t = language.texts();
        auth.state().get().session().map(|session| {
            view! {
                <span class="user">{session.claims().display_name().to_owned()}</span>
                <SignOutButton>{t.sign_out}</SignOutButton>
            }
        })
    };
    view! { <Header>{user}</Header> }
}
