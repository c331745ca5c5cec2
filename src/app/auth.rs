//! The one place where `cognito` meets `browser`: decisions by the one, effects by the other, the outcome in a value that
//! is watched.

use std::mem::{self, discriminant};
use std::sync::Arc;

use crate::api::{self, Api, ApiError, HI_USERS};
use crate::browser::storage::NotStored;
use crate::browser::{clock, crypto, http, location, locks, page, random, task};
use crate::cognito::authorization::{Callback, PendingSignIn};
use crate::cognito::hosted_ui::{Door, HostedUi};
use crate::cognito::id_token::{Origin, TokenError};
use crate::cognito::keys::{JsonWebKey, JsonWebKeySet};
use crate::cognito::return_to::ReturnTo;
use crate::cognito::session::{Due, Session, SessionEnd};
use crate::cognito::sign_in::{self, Accepted, SignInError, Unverified};
use crate::cognito::token_endpoint::{self, TokenEndpointError};
use crate::cognito::tokens::TokenResponse;
use crate::config::Config;

use super::records::{Records, Stored};
use super::watched::Watched;

/// The handle that the app acts through. Copies are the same handle.
#[derive(Clone, Copy)]
pub struct Auth(&'static Inner);

/// What lives as long as the page does.
struct Inner {
    config: Config,
    records: Records,
    state: Watched<State>,
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
    /// The browser is on its way to the Hosted UI, since this time (in seconds since 1970).
    Leaving(u64),
    /// Somebody is signed in.
    SignedIn {
        /// Who.
        session: Arc<Session>,
        /// Whether the browser has stored the session; otherwise it lasts as long as this page.
        kept: bool,
        /// What the person should know besides.
        notice: Option<Notice>,
        /// What the API says.
        greeting: Greeting,
        /// Whether a renewal is under way.
        renewing: bool,
    },
}

/// Something the person should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The sign-in did not succeed.
    SignInFailed(SignInError),
    /// The session is over.
    Ended(SessionEnd),
    /// The session will be over soon.
    EndsSoon,
    /// The session will be over soon unless its renewal, which did not work yet, works after all.
    NotRenewed,
    /// This browser stores nothing, so no sign-in can be carried over the redirect.
    CannotStore,
    /// This browser did not store the session: it lasts as long as this page.
    NotKept,
}

/// The API's greeting, in the course of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Greeting {
    /// Asked for at this time (in seconds since 1970), not answered yet.
    Awaited(u64),
    /// Here it is, after so many milliseconds.
    Received(String, u64),
    /// There is none, which was known after so many milliseconds.
    Failed(ApiError, u64),
}

impl Auth {
    /// (D) Takes up the stored session and the answer that this page was opened with.
    #[must_use]
    pub fn start(config: Config, callback: Option<Callback>) -> Self {
        let records = Records::of(&config);
        records.sweep(clock::now());
        let notice = match records.session(&config.hosted_ui) {
            Stored::Unreadable => {
                records.forget_session();
                Some(Notice::Ended(SessionEnd::Unreadable))
            }
            _ if records.take_farewell() => Some(Notice::Ended(SessionEnd::SignedOut)),
            _ => None,
        };
        let auth = Self(Box::leak(Box::new(Inner {
            config,
            records,
            state: Watched::new(State::SigningIn),
        })));
        match callback {
            None => auth.go_on(notice),
            Some(callback) => auth.take_up(callback),
        }
        page::on_leave(move || {
            if auth.is_leaving() {
                auth.set(State::SignedOut { notice: None });
            }
        });
        auth
    }

    /// Takes up an answer of the Hosted UI, and the place that the person left from.
    fn take_up(self, callback: Callback) {
        let state = callback.state.as_deref();
        let pending = state.and_then(|state| self.0.records.take_pending(state));
        if let Some(place) = pending
            .as_ref()
            .and_then(|pending| pending.return_to.as_ref())
        {
            location::replace_place(place.as_str());
        }
        match sign_in::accept(callback, pending, clock::now()) {
            Ok((answer, request)) => task::spawn(async move {
                match self.complete(answer, &request).await {
                    Ok(session) => self.begin_session(session),
                    Err(error) => self.go_on(Some(Notice::SignInFailed(error))),
                }
            }),
            Err(error) => self.go_on(Some(Notice::SignInFailed(error))),
        }
    }

