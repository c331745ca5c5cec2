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

    pub fn session(&self, hosted_ui: &HostedUi, now: u64) -> StoredSession {
        match self.area.get(&self.key("session")) {
            None => StoredSession::None,
            Some(stored) => match Session::restore(&stored, hosted_ui) {
                Err(_) => StoredSession::Unreadable,
                Ok(session) if self.has_sign_out_since(&session, now) => {
                    StoredSession::SignedOut(session)
                }
                Ok(session) => StoredSession::Session(session),
            },
        }
    }

    /// Whether the user has signed out, in any tab, since this session began.
    pub fn has_sign_out_since(&self, session: &Session, now: u64) -> bool {
        let signed_out_at = StorageArea::Local.get(&self.key("signed-out-at"));
        let signed_out_at = signed_out_at.and_then(|time| time.parse().ok());
        // A time in the future would end every new session. The device's clock has been set back.
        signed_out_at.is_some_and(|time| time <= now && session.is_issued_before(time))
    }

    /// Stores the session. If that fails, removes the previous one, which must not come back in its place.
    pub fn save_session(&self, session: &Session) -> Result<(), StorageError> {
        let saved = self.area.set(&self.key("session"), &session.to_stored());
        if saved.is_err() {
            self.remove_session();
        }
        saved
    }

    pub fn remove_session(&self) {
        self.area.remove(&self.key("session"));
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

    /// Remembers for all tabs when the user has signed out, and in this tab, until the user returns from Cognito, that they
    /// have.
    pub fn save_signed_out(&self, now: u64) {
        // If storing fails, the sign-out goes on in this tab.
        let _ = StorageArea::Local.set(&self.key("signed-out-at"), &now.to_string());
        let _ = StorageArea::Session.set(&self.key("signed-out"), "");
    }

    pub fn take_signed_out(&self) -> bool {
        StorageArea::Session.take(&self.key("signed-out")).is_some()
    }

    fn pending_key(&self, state: &str) -> String {
        self.key(&format!("pending.{state}"))
    }
}
