//! The six invariants. The ledger knows the truth, from the world and not from the engine: which sign-in each token comes from,
//! what has ended it, and who could know. It looks at every change of a page or a record when a step is over.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use cognito_session::cognito_hosted_ui::{Session, SignInError, TokenError};
use cognito_session::{
    ApiError, AuthState, HttpRequest, Notice, SessionEnd, Snapshot, StorageArea,
};
use serde::Deserialize;

use crate::cognito::{CLIENTS, Cognito, Effect, User, authorization_of, header, is_logout};
use crate::network::{Exchange, Kind, Outcome};
use crate::storage::Store;
use crate::tab::{Page, Phase};
use crate::world::World;

/// By how many seconds a session may end before its time.
const EARLY_END: u64 = 5;
/// After how many milliseconds every process sees what another one has stored, with some room.
const STORAGE_LAG: u64 = 400;

/// How many milliseconds a refresh can take on a good network.
const REFRESH: u64 = 5_000;

/// What a page shows.
#[derive(Clone, Default)]
pub struct Shown {
    pub state: ShownState,
    pub notice: Option<Notice>,
    session: Option<Session>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ShownState {
    #[default]
    SigningIn,
    SignedOut,
    Redirecting,
    SignedIn(Held),
}

/// The session that a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub sign_in: usize,
    pub user: User,
    pub id_token: usize,
    pub refresh_token: Option<usize>,
    /// In seconds since 1970.
    exp: u64,
}

/// A stored session.
#[derive(Deserialize)]
pub struct Record {
    id_token: String,
    access_token: Option<String>,
    refresh_token: Option<String>,
    clock_offset: i64,
    sign_in: String,
}

/// Why a session has really ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// Another sign-in has taken its place.
    Replaced,
    /// Cognito does not accept its refresh token.
    Refused,
    Forged,
    /// The API has refused it twice.
    Api,
    /// The app is deployed with other settings.
    Deployed,
    NotStored,
    Corrupted,
}

struct End {
    cause: Cause,
    /// The page that has learned it.
    page: usize,
}

/// The truth about a sign-in.
struct Truth {
    begun: u64,
    client: usize,
    /// Whether a page has ever shown or stored its session.
    is_session: bool,
    signed_out: Option<usize>,
    /// Whether the user has signed out in a page of the other client, which this one may hear of.
    is_signed_out_elsewhere: bool,
    ends: Vec<End>,
    refresh_tokens: Vec<Token>,
}

/// A refresh token that a living page has received.
struct Token {
    index: usize,
    page: usize,
    was_stored: bool,
}

/// A request for a sign-in.
struct Begun {
    order: u64,
    at: u64,
}

/// The user has pressed *Sign out*.
#[derive(Clone)]
struct SignOut {
    order: u64,
    at: u64,
    client: usize,
    tab: usize,
    page: usize,
    /// Whether the browser has stored it for the other tabs.
    is_stored: bool,
}

/// A request of the user to the API.
struct Ask {
    page: usize,
    held: Option<Held>,
    refusals: u32,
    sends: u32,
    is_calm: bool,
    is_answered: bool,
    succeeds: bool,
}

/// How often a page has done something lately.
#[derive(Default)]
struct Pace {
    sent: BTreeMap<&'static str, VecDeque<u64>>,
    /// Reasons for one more request.
    reasons: VecDeque<u64>,
}

#[derive(Default)]
pub struct Ledger {
    truths: RefCell<Vec<Truth>>,
    begun: RefCell<BTreeMap<String, Begun>>,
    sign_outs: RefCell<Vec<SignOut>>,
    asks: RefCell<Vec<Ask>>,
    paces: RefCell<BTreeMap<usize, Pace>>,
    /// What each page showed at the end of the last step.
    before: RefCell<BTreeMap<usize, Shown>>,
    /// The sign-in whose session is stored, at the end of the last step.
    stored: RefCell<BTreeMap<(Store, String), usize>>,
    written_at: RefCell<BTreeMap<(Store, String), u64>>,
    changed_pages: RefCell<Vec<Rc<Page>>>,
    changed_records: RefCell<BTreeSet<(Store, String)>>,
    revoked: RefCell<Vec<(Rc<Page>, usize)>>,
    /// The pages whose user has pressed a button in this step.
    pressed: RefCell<BTreeSet<usize>>,
    /// The pages for which the browser did not store something, ever and in this step.
    failed: RefCell<BTreeSet<usize>>,
    failed_now: RefCell<BTreeSet<usize>>,
    heard_at: RefCell<BTreeMap<usize, u64>>,
    went_online_at: RefCell<BTreeMap<usize, u64>>,
    died_at: RefCell<BTreeMap<usize, u64>>,
    refreshing_since: RefCell<BTreeMap<usize, u64>>,
    refreshed_at: RefCell<BTreeMap<usize, u64>>,
    answered_states: RefCell<BTreeSet<String>>,
    answering: RefCell<BTreeMap<usize, String>>,
    sign_out_record: RefCell<Option<String>>,
    clock_jumped_at: Cell<Option<u64>>,
    was_clock_wrong: Cell<bool>,
}

impl Record {
    pub fn read(value: &str) -> Option<Self> {
        if !value.contains("id_token") {
            return None;
        }
        serde_json::from_str(value).ok()
    }

    pub fn brief(&self, world: &World) -> String {
        let refresh_token = self.refresh_token.as_deref().unwrap_or("no refresh token");
        let token = world.cognito.id_token(&self.id_token);
        let Some((index, token)) = token else {
            return "a session with an unknown ID token".to_owned();
        };
        let Self { clock_offset, .. } = self;
        let sign_in = token.sign_in;
        format!(
            "session of sign-in {sign_in}, ID token {index}, {refresh_token}, clock offset {clock_offset}"
        )
    }
}

impl Truth {
    fn has_ended(&self) -> bool {
        self.is_signed_out() || !self.ends.is_empty()
    }

    fn is_signed_out(&self) -> bool {
        self.signed_out.is_some() || self.is_signed_out_elsewhere
    }

    fn end(&mut self, cause: Cause, page: usize) {
        self.ends.push(End { cause, page });
    }

    fn has(&self, cause: Cause) -> bool {
        self.ends.iter().any(|it| it.cause == cause)
    }
}

impl Held {
    /// Whether a session without a refresh token is at its end, by Cognito's clock.
    fn has_expired(&self, world: &World) -> bool {
        self.refresh_token.is_none() && world.cognito_seconds() + EARLY_END >= self.exp
    }
}

