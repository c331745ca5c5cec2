//! The user's profile, as the ID token describes it.

use leptos::prelude::*;
use leptos_cognito::{Session, use_auth};

#[component]
pub fn Profile(session: Signal<Session>) -> impl IntoView {
    let now = use_auth().now();
    let claims = move || session.with(|session| session.claims().clone());
    let minutes_left = move || session.with(|session| session.time_left(now.get()).div_ceil(60));
    view! {
        <h1>"Your profile"</h1>
        <dl>
            <dt>"Email"</dt>
            <dd>{move || claims().email}</dd>
            <dt>"User ID"</dt>
            <dd>{move || claims().sub}</dd>
            <dt>"Minutes left in this session"</dt>
            <dd>{minutes_left}</dd>
        </dl>
    }
}
