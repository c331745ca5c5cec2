//! The world of one seed: its time, what is going to happen, and the loop that lets it happen. Time stands still while pages run,
//! and jumps to the next event when all of them wait.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};
use std::rc::Rc;

use cognito_session::Event;

use crate::browser::Browser;
use crate::cognito::Cognito;
use crate::history::History;
use crate::invariants::Ledger;
use crate::locks::Locks;
use crate::network::Network;
use crate::rng::Rng;
use crate::storage::Storage;
use crate::tab::Page;
use crate::weather::{Deployment, Weather};

/// When a world begins, in seconds since 1970.
pub const EPOCH: u64 = 1_800_000_000;

type Act = Box<dyn FnOnce(&Rc<World>)>;

pub struct World {
    pub rng: Rng,
    pub weather: Cell<Weather>,
    /// How the app is deployed now.
    pub deployment: Cell<Deployment>,
    /// By how many milliseconds the device's clock is ahead.
    pub clock_offset: Cell<i64>,
    pub is_asleep: Cell<bool>,
    /// How much the user has done.
    pub acts: Cell<u64>,
    /// When the faults have ended, and the user is gone.
    pub calm_since: Cell<Option<u64>>,
    pub browser: Browser,
    pub storage: Storage,
    pub locks: Locks,
    pub network: Network,
    pub cognito: Cognito,
    pub ledger: Ledger,
    pub history: History,
    now: Cell<u64>,
    order: Cell<u64>,
    queue: RefCell<BinaryHeap<Scheduled>>,
    covered: RefCell<BTreeMap<&'static str, u64>>,
    violation: RefCell<Option<String>>,
}

/// What has come of a seed.
pub struct Outcome {
    pub violation: Option<String>,
    pub history: Vec<String>,
    pub covered: BTreeMap<&'static str, u64>,
}

struct Scheduled {
    at: u64,
    /// What happens at the same time happens in any order.
    tie: u32,
    order: u64,
    act: Act,
}

impl Ord for Scheduled {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |it: &Self| (it.at, it.tie, it.order);
        key(other).cmp(&key(self))
    }
}

impl PartialOrd for Scheduled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scheduled {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Scheduled {}

impl World {
    pub fn new(rng: Rng, weather: Weather, has_history: bool) -> Rc<Self> {
        Rc::new(Self {
            rng,
            weather: Cell::new(weather),
            deployment: Cell::new(weather.deployment),
            clock_offset: Cell::new(0),
            is_asleep: Cell::new(false),
            acts: Cell::new(0),
            calm_since: Cell::new(None),
            browser: Browser::default(),
            storage: Storage::default(),
            locks: Locks::default(),
            network: Network::default(),
            cognito: Cognito::default(),
            ledger: Ledger::default(),
            history: History::new(has_history),
            now: Cell::new(0),
            order: Cell::new(0),
            queue: RefCell::default(),
            covered: RefCell::default(),
            violation: RefCell::default(),
        })
    }

    /// Lets the world of a seed happen.
    pub fn run(seed: u64, has_history: bool) -> Outcome {
        let rng = Rng::new(seed);
        let weather = Weather::of_seed(&rng);
        let world = Self::new(rng, weather, has_history);
        world.note(|| format!("seed {seed}: {:?}", world.weather.get()));
        world.begin_user();
        let length = world
            .rng
            .pick(&[40_000, 100_000, 200_000, 330_000, 600_000]);
        world.run_until(length);
        world.calm_down();
        world.run_until(world.now() + 125_000);
        world.ledger.check_rest(&world);
        world.ask_everywhere();
        world.run_until(world.now() + 15_000);
        world.ledger.check_end_of_world(&world);
        world.end()
    }

    pub fn run_until(self: &Rc<Self>, end: u64) {
        /// More polls without any time passing are a page that never rests.
        const MOST_POLLS: u32 = 5_000;
        let mut polls = 0;
        while self.violation.borrow().is_none() {
            if let Some(page) = self.next_page() {
                polls += 1;
                if polls > MOST_POLLS {
                    return self.violated("5: a page never rests".to_owned());
                }
                if self.weather.get().crashes && self.rng.below(1_500) == 0 {
                    let tab = self.tab(page.tab);
                    if tab.page().is_some_and(|shown| shown.id == page.id) {
                        self.crash(&tab);
                        continue;
                    }
                }
                page.tasks.run_one();
                self.ledger.after_step(self);
                continue;
            }
            let next = {
                let mut queue = self.queue.borrow_mut();
                match queue.peek() {
                    Some(next) if next.at <= end => queue.pop(),
                    _ => None,
                }
            };
            let Some(next) = next else {
                break;
            };
            if next.at > self.now.get() {
                self.now.set(next.at);
                polls = 0;
            }
            (next.act)(self);
            self.ledger.after_step(self);
        }
        self.now.set(end.max(self.now.get()));
    }