impl ShownState {
    fn held(self) -> Option<Held> {
        match self {
            Self::SignedIn(held) => Some(held),
            Self::SigningIn | Self::SignedOut | Self::Redirecting => None,
        }
    }
}

fn session_key(client: usize) -> String {
    format!("cognito-spa.{}.session", CLIENTS[client])
}

fn sign_out_key(client: usize) -> String {
    format!("cognito-spa.{}.sign-out", CLIENTS[client])
}

fn area_of(page: &Page) -> Store {
    match page.deployment.area {
        StorageArea::Local => Store::Local,
        StorageArea::Session => Store::Session(page.tab),
    }
}

/// What the world tells the ledger.
impl Ledger {
    /// The user has pressed a button that can lead to Cognito.
    pub fn presses(&self, world: &World, page: &Page) {
        self.pressed.borrow_mut().insert(page.id);
        self.has_reason(world, page);
    }

    pub fn presses_sign_out(&self, world: &World, page: &Page) {
        self.presses(world, page);
        let key = sign_out_key(page.deployment.client);
        self.sign_out_record
            .replace(world.storage.value(Store::Local, &key));
    }

    pub fn presses_refresh(&self, world: &World, page: &Page) {
        self.has_reason(world, page);
    }

    pub fn clock_jumped(&self, world: &World) {
        self.clock_jumped_at.set(Some(world.now()));
        if world.clock_offset.get().unsigned_abs() > 100_000 {
            self.was_clock_wrong.set(true);
        }
    }

    /// A reason for one more request than the back-off allows.
    pub fn has_reason(&self, world: &World, page: &Page) {
        let mut paces = self.paces.borrow_mut();
        paces
            .entry(page.id)
            .or_default()
            .reasons
            .push_back(world.now());
    }

    pub fn went_online(&self, world: &World, page: &Page) {
        self.went_online_at
            .borrow_mut()
            .insert(page.id, world.now());
        self.has_reason(world, page);
    }

    pub fn heard(&self, world: &World, page: &Page) {
        self.heard_at.borrow_mut().insert(page.id, world.now());
    }

    pub fn storage_changed(&self, store: Store, key: &str) {
        if key.ends_with(".session") {
            self.changed_records
                .borrow_mut()
                .insert((store, key.to_owned()));
        }
    }

    pub fn storage_failed(&self, world: &World, page: &Page, _: Store, key: &str, value: &str) {
        self.failed.borrow_mut().insert(page.id);
        self.failed_now.borrow_mut().insert(page.id);
        if key.ends_with(".session")
            && let Some(sign_in) = self.sign_in_of_record(world, value)
        {
            self.truths.borrow_mut()[sign_in].end(Cause::NotStored, page.id);
        }
    }

    pub fn corrupted(&self, world: &World, store: Store, key: &str) {
        let value = world.storage.value(store, key).unwrap_or_default();
        if let Some(sign_in) = self.sign_in_of_record(world, &value) {
            self.truths.borrow_mut()[sign_in].end(Cause::Corrupted, usize::MAX);
        }
    }

    fn sign_in_of_record(&self, world: &World, value: &str) -> Option<usize> {
        let record = Record::read(value)?;
        Some(world.cognito.id_token(&record.id_token)?.1.sign_in)
    }

    /// A page goes to Cognito.
    pub fn navigates(&self, world: &World, page: &Page, url: &str) {
        if page.is_leaving.get() {
            world.violated(format!(
                "1: page {} goes elsewhere while it is being unloaded",
                page.id
            ));
        }
        if is_logout(url) {
            return;
        }
        let Some(request) = authorization_of(url) else {
            return world.violated(format!("1: page {} goes to a strange URL: {url}", page.id));
        };
        let order = world.next_order();
        self.begun.borrow_mut().insert(
            request.state,
            Begun {
                order,
                at: world.now(),
            },
        );
        self.check_cognito_has_forgotten(world, page);
    }

    /// 2: A sign-in that begins after a sign-out must not get in by the session that Cognito should have ended.
    fn check_cognito_has_forgotten(&self, world: &World, page: &Page) {
        let sign_outs = self.sign_outs.borrow();
        let client = page.deployment.client;
        let Some(last) = sign_outs.iter().rev().find(|it| it.client == client) else {
            return;
        };
        let is_forgotten = world.cognito.last_logout.get() > last.order;
        let knows_from_before = world.cookie().is_some_and(|cookie| cookie.since < last.at);
        let is_seen =
            last.is_stored && (last.tab == page.tab || last.at + STORAGE_LAG < world.now());
        let has_jumped = self.clock_jumped_at.get().is_some_and(|at| at >= last.at);
        let is_new_session = self
            .truths
            .borrow()
            .iter()
            .any(|it| it.is_session && it.client == client && it.begun > last.order);
        if !is_forgotten && knows_from_before && is_seen && !has_jumped && !is_new_session {
            world.violated(format!(
                "2: page {} begins a sign-in although the sign-out is not finished at Cognito, which lets the user in without a password",
                page.id
            ));
        }
    }

    /// Cognito has signed a user in for a request.
    pub fn sign_in_issued(&self, world: &World, sign_in: usize, state: &str) {
        let begun = self.begun.borrow().get(state).map_or(0, |it| it.order);
        let client = world.cognito.sign_ins.borrow()[sign_in].client;
        let sign_outs = self.sign_outs.borrow();
        let signed_out = sign_outs
            .iter()
            .position(|it| it.client == client && it.order > begun);
        if signed_out.is_some() {
            world.cover("Cognito answers a request from before a sign-out");
        }
        self.truths.borrow_mut().push(Truth {
            begun,
            client,
            is_session: false,
            signed_out,
            is_signed_out_elsewhere: sign_outs.iter().any(|it| it.order > begun),
            ends: Vec::new(),
            refresh_tokens: Vec::new(),
        });
    }

