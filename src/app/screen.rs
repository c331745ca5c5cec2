//! What a person sees, as a value: made from the state alone, so that every screen can be looked at in a test.

use super::auth::{Greeting, State};
use super::words::Words;
use crate::config::ConfigError;

/// One screen, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Screen {
    /// The heading.
    pub title: String,
    /// Something that went otherwise than expected.
    pub message: Option<Words>,
    /// One quiet line below.
    pub text: String,
    /// The buttons. One that comes and goes stands behind those that stay, so that none takes another's place under
    /// a finger that is about to press it.
    pub actions: &'static [Action],
}

/// What a person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Leave for the Hosted UI.
    SignIn,
    /// Forget the session and leave for the Hosted UI's sign-out.
    SignOut,
    /// Ask the API for the greeting once more.
    AskAgain,
    /// Load the page, and with it the settings, again.
    Reload,
}

impl Screen {
    /// The screen for this state.
    #[must_use]
    pub fn of(state: &State) -> Self {
        match state {
            State::SignedOut { notice } => Self {
                title: "Welcome".to_owned(),
                message: notice.as_ref().map(Words::from),
                text: "Sign in with your account, and the server will greet you.".to_owned(),
                actions: &[Action::SignIn],
            },
            State::SigningIn => Self {
                title: "One moment…".to_owned(),
                message: None,
                text: "Your sign-in is being verified.".to_owned(),
                actions: &[],
            },
            State::SignedIn {
                session,
                notice,
                greeting,
            } => {
                let notice = notice.as_ref().map(Words::from);
                let (title, message, actions): (_, _, &[_]) = match greeting {
                    Greeting::Awaited => ("One moment…", notice, &[Action::SignOut]),
                    Greeting::Received(message) => (message.as_str(), notice, &[Action::SignOut]),
                    Greeting::Failed(error) => (
                        "No greeting this time",
                        Some(Words::from(error)),
                        &[Action::SignOut, Action::AskAgain],
                    ),
                };
                Self {
                    title: title.to_owned(),
                    message,
                    text: format!("Signed in as {}", session.claims().display_name()),
                    actions,
                }
            }
        }
    }

    /// The screen for whoever sets the app up: names the setting that is wrong and says what it should be.
    #[must_use]
    pub fn broken_settings(error: &ConfigError) -> Self {
        Self {
            title: "This app is not set up yet".to_owned(),
            message: Some(error.into()),
            text: String::new(),
            actions: &[Action::Reload],
        }
    }
}

impl Action {
    /// What the button says.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignIn => "Sign in",
            Self::SignOut => "Sign out",
            Self::AskAgain => "Try again",
            Self::Reload => "Load again",
        }
    }

    /// How the button looks: the way on stands out.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::SignOut => "",
            Self::SignIn | Self::AskAgain | Self::Reload => "primary",
        }
    }
}
