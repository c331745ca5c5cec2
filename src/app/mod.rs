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

use web_sys::HtmlElement;

use crate::browser::elements::{self, Element};
use crate::browser::page;
use crate::cognito::authorization::Callback;
use crate::config::{Config, ConfigError};
use auth::Auth;
use shell::Shell;
use words::Words;

/// Puts the app in the place of what index.html shows while it loads.
pub fn mount(config: Result<Config, ConfigError>, callback: Option<Callback>, words: Words) {
    // What was done there before (index.html) goes on here.
    let (is_pressed, is_focused) = (page::has(".pressed"), page::has("#app :focus"));
    if let Some(place) = page::emptied("app") {
        let shell = mount_to(place, config, callback, words, pages::OWN);
        if is_pressed {
            shell.enter();
        }
        if is_focused {
            page::focus("#app .primary");
        }
    }
}

/// Puts the app into this element, with these pages besides its own.
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
    if let (Some(auth), false) = (shell.auth(), pages.is_empty()) {
        let page = elements::add_to(&place, &Element::new("main", ""));
        guarded::mount(page, auth, shell.ui(), pages);
    }
    // A typed view for each part of a page would cost every visitor 6 KB.
    let mut drawn: Option<(Element, HtmlElement)> = None;
    watched::keep_drawn(move || {
        let page = shell.page();
        let made = match drawn.take() {
            None => elements::add_to(&place, &page),
            Some((before, made)) => {
                page.change(&before, &made);
                made
            }
        };
        drawn = Some((page, made));
    });
    shell
}
