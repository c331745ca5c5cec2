//! What a person sees, as a value: made from the state alone, so that every screen can be looked at in a test.

use crate::browser::elements::Element;
use crate::cognito::hosted_ui::Door;
use crate::cognito::json::decimal;

use super::words::{Message, Word, Words};

/// One screen, written from top to bottom: first the heading and what belongs to it, then sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// What is on it.
    pub main: Element,
    /// What its buttons do: the number of each is its button's `value`.
    pub actions: Vec<Action>,
    /// Whether it says, or may soon say, what is not in the first part of the words.
    pub needs_words: bool,
}

/// How something is to be taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// As it is.
    #[default]
    None,
    /// It is as it should be.
    Good,
    /// It is not.
    Bad,
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Leave for the Hosted UI.
    Enter(Door),
    /// Forget the session and leave for the Hosted UI's sign-out.
    SignOut,
    /// Renew the session now.
    Renew,
    /// Ask the API for the greeting once more.
    CallAgain,
    /// Load the page, and with it the settings, again.
    Reload,
    /// Copy this text.
    Copy(String),
    /// Show this much to a developer.
    Show(Shown),
    /// Make the checks again.
    CheckAgain,
    /// Speak the language with this tag.
    Speak(&'static str),
}

/// How much a developer is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    #[default]
    Nothing,
    /// The claims, and the call without its token.
    Claims,
    /// And a warning, because the token was asked for.
    Warning,
    /// And the token.
    Token,
}

impl Screen {
    /// Begins a screen with its heading and a line below.
    #[must_use]
    pub fn new(title: &str, text: &str) -> Self {
        let mut main = Element::new("main", "");
        let hero = main.add("section", "hero");
        let heading = hero.add("h1", "").say(title);
        // A change of the page brings the focus here, and a change of the heading is read out.
        heading.set("tabindex", "-1").set("aria-live", "polite");
        hero.add("p", "").say(text);
        hero.add("table", "");
        hero.add("div", "buttons");
        Self {
            main,
            actions: Vec::new(),
            needs_words: false,
        }
    }

    /// Says between the heading and the line below that something went otherwise than expected.
    pub fn warn(&mut self, message: &Message) {
        self.needs_words = true;
        // Its words are not there yet.
        if message.happened.is_empty() {
            return;
        }
        let alert = self.section_here().insert(1, "div", "message");
        alert.set("role", "alert");
        alert.add("p", "").say(&message.happened);
        let quoted = message.quoted.as_deref().unwrap_or_default();
        alert.add("blockquote", "").say(quoted);
        alert.add("p", "").say(message.remedy);
    }

    /// Begins a section.
    pub fn section(&mut self, title: &str, text: &str) {
        self.needs_words = true;
        let section = self.main.add("section", "");
        section.add("h2", "").say(title);
        section.add("p", "").say(text);
        section.add("table", "");
        section.add("div", "buttons");
    }

    /// Shows as a bar how much of how much is left, in a section that has just begun.
    pub fn bar(&mut self, name: &str, left: u64, whole: u64) {
        let bar = self.section_here().insert(2, "progress", "");
        bar.set("aria-label", name);
        bar.set("max", &decimal(whole));
        bar.set("value", &decimal(left));
    }

    /// Adds a name and its value to the section.
    pub fn row(&mut self, name: &str, value: &str, mark: Mark) {
        let row = self.table().add(
            "tr",
            match mark {
                Mark::None => "",
                Mark::Good => "good",
                Mark::Bad => "bad",
            },
        );
        row.add("th", "").set("scope", "row").say(name);
        row.add("td", "").add("span", "").say(value);
    }

    /// Adds to the last row what it means.
    pub fn note(&mut self, text: &str) {
        self.table().last().last().add("small", "").say(text);
    }

    /// Adds a button to the last row, which copies a text of this name.
    pub fn copy(&mut self, name: &str, text: &str, words: Words) {
        let number = self.number(Action::Copy(text.to_owned()));
        let button = self.table().last().last().add("button", "");
        button.say(words.say(Word::Copy)).set("value", &number);
        button.set("aria-label", &words.fill(Word::CopyWhat, name));
    }

    /// Adds a button to the section. One that comes and goes stands behind those that stay, so that none takes another's
    /// place under a finger that is about to press it.
    pub fn button(&mut self, action: Action, name: &str) -> &mut Element {
        let number = self.number(action);
        let place = self.section_here().last();
        place.add("button", "").say(name).set("value", &number)
    }

    /// The same as the way on, which stands out.
    pub fn primary_button(&mut self, action: Action, name: &str) {
        self.button(action, name).set("class", "primary");
    }

    /// A button that is at work, and cannot be pressed. It is not `disabled`, which would take the focus away.
    pub fn busy_button(&mut self, name: &str) {
        let place = self.section_here().last();
        place
            .add("button", "")
            .say(name)
            .set("aria-disabled", "true");
    }

    /// The number of a button that does this.
    pub(super) fn number(&mut self, action: Action) -> String {
        self.actions.push(action);
        decimal(self.actions.len() as u64 - 1)
    }

    fn section_here(&mut self) -> &mut Element {
        self.main.last()
    }

    fn table(&mut self) -> &mut Element {
        self.section_here().last_but_one()
    }
}