    /// The page has run the sign-out.
    pub fn has_signed_out(&self, world: &World, page: &Page) {
        let client = page.deployment.client;
        let record = world.storage.value(Store::Local, &sign_out_key(client));
        let is_stored = record != *self.sign_out_record.borrow();
        let mut sign_outs = self.sign_outs.borrow_mut();
        let number = sign_outs.len();
        let order = world.next_order();
        sign_outs.push(SignOut {
            order,
            at: world.now(),
            client,
            tab: page.tab,
            page: page.id,
            is_stored,
        });
        for truth in self.truths.borrow_mut().iter_mut() {
            if truth.begun < order {
                truth.is_signed_out_elsewhere |= truth.client != client;
            }
            if truth.begun < order && truth.client == client {
                truth.signed_out.get_or_insert(number);
            }
        }
        if !is_stored {
            world.cover("a sign-out is not stored");
        }
        if !world.says_online() {
            world.cover("a sign-out without a network");
        }
        let shown = page.shown.borrow().state;
        if !matches!(shown, ShownState::Redirecting | ShownState::SignedOut) {
            world.violated(format!(
                "2: page {} still shows {shown:?} after its sign-out",
                page.id
            ));
        }
        let store = area_of(page);
        let pending = format!("cognito-spa.{}.pending.", CLIENTS[client]);
        let is_blocked = world.weather.get().blocked == Some(page.deployment.area);
        for (key, _) in world.storage.all(store) {
            if key.starts_with(&pending) && !is_blocked && world.weather.get().storage_lag == 0 {
                world.violated(format!("6: the sign-out of page {} leaves {key}", page.id));
            }
        }
    }

    /// The app is loaded: from now on, sessions of former settings have ended.
    pub fn page_starts(&self, world: &World, page: &Page) {
        let own = (area_of(page), session_key(page.deployment.client));
        for store in [Store::Local, Store::Session(page.tab)] {
            for client in 0..CLIENTS.len() {
                let key = session_key(client);
                if (store, key.clone()) == own {
                    continue;
                }
                let value = world.storage.value(store, &key).unwrap_or_default();
                if let Some(sign_in) = self.sign_in_of_record(world, &value) {
                    world.cover("a session of former settings is left");
                    self.truths.borrow_mut()[sign_in].end(Cause::Deployed, page.id);
                }
            }
        }
    }

    /// A page is opened with the answer to a request.
    pub fn is_answered(&self, page: &Page, state: &str) {
        self.answered_states.borrow_mut().insert(state.to_owned());
        self.answering
            .borrow_mut()
            .insert(page.id, state.to_owned());
    }

    pub fn page_died(&self, world: &World, page: &Page) {
        self.died_at.borrow_mut().insert(page.id, world.now());
        self.before.borrow_mut().remove(&page.id);
        self.refreshing_since.borrow_mut().remove(&page.id);
    }

    pub fn asks(&self, world: &World, page: &Page) -> usize {
        let held = page.shown.borrow().state.held();
        let can_refresh = |held: Held| held.refresh_token.is_some_and(|it| world.is_alive(it));
        let lasts =
            |held: Held| held.refresh_token.is_none() && held.exp > world.cognito_seconds() + 20;
        let mut asks = self.asks.borrow_mut();
        asks.push(Ask {
            page: page.id,
            held,
            refusals: 0,
            sends: 0,
            is_calm: world.is_calm(),
            is_answered: false,
            succeeds: held.is_some_and(|held| can_refresh(held) || lasts(held)),
        });
        asks.len() - 1
    }
}

/// What pages send and receive.
impl Ledger {
    pub fn sent(&self, world: &World, exchange: &Rc<Exchange>, request: &HttpRequest) {
        let page = &exchange.page;
        let shown = page.shown.borrow().state;
        let name = exchange.kind.name();
        match exchange.kind {
            Kind::Api(ask) => {
                let authorization = header(request, "Authorization").unwrap_or_default();
                let id = world
                    .cognito
                    .id_token(authorization)
                    .map(|(_, it)| it.sign_in);
                let access = world
                    .cognito
                    .access_token(authorization)
                    .map(|it| it.sign_in);
                let user = id.or(access).map(|sign_in| world.cognito.user_of(sign_in));
                let shows = shown.held().map(|held| held.user);
                if user.is_none() || user != shows {
                    world.violated(format!(
                        "1: page {} sends {name} with a token of {user:?} while it shows {shown:?}",
                        page.id
                    ));
                }
                let mut asks = self.asks.borrow_mut();
                asks[ask].sends += 1;
                if asks[ask].sends > 2 {
                    world.violated(format!(
                        "5: page {} sends {name} {ask} three times",
                        page.id
                    ));
                }
            }
            Kind::Refresh(token) => {
                let sign_in = world.cognito.sign_in_of_refresh_token(token);
                let user = sign_in.map(|it| world.cognito.user_of(it));
                if let Some(held) = shown.held()
                    && user != Some(held.user)
                {
                    world.violated(format!(
                        "1: page {} sends {name} with a token of {user:?} while it shows {:?}",
                        page.id, held.user
                    ));
                }
                self.check_single_use(world, exchange, token);
            }
            Kind::Revoke(token) => {
                self.revoked.borrow_mut().push((Rc::clone(page), token));
                if !request.keepalive {
                    world.violated(format!("2: {name} does not outlive its page {}", page.id));
                }
            }
            Kind::Unknown => {
                world.violated(format!(
                    "1: page {} sends a strange request: {}",
                    page.id, request.url
                ));
            }
            Kind::Exchange | Kind::UserInfo | Kind::Keys | Kind::Time => {}
        }
        let is_harmless = matches!(exchange.kind, Kind::Revoke(_) | Kind::Keys | Kind::Time);
        if page.is_leaving.get() && !is_harmless {
            world.violated(format!(
                "1: page {} sends {name} while it is being unloaded",
                page.id
            ));
        }
        self.check_pace(world, exchange);
    }

    /// 4: A refresh token is used twice only if its first answer was lost.
    fn check_single_use(&self, world: &World, exchange: &Exchange, token: usize) {
        let page = &exchange.page;
        let weather = world.weather.get();
        for first in world.network.exchanges.borrow().iter() {
            if first.kind != exchange.kind {
                continue;
            }
            let is_ok = match first.outcome.get() {
                // Without rotation, and after any failure, it is used again.
                Outcome::Received(
                    _,
                    Effect::Refreshed {
                        refresh_token: None,
                        ..
                    },
                ) => true,
                Outcome::Received(_, Effect::Refreshed { .. }) => {
                    world.cover("a used refresh token is known to be used");
                    let has_failed = self.failed.borrow().contains(&first.page.id);
                    // Without a lock, or if the page that had it is gone, no one waits until others see what is stored.
                    let is_kept = weather.has_locks && first.page.is_running();
                    let lag = if is_kept { 0 } else { STORAGE_LAG };
                    has_failed || world.now() < first.ended_at.get() + lag
                }
                Outcome::Received(..) | Outcome::Failed | Outcome::Dropped => {
                    world.cover("a refresh token is used again after a failure");
                    true
                }
                // The answer has not come yet. The lock keeps other tabs away, as long as the page can run.
                Outcome::InFlight => {
                    let stood_still = !first.page.is_running()
                        || first.page.stood_still_at.get() >= first.sent_at
                        || first.page.is_leaving.get();
                    !weather.has_locks || stood_still
                }
            };
            if !is_ok {
                world.violated(format!(
                    "4: page {} uses refresh-{token}, which page {} has used: {:?}",
                    page.id,
                    first.page.id,
                    first.outcome.get()
                ));
            }
        }
    }

