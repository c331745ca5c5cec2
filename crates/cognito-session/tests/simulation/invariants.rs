//! The six invariants. The ledger knows the truth, from the world and not from the engine: which sign-in each token comes from,
//! what has ended it, and who could know. It looks at every change of a page or a record when a step is over.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;

use cognito_session::cognito_hosted_ui::Session;
use cognito_session::{Notice, StorageArea};
use serde::Deserialize;

use crate::cognito::{CLIENTS, User, authorization_of, is_logout};
use crate::storage::Store;
use crate::tab::Page;
use crate::world::World;

mod requests;

mod pages;

mod rest;

/// By how many seconds a session may end before its time.
const EARLY_END: u64 = 5;
/// After how many milliseconds every process sees what another one has stored, with some room.
const STORAGE_LAG: u64 = 400;

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
    /// When a stored record of it was removed or replaced.
    removed_at: Vec<u64>,
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
    /// When each page was shown again, and since when it is on its way to Cognito.
    shown_again_at: RefCell<BTreeMap<usize, u64>>,
    redirecting_since: RefCell<BTreeMap<usize, u64>>,
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

pub fn session_key(client: usize) -> String {
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

    pub fn shown_again(&self, world: &World, page: &Page) {
        self.shown_again_at
            .borrow_mut()
            .insert(page.id, world.now());
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

    /// The sign-in whose session is stored, as far as this page can see.
    fn sign_in_seen_by(&self, world: &World, page: &Page) -> Option<usize> {
        let key = session_key(page.deployment.client);
        let record = world.stored(page, page.deployment.area, &key)?;
        self.sign_in_of_record(world, &record)
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
            if !world.says_online() {
                world.violated(format!(
                    "2: page {} leaves to sign out, although it can know that there is no network",
                    page.id
                ));
            }
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
        // The next client of the app removes what it finds of its predecessor, and a tab whose user entered the app's address
        // within seconds believed that Cognito had sent them, and told all tabs.
        let is_misled = world.deployment.get().client != client
            || world
                .browser
                .tabs
                .borrow()
                .iter()
                .any(|tab| tab.is_address_entered.get());
        if !is_forgotten
            && knows_from_before
            && is_seen
            && !has_jumped
            && !is_new_session
            && !is_misled
        {
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
            removed_at: Vec::new(),
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
