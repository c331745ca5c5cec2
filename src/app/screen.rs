//! What a person sees, as a value: made from the state alone, so that every screen can be looked at in a test.

use crate::api::ApiError;
use crate::cognito::hosted_ui::Door;
use crate::config::ConfigError;

use super::auth::{Greeting, Notice, State};
use super::words::Words;

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
    pub actions: Vec<Action>,
}

/// What a person can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Leave for the Hosted UI.
    Enter(Door),
    /// Forget the session and leave for the Hosted UI's sign-out.
    SignOut,
    /// Ask the API for the greeting once more.
    AskAgain,
    /// Load the page, and with it the settings, again.
    Reload,
}

impl Screen {
    /// The screen for this state, with a button for each of these identity providers.
    #[must_use]
    pub fn of(state: &State, identity_providers: &[String]) -> Self {
        match state {
            State::SignedOut { notice } => {
                let mut actions = vec![Action::Enter(Door::SignIn)];
                let providers = identity_providers.iter().cloned().map(Door::Provider);
                let doors = providers.chain([Door::SignUp, Door::ForgotPassword]);
                actions.extend(doors.map(Action::Enter));
                Self {
                    title: "Welcome".to_owned(),
                    message: notice.as_ref().map(Words::from),
                    text: "Sign in with your account, and the server will greet you.".to_owned(),
                    actions,
                }
            }
            State::SigningIn => Self::waiting("Your sign-in is being verified."),
            State::Leaving(_) => Self::waiting("You are on your way to the sign-in service."),
            State::SignedIn {
                session,
                notice,
                greeting,
                ..
            } => {
                let mut message = notice.as_ref().map(Words::from);
                let mut actions = vec![Action::SignOut];
                let title = match greeting {
                    Greeting::Awaited => "One moment…",
                    Greeting::Received(message) => message,
                    Greeting::Failed(error) => {
                        message = Some(Words::from(error));
                        actions.push(Action::AskAgain);
                        "No greeting this time"
                    }
                };
                let ends = matches!(notice, Some(Notice::EndsSoon))
                    || matches!(greeting, Greeting::Failed(ApiError::UnreachableAtTheEnd));
                if ends {
                    actions.push(Action::Enter(Door::GoOn));
                }
                Self {
                    title: title.to_owned(),
                    message,
                    text: format!("Signed in as {}", session.claims().display_name()),
                    actions,
                }
            }
        }
    }

    fn waiting(text: &str) -> Self {
        Self {
            title: "One moment…".to_owned(),
            message: None,
            text: text.to_owned(),
            actions: Vec::new(),
        }
    }

    /// The screen for whoever sets the app up: names the setting that is wrong and says what it should be.
    #[must_use]
    pub fn broken_settings(error: &ConfigError) -> Self {
        Self {
            title: "This app is not set up yet".to_owned(),
            message: Some(error.into()),
            text: String::new(),
            actions: vec![Action::Reload],
        }
    }
}

impl Action {
    /// What the button says.
    #[must_use]
    pub fn name(&self) -> String {
        let name = match self {
            Self::Enter(Door::Provider(name)) => {
                // Cognito's names for Apple and Amazon say it already.
                let provider = name.strip_prefix("SignInWith").unwrap_or(name);
                let provider = provider.strip_prefix("LoginWith").unwrap_or(provider);
                return ["Sign in with ", provider].concat();
            }
            Self::Enter(Door::SignIn) => "Sign in",
            Self::Enter(Door::SignUp) => "Create account",
            Self::Enter(Door::ForgotPassword) => "Forgot password",
            Self::Enter(Door::GoOn) => "Stay signed in",
            Self::SignOut => "Sign out",
            Self::AskAgain => "Try again",
            Self::Reload => "Load again",
        };
        name.to_owned()
    }

    /// How the button looks: the way on stands out.
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Enter(Door::SignIn | Door::GoOn) | Self::AskAgain | Self::Reload => "primary",
            Self::Enter(_) | Self::SignOut => "",
        }
    }
}