    /// 5: Never more than a few requests of a kind in a minute.
    ///
    /// After failures, the waits are 5, 10, 20, 40 and 60 seconds, so there are 4 attempts in a minute, and 1 more because a
    /// success can come in between. The user, the network's return, a refusal of the API and a jump of the clock are reasons
    /// for one more.
    fn check_pace(&self, world: &World, exchange: &Exchange) {
        const MINUTE: u64 = 60_000;
        let most = match exchange.kind {
            Kind::Refresh(_) | Kind::Time => 5,
            // One after each end of a session, and one with each refresh.
            Kind::Keys => 9,
            // One for each session that ends.
            Kind::Revoke(_) => 6,
            // A page has only one answer of Cognito.
            Kind::Exchange | Kind::UserInfo => 1,
            Kind::Api(_) | Kind::Unknown => return,
        };
        let now = world.now();
        let mut paces = self.paces.borrow_mut();
        let pace = paces.entry(exchange.page.id).or_default();
        let forget = |times: &mut VecDeque<u64>| {
            while times.front().is_some_and(|at| at + MINUTE <= now) {
                times.pop_front();
            }
        };
        forget(&mut pace.reasons);
        let times = pace.sent.entry(exchange.kind.name()).or_default();
        forget(times);
        times.push_back(now);
        let jumps = usize::from(
            self.clock_jumped_at
                .get()
                .is_some_and(|at| at + MINUTE > now),
        );
        let reasons = pace.reasons.len() + 2 * jumps;
        if times.len() > most + reasons {
            world.violated(format!(
                "5: page {} sends {} for the {}th time within a minute, with {reasons} reasons",
                exchange.page.id,
                exchange.kind.name(),
                times.len(),
            ));
        }
    }

    /// A page has received an answer.
    pub fn received(&self, world: &World, exchange: &Exchange, effect: Effect) {
        let page = exchange.page.id;
        self.expect_revocation(world, &exchange.page, effect);
        let mut truths = self.truths.borrow_mut();
        if effect != Effect::None {
            world.note_of(&exchange.page, || format!("receives {effect:?}"));
        }
        let mut keep = |sign_in: usize, index: Option<usize>| {
            truths[sign_in]
                .refresh_tokens
                .extend(index.map(|index| Token {
                    index,
                    page,
                    was_stored: false,
                }));
        };
        match effect {
            Effect::None => {}
            Effect::Began {
                sign_in,
                refresh_token,
            } => keep(sign_in, refresh_token),
            Effect::Refreshed {
                sign_in,
                refresh_token,
                forgery,
            } => {
                keep(sign_in, refresh_token);
                self.refreshed_at.borrow_mut().insert(page, world.now());
                if forgery.is_some() {
                    world.cover("a refresh brings a forged token");
                    truths[sign_in].end(Cause::Forged, page);
                }
                if truths[sign_in].signed_out.is_some() {
                    world.cover("the answer to a refresh comes after a sign-out");
                }
                let jumped_at = self.clock_jumped_at.get();
                if jumped_at.is_some_and(|at| at > exchange.sent_at) {
                    world.cover("the clock jumps during a refresh");
                }
            }
            Effect::Ended { sign_in } => truths[sign_in].end(Cause::Refused, page),
            Effect::Unauthorized { ask, sign_in } => {
                self.has_reason(world, &exchange.page);
                let ask = &mut self.asks.borrow_mut()[ask];
                ask.refusals += 1;
                if ask.refusals > 1
                    && let Some(sign_in) = sign_in
                {
                    world.cover("the API refuses twice");
                    truths[sign_in].end(Cause::Api, page);
                }
            }
            Effect::UserInfo { is_forged } => {
                if is_forged {
                    world.cover("userInfo is about another user");
                }
            }
        }
    }

    /// 6: A refresh token that comes after the sign-out of this page is revoked at once, because the page may soon be gone.
    fn expect_revocation(&self, world: &World, page: &Rc<Page>, effect: Effect) {
        let (Effect::Began {
            sign_in,
            refresh_token,
        }
        | Effect::Refreshed {
            sign_in,
            refresh_token,
            ..
        }) = effect
        else {
            return;
        };
        let signed_out = self.truths.borrow()[sign_in].signed_out;
        let is_own = signed_out.is_some_and(|it| self.sign_outs.borrow()[it].page == page.id);
        let Some(token) = refresh_token.filter(|_| is_own) else {
            return;
        };
        world.cover("a refresh token comes after the sign-out of the same page");
        let page = Rc::clone(page);
        world.later(1, move |world| {
            let exchanges = world.network.exchanges.borrow();
            let is_sent = exchanges.iter().any(|it| it.kind == Kind::Revoke(token));
            if page.is_running() && !is_sent {
                world.violated(format!(
                    "6: page {} has signed out, but does not revoke refresh-{token} at once",
                    page.id
                ));
            }
        });
    }

    /// The user's request to the API is answered.
    pub fn answered(
        &self,
        world: &World,
        page: &Page,
        ask: usize,
        result: &Result<String, ApiError>,
    ) {
        world.note_of(page, || format!("the API's answer to {ask}: {result:?}"));
        let shows = page.shown.borrow().state.held();
        let mut asks = self.asks.borrow_mut();
        let ask_number = ask;
        let ask = &mut asks[ask];
        ask.is_answered = true;
        let asked = ask.held.map(|held| held.user);
        match result {
            Ok(body) => {
                let right = asked.map(|user| format!("{} {ask_number}", user.sub()));
                let is_garbage =
                    body.starts_with('<') || right.as_ref().is_some_and(|it| it.starts_with(body));
                if right.as_ref() != Some(body) && !is_garbage {
                    world.violated(format!(
                        "1: page {} gets {body} for the request of {asked:?}",
                        page.id
                    ));
                }
                if asked.is_none() || shows.map(|held| held.user) != asked {
                    world.violated(format!(
                        "1: page {} shows {shows:?} and gets an answer for {asked:?}",
                        page.id
                    ));
                }
            }
            Err(ApiError::Unauthorized) => {
                // If another one has taken its place, nothing has ended.
                let is_same = ask.held.map(|it| it.sign_in) == shows.map(|it| it.sign_in);
                if ask.refusals < 2 && is_same {
                    world.violated(format!(
                        "3: page {} reports a 401 after {} refusals",
                        page.id, ask.refusals
                    ));
                }
            }
            Err(ApiError::SignedOut) => {
                let is_same = ask.held.map(|it| it.sign_in) == shows.map(|it| it.sign_in);
                if shows.is_some()
                    && is_same
                    && !page.is_leaving.get()
                    && world.now() < page.loaded_at
                {
                    world.violated(format!(
                        "3: page {} says that its user is signed out",
                        page.id
                    ));
                }
            }
            Err(_) => {}
        }
        if ask.is_calm && ask.succeeds && result.is_err() {
            world.violated(format!(
                "6: a good session of page {} does not work: {result:?}",
                page.id
            ));
        }
    }
}

