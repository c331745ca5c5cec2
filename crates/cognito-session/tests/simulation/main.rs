//! The engine in a world that a seed chooses: tabs, a Cognito, an API, a network, clocks and a user that treat it badly. The
//! invariants of `invariants` are checked after every step. A seed that breaks one prints what happened.
//!
//! `SEEDS` and `START` choose the seeds, `SEED` a single one. With `SURVEY`, all seeds are run, and each kind of failure is listed.
#![cfg(not(target_arch = "wasm32"))]
// Tests may fail loudly, and print the history of a seed.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;
use std::env;
use std::panic::{self, AssertUnwindSafe};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Instant;

use world::{Outcome, World};

mod world;

mod weather;

mod rng;

mod executor;

mod history;

mod browser;

mod tab;

mod storage;

mod locks;

mod network;

mod cognito;

mod user;

mod invariants;

mod stories;

/// What every run of the default seeds has to meet, so that the simulation cannot quietly stop testing something.
const INTERESTING: &[&str] = &[
    "Cognito answers a request from before a sign-out",
    "Cognito knows the user",
    "a 400 invalid_request at the token endpoint",
    "a closed tab is opened again",
    "a code is used twice or too late",
    "a lock is stolen",
    "a navigation stalls",
    "a page is killed",
    "a page is restored from the back/forward cache",
    "a record cannot be read",
    "a refresh brings a forged token",
    "a refresh is refused with invalid_grant",
    "a refresh is shared by two tabs",
    "a refresh token is used again after a failure",
    "a request is repeated",
    "a session is refreshed",
    "a session of former settings is left",
    "a sign-in fails because of the clock",
    "a sign-in replaces another one",
    "a sign-out is not stored",
    "a sign-out without a network",
    "a tab waits for the lock",
    "a value is not stored",
    "an answer from before a sign-out is refused",
    "stale keys are served",
    "the API refuses a token for no reason",
    "the API refuses an expired token",
    "the API refuses twice",
    "the answer to a refresh comes after a sign-out",
    "the answer to a refresh is lost",
    "the app is deployed with other settings",
    "the browser shows its error page",
    "the clock jumps during a refresh",
    "the computer sleeps",
    "the page says that the clock is wrong",
    "the page says that the session expires soon",
    "the page says that the session has perhaps expired",
    "the page says that the session is not refreshed yet",
    "the page says that the session is not stored",
    "the page says that the sign-out is not shared",
    "the page says that the sign-out is unfinished",
    "the page says that the user has changed",
    "the page says that the user has signed out",
    "the storage is full",
    "the user cancels at Cognito",
    "the user finishes a sign-out by the button",
    "userInfo is about another user",
];

/// What has come of all seeds.
#[derive(Default)]
struct Report {
    failed: Option<u64>,
    covered: BTreeMap<&'static str, u64>,
    /// How often each kind of failure happened, and the first seeds.
    kinds: BTreeMap<String, (u64, Vec<u64>)>,
}

impl Report {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        for (what, times) in outcome.covered {
            *self.covered.entry(what).or_default() += times;
        }
        if let Some(violation) = outcome.violation {
            self.fail(seed, kind_of(&violation), 1, &[seed]);
        }
    }

    fn fail(&mut self, seed: u64, kind: String, times: u64, seeds: &[u64]) {
        self.failed = Some(self.failed.map_or(seed, |first| first.min(seed)));
        let (count, first) = self.kinds.entry(kind).or_default();
        *count += times;
        first.extend(seeds);
        first.sort_unstable();
        first.truncate(5);
    }

    fn merge(&mut self, other: Self) {
        for (what, times) in other.covered {
            *self.covered.entry(what).or_default() += times;
        }
        for (kind, (times, seeds)) in other.kinds {
            self.fail(seeds[0], kind, times, &seeds);
        }
    }
}

/// A violation without the numbers of pages and tokens.
fn kind_of(violation: &str) -> String {
    let (invariant, what) = violation.split_at(1);
    let mut kind = invariant.to_owned();
    for part in what.split_inclusive(|it: char| !it.is_ascii_digit()) {
        let text = part.trim_start_matches(|it: char| it.is_ascii_digit());
        if text.len() < part.len() {
            kind.push('#');
        }
        kind.push_str(text);
    }
    kind
}

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

fn run(seed: u64, has_history: bool) -> Outcome {
    World::run(seed, has_history)
}

/// A seed fails if it breaks an invariant, or if the engine panics.
fn outcome(seed: u64) -> Outcome {
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| run(seed, false)));
    outcome.unwrap_or_else(|_| Outcome {
        violation: Some("0: the engine panics".to_owned()),
        history: Vec::new(),
        covered: BTreeMap::new(),
    })
}

fn print_history(seed: u64) {
    let outcome = run(seed, true);
    for line in &outcome.history {
        println!("{line}");
    }
    match outcome.violation {
        Some(violation) => println!("\nseed {seed} breaks invariant {violation}"),
        None => println!("\nseed {seed} breaks no invariant"),
    }
    println!("SEED={seed} cargo test -p cognito-session --test simulation -- --nocapture");
}

/// Runs all seeds once, for all tests.
fn report() -> &'static Report {
    static REPORT: OnceLock<Report> = OnceLock::new();
    REPORT.get_or_init(|| {
        let start = number("START").unwrap_or(0);
        let seeds = number("SEEDS").unwrap_or(20_000);
        let goes_on = env::var("SURVEY").is_ok();
        let next = AtomicU64::new(start);
        let is_over = AtomicBool::new(false);
        let began = Instant::now();
        let threads = thread::available_parallelism().map_or(1, Into::into);
        let work = || {
            let mut report = Report::default();
            while !is_over.load(Ordering::Relaxed) {
                let seed = next.fetch_add(1, Ordering::Relaxed);
                if seed >= start + seeds {
                    break;
                }
                report.add(seed, outcome(seed));
                if report.failed.is_some() && !goes_on {
                    is_over.store(true, Ordering::Relaxed);
                }
            }
            report
        };
        let mut report = Report::default();
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                report.merge(worker.join().unwrap());
            }
        });
        let seconds = began.elapsed().as_secs_f64();
        let run = next.into_inner().min(start + seeds) - start;
        let rate = run as f64 / seconds;
        println!("{run} seeds in {seconds:.1} s on {threads} cores: {rate:.0} seeds/s");
        for (kind, (times, seeds)) in &report.kinds {
            println!("{times:>6} x {kind}, first with {seeds:?}");
        }
        report
    })
}

#[test]
fn the_invariants_hold_for_every_seed() {
    if let Some(seed) = number("SEED") {
        print_history(seed);
        assert!(run(seed, false).violation.is_none(), "seed {seed}");
        return;
    }
    if let Some(seed) = report().failed {
        print_history(seed);
        panic!("seed {seed} breaks an invariant");
    }
}

#[test]
fn a_seed_has_one_history() {
    for seed in [1, 2, 3, 5, 8, 13, 21, 34, 55, 89] {
        assert_eq!(
            run(seed, true).history,
            run(seed, true).history,
            "seed {seed}"
        );
    }
}

#[test]
fn every_interesting_event_happens() {
    let is_default = ["SEED", "SEEDS", "START"]
        .iter()
        .all(|name| number(name).is_none());
    if number("SEED").is_some() {
        return;
    }
    let report = report();
    for (what, times) in &report.covered {
        println!("{times:>9} {what}");
    }
    if is_default && report.failed.is_none() {
        for what in INTERESTING {
            assert!(
                report.covered.contains_key(what),
                "no seed meets this: {what}"
            );
        }
    }
}
