//! What the app stores, and under which keys.
//! Knows nothing of when; garbage is nothing stored, or unreadable where that makes a difference.

use std::sync::Arc;

use crate::browser::location;
use crate::browser::storage::{NotStored, Storage};
use crate::cognito::authorization::PendingSignIn;
use crate::cognito::hosted_ui::HostedUi;
use crate::cognito::session::{Session, SessionTokens};
use crate::config::{Config, StorageArea};

/// One app client's records, apart from another's on the same origin.
pub(super) struct Records {
    storage: Storage,
    start: String,
}

/// What the storage says of the session.
pub(super) enum Stored {
    Nothing,
    /// Garbage, or another pool's or client's.
    Unreadable,
    Session(Arc<Session>),
}

impl Records {
    pub(super) fn of(config: &Config) -> Self {
        Self {
            storage: match config.storage {
                StorageArea::Session => Storage::Session,
                StorageArea::Local => Storage::Local,
            },
            start: [
                "cognito-spa.",
                config.hosted_ui.client.client_id.as_str(),
                ".",
            ]
            .concat(),
        }
    }

    /// Under which key this is stored. index.html's script looks for the session's as well.
    pub(super) fn key(&self, record: &str) -> String {
        [&self.start, record].concat()
    }

    fn pending_key(&self, state: &str) -> String {
        self.key(&["pending.", state].concat())
    }

    pub(super) fn session(&self, hosted_ui: &HostedUi) -> Stored {
        let Some(stored) = self.storage.get(&self.key("session")) else {
            return Stored::Nothing;
        };
        let tokens = SessionTokens::from_stored(&stored);
        let session = tokens.and_then(|tokens| Session::restore(tokens, hosted_ui).ok());
        session.map_or(Stored::Unreadable, |session| {
            Stored::Session(Arc::new(session))
        })
    }

    pub(super) fn keep_session(&self, session: &Session) -> Result<(), NotStored> {
        self.storage
            .set(&self.key("session"), &session.tokens().to_stored())
    }

    pub(super) fn forget_session(&self) {
        self.storage.remove(&self.key("session"));
    }

    /// The pool's keys, as they were fetched.
    pub(super) fn keys(&self) -> Option<String> {
        self.storage.get(&self.key("keys"))
    }

    pub(super) fn keep_keys(&self, document: &str) -> Result<(), NotStored> {
        self.storage.set(&self.key("keys"), document)
    }

    pub(super) fn keep_pending(&self, pending: &PendingSignIn) -> Result<(), NotStored> {
        let key = self.pending_key(pending.state.as_str());
        self.storage.set(&key, &pending.to_stored())
    }

    pub(super) fn take_pending(&self, state: &str) -> Option<PendingSignIn> {
        let stored = self.storage.take(&self.pending_key(state))?;
        PendingSignIn::from_stored(&stored, &location::base().1)
    }

    /// Forgets the sign-ins that nobody came back from.
    pub(super) fn sweep(&self, now: u64) {
        for key in self.storage.keys(&self.pending_key("")) {
            let stored = self.storage.get(&key).unwrap_or_default();
            let pending = PendingSignIn::from_stored(&stored, "/");
            if pending.is_none_or(|pending| pending.is_over(now)) {
                self.storage.remove(&key);
            }
        }
    }

    /// Whether anything is stored at all.
    pub(super) fn can_store(&self) -> bool {
        let key = self.key("check");
        let stored = self.storage.set(&key, "").is_ok();
        self.storage.remove(&key);
        stored
    }

    /// Lets this tab know, when it comes back from Cognito, that the person has signed out.
    pub(super) fn keep_farewell(&self) {
        // Not kept, the page says nothing of it.
        let _ = Storage::Session.set(&self.key("farewell"), "");
    }

    pub(super) fn take_farewell(&self) -> bool {
        Storage::Session.take(&self.key("farewell")).is_some()
    }
}
