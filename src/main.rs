//! Takes the Hosted UI's response out of the URL, loads the settings, and shows the app.

use cognito_spa::app::App;
use cognito_spa::{loading, settings};
use leptos::prelude::*;
// Leptos' own `spawn_local` needs the executor, which only mounting sets up.
use wasm_bindgen_futures::spawn_local;

fn main() {
    // Must come first: it removes the response from the address bar and the history, unless index.html has done so.
    let callback = leptos_cognito::take_callback();
    spawn_local(async move {
        let settings = settings::load(&leptos_cognito::base_url()).await;
        let loading = loading::remove();
        mount_to_body(move || view! { <App settings callback/> });
        loading.carry_on();
    });
}
