//! The stored records and their keys. Does not know when they are read or written.

use cognito_hosted_ui::{HostedUi, PendingSignIn, Session};

use crate::browser::location;
use crate::browser::storage::StorageError;
use crate::config::{AuthConfig, StorageArea};

/// The records of one app client, separate from those of other clients on the same origin.
pub struct SessionStore {
    area: StorageArea,
    prefix: String,
}

/// The stored session, if there is one.
// Short-lived, so boxing the large variant saves nothing.
#[allow(clippy::large_enum_variant)]
pub enum StoredSession {
    None,
    /// A record that is not a session, or that belongs to another user pool or app client.
    Unreadable,
    Session(Session),
    /// A session that began before the user signed out in another tab, which has its own session.
    SignedOut(Session),
}

impl SessionStore {
    pub fn new(config: &AuthConfig) -> Self {
        let client_id = config.hosted_ui.client.client_id.as_str();
        Self {
            area: config.storage,
            prefix: format!("cognito-spa.{client_id}."),
        }
    }

    /// The storage key of a record. Also used for the name of the refresh lock.
    pub fn key(&self, record: &str) -> String {
        format!("{}{record}", self.prefix)
    }

    /// Whether all tabs have the same session.
    pub fn is_shared(&self) -> bool {
        self.area == StorageArea::Local
    }

    pub fn session(&self, hosted_ui: &HostedUi) -> StoredSession {
        let Some(stored) = self.area.get(&self.key("session")) else {
            return StoredSession::None;
        };
        match Session::restore(&stored, hosted_ui) {
            Err(_) => StoredSession::Unreadable,
            Ok(session) if self.has_sign_out_since(self.area.get(&self.key("seen-sign-out"))) => {
                StoredSession::SignedOut(session)
            }
            Ok(session) => StoredSession::Session(session),
        }
    }

    /// Whether the user has signed out, in any tab, since the sign-out with this identifier. An identifier that the browser has
    /// lost is no sign-out.
    pub fn has_sign_out_since(&self, seen: Option<String>) -> bool {
        let last = self.last_sign_out();
        last.is_some() && last != seen
    }

    /// Stores a session together with the identifier of the last sign-out, which came before it. If that fails, removes the
    /// previous session, so that it cannot come back.
    pub fn save_session(&self, session: &Session) -> Result<(), StorageError> {
        let saved = self.try_to_save(session);
        if saved.is_err() {
            self.remove_session();
        }
        saved
    }

    fn try_to_save(&self, session: &Session) -> Result<(), StorageError> {
        let seen = self.key("seen-sign-out");
        match self.last_sign_out() {
            Some(id) => self.area.set(&seen, &id)?,
            None => self.area.remove(&seen),
        }
        self.area.set(&self.key("session"), &session.to_stored())
    }

    pub fn remove_session(&self) {
        self.area.remove(&self.key("session"));
        self.area.remove(&self.key("seen-sign-out"));
    }

    /// The identifier of the last sign-out in any tab.
    pub fn last_sign_out(&self) -> Option<String> {
        StorageArea::Local.get(&self.key("sign-out"))
    }

    /// The pool's key set, as last fetched.
    pub fn jwks(&self) -> Option<String> {
        self.area.get(&self.key("keys"))
    }

    pub fn save_jwks(&self, document: &str) {
        // If storing fails, the keys are fetched again.
        let _ = self.area.set(&self.key("keys"), document);
    }

    pub fn save_pending(&self, pending: &PendingSignIn) -> Result<(), StorageError> {
        let key = self.pending_key(pending.state.as_str());
        self.area.set(&key, &pending.to_stored())
    }

    /// Removes the request with this `state` and returns it.
    pub fn take_pending(&self, state: &str) -> Option<PendingSignIn> {
        let stored = self.area.take(&self.pending_key(state))?;
        PendingSignIn::from_stored(&stored, &location::base().1)
    }

    /// Removes the requests that have expired.
    pub fn remove_expired(&self, now: u64) {
        for key in self.area.keys(&self.pending_key("")) {
            let stored = self.area.get(&key).unwrap_or_default();
            let pending = PendingSignIn::from_stored(&stored, "/");
            if pending.is_none_or(|pending| pending.is_expired(now)) {
                self.area.remove(&key);
            }
        }
    }

    /// Whether the browser allows storage.
    pub fn is_available(&self) -> bool {
        let key = self.key("check");
        let stored = self.area.set(&key, "").is_ok();
        self.area.remove(&key);
        stored
    }

    /// Remembers the sign-out for all tabs, by an identifier, and in this tab until the user returns from Cognito.
    pub fn save_signed_out(&self, id: &str) {
        // If storing fails, the sign-out still takes effect in this tab.
        let _ = StorageArea::Local.set(&self.key("sign-out"), id);
        let _ = StorageArea::Session.set(&self.key("signed-out"), "");
    }

    pub fn take_signed_out(&self) -> bool {
        StorageArea::Session.take(&self.key("signed-out")).is_some()
    }

    fn pending_key(&self, state: &str) -> String {
        self.key(&format!("pending.{state}"))
    }
}
