//! What is shown, and when. [`auth`] brings `cognito` and `browser` together, and [`pages`] say what its outcome looks
//! like.

pub mod auth;

mod records;

pub mod words;

pub mod screen;

pub mod ui;

pub mod shell;

pub mod pages;

pub mod checks;

pub mod guarded;

mod watched;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::browser::elements::{self, Element};
use crate::browser::page;
use crate::cognito::authorization::Callback;
use crate::config::{Config, ConfigError};
use auth::Auth;
use shell::Shell;
use words::Words;

/// Goes on with what index.html shows while the app loads.
pub fn mount(config: Result<Config, ConfigError>, callback: Option<Callback>, words: Words) {
    if let Some(place) = page::find("#app") {
        let shell = mount_to(place, config, callback, words, pages::OWN);
        // “Sign in”, before the app was there.
        if page::find(".pressed").is_some() {
            shell.enter();
        }
    }
}

/// Puts the app into this element, with these pages besides its own. What is there is the page's first look, and is
/// changed into the app's, so that it keeps the focus and a press that has begun.
pub fn mount_to(
    place: HtmlElement,
    config: Result<Config, ConfigError>,
    callback: Option<Callback>,
    words: Words,
    pages: &'static [guarded::Page],
) -> Shell {
    let auth = config.map(|config| Auth::start(config, callback));
    let shell = Shell::new(auth, words, pages);
    elements::on_press(&place, move |button| shell.press(button));
    let root = place.clone();
    let first = place.first_element_child();
    let mut drawn = first.map(|made| (pages::first(), made));
    // A typed view for each part of a page would cost every visitor 6 KB.
    watched::keep_drawn(move || {
        let page = shell.page();
        let made = match drawn.take() {
            None => elements::put_into(&root, &page),
            Some((before, made)) => {
                page.change(&before, &made);
                made
            }
        };
        drawn = Some((page, made));
    });
    if let (Some(auth), false) = (shell.auth(), pages.is_empty()) {
        let page = elements::put_into(&place, &Element::new("main", ""));
        guarded::mount(page.unchecked_into(), auth, shell.ui(), pages);
    }
    shell
}
