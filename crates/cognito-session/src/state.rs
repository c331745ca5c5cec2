//! The state of the sign-in, and notices for the user.

use cognito_hosted_ui::{Session, SignInError};
use thiserror::Error;

/// What a page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The state of the sign-in.
    pub state: AuthState,
    /// What the user should know.
    pub notice: Option<Notice>,
    /// Whether the session is being refreshed.
    pub is_refreshing: bool,
    /// The time of the last [`Event::Tick`](crate::Event::Tick), in seconds since 1970 by this device's clock.
    pub now: u64,
}

/// The state of the sign-in.
// There is only one per page, so boxing the large variant saves nothing.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthState {
    /// No one is signed in.
    SignedOut,
    /// The user has returned from the Hosted UI, and the response is being verified.
    SigningIn,
    /// The browser is on its way to the Hosted UI.
    Redirecting {
        /// The time of the redirect, in seconds since 1970.
        since: u64,
    },
    /// A user is signed in.
    SignedIn(Session),
}

/// What the user should know about the sign-in or the session. Your app turns it into text.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Notice {
    /// The sign-in failed.
    #[error(transparent)]
    SignInFailed(#[from] SignInError),
    /// The session has ended.
    #[error("the session has ended: {0}")]
    SessionEnded(#[from] SessionEnd),
    /// The user has signed out here, but not at Cognito yet. Until Cognito's own session ends, the next sign-in in this browser
    /// needs no password. [`finish_sign_out`](crate::SessionClient::finish_sign_out) finishes it. The page on which the user signed out
    /// while offline calls it when the network is back.
    #[error("the sign-out at Cognito is not finished")]
    SignOutUnfinished,
    /// The user has signed out, but the browser could not tell the app's other tabs.
    #[error("the sign-out did not reach the app's other tabs")]
    SignOutNotShared,
    /// The session expires soon, and cannot be refreshed.
    #[error("the session expires soon")]
    ExpiringSoon,
    /// A refresh has failed for a reason that may be temporary. The client tries again.
    #[error("the session could not be refreshed yet")]
    NotRefreshed,
    /// The session has expired by this device's clock, but nothing else confirms it, for example, because there is no network.
    /// The session is kept.
    #[error("the session has expired by this device's clock, which may be wrong")]
    PerhapsExpired,
    /// This device's clock is wrong. The session is not affected.
    #[error("this device's clock is wrong")]
    ClockWrong,
    /// The browser does not allow storage, so a sign-in could not survive the redirect.
    #[error("the browser does not store anything")]
    StorageUnavailable,
    /// A different user is signed in now, after a sign-in in this tab or another one.
    #[error("a different user is signed in now")]
    UserChanged,
    /// The user is signed in, but the browser did not store the session. It lasts until the page is closed or reloaded.
    #[error("the browser did not store the session")]
    SessionNotStored,
}

/// Why a session has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SessionEnd {
    /// The user signed out.
    #[error("the user signed out")]
    SignedOut,
    /// The session expired, or Cognito no longer refreshes it.
    #[error("it expired")]
    Expired,
    /// The API responded with 401 twice: also with a refreshed token, or again with the same token if there is no refresh token.
    #[error("the API refused the token")]
    Refused,
    /// The session ended in another tab.
    #[error("it was ended in another tab")]
    EndedInAnotherTab,
    /// The stored session could not be read.
    #[error("its stored record could not be read")]
    Unreadable,
}

impl Notice {
    /// Whether it says that a session has ended.
    pub(crate) fn is_about_an_end(&self) -> bool {
        matches!(
            self,
            Self::SessionEnded(_) | Self::SignOutUnfinished | Self::SignOutNotShared
        )
    }
}

impl AuthState {
    /// The session, if a user is signed in.
    #[must_use]
    pub fn session(&self) -> Option<&Session> {
        match self {
            Self::SignedIn(session) => Some(session),
            Self::SignedOut | Self::SigningIn | Self::Redirecting { .. } => None,
        }
    }
}