    async fn complete(
        self,
        answer: Accepted,
        request: &PendingSignIn,
    ) -> Result<Session, SignInError> {
        let response = match answer {
            Accepted::Tokens(response) => response,
            Accepted::Code(code, verifier) => {
                let client = &self.hosted_ui().client;
                let form = token_endpoint::exchange(client, &code, &verifier);
                self.ask_token_endpoint(form).await?
            }
        };
        let origin = Origin::SignIn {
            nonce: request.nonce.as_str(),
            started_at: request.started_at,
        };
        let session = self.verify(response, origin).await?;
        let Some(access_token) = session.wants_user_info() else {
            return Ok(session);
        };
        let authorization = ["Bearer ", access_token.authorization()].concat();
        let url = self.hosted_ui().user_info_url();
        match http::get(&url, Some(&authorization)).await {
            Ok(response) if response.status == 200 => session
                .with_user_info(&response.body)
                .map_err(SignInError::Token),
            // The person is who they are, by whatever name.
            _ => Ok(session),
        }
    }

    async fn ask_token_endpoint(self, form: String) -> Result<TokenResponse, SignInError> {
        let url = self.hosted_ui().token_url();
        let answer = match http::post(&url, &form, http::PATIENCE).await {
            Ok(response) => token_endpoint::read(response.status, &response.body),
            Err(http::Unreachable) => Err(TokenEndpointError::Unreachable),
        };
        answer.map_err(SignInError::TokenEndpoint)
    }

    /// (D) Checks tokens, and verifies their signature by the pool's keys: those that are kept, or, if the token's is not
    /// among them, fresh ones. Without keys there is no session.
    async fn verify(
        self,
        response: TokenResponse,
        origin: Origin<'_>,
    ) -> Result<Session, SignInError> {
        let unverified = sign_in::check(self.hosted_ui(), response, origin, clock::now())?;
        let kept = self.0.records.keys().unwrap_or_default();
        let key = match unverified.key(&JsonWebKeySet::read(&kept)) {
            Some(key) => key.to_json(),
            None => {
                let fresh = self.fetch_keys().await.ok_or(SignInError::NoKeys)?;
                let fresh = JsonWebKeySet::read(&fresh);
                let key = unverified.key(&fresh).map(JsonWebKey::to_json);
                key.ok_or(SignInError::Token(TokenError::UnknownKey))?
            }
        };
        self.verify_by(unverified, &key).await
    }

    async fn verify_by(self, unverified: Unverified, key: &str) -> Result<Session, SignInError> {
        let hash = crypto::sha_256(unverified.access_token().as_bytes());
        let signature = unverified.signature();
        let valid = crypto::is_rs256_signature(key, signature, unverified.signed_part()).await;
        unverified.verified(valid, hash.await.as_ref())
    }

    /// Fetches the pool's keys and keeps them. Another origin's request carries no cookies.
    async fn fetch_keys(self) -> Option<String> {
        let response = http::get(&self.hosted_ui().keys_url(), None).await.ok()?;
        if response.status != 200 {
            return None;
        }
        // Not kept, they are fetched again.
        let _ = self.0.records.keep_keys(&response.body);
        Some(response.body)
    }

    /// Goes on with a session that has just begun.
    fn begin_session(self, session: Session) {
        let kept = self.0.records.keep_session(&session).is_ok();
        self.show(session.into(), kept, (!kept).then_some(Notice::NotKept));
    }

    /// Goes on with the stored session, which outlives an answer that is not good, or without one.
    fn go_on(self, notice: Option<Notice>) {
        match self.stored() {
            Stored::Session(session) if session.due(clock::now()) == Due::End => {
                self.end(SessionEnd::Expired);
            }
            Stored::Session(session) => self.show(session, true, notice),
            Stored::Nothing | Stored::Unreadable => self.show_signed_out(notice),
        }
    }

    fn show(self, session: Arc<Session>, kept: bool, notice: Option<Notice>) {
        self.set(State::SignedIn {
            session,
            kept,
            notice,
            greeting: Greeting::Awaited(clock::now()),
            renewing: false,
        });
        self.call_for_greeting();
    }

