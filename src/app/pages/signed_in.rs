//! The page for somebody who is signed in.

use leptos::either::EitherOf3;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::ApiError;
use crate::app::auth::Auth;
use crate::app::components::{Frame, Message};
use crate::cognito::session::{Session, SessionEnd};

/// (E) Asks the API for the greeting and (F) shows it.
#[component]
pub fn SignedIn(
    /// How to sign out.
    auth: Auth,
    /// Whose page this is.
    session: Session,
) -> impl IntoView {
    let name = session.claims().display_name().to_owned();
    let api = auth.api(&session);
    let answer = RwSignal::new(None);
    let ask = move || {
        let api = api.clone();
        answer.set(None);
        spawn_local(async move {
            match api.hi_users().await {
                Err(ApiError::Unauthorized) => auth.end(SessionEnd::Rejected),
                other => answer.set(Some(other)),
            }
        });
    };
    ask();

    let account = view! {
        <div class="account">
            <span class="who">{name}</span>
            <button on:click=move |_| auth.sign_out()>"Sign out"</button>
        </div>
    };
    let greeting = move || match answer.get() {
        None => EitherOf3::A(view! { <p role="status">"Asking the server for your greeting…"</p> }),
        Some(Ok(message)) => EitherOf3::B(view! { <h1 role="status">{message}</h1> }),
        Some(Err(error)) => EitherOf3::C(view! {
            <h1>"No greeting this time"</h1>
            <Message words=error />
            <button on:click={
                let ask = ask.clone();
                move |_| ask()
            }>"Try again"</button>
        }),
    };
    view! {
        <Frame account=account.into_any()>
            {move || auth.notice().map(|words| view! { <Message words /> })}
            {greeting}
        </Frame>
    }
}
