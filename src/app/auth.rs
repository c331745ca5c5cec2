//! The one place where `cognito` meets `browser`: decisions by the one, effects by the other, the outcome in signals.

use leptos::prelude::*;

use crate::api::Api;
use crate::browser::storage::{NotStored, Storage};
use crate::browser::{clock, location, random};
use crate::cognito::authorization::{Callback, PendingSignIn};
use crate::cognito::id_token::TokenError;
use crate::cognito::session::{Session, SessionEnd, SessionTokens};
use crate::cognito::sign_in::{self, SignInError};
use crate::config::{Config, StorageArea};

/// The handle that pages act through. Copies are the same handle.
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    config: StoredValue<Config>,
    session: RwSignal<Option<Session>>,
    notice: RwSignal<Option<Notice>>,
}

/// Something the person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The sign-in did not succeed.
    SignInFailed(SignInError),
    /// The session is over.
    Ended(SessionEnd),
    /// This browser stores nothing, so no sign-in can be carried over the redirect.
    CannotStore,
    /// This browser did not store the session: it lasts as long as this page.
    NotKept,
}

impl Auth {
    /// (D) Takes up the stored session and the answer that this page was opened with.
    #[must_use]
    pub fn start(config: Config, callback: Option<Callback>) -> Self {
        let records = Records::of(&config);
        let stored = records
            .session()
            .map(|tokens| Session::restore(tokens, &config.hosted_ui, clock::now()));
        let (mut session, mut notice) = match stored {
            Some(Ok(session)) => (Some(session), None),
            Some(Err(TokenError::Expired)) => (None, Some(Notice::Ended(SessionEnd::Expired))),
            Some(Err(_)) | None => (None, None),
        };
        if session.is_none() {
            records.forget_session();
        }
        if let Some(callback) = callback {
            let state = callback.state.as_deref();
            let pending = state.and_then(|state| records.take_pending(state));
            match sign_in::complete(&config.hosted_ui, callback, pending, clock::now()) {
                Ok(new) => {
                    notice = records.keep_session(&new).err().map(|_| Notice::NotKept);
                    session = Some(new);
                }
                // A session that is still good outlives an answer that is not.
                Err(error) => notice = Some(Notice::SignInFailed(error)),
            }
        }
        Self {
            config: StoredValue::new(config),
            session: RwSignal::new(session),
            notice: RwSignal::new(notice),
        }
    }

    /// Who is signed in, now and whenever that changes.
    #[must_use]
    pub fn session(self) -> Option<Session> {
        self.session.get()
    }

    /// What the person should know, now and whenever that changes.
    #[must_use]
    pub fn notice(self) -> Option<Notice> {
        self.notice.get()
    }

    /// The API for this session.
    #[must_use]
    pub fn api(self, session: &Session) -> Api {
        self.config
            .with_value(|config| Api::new(&config.api_url, session))
    }

    /// (B) Remembers the request and leaves for the Hosted UI.
    pub fn sign_in(self) {
        let (url, kept) = self.config.with_value(|config| {
            let (pending, url) = sign_in::begin(&config.hosted_ui, random::bytes);
            (url, Records::of(config).keep_pending(&pending))
        });
        match kept {
            Ok(()) => location::leave(&url),
            Err(NotStored) => self.notice.set(Some(Notice::CannotStore)),
        }
    }

    /// (F) Ends the session on this side alone, and says why.
    pub fn end(self, end: SessionEnd) {
        self.forget();
        self.notice.set(Some(Notice::Ended(end)));
        self.session.set(None);
    }

    /// (G) Forgets everything, then leaves to end Cognito's own session.
    pub fn sign_out(self) {
        self.forget();
        let url = self
            .config
            .with_value(|config| config.hosted_ui.sign_out_url());
        location::leave(&url);
    }

    fn forget(self) {
        self.config
            .with_value(|config| Records::of(config).forget_session());
    }
}

/// What is stored, and under which keys: one app client's records apart from another's on the same origin.
struct Records {
    storage: Storage,
    client_id: String,
}

impl Records {
    fn of(config: &Config) -> Self {
        Self {
            storage: match config.storage {
                StorageArea::Session => Storage::Session,
                StorageArea::Local => Storage::Local,
            },
            client_id: config.hosted_ui.client.client_id.as_str().to_owned(),
        }
    }

    fn key(&self, record: &str) -> String {
        format!("cognito-spa.{}.{record}", self.client_id)
    }

    fn pending_key(&self, state: &str) -> String {
        self.key(&format!("pending.{state}"))
    }

    fn session(&self) -> Option<SessionTokens> {
        self.storage.get(&self.key("session"))
    }

    fn keep_session(&self, session: &Session) -> Result<(), NotStored> {
        self.storage.set(&self.key("session"), session.tokens())
    }

    fn forget_session(&self) {
        self.storage.remove(&self.key("session"));
    }

    fn keep_pending(&self, pending: &PendingSignIn) -> Result<(), NotStored> {
        let key = self.pending_key(pending.state.as_str());
        self.storage.set(&key, pending)
    }

    fn take_pending(&self, state: &str) -> Option<PendingSignIn> {
        self.storage.take(&self.pending_key(state))
    }
}