    fn show_signed_out(self, notice: Option<Notice>) {
        self.set(State::SignedOut { notice });
        // Had now, the keys cost no round trip when the person comes back; and those that the pool has given up do not
        // stay for ever.
        task::spawn(async move {
            self.fetch_keys().await;
        });
    }

    /// Ends the session here.
    fn end(self, reason: SessionEnd) {
        self.0.records.forget_session();
        self.show_signed_out(Some(Notice::Ended(reason)));
    }

    /// Looks at what may have changed without us: the storage, by another tab, and the time.
    pub fn look(self) {
        /// How long, in seconds, leaving may take before the page is itself again.
        const PATIENCE: u64 = 20;
        let now = clock::now();
        let is_busy = |state: &State| match state {
            State::SigningIn => true,
            State::Leaving(since) => now.abs_diff(*since) < PATIENCE,
            State::SignedOut { .. } | State::SignedIn { .. } => false,
        };
        if self.0.state.with_untracked(is_busy) {
            return;
        }
        self.follow_storage();
        let Some(session) = self.session() else {
            return;
        };
        match session.due(now) {
            Due::Nothing => {}
            Due::Warning => self.tell(Notice::EndsSoon),
            Due::Renewal => self.renew_now(),
            Due::End => self.end(SessionEnd::Expired),
        }
    }

    /// Does what another tab has done: the storage says who is signed in.
    fn follow_storage(self) {
        let held = self.session();
        match (held, self.stored()) {
            (Some(held), Stored::Session(stored)) if held.is(&stored) => {}
            (Some(held), Stored::Session(stored)) if held.claims().sub == stored.claims().sub => {
                self.replace(stored, true);
            }
            (_, Stored::Session(stored)) if stored.due(clock::now()) != Due::End => {
                self.show(stored, true, None);
            }
            (None, Stored::Nothing | Stored::Unreadable) if self.is_leaving() => {
                self.set(State::SignedOut { notice: None });
            }
            (Some(held), _) if self.is_kept() => {
                let over = held.due(clock::now()) == Due::End;
                self.end(if over {
                    SessionEnd::Expired
                } else {
                    SessionEnd::Elsewhere
                });
            }
            (_, _) => {}
        }
    }

    /// (F) Renews the session, unless that is under way.
    pub fn renew_now(self) {
        let renewing = |state: &State| matches!(state, State::SignedIn { renewing: true, .. });
        if !self.0.state.with_untracked(renewing) {
            task::spawn(self.renew());
        }
    }

    fn set_renewing(self, is_renewing: bool) {
        self.0.state.update(|state| {
            if let State::SignedIn { renewing, .. } = state {
                *renewing = is_renewing;
            }
        });
    }

    /// Renews the session, unless another tab is quicker: one refresh token must not be used twice.
    async fn renew(self) {
        let Some(before) = self.session() else {
            return;
        };
        let name = self.0.records.key("renewal");
        let work = async move {
            self.follow_storage();
            if !self.holds(&before) {
                return;
            }
            let Some(form) = before.refresh(&self.hosted_ui().client) else {
                return;
            };
            let renewed = self.refresh(&before, form).await;
            // Whoever has signed out meanwhile stays signed out.
            if !self.holds(&before) {
                return;
            }
            match renewed {
                Ok(session) => {
                    let kept = self.0.records.keep_session(&session);
                    self.replace(session.into(), kept.is_ok());
                }
                Err(SignInError::TokenEndpoint(TokenEndpointError::Refused(_))) => {
                    self.end(SessionEnd::Expired);
                }
                // Nobody has said no, only that there is no network: it is tried again.
                Err(SignInError::NoKeys | SignInError::TokenEndpoint(_)) => {
                    self.tell(Notice::NotRenewed);
                }
                Err(error) => {
                    self.0.records.forget_session();
                    self.show_signed_out(Some(Notice::SignInFailed(error)));
                }
            }
        };
        self.set_renewing(true);
        locks::exclusively(&name, Box::pin(work)).await;
        self.set_renewing(false);
    }

