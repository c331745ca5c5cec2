//! Every outcome that a person can meet, in plain words: what happened, and what can be done.
//! Errors are values everywhere else; this is where they become sentences.

use crate::api::ApiError;
use crate::cognito::authorization::{AuthorizationError, Malformed};
use crate::cognito::id_token::TokenError;
use crate::cognito::session::SessionEnd;
use crate::cognito::sign_in::SignInError;
use crate::cognito::token_endpoint::TokenEndpointError;
use crate::config::ConfigError;

use super::auth::Notice;

/// What happened, and what the person can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened.
    pub happened: String,
    /// What the person can do.
    pub remedy: &'static str,
    /// Somebody else's text: shown as a quotation.
    pub quoted: Option<String>,
}

impl Words {
    fn new(happened: &str, remedy: &'static str) -> Self {
        Self {
            happened: happened.to_owned(),
            remedy,
            quoted: None,
        }
    }
}

const AGAIN: &str = "Please sign in again.";
const AGAIN_OR_TELL: &str =
    "Please sign in again. If it happens every time, tell the people who run this app.";
const CLOCK: &str =
    "Check that this device’s date, time and time zone are right, then sign in again.";

impl From<&Notice> for Words {
    fn from(notice: &Notice) -> Self {
        match notice {
            Notice::SignInFailed(error) => error.into(),
            Notice::Ended(SessionEnd::SignedOut) => Self::new("You have signed out.", ""),
            Notice::Ended(SessionEnd::Expired) => Self::new("Your session has expired.", AGAIN),
            Notice::Ended(SessionEnd::Elsewhere) => {
                Self::new("Your session was ended in another tab.", AGAIN)
            }
            Notice::Ended(SessionEnd::Unreadable) => Self::new(
                "What this browser had stored of your session could not be read, so it was forgotten.",
                AGAIN,
            ),
            Notice::EndsSoon => Self::new(
                "Your session will expire within minutes.",
                "To go on without an interruption, press “Stay signed in”.",
            ),
            Notice::NotRenewed => Self::new(
                "Your session could not be renewed yet.",
                "Check your connection: it is tried again every few seconds.",
            ),
            Notice::Ended(SessionEnd::Rejected) => Self::new(
                "The server does not accept your session any more, so it was ended.",
                AGAIN_OR_TELL,
            ),
            Notice::CannotStore => Self::new(
                "This browser does not let the page store anything, and signing in needs that.",
                "Allow cookies and site data for this page, or leave private browsing, then try again.",
            ),
            Notice::NotKept => Self::new(
                "You are signed in, but this browser did not store your session.",
                "It lasts until you reload or close this page.",
            ),
        }
    }
}

impl From<&SignInError> for Words {
    fn from(error: &SignInError) -> Self {
        match error {
            SignInError::Refused(error) => error.into(),
            SignInError::Unsolicited => Self::new(
                "That answer does not belong to a sign-in that was started in this tab, so it was not used.",
                "Please sign in from here. Old links and bookmarks of a sign-in do not work a second time.",
            ),
            SignInError::Malformed(malformed) => Self::new(
                match malformed {
                    Malformed::Repeated => {
                        "The sign-in’s answer says the same thing twice, so it was not used."
                    }
                    Malformed::NoIdToken => "The sign-in’s answer holds no ID token.",
                    Malformed::TokenType => {
                        "The sign-in’s answer is of a kind that this app does not know."
                    }
                    Malformed::TokensInQuery => {
                        "The sign-in’s answer came in a part of the address that others can read, so it was not used."
                    }
                    Malformed::OtherGrant => {
                        "The sign-in’s answer is of another kind than the one that was asked for."
                    }
                },
                AGAIN_OR_TELL,
            ),
            SignInError::Token(error) => error.into(),
            SignInError::TokenEndpoint(TokenEndpointError::Unreachable) => Self::new(
                "The sign-in could not be completed: the sign-in service could not be reached.",
                "Check your connection, then sign in again.",
            ),
            SignInError::TokenEndpoint(TokenEndpointError::Refused(error)) => Self {
                quoted: Some(shortened(error)),
                ..Self::new(
                    "The sign-in service did not accept this sign-in’s code.",
                    AGAIN_OR_TELL,
                )
            },
            SignInError::TokenEndpoint(TokenEndpointError::Malformed) => Self::new(
                "The sign-in service’s answer could not be understood.",
                AGAIN_OR_TELL,
            ),
            SignInError::NoKeys => Self::new(
                "The sign-in could not be verified: the user pool’s keys could not be loaded.",
                "Check your connection, then sign in again.",
            ),
        }
    }
}

