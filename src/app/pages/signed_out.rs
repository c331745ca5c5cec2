//! The page for somebody who is not signed in.

use leptos::prelude::*;

use crate::app::auth::Auth;
use crate::app::components::{Frame, Message};

/// Offers to sign in, after saying why there is no session if there is something to say.
#[component]
pub fn SignedOut(
    /// How to sign in.
    auth: Auth,
) -> impl IntoView {
    view! {
        <Frame>
            <h1>"Welcome"</h1>
            {move || auth.notice().map(|words| view! { <Message words /> })}
            <p>"Sign in with your account, and the server will greet you."</p>
            <button class="primary" on:click=move |_| auth.sign_in()>
                "Sign in"
            </button>
        </Frame>
    }
}