/// What pages show and store.
impl Ledger {
    /// A page shows something new.
    pub fn changed(&self, world: &World, page: &Rc<Page>, snapshot: &Snapshot) {
        let state = match &snapshot.state {
            AuthState::SigningIn => ShownState::SigningIn,
            AuthState::SignedOut => ShownState::SignedOut,
            AuthState::Redirecting { .. } => ShownState::Redirecting,
            AuthState::SignedIn(session) => match self.hold(world, page, session) {
                Some(held) => ShownState::SignedIn(held),
                None => return,
            },
        };
        let mut refreshing_since = self.refreshing_since.borrow_mut();
        if snapshot.is_refreshing {
            refreshing_since.entry(page.id).or_insert(world.now());
        } else {
            refreshing_since.remove(&page.id);
        }
        drop(refreshing_since);
        let session = snapshot.state.session().cloned();
        page.shown.replace(Shown {
            state,
            notice: snapshot.notice.clone(),
            session,
        });
        self.changed_pages.borrow_mut().push(Rc::clone(page));
    }

    /// 1: All parts of a session are of one user, and none is forged.
    fn hold(&self, world: &World, page: &Page, session: &Session) -> Option<Held> {
        let shown = page.shown.borrow();
        if let (Some(before), Some(held)) = (&shown.session, shown.state.held())
            && before == session
        {
            return Some(held);
        }
        drop(shown);
        let record = Record::read(&session.to_stored())?;
        self.read(world, page.id, &record)
    }

    fn read(&self, world: &World, page: usize, record: &Record) -> Option<Held> {
        let Some((id_token, token)) = world.cognito.id_token(&record.id_token) else {
            world.violated(format!("1: page {page} has an unknown ID token"));
            return None;
        };
        if let Some(forgery) = token.forgery {
            world.violated(format!(
                "1: page {page} has a forged ID token ({forgery:?})"
            ));
        }
        let access_token = record.access_token.as_ref();
        let access = access_token.and_then(|it| world.cognito.access_token(it));
        let refresh_token = record.refresh_token.as_ref();
        let refresh_token = refresh_token.and_then(|it| Cognito::refresh_token_index(it));
        let of_refresh_token =
            refresh_token.and_then(|it| world.cognito.sign_in_of_refresh_token(it));
        let of_state = world.cognito.sign_in_of_state(&record.sign_in);
        let parts = [access.map(|it| it.sign_in), of_refresh_token];
        if parts.iter().flatten().any(|it| *it != token.sign_in) {
            world.violated(format!("1: page {page} mixes tokens of different sign-ins"));
        }
        let state_of = |it: usize| world.cognito.sign_ins.borrow()[it].state.clone();
        if of_state.is_none() || state_of(token.sign_in) != record.sign_in {
            world.violated(format!("1: page {page} has a session of another request"));
        }
        Some(Held {
            sign_in: token.sign_in,
            user: token.user,
            id_token,
            refresh_token,
            exp: token.exp,
        })
    }

    /// Checks what has changed in the step that is over.
    pub fn after_step(&self, world: &World) {
        let records = self.changed_records.take();
        let pages = self.changed_pages.take();
        let revoked = self.revoked.take();
        if !(records.is_empty() && pages.is_empty() && revoked.is_empty()) {
            for (store, key) in records {
                self.check_record(world, store, key);
            }
            for page in pages {
                self.check_page(world, &page);
            }
            for (page, token) in revoked {
                self.check_revocation(world, &page, token);
            }
        }
        self.pressed.borrow_mut().clear();
        self.failed_now.borrow_mut().clear();
    }

    /// 3: A stored session is removed or replaced only for a reason.
    fn check_record(&self, world: &World, store: Store, key: String) {
        let value = world.storage.value(store, &key);
        let held = value.and_then(|value| self.read(world, usize::MAX, &Record::read(&value)?));
        let before = self.stored.borrow().get(&(store, key.clone())).copied();
        let mut truths = self.truths.borrow_mut();
        match (before, held) {
            (Some(before), Some(held)) if before != held.sign_in => {
                if truths[held.sign_in].is_session {
                    if world.weather.get().storage_lag == 0 {
                        world.violated(format!(
                            "3: the older sign-in {} replaces sign-in {before} in {store:?}",
                            held.sign_in
                        ));
                    }
                } else {
                    world.cover("a sign-in replaces another one");
                }
                truths[before].end(Cause::Replaced, usize::MAX);
            }
            (Some(before), None) => {
                let failed = self.failed_now.borrow();
                // The process that removes it may not have seen it yet.
                let written_at = self.written_at.borrow().get(&(store, key.clone())).copied();
                let is_unseen = written_at.is_some_and(|at| world.now() < at + STORAGE_LAG);
                if let Some(page) = failed.first() {
                    truths[before].end(Cause::NotStored, *page);
                } else if is_unseen && world.weather.get().storage_lag > 0 {
                    truths[before].end(Cause::NotStored, usize::MAX);
                } else if !truths[before].has_ended() && !self.has_expired(world, before) {
                    world.violated(format!(
                        "3: the session of sign-in {before} is removed from {store:?} for no reason"
                    ));
                }
            }
            _ => {}
        }
        let place = (store, key.clone());
        self.written_at.borrow_mut().insert(place, world.now());
        let mut stored = self.stored.borrow_mut();
        match held {
            Some(held) => {
                let truth = &mut truths[held.sign_in];
                truth.is_session = true;
                let mut tokens = truth.refresh_tokens.iter_mut();
                if let Some(token) = tokens.find(|it| Some(it.index) == held.refresh_token) {
                    token.was_stored = true;
                }
                stored.insert((store, key), held.sign_in);
            }
            None => {
                stored.remove(&(store, key));
            }
        }
    }

