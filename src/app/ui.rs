//! What a page is made from besides the session: the route, the language, the time, and what was asked for.

use super::checks::{Check, Finding};
use super::screen::Shown;
use super::words::{Word, Words};

/// What a page looks like besides who is signed in.
#[derive(Clone, Debug)]
pub struct Ui {
    /// What follows `#` in the address.
    pub route: String,
    /// The language.
    pub words: Words,
    /// Whether words were needed and could not be fetched.
    pub words_failed: bool,
    /// In seconds since 1970.
    pub now: u64,
    /// Whether the browser is in a network.
    pub is_online: bool,
    /// How much a developer is shown.
    pub shown: Shown,
    /// To whom (their `sub`): whoever is signed in next has not asked for it.
    pub shown_to: String,
    /// Whether the last copy succeeded, just now.
    pub copied: Option<bool>,
    /// What the checks have found, in the order of [`Check::ALL`].
    pub findings: [Finding; Check::ALL.len()],
    /// The address that the app is served under.
    pub base: String,
    /// How a moment is written in a language.
    pub time: fn(&str, u64) -> String,
}

impl Ui {
    /// A moment, in seconds since 1970, as this person writes it.
    #[must_use]
    pub fn time(&self, seconds: u64) -> String {
        (self.time)(self.words.tag, seconds)
    }

    /// What has just happened.
    #[must_use]
    pub fn news(&self) -> &'static str {
        self.words.say(match (self.is_online, self.copied) {
            (false, _) => Word::Offline,
            (true, Some(true)) => Word::Copied,
            (true, Some(false)) => Word::NotCopied,
            (true, None) if self.words_failed => Word::Unexplained,
            (true, None) => return "",
        })
    }
}
