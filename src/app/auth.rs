//! The one place where `cognito` meets `browser`: decisions by the one, effects by the other, the outcome in signals.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::api::{Api, ApiError};
use crate::browser::storage::{NotStored, Storage};
use crate::browser::{clock, crypto, http, location, random};
use crate::cognito::authorization::{Callback, PendingSignIn};
use crate::cognito::id_token::TokenError;
use crate::cognito::keys::{JsonWebKey, JsonWebKeySet};
use crate::cognito::session::{Session, SessionEnd, SessionTokens};
use crate::cognito::sign_in::{self, SignInError, Unverified};
use crate::config::{Config, StorageArea};

/// The handle that the app acts through. Copies are the same handle.
#[derive(Clone, Copy, Debug)]
pub struct Auth {
    config: StoredValue<Config>,
    state: RwSignal<State>,
}

/// What this page knows.
// There is one of these in the whole page: a box would cost more than it saves.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nobody is signed in.
    SignedOut {
        /// Why not, if there is something to say.
        notice: Option<Notice>,
    },
    /// Somebody has come back from the Hosted UI, and is not believed yet.
    SigningIn,
    /// Somebody is signed in.
    SignedIn {
        /// Who.
        session: Session,
        /// What the person should know besides.
        notice: Option<Notice>,
        /// What the API says.
        greeting: Greeting,
    },
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

/// The API's greeting, in the course of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// Asked for, not answered yet.
    Awaited,
    /// Here it is.
    Received(String),
    /// There is none.
    Failed(ApiError),
}

impl Auth {
    /// (D) Takes up the stored session and the answer that this page was opened with.
    #[must_use]
    pub fn start(config: Config, callback: Option<Callback>) -> Self {
        let records = Records::of(&config);
        let stored = records
            .session()
            .map(|tokens| Session::restore(tokens, &config.hosted_ui, clock::now()));
        let (session, mut notice) = match stored {
            Some(Ok(session)) => (Some(session), None),
            Some(Err(TokenError::Expired)) => (None, Some(Notice::Ended(SessionEnd::Expired))),
            Some(Err(_)) | None => (None, None),
        };
        if session.is_none() {
            records.forget_session();
        }
        let mut unverified = None;
        if let Some(callback) = callback {
            let state = callback.state.as_deref();
            let pending = state.and_then(|state| records.take_pending(state));
            match sign_in::complete(&config.hosted_ui, callback, pending, clock::now()) {
                Ok(answer) => unverified = Some(answer),
                Err(error) => notice = Some(Notice::SignInFailed(error)),
            }
        }
        let auth = Self {
            config: StoredValue::new(config),
            state: RwSignal::new(State::SigningIn),
        };
        match unverified {
            None => auth.settle(session, notice),
            Some(unverified) => spawn_local(async move {
                match auth.verify(unverified).await {
                    Ok(new) => {
                        let kept = auth.with_records(|records| records.keep_session(&new));
                        auth.settle(Some(new), kept.err().map(|_| Notice::NotKept));
                    }
                    Err(error) => auth.settle(session, Some(Notice::SignInFailed(error))),
                }
            }),
        }
        auth
    }

    /// Goes on with this session or without one. A session that is still good outlives an answer that is not.
    fn settle(self, session: Option<Session>, notice: Option<Notice>) {
        match session {
            Some(session) => {
                self.state.set(State::SignedIn {
                    session,
                    notice,
                    greeting: Greeting::Awaited,
                });
                self.ask_for_greeting();
            }
            None => {
                self.state.set(State::SignedOut { notice });
                // Had now, the keys cost no round trip when the person comes back.
                if self.with_records(|records| records.keys()).is_none() {
                    spawn_local(async move {
                        self.fetch_keys().await;
                    });
                }
            }
        }
    }