    /// Whether a sign-in without a refresh token is at its end, by Cognito's clock.
    fn has_expired(&self, world: &World, sign_in: usize) -> bool {
        let refresh_tokens = world.cognito.refresh_tokens.borrow();
        let is_refreshable = refresh_tokens.iter().any(|it| it.sign_in == sign_in);
        !is_refreshable && world.cognito.last_exp(sign_in) <= world.cognito_seconds() + EARLY_END
    }

    fn check_page(&self, world: &World, page: &Rc<Page>) {
        let shown = page.shown.borrow().clone();
        let mut befores = self.before.borrow_mut();
        let before = befores.insert(page.id, shown.clone());
        drop(befores);
        let (was, had) = before.map_or((ShownState::SigningIn, None), |it| (it.state, it.notice));
        if was == shown.state && had == shown.notice {
            return;
        }
        world.note_of(page, || describe(&shown));
        if let ShownState::SignedIn(held) = shown.state {
            let is_new = was
                .held()
                .is_none_or(|before| before.id_token != held.id_token);
            if is_new {
                self.check_not_signed_out(world, page, held);
            }
            self.truths.borrow_mut()[held.sign_in].is_session = true;
            if let Some(before) = was.held()
                && before.sign_in == held.sign_in
                && before.id_token != held.id_token
            {
                let refreshed_at = self.refreshed_at.borrow().get(&page.id).copied();
                if refreshed_at.is_none_or(|at| at + 1_000 < world.now()) {
                    world.cover("a refresh is shared by two tabs");
                } else {
                    world.cover("a session is refreshed");
                }
            }
        }
        if let (Some(before), Some(held)) = (was.held(), shown.state.held()) {
            self.note_replacement(page, before, held);
        }
        if let Some(before) = was.held() {
            self.check_end(world, page, before, &shown);
        }
        if shown.notice != had
            && let Some(notice) = &shown.notice
        {
            self.check_notice(world, page, notice);
        }
        let says_ended = matches!(
            shown.notice,
            Some(Notice::SessionEnded(_) | Notice::SignOutUnfinished | Notice::SignOutNotShared)
        );
        if says_ended && shown.state.held().is_some() {
            world.violated(format!(
                "3: page {} shows a session, and says {:?}",
                page.id, shown.notice
            ));
        }
    }

    /// A session that only one page had gives way to one that is stored.
    fn note_replacement(&self, page: &Page, before: Held, held: Held) {
        let stored = self.stored.borrow();
        let own = stored.get(&(area_of(page), session_key(page.deployment.client)));
        let was_stored = stored.values().any(|it| *it == before.sign_in);
        if own == Some(&held.sign_in) && before.sign_in != held.sign_in && !was_stored {
            self.truths.borrow_mut()[before.sign_in].end(Cause::Replaced, usize::MAX);
        }
    }

    /// 2: After a sign-out, no tab becomes signed in without a sign-in that began later.
    fn check_not_signed_out(&self, world: &World, page: &Page, held: Held) {
        let Some(sign_out) = self.truths.borrow()[held.sign_in].signed_out else {
            return;
        };
        let sign_outs = self.sign_outs.borrow();
        let sign_out = &sign_outs[sign_out];
        let is_own = sign_out.tab == page.tab;
        let has_seen = sign_out.is_stored && (is_own || sign_out.at + STORAGE_LAG < world.now())
            || sign_out.page == page.id
            || sign_out.at + STORAGE_LAG < world.now() && self.has_heard(page, sign_out.at);
        if has_seen {
            world.violated(format!(
                "2: page {} shows sign-in {} after the sign-out in page {}",
                page.id, held.sign_in, sign_out.page
            ));
        }
    }

    fn has_heard(&self, page: &Page, since: u64) -> bool {
        self.heard_at
            .borrow()
            .get(&page.id)
            .is_some_and(|at| *at > since)
    }

    /// 2: A tab that hears of a sign-out leaves its session.
    pub fn has_ticked(&self, world: &World, page: &Page) {
        if page.is_leaving.get() {
            return;
        }
        let Some(held) = page.shown.borrow().state.held() else {
            return;
        };
        let Some(sign_out) = self.truths.borrow()[held.sign_in].signed_out else {
            return;
        };
        let sign_outs = self.sign_outs.borrow();
        let sign_out = &sign_outs[sign_out];
        if sign_out.is_stored && sign_out.at + STORAGE_LAG < world.now() {
            world.violated(format!(
                "2: page {} still shows sign-in {} after the sign-out in page {}",
                page.id, held.sign_in, sign_out.page
            ));
        }
    }

    /// 3: A page leaves a session only for a reason, and says which.
    fn check_end(&self, world: &World, page: &Page, before: Held, shown: &Shown) {
        let truths = self.truths.borrow();
        let truth = &truths[before.sign_in];
        let has_expired = before.has_expired(world);
        let has_ended = truth.has_ended() || has_expired;
        let id = page.id;
        match shown.state {
            ShownState::SignedIn(held) if held.sign_in == before.sign_in => {}
            ShownState::SignedIn(held) => {
                if !has_ended {
                    world.violated(format!(
                        "3: page {id} leaves a session for another one for no reason"
                    ));
                }
                if held.user != before.user && shown.notice != Some(Notice::UserChanged) {
                    world.violated(format!(
                        "3: page {id} does not say that the user has changed"
                    ));
                }
            }
            ShownState::Redirecting => {
                if !self.pressed.borrow().contains(&id) {
                    world.violated(format!(
                        "3: page {id} leaves, and no one has pressed a button"
                    ));
                }
            }
            ShownState::SigningIn => {
                world.violated(format!("3: page {id} begins to sign in again"));
            }
            ShownState::SignedOut if !has_ended => {
                world.violated(format!(
                    "3: page {id} ends a session for no reason, and says {:?}",
                    shown.notice
                ));
            }
            ShownState::SignedOut => {
                let by_this = |cause: Cause| {
                    truth
                        .ends
                        .iter()
                        .any(|it| it.cause == cause && it.page == id)
                };
                let is_right = match &shown.notice {
                    Some(Notice::SessionEnded(SessionEnd::Expired)) => {
                        has_expired || truth.has(Cause::Refused)
                    }
                    Some(Notice::SessionEnded(SessionEnd::Refused)) => by_this(Cause::Api),
                    Some(Notice::SessionEnded(SessionEnd::EndedInAnotherTab)) => {
                        let by_other = truth.ends.iter().any(|it| it.page != id);
                        truth.is_signed_out() || by_other || has_expired
                    }
                    Some(Notice::SessionEnded(SessionEnd::Unreadable)) => {
                        truth.has(Cause::Corrupted)
                    }
                    Some(Notice::SignInFailed(SignInError::Token(_))) => by_this(Cause::Forged),
                    Some(Notice::SignOutUnfinished | Notice::SignOutNotShared) => {
                        truth.signed_out.is_some()
                    }
                    _ => false,
                };
                if !is_right {
                    let causes: Vec<Cause> = truth.ends.iter().map(|it| it.cause).collect();
                    world.violated(format!(
                        "3: page {id} ends a session and says {:?}, but the causes are {causes:?}, signed out: {}, expired: {has_expired}",
                        shown.notice,
                        truth.is_signed_out(),
                    ));
                }
            }
        }
    }