    async fn refresh(self, before: &Session, form: String) -> Result<Session, SignInError> {
        let response = before.carried_over(self.ask_token_endpoint(form).await?);
        self.verify(response, Origin::Refresh(before.claims()))
            .await
    }

    /// Puts the same person's new tokens in the place of the old ones, and asks again for what those did not open.
    fn replace(self, new: Arc<Session>, is_kept: bool) {
        let mut failed = false;
        self.0.state.update(|state| {
            if let State::SignedIn {
                session,
                kept,
                notice,
                greeting,
                ..
            } = state
            {
                *session = new;
                *kept = is_kept;
                *notice = (!is_kept).then_some(Notice::NotKept);
                failed = matches!(greeting, Greeting::Failed(..));
            }
        });
        if failed {
            self.ask_for_greeting();
        }
    }

    fn has_told(self, news: &Notice) -> bool {
        self.0.state.with_untracked(|state| match state {
            State::SignedIn { notice, .. } | State::SignedOut { notice } => {
                notice.as_ref().map(discriminant) == Some(discriminant(news))
            }
            State::SigningIn | State::Leaving(_) => false,
        })
    }

    /// Tells the person something, unless it has been told.
    fn tell(self, news: Notice) {
        if !self.has_told(&news) {
            self.0.state.update(|state| {
                if let State::SignedIn { notice, .. } | State::SignedOut { notice } = state {
                    *notice = Some(news);
                }
            });
        }
    }

    /// Reads the state, now and whenever it changes.
    pub fn with_state<T>(self, read: impl FnOnce(&State) -> T) -> T {
        self.0.state.with(read)
    }

    /// The `sub` of whoever is signed in, or nothing; now and whenever it changes.
    #[must_use]
    pub fn person(self) -> String {
        self.with_state(|state| match state {
            State::SignedIn { session, .. } => session.claims().sub.clone(),
            _ => String::new(),
        })
    }

