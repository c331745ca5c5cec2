//! What whoever runs the app needs: what it is set to, what Cognito has to know, and whether all of it answers.

use crate::app::checks::{Check, Finding};
use crate::app::screen::{Action, Mark, Screen};
use crate::app::ui::Ui;
use crate::app::words::Word;
use crate::config::{Config, ConfigError};

use super::sign_in::waiting;

/// The screen for these settings, or for what is wrong with them.
#[must_use]
pub fn screen(config: Result<&Config, &ConfigError>, ui: &Ui) -> Screen {
    let words = ui.words;
    if !words.is_whole {
        // Its words are on their way: better none than one after the other.
        let mut screen = waiting(Word::Setup, words);
        screen.needs_words = true;
        return screen;
    }
    let mut screen = match config {
        Ok(_) => Screen::new(words.say(Word::SetupTitle), words.say(Word::SetupText)),
        Err(error) => broken(error, ui),
    };
    add_register(&mut screen, config.ok(), ui);
    if let Ok(config) = config {
        add_checks(&mut screen, ui);
        screen.section(words.say(Word::Settings), words.say(Word::SettingsText));
        for (key, value) in &config.in_force {
            let value = match value.as_str() {
                "" => "–",
                value => value,
            };
            screen.row(key, value, Mark::None);
        }
    }
    screen
}

/// The screen for whoever comes before the app is set up: names the setting that is wrong and says what it should be.
#[must_use]
pub fn broken(error: &ConfigError, ui: &Ui) -> Screen {
    let words = ui.words;
    let mut screen = Screen::new(words.say(Word::NotSetUp), "");
    screen.warn(&words.config(error));
    screen.primary_button(Action::Reload, words.say(Word::LoadAgain));
    screen
}

/// Without settings, the addresses that they have by default.
fn add_register(screen: &mut Screen, config: Option<&Config>, ui: &Ui) {
    let words = ui.words;
    let client = config.map(|config| &config.hosted_ui.client);
    let callback = client.map_or(ui.base.as_str(), |client| client.redirect_uri.as_str());
    let sign_out = client.map_or(ui.base.as_str(), |client| client.logout_uri.as_str());
    screen.section(words.say(Word::Register), words.say(Word::RegisterText));
    for (name, address) in [(Word::CallbackUrl, callback), (Word::SignOutUrl, sign_out)] {
        let name = words.say(name);
        screen.row(name, address, Mark::None);
        if address != ui.base {
            screen.note(&words.fill(Word::Elsewhere, &ui.base));
        }
        screen.copy(name, address, words);
    }
}

fn add_checks(screen: &mut Screen, ui: &Ui) {
    let words = ui.words;
    screen.section(words.say(Word::Checks), words.say(Word::ChecksText));
    let mut is_busy = false;
    for (check, finding) in Check::ALL.into_iter().zip(&ui.findings) {
        is_busy |= finding.mark == Mark::None;
        let name = words.say(check.name());
        screen.row(name, &meaning(finding, ui), finding.mark);
    }
    match is_busy {
        true => screen.busy_button(words.say(Word::Checking)),
        false => {
            screen.button(Action::CheckAgain, words.say(Word::CheckAgain));
        }
    }
}

/// What a finding means, in the person's language.
#[must_use]
pub fn meaning(finding: &Finding, ui: &Ui) -> String {
    let time = finding.seconds.map(|seconds| ui.words.duration(seconds));
    let value = time.as_ref().unwrap_or(&finding.value);
    ui.words.fill(finding.word, value)
}