    /// 3: What a page says is true.
    fn check_notice(&self, world: &World, page: &Page, notice: &Notice) {
        let client = page.deployment.client;
        let sign_outs = self.sign_outs.borrow();
        let truths = self.truths.borrow();
        let has_failed = self.failed.borrow().contains(&page.id);
        let any = |cause: Cause| truths.iter().any(|it| it.client == client && it.has(cause));
        let is_true = match notice {
            Notice::SessionEnded(SessionEnd::SignedOut) => {
                let last = sign_outs
                    .iter()
                    .rev()
                    .find(|it| it.tab == page.tab && it.client == client);
                world.cover("the page says that the user has signed out");
                // Or Cognito's session is over by itself.
                let is_known =
                    |since: u64| world.cookie().is_some_and(|cookie| cookie.since < since);
                match last {
                    Some(last) => {
                        world.cognito.last_logout.get() > last.order || !is_known(last.at)
                    }
                    // It has finished the sign-out of another tab.
                    None => world.cognito.last_logout.get() > 0,
                }
            }
            Notice::SessionEnded(SessionEnd::Expired) => {
                let expired = |it: usize| self.has_expired(world, it);
                any(Cause::Refused) || (0..truths.len()).any(expired)
            }
            Notice::SessionEnded(SessionEnd::Refused) => any(Cause::Api),
            Notice::SessionEnded(SessionEnd::Unreadable) => any(Cause::Corrupted),
            Notice::SessionEnded(SessionEnd::EndedInAnotherTab) => {
                truths.iter().any(Truth::has_ended) || !sign_outs.is_empty()
            }
            Notice::SignOutUnfinished => {
                world.cover("the page says that the sign-out is unfinished");
                !sign_outs.is_empty()
            }
            Notice::SignOutNotShared => {
                world.cover("the page says that the sign-out is not shared");
                sign_outs
                    .iter()
                    .any(|it| it.client == client && !it.is_stored)
            }
            Notice::NotRefreshed => {
                world.cover("the page says that the session is not refreshed yet");
                let exchanges = world.network.exchanges.borrow();
                exchanges
                    .iter()
                    .any(|it| it.page.id == page.id && matches!(it.kind, Kind::Refresh(_)))
            }
            Notice::PerhapsExpired => {
                world.cover("the page says that the session has perhaps expired");
                true
            }
            Notice::ClockWrong => {
                world.cover("the page says that the clock is wrong");
                self.was_clock_wrong.get()
            }
            Notice::ExpiringSoon => {
                world.cover("the page says that the session expires soon");
                true
            }
            Notice::StorageUnavailable => has_failed,
            Notice::SessionNotStored => {
                world.cover("the page says that the session is not stored");
                has_failed
            }
            Notice::UserChanged => {
                world.cover("the page says that the user has changed");
                let mut users = world
                    .cognito
                    .sign_ins
                    .borrow()
                    .iter()
                    .map(|it| it.user)
                    .collect::<Vec<_>>();
                users.dedup();
                users.len() > 1
            }
            Notice::SignInFailed(SignInError::SignedOut) => {
                world.cover("an answer from before a sign-out is refused");
                let begun = self.begun.borrow();
                let answered = self.answering.borrow().get(&page.id).cloned();
                let request = answered.and_then(|state| begun.get(&state));
                // The page that began the request may not have seen the sign-out yet.
                let lag = if world.weather.get().storage_lag > 0 {
                    STORAGE_LAG
                } else {
                    0
                };
                let is_later = |out: &SignOut, begun: &Begun| {
                    out.order > begun.order || out.at + lag > begun.at
                };
                request.is_some_and(|begun| sign_outs.iter().any(|out| is_later(out, begun)))
            }
            Notice::SignInFailed(SignInError::Token(
                TokenError::IssuedInFuture | TokenError::IssuedTooEarly,
            )) => {
                world.cover("a sign-in fails because of the clock");
                self.was_clock_wrong.get()
            }
            Notice::SignInFailed(_) => true,
        };
        if !is_true {
            world.violated(format!(
                "3: page {} says {notice:?}, which is not true",
                page.id
            ));
        }
    }

    /// 3: A refresh token is revoked only if its session has ended, or never began.
    fn check_revocation(&self, world: &World, page: &Page, token: usize) {
        let Some(sign_in) = world.cognito.sign_in_of_refresh_token(token) else {
            return world.violated(format!("3: page {} revokes an unknown token", page.id));
        };
        let truths = self.truths.borrow();
        if truths[sign_in].is_session && !truths[sign_in].has_ended() {
            world.violated(format!(
                "3: page {} revokes refresh-{token} of sign-in {sign_in}, which has not ended",
                page.id
            ));
        }
    }
}

/// 6: When the faults have stopped.
impl Ledger {
    /// Every tab agrees with the storage, and nothing is stuck.
    pub fn check_rest(&self, world: &World) {
        for page in world.pages_running() {
            let shown = page.shown.borrow().clone();
            let id = page.id;
            let is_stuck = matches!(shown.state, ShownState::SigningIn | ShownState::Redirecting);
            if is_stuck {
                world.violated(format!("6: page {id} is stuck: {:?}", shown.state));
            }
            let since = self.refreshing_since.borrow().get(&id).copied();
            if since.is_some_and(|since| since + REFRESH < world.now()) {
                world.violated(format!("6: page {id} still refreshes its session"));
            }
            self.check_agreement(world, &page, &shown);
        }
        self.check_leftovers(world);
    }

