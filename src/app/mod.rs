//! What is shown, and when. Pages take what they show; only [`auth`] brings `cognito` and `browser` together.

pub mod auth;

mod components;

mod pages;

mod words;

use leptos::either::Either;
use leptos::prelude::*;

use crate::browser::page;
use crate::cognito::authorization::Callback;
use crate::config::{Config, ConfigError};
use auth::Auth;
use pages::{BrokenSettings, SignedIn, SignedOut};

/// Puts the app in the place of what index.html shows while it loads.
pub fn mount(config: Result<Config, ConfigError>, callback: Option<Callback>) {
    if let Some(place) = page::emptied("app") {
        leptos::mount::mount_to(place, move || view! { <App config callback /> }).forget();
    }
}

/// The whole app: a page for broken settings, else one of the two that a person knows.
#[component]
pub fn App(
    /// What `/config.json` said.
    config: Result<Config, ConfigError>,
    /// What the Hosted UI answered, if it opened this page.
    callback: Option<Callback>,
) -> impl IntoView {
    match config {
        Err(error) => Either::Left(view! { <BrokenSettings error /> }),
        Ok(config) => {
            let auth = Auth::start(config, callback);
            Either::Right(move || match auth.session() {
                None => Either::Left(view! { <SignedOut auth /> }),
                Some(session) => Either::Right(view! { <SignedIn auth session /> }),
            })
        }
    }
}
