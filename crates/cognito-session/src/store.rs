//! The stored records and their keys. Does not know when they are read or written.

use std::rc::Rc;

use cognito_hosted_ui::{PendingSignIn, SecureUrl, Session, SignOut, StoredSession};

use crate::config::AuthConfig;
use crate::platform::{Platform, StorageArea, StorageError};

/// The records of one app client, separate from those of other clients on the same origin.
pub struct SessionStore<P> {
    platform: Rc<P>,
    area: StorageArea,
    client_id: String,
    /// The app's callback URL: records under another client ID, but of the same app, are those of a former client.
    app: String,
}

/// A tab's way to Cognito's `/logout` and back.
pub struct Returning {
    /// The sign-out, or `None` for one that the browser could not store for the other tabs.
    pub id: Option<String>,
    /// When the tab left for the last time, in seconds since 1970.
    pub since: u64,
    /// How often it has left.
    pub leaves: u32,
}

const PREFIX: &str = "cognito-spa.";
const UNSHARED: &str = "unshared";
const BOTH: [StorageArea; 2] = [StorageArea::Session, StorageArea::Local];

impl<P: Platform> SessionStore<P> {
    pub fn new(config: &AuthConfig, platform: Rc<P>) -> Self {
        let client = &config.hosted_ui.client;
        Self {
            platform,
            area: config.storage,
            client_id: client.client_id.as_str().to_owned(),
            app: client.redirect_uri.as_str().to_owned(),
        }
    }

    /// The storage key of a record. Also used for the names of the refresh lock and of the channel.
    pub fn key(&self, record: &str) -> String {
        key_of(&self.client_id, record)
    }

    /// Whether all tabs have the same session.
    pub fn is_shared(&self) -> bool {
        self.area == StorageArea::Local
    }

    pub fn session(&self, config: &AuthConfig) -> StoredSession {
        let seen = self.get("seen-sign-out");
        let last = self.last_sign_out();
        let record = self.get("session");
        StoredSession::read(
            record.as_deref(),
            seen.as_deref(),
            last.as_ref(),
            &config.hosted_ui,
        )
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
        match self.last_sign_out() {
            Some(last) => self.set("seen-sign-out", last.id())?,
            None => self.remove("seen-sign-out"),
        }
        self.save_owner()?;
        self.set("session", &session.to_stored())
    }

    /// Stores a corrected record of the stored session. If that fails, the previous record stays: it is still good.
    pub fn correct_session(&self, session: &Session) {
        let _ = self.set("session", &session.to_stored());
    }

    fn save_owner(&self) -> Result<(), StorageError> {
        let key = format!("{}{}", self.owners(), self.client_id);
        self.platform.set(self.area, &key, "")
    }

    pub fn remove_session(&self) {
        self.remove("session");
        self.remove("seen-sign-out");
    }

    /// The form that revokes the stored record of a session, even if it cannot be read as one.
    pub fn revocation_form(&self, issuer: &SecureUrl) -> Option<String> {
        let record = self.get("session")?;
        Session::revocation_form_of_record(&record, &self.client_id, issuer)
    }

    /// Removes the sessions that this app no longer reads: those in the other storage area, and those of the app's former
    /// client, in both. Returns the forms that revoke them, because their tokens are still valid.
    pub fn take_leftovers(&self, issuer: &SecureUrl) -> Vec<String> {
        let mut forms = Vec::new();
        for area in BOTH {
            for marker in self.platform.keys(area, &self.owners()) {
                let owner = &marker[self.owners().len()..];
                let is_former = owner != self.client_id;
                if !is_former && area == self.area {
                    continue;
                }
                let session = self.platform.get(area, &key_of(owner, "session"));
                let form =
                    |record: String| Session::revocation_form_of_record(&record, owner, issuer);
                forms.extend(session.and_then(form));
                let leftovers = if is_former {
                    let mut keys = self.platform.keys(area, &key_of(owner, ""));
                    // Its tabs may still be open, and have to learn of a sign-out.
                    keys.retain(|key| *key != key_of(owner, "sign-out"));
                    keys
                } else {
                    ["session", "seen-sign-out", "keys"]
                        .map(|it| key_of(owner, it))
                        .into()
                };
                for key in leftovers {
                    self.platform.remove(area, &key);
                }
                self.platform.remove(area, &marker);
            }
        }
        forms
    }

    /// The last sign-out in any tab.
    pub fn last_sign_out(&self) -> Option<SignOut> {
        let stored = self.platform.get(StorageArea::Local, &self.key("sign-out"));
        SignOut::from_stored(&stored?)
    }

    pub fn save_sign_out(&self, sign_out: &SignOut) -> Result<(), StorageError> {
        let key = self.key("sign-out");
        self.platform
            .set(StorageArea::Local, &key, &sign_out.to_stored())
    }

