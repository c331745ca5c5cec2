//! What is shown, and when. [`auth`] brings `cognito` and `browser` together, [`pages`] say what its outcome looks like,
//! and [`draw`] draws that.

pub mod auth;

mod records;

pub mod words;

pub mod screen;

pub mod ui;

pub mod shell;

pub mod pages;

pub mod checks;

pub mod guarded;

mod draw;

use web_sys::HtmlElement;

use crate::browser::{elements, page};
use crate::cognito::authorization::Callback;
use crate::config::{Config, ConfigError};
use auth::Auth;
use shell::Shell;
use words::Words;

/// Puts the app in the place of what index.html shows while it loads.
pub fn mount(config: Result<Config, ConfigError>, callback: Option<Callback>, words: Words) {
    if let Some(place) = page::emptied("app") {
        mount_to(place, config, callback, words, pages::OWN);
    }
}

/// Puts the app into this element, with these pages besides its own.
pub fn mount_to(
    place: HtmlElement,
    config: Result<Config, ConfigError>,
    callback: Option<Callback>,
    words: Words,
    pages: &'static [guarded::Page],
) {
    let root = place.clone();
    let app = move || {
        let auth = config.map(|config| Auth::start(config, callback));
        let shell = Shell::new(auth, words, pages);
        elements::on_press(&root, move |number| shell.press(number));
        if let (Some(auth), false) = (shell.auth(), pages.is_empty()) {
            guarded::mount(elements::put_into(&root, "main"), auth, shell.ui(), pages);
        }
        move || shell.page()
    };
    leptos::mount::mount_to_renderer(&place, app).forget();
}
