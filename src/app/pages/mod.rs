//! The pages, by their routes: what follows `#` in the address.

pub mod home;

pub mod setup;

pub mod sign_in;

use crate::browser::elements::Element;

use super::guarded::Page;
use super::screen::{Action, Screen};
use super::ui::Ui;
use super::words::{LANGUAGES, Word};

/// Pages of your own, each one a line: `("orders", orders::page)`.
pub const OWN: &[Page] = &[];

/// What index.html shows before the app is there: which elements with which attributes, whatever they say.
#[must_use]
pub fn first() -> Element {
    let mut page = Element::new("div", "page");
    let hero = page.add("main", "").add("section", "hero");
    hero.add("h1", "");
    hero.add("p", "");
    let buttons = hero.add("div", "buttons");
    buttons.add("button", "").set("class", "");
    let loading = buttons.add("button", "");
    loading.set("class", "").set("aria-disabled", "");
    hero.add("p", "late");
    page
}

/// The page: the screen, unless a page of your own is shown, and what stands below every page: news, the way to the other
/// page, the languages. And what its buttons do.
#[must_use]
pub fn framed(mut screen: Screen, is_shown: bool, ui: &Ui) -> (Element, Vec<Action>) {
    let words = ui.words;
    let mut footer = Element::new("footer", "");
    footer.add("p", "").set("role", "status").say(ui.news());
    let (href, link) = match ui.route.as_str() {
        "setup" => ("#", words.say(Word::Home)),
        _ => ("#setup", words.say(Word::Setup)),
    };
    footer.add("a", "").set("href", href).say(link);
    for (tag, name) in LANGUAGES {
        let is_spoken = match *tag == words.tag {
            true => "true",
            false => "false",
        };
        let number = screen.number(Action::Speak(tag));
        let button = footer.add("button", "").say(name).set("value", &number);
        button.set("lang", tag).set("aria-pressed", is_spoken);
    }
    let mut page = Element::new("div", "page");
    if is_shown {
        page.put(screen.main);
    }
    page.put(footer);
    (page, screen.actions)
}
