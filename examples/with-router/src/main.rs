//! A Leptos app with public and guarded routes, signed in through Amazon Cognito's Hosted UI.

mod app;

mod guarded;

mod notice;

mod pages;

mod settings;

use leptos::prelude::*;
use leptos_cognito::take_callback;
use wasm_bindgen_futures::spawn_local;

use crate::app::App;

fn main() {
    // Before anything can fail: the response leaves the address bar and the history.
    let callback = take_callback();
    spawn_local(async move {
        match settings::load().await {
            Ok(config) => mount_to_body(move || view! { <App config callback/> }),
            Err(error) => {
                let error = error.to_string();
                mount_to_body(move || view! { <p role="alert">"config.json: " {error}</p> });
            }
        }
    });
}