    /// Reserves space for the record of a sign-out, which must reach the other tabs even if the storage is full by then.
    pub fn reserve_sign_out(&self) {
        let key = self.key("sign-out");
        if self.platform.get(StorageArea::Local, &key).is_none() {
            // If there is no room, the sign-out says that it did not reach the other tabs.
            let _ = self.platform.set(StorageArea::Local, &key, SignOut::ROOM);
        }
    }

    /// The user has signed out at Cognito, too.
    pub fn finish_sign_out(&self) {
        let Some(last) = self.last_sign_out() else {
            return;
        };
        // Writes only a change: another tab may be storing a new sign-out right now.
        let finished = last.clone().finished();
        if finished != last {
            // The record is as long as before, so it fits.
            let _ = self.save_sign_out(&finished);
        }
    }

    /// Remembers in this tab how it signs out at Cognito.
    pub fn save_returning(&self, returning: &Returning) {
        let Returning { id, since, leaves } = returning;
        let id = id.as_deref().unwrap_or(UNSHARED);
        let record = format!("{id}.{since}.{leaves}");
        // If storing fails, the tab does not say that the user has signed out.
        let key = self.key("signed-out");
        let _ = self.platform.set(StorageArea::Session, &key, &record);
    }

    /// How this tab signs out at Cognito, unless there has been another sign-out since.
    pub fn returning(&self) -> Option<Returning> {
        let key = self.key("signed-out");
        let record = self.platform.get(StorageArea::Session, &key)?;
        let mut parts = record.split('.');
        let id = parts.next().filter(|id| *id != UNSHARED);
        let returning = Returning {
            id: id.map(str::to_owned),
            since: parts.next()?.parse().ok()?,
            leaves: parts.next()?.parse().ok()?,
        };
        let last = self.last_sign_out();
        let is_last = |id: &String| last.is_some_and(|last| last.id() == id);
        returning
            .id
            .as_ref()
            .is_none_or(is_last)
            .then_some(returning)
    }

    pub fn remove_returning(&self) {
        self.platform
            .remove(StorageArea::Session, &self.key("signed-out"));
    }

    /// The pool's key set, as last fetched.
    pub fn jwks(&self) -> Option<String> {
        self.get("keys")
    }

    pub fn save_jwks(&self, document: &str) {
        // If storing fails, the keys are fetched again.
        let _ = self.set("keys", document);
    }

    pub fn save_request(&self, pending: &PendingSignIn) -> Result<(), StorageError> {
        self.save_owner()?;
        self.set(&request(pending.state.as_str()), &pending.to_stored())
    }

    /// Removes the request with this `state` and returns it. It may be in the other area, if a deploy has changed the area since
    /// the request was made.
    pub fn take_request(&self, state: &str) -> Option<PendingSignIn> {
        let key = self.key(&request(state));
        let found = BOTH.iter().find_map(|area| {
            let stored = self.platform.get(*area, &key)?;
            self.platform.remove(*area, &key);
            Some(stored)
        });
        PendingSignIn::from_stored(&found?, &self.platform.base_path())
    }

    /// Removes the requests that have expired.
    pub fn remove_expired_requests(&self, now: u64) {
        self.remove_requests(|pending| pending.is_none_or(|pending| pending.is_expired(now)));
    }

    /// Removes the requests that began before a sign-out, or in the same second (since 1970).
    pub fn remove_requests_until(&self, signed_out_at: u64) {
        self.remove_requests(|pending| {
            pending.is_none_or(|pending| pending.started_at <= signed_out_at)
        });
    }

    /// Removes all requests: a sign-out ends them.
    pub fn remove_all_requests(&self) {
        self.remove_requests(|_| true);
    }

    fn remove_requests(&self, is_over: impl Fn(Option<PendingSignIn>) -> bool) {
        for area in BOTH {
            for key in self.platform.keys(area, &self.key(&request(""))) {
                let stored = self.platform.get(area, &key).unwrap_or_default();
                if is_over(PendingSignIn::from_stored(&stored, "/")) {
                    self.platform.remove(area, &key);
                }
            }
        }
    }

    /// Whether the browser allows storage.
    pub fn is_available(&self) -> bool {
        let stored = self.set("check", "").is_ok();
        self.remove("check");
        stored
    }

    fn get(&self, record: &str) -> Option<String> {
        self.platform.get(self.area, &self.key(record))
    }

    fn set(&self, record: &str, value: &str) -> Result<(), StorageError> {
        self.platform.set(self.area, &self.key(record), value)
    }

    fn remove(&self, record: &str) {
        self.platform.remove(self.area, &self.key(record));
    }

    /// The prefix of the keys that say which clients of this app have records in an area.
    fn owners(&self) -> String {
        format!("{PREFIX}app.{}|", self.app)
    }
}

fn key_of(client_id: &str, record: &str) -> String {
    format!("{PREFIX}{client_id}.{record}")
}

fn request(state: &str) -> String {
    format!("pending.{state}")
}
