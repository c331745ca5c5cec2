//! What whoever is not signed in sees.

use crate::app::auth::State;
use crate::app::screen::{Action, Screen};
use crate::app::words::{Word, Words};
use crate::cognito::hosted_ui::Door;

/// The screen for this state, with a button for each of these identity providers.
#[must_use]
pub fn screen(state: &State, identity_providers: &[String], words: Words) -> Screen {
    let notice = match state {
        State::SigningIn | State::SignedIn { .. } => return waiting(Word::Verifying, words),
        State::Leaving(_) => return waiting(Word::Leaving, words),
        State::SignedOut { notice } => notice,
    };
    let mut screen = Screen::new(words.say(Word::Welcome), words.say(Word::Invitation));
    if let Some(notice) = notice {
        screen.warn(&words.notice(notice));
    }
    screen.primary_button(Action::Enter(Door::SignIn), words.say(Word::SignIn));
    let mut enter = |door, name: &str| {
        screen.button(Action::Enter(door), name);
    };
    for provider in identity_providers {
        // Cognito's names for Apple and Amazon say it already.
        let name = provider.strip_prefix("SignInWith").unwrap_or(provider);
        let name = name.strip_prefix("LoginWith").unwrap_or(name);
        let name = words.fill(Word::SignInWith, name);
        enter(Door::Provider(provider.clone()), &name);
    }
    enter(Door::SignUp, words.say(Word::CreateAccount));
    enter(Door::ForgotPassword, words.say(Word::ForgotPassword));
    screen
}

/// While nothing can be done but wait.
pub(super) fn waiting(text: Word, words: Words) -> Screen {
    let mut screen = Screen::new(words.say(Word::OneMoment), words.say(text));
    screen.main.set("aria-busy", "true");
    screen
}