    /// The settings.
    #[must_use]
    pub fn config(self) -> &'static Config {
        &self.0.config
    }

    /// Whether this browser stores what a sign-in needs.
    #[must_use]
    pub fn can_store(self) -> bool {
        self.0.records.can_store()
    }

    /// Goes over to another state, and returns the one before.
    fn set(self, mut state: State) -> State {
        self.0.state.update(|now| mem::swap(now, &mut state));
        state
    }

    /// (B) Remembers the request and leaves for the Hosted UI, which is to speak this language.
    pub fn sign_in(self, door: Door, lang: &'static str) {
        let here = ReturnTo::parse(&location::place(), &location::base().1);
        let before = self.set(State::Leaving(clock::now()));
        task::spawn(async move {
            let pending = sign_in::begin(self.hosted_ui(), random::bytes, here, clock::now());
            let challenge = match &pending.code_verifier {
                Some(verifier) => crypto::sha_256(verifier.as_str().as_bytes()).await,
                None => None,
            };
            let hosted_ui = self.hosted_ui();
            let url = hosted_ui.authorization_url(&pending, challenge.as_ref(), &door, lang);
            match self.0.records.keep_pending(&pending) {
                Ok(()) => self.leave(&url),
                Err(NotStored) => {
                    self.set(before);
                    self.tell(Notice::CannotStore);
                }
            }
        });
    }

    /// (E) Asks the API for the greeting, and shows what came of it.
    pub fn ask_for_greeting(self) {
        self.set_greeting(Greeting::Awaited(clock::now()));
        self.call_for_greeting();
    }

    // At once, so that the request leaves before the page is drawn.
    fn call_for_greeting(self) {
        let start = clock::milliseconds();
        task::begin(async move {
            let Some(answer) = self.call(HI_USERS).await else {
                return;
            };
            let took = clock::milliseconds().saturating_sub(start);
            self.set_greeting(match answer.and_then(|body| api::greeting(&body)) {
                Ok(message) => Greeting::Received(message, took),
                Err(error) => Greeting::Failed(error, took),
            });
        });
    }

    /// (E) Sends a GET request for this path of the API with the session's token, and returns the answer's body. A session
    /// that is due, or refused, is renewed first; one that is refused for good is ended. `None`: whoever asked has signed
    /// out meanwhile, or is somebody else now, and is not told anything.
    pub async fn call(self, path: &str) -> Option<Result<String, ApiError>> {
        let is_due = |session: Arc<Session>| session.due(clock::now()) == Due::Renewal;
        if self.session().is_some_and(is_due) {
            self.renew().await;
        }
        let session = self.session()?;
        let mut answer = self.ask(path, &session).await;
        if let Err(ApiError::Unauthorized | ApiError::UnreachableAtTheEnd) = answer {
            // Renewed here or in another tab, the session is tried once more, and then no more.
            self.renew().await;
            match self.session() {
                Some(renewed) if !renewed.is(&session) => {
                    answer = self.ask(path, &renewed).await;
                }
                _ => {}
            }
        }
        if self.session()?.claims().sub != session.claims().sub {
            return None;
        }
        match answer {
            // Refused is a token that could not be renewed yet, and not the person.
            Err(ApiError::Unauthorized) if self.has_told(&Notice::NotRenewed) => {
                Some(Err(ApiError::Unreachable))
            }
            Err(ApiError::Unauthorized) => {
                self.end(SessionEnd::Rejected);
                None
            }
            answer => Some(answer),
        }
    }

    async fn ask(self, path: &str, session: &Session) -> Result<String, ApiError> {
        /// How long before its end, in seconds, a token may already be refused: the clocks are not the same.
        const END: u64 = 60;
        match Api::new(&self.0.config.api, session).get(path).await {
            Err(ApiError::Unreachable) if session.time_left(clock::now()) <= END => {
                Err(ApiError::UnreachableAtTheEnd)
            }
            answer => answer,
        }
    }

    /// Back in the network, asks again for what could not be had without it.
    pub fn come_online(self) {
        let failed = |state: &State| match state {
            State::SignedIn { greeting, .. } => {
                matches!(greeting, Greeting::Failed(ApiError::Unreachable, _))
            }
            _ => false,
        };
        if self.0.state.with_untracked(failed) {
            self.ask_for_greeting();
        }
    }

    fn set_greeting(self, new: Greeting) {
        self.0.state.update(|state| {
            if let State::SignedIn { greeting, .. } = state {
                *greeting = new;
            }
        });
    }

    /// (G) Forgets everything, revokes the refresh token, then leaves to end Cognito's own session.
    pub fn sign_out(self) {
        /// How long, in seconds, the revocation may keep the person.
        const PATIENCE: u32 = 3;
        let session = self.session();
        let form = session.and_then(|session| session.revocation(&self.hosted_ui().client));
        self.0.records.forget_session();
        self.0.records.keep_farewell();
        self.set(State::Leaving(clock::now()));
        task::spawn(async move {
            if let Some(form) = form {
                // The session is over here, whatever comes of it.
                let _ = http::post(&self.hosted_ui().revocation_url(), &form, PATIENCE).await;
            }
            self.leave(&self.hosted_ui().sign_out_url());
        });
    }

    fn leave(self, url: &str) {
        self.set(State::Leaving(clock::now()));
        location::leave(url);
    }

    pub(super) fn session(self) -> Option<Arc<Session>> {
        self.0.state.with_untracked(|state| match state {
            State::SignedIn { session, .. } => Some(session.clone()),
            State::SignedOut { .. } | State::SigningIn | State::Leaving(_) => None,
        })
    }

    fn holds(self, session: &Arc<Session>) -> bool {
        self.session().is_some_and(|held| held.is(session))
    }

    /// Whether nobody is signed in, nor about to be.
    pub(super) fn is_signed_out(self) -> bool {
        let signed_out = |state: &State| matches!(state, State::SignedOut { .. });
        self.0.state.with_untracked(signed_out)
    }

    fn is_leaving(self) -> bool {
        let leaving = |state: &State| matches!(state, State::Leaving(_));
        self.0.state.with_untracked(leaving)
    }

    fn is_kept(self) -> bool {
        let kept = |state: &State| matches!(state, State::SignedIn { kept: true, .. });
        self.0.state.with_untracked(kept)
    }

    fn stored(self) -> Stored {
        self.0.records.session(self.hosted_ui())
    }

    fn hosted_ui(self) -> &'static HostedUi {
        &self.0.config.hosted_ui
    }
}