    /// (D) Verifies an answer's signature by the pool's keys: those that are kept, or, if its key is not among them,
    /// fresh ones. Without keys nobody is signed in.
    async fn verify(self, unverified: Unverified) -> Result<Session, SignInError> {
        let kept = self.with_records(|records| records.keys());
        let kept = JsonWebKeySet::read(&kept.unwrap_or_default());
        let key = match unverified.key(&kept) {
            Some(key) => key.to_json(),
            None => {
                let fresh = self.fetch_keys().await.ok_or(SignInError::NoKeys)?;
                let fresh = JsonWebKeySet::read(&fresh);
                let key = unverified.key(&fresh).map(JsonWebKey::to_json);
                key.ok_or(SignInError::Token(TokenError::UnknownKey))?
            }
        };
        let signature = unverified.signature();
        let valid = crypto::is_rs256_signature(&key, signature, unverified.signed_part()).await;
        let hash = crypto::sha_256(unverified.access_token()).await;
        unverified.verified(valid, &hash.unwrap_or_default())
    }

    /// Fetches the pool's keys and keeps them. Another origin's request carries no cookies.
    async fn fetch_keys(self) -> Option<String> {
        let url = self.config.with_value(|config| config.hosted_ui.keys_url());
        let response = http::get(&url, None).await.ok()?;
        if response.status != 200 {
            return None;
        }
        // Not kept, they are fetched again.
        let _ = self.with_records(|records| records.keep_keys(&response.body));
        Some(response.body)
    }

    /// Reads the state, now and whenever it changes.
    pub fn with_state<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.state.with(read)
    }

    /// (B) Remembers the request and leaves for the Hosted UI.
    pub fn sign_in(self) {
        let (url, kept) = self.config.with_value(|config| {
            let (pending, url) = sign_in::begin(&config.hosted_ui, random::bytes);
            (url, Records::of(config).keep_pending(&pending))
        });
        match kept {
            Ok(()) => location::leave(&url),
            Err(NotStored) => self.state.set(State::SignedOut {
                notice: Some(Notice::CannotStore),
            }),
        }
    }

    /// (E) Asks the API, if somebody is signed in, and (F) takes up its answer.
    pub fn ask_for_greeting(self) {
        let api = self.config.with_value(|config| {
            self.state.try_update(|state| match state {
                State::SignedIn {
                    session, greeting, ..
                } => {
                    *greeting = Greeting::Awaited;
                    Some(Api::new(&config.api_url, session))
                }
                State::SignedOut { .. } | State::SigningIn => None,
            })
        });
        let Some(api) = api.flatten() else { return };
        spawn_local(async move {
            let answer = api.hi_users().await;
            // Whoever has signed out meanwhile is not told anything any more.
            self.state.update(|state| {
                let State::SignedIn { greeting, .. } = state else {
                    return;
                };
                match answer {
                    Ok(message) => *greeting = Greeting::Received(message),
                    Err(ApiError::Unauthorized) => {
                        self.with_records(Records::forget_session);
                        let notice = Some(Notice::Ended(SessionEnd::Rejected));
                        *state = State::SignedOut { notice };
                    }
                    Err(error) => *greeting = Greeting::Failed(error),
                }
            });
        });
    }

    /// (G) Forgets everything, then leaves to end Cognito's own session.
    pub fn sign_out(self) {
        self.with_records(Records::forget_session);
        let url = self
            .config
            .with_value(|config| config.hosted_ui.sign_out_url());
        // The browser may keep this page for its Back button: it must not greet anybody any more.
        self.state.set(State::SignedOut { notice: None });
        location::leave(&url);
    }

    fn with_records<T>(self, use_them: impl FnOnce(&Records) -> T) -> T {
        self.config
            .with_value(|config| use_them(&Records::of(config)))
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
        SessionTokens::from_stored(&self.storage.get(&self.key("session"))?)
    }

    fn keep_session(&self, session: &Session) -> Result<(), NotStored> {
        self.storage.set(&self.key("session"), session.tokens())
    }

    fn forget_session(&self) {
        self.storage.remove(&self.key("session"));
    }

    /// The pool's keys, as they were fetched.
    fn keys(&self) -> Option<String> {
        Some(self.storage.get(&self.key("keys"))?.as_str()?.to_owned())
    }

    fn keep_keys(&self, document: &str) -> Result<(), NotStored> {
        self.storage.set(&self.key("keys"), &document)
    }

    fn keep_pending(&self, pending: &PendingSignIn) -> Result<(), NotStored> {
        let key = self.pending_key(pending.state.as_str());
        self.storage.set(&key, pending)
    }

    fn take_pending(&self, state: &str) -> Option<PendingSignIn> {
        PendingSignIn::from_stored(&self.storage.take(&self.pending_key(state))?)
    }
}
