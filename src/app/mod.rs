//! What is shown, and when. [`auth`] brings `cognito` and `browser` together, [`screen`] says what its outcome looks
//! like, and [`App`] draws that.

pub mod auth;

mod records;

pub mod screen;

pub mod words;

use leptos::prelude::*;

use crate::browser::{location, page};
use crate::cognito::authorization::Callback;
use crate::config::{Config, ConfigError};
use auth::Auth;
use screen::{Action, Screen};

/// Puts the app in the place of what index.html shows while it loads.
pub fn mount(config: Result<Config, ConfigError>, callback: Option<Callback>) {
    if let Some(place) = page::emptied("app") {
        leptos::mount::mount_to(place, move || view! { <App config callback /> }).forget();
    }
}

/// The whole app: one screen after another.
///
/// Screens are values and this is the only view, because each further view costs every visitor about 1 KB.
#[component]
pub fn App(
    /// What `/config.json` said.
    config: Result<Config, ConfigError>,
    /// What the Hosted UI answered, if it opened this page.
    callback: Option<Callback>,
) -> impl IntoView {
    let auth = config.map(|config| Auth::start(config, callback));
    let act = {
        let auth = auth.as_ref().ok().copied();
        move |action| match (action, auth) {
            (Action::Enter(door), Some(auth)) => auth.sign_in(door),
            (Action::SignOut, Some(auth)) => auth.sign_out(),
            (Action::AskAgain, Some(auth)) => auth.ask_for_greeting(),
            (_, _) => location::reload(),
        }
    };
    move || {
        let screen = match &auth {
            Ok(auth) => auth.with_state(|state, config| {
                Screen::of(state, &config.hosted_ui.client.identity_providers)
            }),
            Err(error) => Screen::broken_settings(error),
        };
        let message = screen.message.map(|words| {
            view! {
                <div class="message" role="alert">
                    <p>{words.happened}</p>
                    <blockquote>{words.quoted}</blockquote>
                    <p>{words.remedy}</p>
                </div>
            }
        });
        let buttons = screen
            .actions
            .into_iter()
            .map(|action| {
                view! {
                    <button class=action.class() on:click={
                        let action = action.clone();
                        move |_| act(action.clone())
                    }>{action.name()}</button>
                }
            })
            .collect_view();
        view! {
            <h1 aria-live="polite">{screen.title}</h1>
            {message}
            <p>{screen.text}</p>
            {buttons}
        }
    }
}
