//! What stands around every page.

use leptos::prelude::*;

/// The bar with the app's name and, if somebody is signed in, the account; below it one card.
#[component]
pub fn Frame(
    /// Who is signed in and how to sign out.
    #[prop(optional, into)]
    account: Option<AnyView>,
    /// The card's content.
    children: Children,
) -> impl IntoView {
    view! {
        <header class="bar">
            <span class="name">"Hi Users"</span>
            {account}
        </header>
        <main class="card">{children()}</main>
    }
}