    fn check_agreement(&self, world: &World, page: &Page, shown: &Shown) {
        let is_blocked = world.weather.get().blocked == Some(page.deployment.area);
        let value = match is_blocked {
            true => None,
            false => world
                .storage
                .value(area_of(page), &session_key(page.deployment.client)),
        };
        let record = value.as_deref().and_then(Record::read);
        let stored = record.and_then(|record| self.read(world, page.id, &record));
        let has_failed = self.failed.borrow().contains(&page.id);
        let id = page.id;
        match (shown.state, stored) {
            (ShownState::SignedIn(held), Some(stored)) => {
                if (held.id_token, held.refresh_token) != (stored.id_token, stored.refresh_token) {
                    world.violated(format!(
                        "6: page {id} shows {held:?}, but {stored:?} is stored"
                    ));
                }
            }
            (ShownState::SignedIn(held), None) => {
                if !has_failed {
                    world.violated(format!(
                        "6: page {id} shows {held:?}, but nothing is stored"
                    ));
                }
            }
            (_, Some(stored)) => {
                let is_over = stored.has_expired(world);
                if !is_over {
                    world.violated(format!(
                        "6: page {id} shows no session ({:?}), but {stored:?} is stored",
                        shown.notice
                    ));
                }
            }
            (_, None) => {}
        }
    }

    /// No record is left of a request that is over, or of settings that no page has anymore.
    fn check_leftovers(&self, world: &World) {
        let pages = world.pages_running();
        let answered = self.answered_states.borrow();
        let mut stores = vec![Store::Local];
        stores.extend(pages.iter().map(|page| Store::Session(page.tab)));
        for store in stores {
            for (key, _) in world.storage.all(store) {
                if let Some((_, state)) = key.split_once(".pending.")
                    && answered.contains(state)
                {
                    world.note(|| format!("{key} is left in {store:?}"));
                    world
                        .violated("6: the record of a request is left that is answered".to_owned());
                }
            }
        }
        for page in &pages {
            let mut deployments = world
                .browser
                .pages
                .borrow()
                .iter()
                .filter(|it| it.phase.get() != Phase::Dead)
                .map(|it| it.deployment)
                .collect::<Vec<_>>();
            deployments.dedup();
            if deployments.len() > 1 {
                continue;
            }
            let own = (area_of(page), session_key(page.deployment.client));
            for store in [Store::Local, Store::Session(page.tab)] {
                for client in 0..CLIENTS.len() {
                    let key = session_key(client);
                    let written_at = world.storage.written_at(store, &key);
                    let is_left = written_at.is_some_and(|at| at < page.loaded_at);
                    let is_blocked = match store {
                        Store::Local => world.weather.get().blocked == Some(StorageArea::Local),
                        Store::Session(_) => {
                            world.weather.get().blocked == Some(StorageArea::Session)
                        }
                    };
                    if (store, key.clone()) != own && is_left && !is_blocked {
                        world.violated(format!("6: {key} of former settings is left in {store:?}"));
                    }
                }
            }
        }
    }

    /// A good session works, and no session that has ended can be refreshed.
    pub fn check_end_of_world(&self, world: &World) {
        for (number, ask) in self.asks.borrow().iter().enumerate() {
            // Its navigation may have come only now.
            let lives = world.browser.pages.borrow()[ask.page].is_running();
            if ask.is_calm && !ask.is_answered && lives {
                world.violated(format!(
                    "6: page {} gets no answer to its request {number}",
                    ask.page
                ));
            }
        }
        for (sign_in, truth) in self.truths.borrow().iter().enumerate() {
            if !self.is_current(world, sign_in) {
                self.check_tokens(world, sign_in, truth);
            }
        }
    }

    /// Whether a tab shows the session, or it is stored where a tab can find it again.
    fn is_current(&self, world: &World, sign_in: usize) -> bool {
        let is_stored = self.stored.borrow().values().any(|it| *it == sign_in);
        let pages = world.browser.pages.borrow();
        let is_shown = |page: &Rc<Page>| {
            let shown = page.shown.borrow().state.held();
            page.phase.get() != Phase::Dead && shown.is_some_and(|it| it.sign_in == sign_in)
        };
        is_stored || pages.iter().any(is_shown)
    }

    /// A refresh token of a session that has ended, which the app has had in a page that lives or in its storage, is revoked,
    /// unless the network did not let it.
    fn check_tokens(&self, world: &World, sign_in: usize, truth: &Truth) {
        let lost = [Cause::Refused, Cause::Corrupted, Cause::NotStored];
        if lost.into_iter().any(|cause| truth.has(cause)) || world.weather.get().storage_lag > 0 {
            return;
        }
        let exchanges = world.network.exchanges.borrow();
        for token in &truth.refresh_tokens {
            if !world.is_alive(token.index) {
                continue;
            }
            // Or it waits in the back/forward cache.
            let has_died = |page: usize| !world.browser.pages.borrow()[page].is_running();
            let is_lost = !token.was_stored && has_died(token.page);
            // The page that the user has signed out in dies before it can send anything.
            let signed_out = truth
                .signed_out
                .map(|it| self.sign_outs.borrow()[it].clone());
            let dies_at_once = |it: SignOut| self.died_at.borrow().get(&it.page) == Some(&it.at);
            let is_lost = is_lost || signed_out.is_some_and(dies_at_once);
            let attempt = exchanges
                .iter()
                .rev()
                .find(|it| it.kind == Kind::Revoke(token.index));
            let is_excused = match attempt {
                None => is_lost,
                Some(attempt) => match attempt.outcome.get() {
                    Outcome::Failed => {
                        let online = self.went_online_at.borrow().get(&attempt.page.id).copied();
                        let was_told = online.is_some_and(|at| at > attempt.ended_at.get());
                        !was_told || has_died(attempt.page.id)
                    }
                    Outcome::Received(..) | Outcome::Dropped => true,
                    Outcome::InFlight => !attempt.page.is_running(),
                },
            };
            if !is_excused {
                world.violated(format!(
                    "6: refresh-{} of sign-in {sign_in}, which has ended, still works",
                    token.index
                ));
            }
        }
    }
}

fn describe(shown: &Shown) -> String {
    let state = match shown.state {
        ShownState::SigningIn => "shows that it signs in".to_owned(),
        ShownState::SignedOut => "shows no one".to_owned(),
        ShownState::Redirecting => "is on its way".to_owned(),
        ShownState::SignedIn(held) => {
            let refresh_token = match held.refresh_token {
                Some(index) => format!("refresh-{index}"),
                None => "no refresh token".to_owned(),
            };
            format!(
                "shows {:?} (sign-in {}, ID token {}, {refresh_token})",
                held.user, held.sign_in, held.id_token
            )
        }
    };
    match &shown.notice {
        Some(notice) => format!("{state}: {notice}"),
        None => state,
    }
}
