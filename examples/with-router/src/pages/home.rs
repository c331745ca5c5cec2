//! The home page, for everyone.

use leptos::prelude::*;
use leptos_router::components::A;

#[component]
pub fn Home() -> impl IntoView {
    view! {
        <h1>"Corner Shop"</h1>
        <p>"Everyone can read this page."</p>
        <p>"To see your " <A href="/orders">"orders"</A> ", sign in."</p>
    }
}
