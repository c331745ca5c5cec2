//! The user's orders: a list from the API, and a form that adds to it.

use leptos::prelude::*;
use leptos_cognito::{ApiError, Session, use_api};
use serde::{Deserialize, Serialize};

#[derive(Clone, Deserialize)]
struct Order {
    id: u32,
    item: String,
}

#[derive(Serialize)]
struct NewOrder {
    item: String,
}

/// The page.
#[component]
pub fn Orders(
    /// The user's session.
    session: Signal<Session>,
) -> impl IntoView {
    let api = use_api();
    let email = move || session.with(|session| session.claims().display_name().to_owned());
    let orders = LocalResource::new(move || api.get::<Vec<Order>>("/orders"));
    let loaded = move || orders.get().and_then(Result::ok).unwrap_or_default();
    let item = RwSignal::new(String::new());
    let place_order = Action::new_local(move |_: &()| async move {
        let new_order = NewOrder {
            item: item.get_untracked(),
        };
        let _: Order = api.post("/orders", &new_order).await?;
        item.set(String::new());
        orders.refetch();
        Ok::<_, ApiError>(())
    });
    let (is_pending, outcome) = (place_order.pending(), place_order.value());
    let error = move || orders.get()?.err().or_else(|| outcome.get()?.err());
    view! {
        <h1>"Orders of " {email}</h1>
        <ul>
            <For each=loaded key=|order| order.id let:order><li>{order.item}</li></For>
        </ul>
        <form on:submit=move |event| {
            event.prevent_default();
            if !is_pending.get() {
                place_order.dispatch(());
            }
        }>
            <label for="item">"Item"</label>
            <input id="item" required bind:value=item/>
            <button>"Order"</button>
        </form>
        {move || error().map(|error| view! { <p role="alert">{error.to_string()}</p> })}
    }
}