impl From<&TokenError> for Words {
    fn from(error: &TokenError) -> Self {
        let reason = match error {
            TokenError::Expired => {
                return Self::new(
                    "The ID token from the sign-in had already expired when it arrived (exp).",
                    CLOCK,
                );
            }
            TokenError::IssuedInTheFuture => {
                return Self::new(
                    "By this device’s clock, the ID token comes from the future (iat).",
                    CLOCK,
                );
            }
            TokenError::IssuedBefore => {
                return Self::new(
                    "By this device’s clock, the ID token is older than the sign-in (iat).",
                    CLOCK,
                );
            }
            TokenError::NotAJwt => "it is cut off or damaged",
            TokenError::NotBase64Url => "it is not encoded as it should be",
            TokenError::NotJson => "its content cannot be read",
            TokenError::Claim(name) => {
                let happened =
                    format!("The ID token from the sign-in was refused: it has no valid “{name}”.");
                return Self::new(&happened, AGAIN_OR_TELL);
            }
            TokenError::Algorithm => "it is not signed by the method RS256 (alg)",
            TokenError::Critical => "it asks for something that this app does not know (crit)",
            TokenError::UnknownKey => "the user pool has no key like the one it names (kid)",
            TokenError::Signature => "its signature is not the user pool’s",
            TokenError::AccessTokenHash => "the access token beside it is not its own (at_hash)",
            TokenError::Issuer => "another user pool issued it (iss)",
            TokenError::Audience => "it was issued for another app (aud)",
            TokenError::ExtraAudience => "it was issued for other apps as well (aud)",
            TokenError::AuthorizedParty => "it was handed to another app (azp)",
            TokenError::TokenUse => "it is another kind of token (token_use)",
            TokenError::Nonce => "it belongs to another sign-in (nonce)",
            TokenError::AuthTime => "it belongs to another sign-in (auth_time)",
            TokenError::Subject => "it is about somebody else (sub)",
        };
        Self::new(
            &format!("The ID token from the sign-in was refused: {reason}."),
            AGAIN_OR_TELL,
        )
    }
}

impl From<&AuthorizationError> for Words {
    fn from(error: &AuthorizationError) -> Self {
        let happened = match error.error.as_str() {
            "access_denied" => "The sign-in was cancelled or not allowed.",
            "invalid_scope" => "The app asked for something that its registration does not allow.",
            "unauthorized_client" => "The app is not registered for this kind of sign-in.",
            "login_required" => "You are not signed in any more.",
            "server_error" | "temporarily_unavailable" => "The sign-in service has a problem.",
            _ => "The sign-in service did not complete the sign-in.",
        };
        let text = error.to_string();
        Self {
            quoted: Some(shortened(&text)),
            ..Self::new(happened, AGAIN_OR_TELL)
        }
    }
}

impl From<&ApiError> for Words {
    fn from(error: &ApiError) -> Self {
        const LATER: &str = "You are still signed in. Try again in a moment.";
        match error {
            ApiError::Unauthorized => (&Notice::Ended(SessionEnd::Rejected)).into(),
            ApiError::NoSuchPath => Self::new(
                "The server knows no such path or method: that is what its answer “Missing Authentication Token” means.",
                "Tell the people who run this app: the path in “apiUrl” is the likely cause.",
            ),
            ApiError::UnreachableAtTheEnd => Self::new(
                "The server gave no answer that this page may read, and your session is about to expire: it was probably refused.",
                "Press “Stay signed in”.",
            ),
            ApiError::Status(status) => Self::new(
                &format!("The server could not greet you: it answered with status {status}."),
                LATER,
            ),
            ApiError::Unreachable => Self::new(
                "The server could not be reached, or does not let this page read its answer.",
                "You are still signed in. Check your connection, then try again.",
            ),
            ApiError::NotAGreeting => {
                Self::new("The server’s answer could not be understood.", LATER)
            }
        }
    }
}

impl From<&ConfigError> for Words {
    fn from(error: &ConfigError) -> Self {
        const MEND: &str = "Correct the file, then load this page again.";
        match error {
            ConfigError::Unreachable => Self::new(
                "config.json could not be loaded.",
                "Check your connection, then load this page again.",
            ),
            ConfigError::Status(status) => Self::new(
                &format!(
                    "config.json could not be loaded: the server answered with status {status}."
                ),
                "Load this page again in a moment.",
            ),
            ConfigError::NotFound => Self::new(
                "There is no config.json beside this page.",
                "Put one there: config.example.json shows what belongs into it.",
            ),
            ConfigError::NotJson(words) => Self {
                quoted: Some(shortened(words)),
                ..Self::new("config.json is not valid JSON:", MEND)
            },
            ConfigError::NotAnObject => Self::new(
                "config.json should be an object: { … } with the settings in it.",
                MEND,
            ),
            ConfigError::Unknown(key) => Self {
                quoted: Some(shortened(key)),
                ..Self::new(
                    "config.json has a setting that does not exist. Its name may be misspelt:",
                    MEND,
                )
            },
            ConfigError::Missing { key, should_be } => Self::new(
                &format!("config.json has no “{key}”. It should be {should_be}."),
                MEND,
            ),
            ConfigError::Invalid {
                key,
                should_be,
                found,
            } => Self {
                quoted: Some(shortened(found)),
                ..Self::new(
                    &format!("In config.json, “{key}” should be {should_be}. It is:"),
                    MEND,
                )
            },
        }
    }
}

/// Enough of a text to recognise it by.
fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
