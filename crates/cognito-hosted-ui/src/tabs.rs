//! What a tab does when the storage has changed. The storage determines, for all tabs, who is signed in. This module does not
//! read or write it.

use crate::hosted_ui::HostedUi;
use crate::session::{Expiry, Session};
use crate::sign_out::SignOut;

/// The stored session, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoredSession {
    /// There is none.
    None,
    /// A record that is not a session, or that belongs to another user pool or app client.
    Unreadable,
    /// A session.
    Session(Session),
    /// A session that began before the user signed out in another tab.
    SignedOut(Session),
}

/// The session that a tab shows.
#[derive(Clone, Copy, Debug)]
pub struct Held<'a> {
    /// The session.
    pub session: &'a Session,
    /// Whether the browser has stored it.
    pub is_stored: bool,
    /// Whether the user has signed out in another tab since this tab began to show it.
    pub is_signed_out: bool,
}

/// What a tab does after a change of the storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TabChange {
    /// Nothing.
    None,
    /// It takes a newer record of the session that it shows: a new refresh token, or a corrected clock.
    Update(Session),
    /// It shows this session.
    Adopt(Session),
    /// By this device's clock, this stored session has expired. Something other than the clock has to confirm it.
    ConfirmExpiry(Session),
    /// The user has signed out: the stored session is revoked and removed.
    RemoveSignedOut(Session),
    /// The session that it shows was ended by another tab.
    Ended,
}

impl StoredSession {
    /// Reads the stored record of a session. `seen` is the identifier of the last sign-out when it was stored.
    #[must_use]
    pub fn read(
        record: Option<&str>,
        seen: Option<&str>,
        last: Option<&SignOut>,
        hosted_ui: &HostedUi,
    ) -> Self {
        let Some(record) = record else {
            return Self::None;
        };
        match Session::restore(record, hosted_ui) {
            Err(_) => Self::Unreadable,
            Ok(session) if SignOut::is_since(last, seen) => Self::SignedOut(session),
            Ok(session) => Self::Session(session),
        }
    }

    /// What a tab that shows `held` does at `now`.
    #[must_use]
    pub fn change_for(self, held: Option<Held<'_>>, now: u64) -> TabChange {
        match (held, self) {
            (Some(held), Self::Session(stored)) if held.session.has_same_token(&stored) => {
                if *held.session == stored {
                    TabChange::None
                } else {
                    TabChange::Update(stored)
                }
            }
            // It is shown only in place of one that seems to have expired, too.
            (held, Self::Session(stored))
                if stored.expiry(now) == Expiry::Expired
                    && held.is_none_or(|it| it.session.expiry(now) != Expiry::Expired) =>
            {
                TabChange::ConfirmExpiry(stored)
            }
            (_, Self::Session(session)) => TabChange::Adopt(session),
            (_, Self::SignedOut(session)) => TabChange::RemoveSignedOut(session),
            (None, Self::None | Self::Unreadable) => TabChange::None,
            (Some(held), Self::None | Self::Unreadable) => {
                if held.is_stored || held.is_signed_out {
                    TabChange::Ended
                } else {
                    TabChange::None
                }
            }
        }
    }
}