    /// Any page that has something to do.
    fn next_page(&self) -> Option<Rc<Page>> {
        let pages = self.browser.living.borrow();
        let ready = || {
            pages
                .iter()
                .filter(|it| it.is_running() && it.tasks.can_run())
        };
        match ready().count() as u64 {
            0 => None,
            1 => ready().next().cloned(),
            several => ready().nth(self.rng.below(several) as usize).cloned(),
        }
    }

    /// The faults end, the user leaves, and all tabs run.
    fn calm_down(self: &Rc<Self>) {
        self.note(|| "the faults have ended".to_owned());
        self.calm_since.set(Some(self.now()));
        let weather = self.weather.get();
        self.weather.set(weather.calm());
        if self.clock_offset.replace(0) != 0 {
            self.ledger.clock_jumped(self);
        }
        self.storage.make_room();
        let was_down = self.network.is_down.replace(false);
        self.is_asleep.set(false);
        for sign_in in self.cognito.sign_ins.borrow_mut().iter_mut() {
            sign_in.is_refused_by_api = false;
        }
        for tab in self.open_tabs() {
            self.resume(&tab);
            self.set_visible(&tab, true);
            if let Some(page) = tab.page().filter(|_| was_down && weather.tells_online) {
                self.later(50, move |world| world.tell(&page, Event::Online));
            }
            if matches!(tab.entry(), Some(crate::browser::Entry::Broken(_))) {
                self.reload(&tab);
            }
        }
    }

    pub fn end(self: Rc<Self>) -> Outcome {
        let pages: Vec<Rc<Page>> = self.browser.pages.borrow().clone();
        for page in &pages {
            self.kill(page);
        }
        // What is scheduled holds the world, and the world holds what is scheduled.
        let queue = self.queue.take();
        drop(queue);
        let tabs = self.browser.tabs.take();
        for tab in &tabs {
            tab.forget();
        }
        self.browser.pages.take();
        self.browser.living.take();
        self.network.exchanges.take();
        self.locks.clear();
        Outcome {
            violation: self.violation.take(),
            history: self.history.lines(),
            covered: self.covered.take(),
        }
    }

    pub fn is_calm(&self) -> bool {
        self.calm_since.get().is_some()
    }

    /// In milliseconds since the world began.
    pub fn now(&self) -> u64 {
        self.now.get()
    }

    /// The device's clock, in seconds since 1970.
    pub fn device_seconds(&self) -> u64 {
        let milliseconds = EPOCH * 1000 + self.now();
        milliseconds.saturating_add_signed(self.clock_offset.get()) / 1000
    }

    /// A number that is larger than all before.
    pub fn next_order(&self) -> u64 {
        let order = self.order.get() + 1;
        self.order.set(order);
        order
    }

    /// Does something later.
    pub fn later(&self, delay: u64, act: impl FnOnce(&Rc<Self>) + 'static) {
        let scheduled = Scheduled {
            at: self.now() + delay,
            tie: self.rng.next() as u32,
            order: self.next_order(),
            act: Box::new(act),
        };
        self.queue.borrow_mut().push(scheduled);
    }

    pub fn note(&self, text: impl FnOnce() -> String) {
        self.history.note(self.now(), text);
    }

    pub fn note_in(&self, tab: usize, text: impl FnOnce() -> String) {
        self.note(|| format!("tab {tab}: {}", text()));
    }

    pub fn note_of(&self, page: &Page, text: impl FnOnce() -> String) {
        self.note(|| format!("tab {} (page {}): {}", page.tab, page.id, text()));
    }

    /// Counts something that a test of the engine has to meet.
    pub fn cover(&self, what: &'static str) {
        *self.covered.borrow_mut().entry(what).or_default() += 1;
    }

    /// An invariant is broken. Only the first time counts.
    pub fn violated(&self, what: String) {
        let mut violation = self.violation.borrow_mut();
        if violation.is_none() {
            self.note(|| format!("VIOLATION of invariant {what}"));
            *violation = Some(what);
        }
    }

    /// A stored value, shortened for the history: which sign-in, which tokens.
    pub fn brief(&self, value: &str) -> String {
        match crate::invariants::Record::read(value) {
            Some(record) => record.brief(self),
            None if value.len() > 60 => format!("{}…", &value[..57]),
            None => value.to_owned(),
        }
    }
}
