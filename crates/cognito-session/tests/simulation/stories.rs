//! What the seeds meet too seldom, or what breaks no invariant: one short history each, in a world where nothing happens by chance.

use std::cell::RefCell;
use std::rc::Rc;

use cognito_session::cognito_hosted_ui::{Grant, SignOut};
use cognito_session::{ApiError, AuthState, Event, Notice, SessionEnd, Snapshot, StorageArea};

use crate::invariants::session_key;
use crate::network::{Kind, Outcome};
use crate::rng::Rng;
use crate::storage::Store;
use crate::tab::Page;
use crate::user::Act;
use crate::weather::{Faults, Weather};
use crate::world::World;

/// In seconds.
const HOUR: u64 = 3_600;

struct Story(Option<Rc<World>>);

impl Story {
    /// The app is open in the first tab.
    fn in_weather(weather: Weather) -> Self {
        let story = Self(Some(World::new(Rng::new(0), weather, true)));
        story.open();
        story
    }

    /// A user has signed in, in the first tab.
    fn of_user(grant: Grant) -> Self {
        let mut weather = Weather::fine();
        weather.deployment.grant = grant;
        let story = Self::in_weather(weather);
        story.sign_in(0);
        story
    }

    fn world(&self) -> &Rc<World> {
        self.0.as_ref().unwrap()
    }

    fn pass(&self, seconds: u64) {
        self.world().run_until(self.world().now() + 1_000 * seconds);
    }

    fn pass_until(&self, is_so: impl Fn() -> bool) {
        while !is_so() {
            self.world().run_until(self.world().now() + 1);
        }
    }

    fn open(&self) {
        self.world().open_tab();
        self.pass(1);
    }

    fn page(&self, tab: usize) -> Rc<Page> {
        self.world().tab(tab).page().unwrap()
    }

    fn snapshot(&self, tab: usize) -> Snapshot {
        self.page(tab).client().unwrap().snapshot()
    }

    fn is_signed_in(&self, tab: usize) -> bool {
        matches!(self.snapshot(tab).state, AuthState::SignedIn(_))
    }

    fn notice(&self, tab: usize) -> Option<Notice> {
        self.snapshot(tab).notice
    }

    fn press(&self, act: Act, tab: usize) {
        self.world().press(act, &self.page(tab));
    }

    fn sign_in(&self, tab: usize) {
        self.press(Act::SignIn, tab);
        self.pass(30);
        assert!(self.is_signed_in(tab));
    }

    /// Sends a request to the API, lets something happen, and returns the outcome.
    fn ask(&self, tab: usize, meanwhile: impl FnOnce(&Self)) -> Result<String, ApiError> {
        let outcome = Rc::new(RefCell::new(None));
        let answer = Rc::clone(&outcome);
        let store = move |result| drop(answer.replace(Some(result)));
        self.world().ask_then(&self.page(tab), store);
        meanwhile(self);
        self.pass(60);
        outcome.take().unwrap()
    }

    fn set_faults(&self, faults: Faults) {
        let mut weather = self.world().weather.get();
        weather.faults = faults;
        self.world().weather.set(weather);
    }

    /// Whether the API has refused a request.
    fn is_refused(&self) -> bool {
        let exchanges = self.world().network.exchanges.borrow();
        let mut outcomes = exchanges.iter().map(|it| it.outcome.get());
        outcomes.any(|it| matches!(it, Outcome::Received(401, _)))
    }

    /// The device's clock is ahead by so many seconds from now on.
    fn set_clock_ahead(&self, seconds: u64) {
        self.world().clock_offset.set(1_000 * seconds as i64);
        self.world().ledger.clock_jumped(self.world());
    }

    fn refreshes(&self) -> usize {
        let exchanges = self.world().network.exchanges.borrow();
        let is_refresh = |kind: Kind| matches!(kind, Kind::Refresh(_));
        exchanges.iter().filter(|it| is_refresh(it.kind)).count()
    }

    fn is_stored(&self) -> bool {
        let stored = self.world().storage.value(Store::Local, &session_key(0));
        stored.is_some()
    }

    /// Nothing in this story has broken an invariant.
    fn end(mut self) {
        let outcome = self.0.take().unwrap().end();
        assert_eq!(outcome.violation, None, "{:#?}", outcome.history);
    }
}

impl Drop for Story {
    /// A story that fails says what happened.
    fn drop(&mut self) {
        if let Some(world) = self.0.take() {
            for line in world.end().history {
                println!("{line}");
            }
        }
    }
}

#[test]
fn a_clock_that_jumps_is_compared_with_cognitos_by_a_refresh() {
    let story = Story::of_user(Grant::Code);
    story.set_clock_ahead(60);
    story.pass(20);
    assert_eq!((story.refreshes(), story.notice(0)), (0, None));
    story.set_clock_ahead(2 * HOUR);
    story.pass(20);
    assert_eq!(story.refreshes(), 1);
    assert_eq!(story.notice(0), Some(Notice::ClockWrong));
    story.set_clock_ahead(0);
    story.pass(20);
    assert_eq!((story.refreshes(), story.notice(0)), (2, None));
    story.end();
}

#[test]
fn a_clock_that_jumps_is_compared_with_the_servers_in_the_implicit_grant() {
    let story = Story::of_user(Grant::Implicit);
    story.set_clock_ahead(2 * HOUR);
    story.pass(20);
    assert!(story.is_signed_in(0));
    assert_eq!(story.notice(0), Some(Notice::ClockWrong));
    story.set_clock_ahead(0);
    story.pass(20);
    assert!(story.is_signed_in(0));
    assert_eq!(story.notice(0), None);
    story.end();
}

#[test]
fn a_page_that_is_opened_after_the_clock_was_corrected_does_not_call_it_wrong() {
    for grant in [Grant::Code, Grant::Implicit] {
        let story = Story::of_user(grant);
        story.set_clock_ahead(2 * HOUR);
        story.pass(20);
        assert_eq!(story.notice(0), Some(Notice::ClockWrong), "{grant:?}");
        story.world().close_tab(&story.world().tab(0));
        story.set_clock_ahead(0);
        story.open();
        story.pass(4);
        assert!(story.is_signed_in(1), "{grant:?}");
        assert_eq!(story.notice(1), None, "{grant:?}");
        story.end();
    }
}

#[test]
fn a_session_that_has_expired_is_never_shown() {
    let story = Story::of_user(Grant::Implicit);
    story.world().close_tab(&story.world().tab(0));
    story.pass(2 * HOUR);
    story.world().open_tab();
    for _ in 0..5_000 {
        story.world().run_until(story.world().now() + 1);
        let is_shown = story.world().tab(1).page().is_some() && story.is_signed_in(1);
        assert!(!is_shown);
    }
    assert_eq!(story.notice(1), Some(SessionEnd::Expired.into()));
    assert!(!story.is_stored());
    story.end();
}

#[test]
fn a_session_expires_even_if_its_record_was_overwritten_meanwhile() {
    let story = Story::of_user(Grant::Implicit);
    let page = story.page(0);
    story.world().suspend(&story.world().tab(0));
    story.pass(2 * HOUR);
    story.world().corrupt(&story.world().tab(0));
    story.world().resume(&story.world().tab(0));
    story.world().tell(&page, Event::Visible);
    assert_eq!(story.notice(0), Some(SessionEnd::Expired.into()));
    story.end();
}

/// The browser stored no session for the first tab, and a new one for the second. Then the first tab hears of a sign-out that
/// came before both.
#[test]
fn a_sign_out_that_is_heard_late_ends_no_other_tabs_session() {
    let story = Story::in_weather(Weather::fine());
    story.press(Act::SignIn, 0);
    story.pass(1);
    story.world().storage.fill(Store::Local, 0);
    story.pass(30);
    assert!(story.is_signed_in(0) && !story.is_stored());
    story.world().storage.make_room();
    story.world().suspend(&story.world().tab(0));
    story.open();
    story.sign_in(1);
    story.world().resume(&story.world().tab(0));
    let sign_out = SignOut::begin([7; 32], story.world().device_seconds() - 30);
    let message = Event::Message(sign_out.to_stored());
    story.world().tell(&story.page(0), message);
    assert!(story.is_stored());
    story.pass(10);
    assert!(story.is_signed_in(0) && story.is_signed_in(1));
    assert_eq!(
        story.snapshot(0).state.session(),
        story.snapshot(1).state.session()
    );
    story.end();
}

#[test]
fn the_user_can_refresh_the_session() {
    let story = Story::of_user(Grant::Code);
    story.press(Act::Refresh, 0);
    story.pass(5);
    assert_eq!(story.refreshes(), 1);
    story.end();
}

#[test]
fn the_user_can_finish_a_sign_out() {
    let story = Story::of_user(Grant::Code);
    story.world().network.is_down.set(true);
    story.press(Act::SignOut, 0);
    story.pass(30);
    assert_eq!(story.notice(0), Some(Notice::SignOutUnfinished));
    // No event tells the page of it.
    story.world().network.is_down.set(false);
    story.press(Act::FinishSignOut, 0);
    story.pass(10);
    assert_eq!(story.notice(0), Some(SessionEnd::SignedOut.into()));
    assert!(story.world().cookie().is_none());
    story.end();
}

#[test]
fn a_request_that_is_refused_is_repeated_with_a_new_token() {
    for grant in [Grant::Code, Grant::Implicit] {
        let story = Story::of_user(grant);
        story.set_faults(Faults {
            api_refusals: 100,
            ..Faults::default()
        });
        let outcome = story.ask(0, |story| {
            story.pass_until(|| story.is_refused());
            story.set_faults(Faults::default());
        });
        assert_eq!(outcome, Ok("ada 0".to_owned()), "{grant:?}");
        assert_eq!(story.refreshes(), usize::from(grant == Grant::Code));
        story.end();
    }
}

#[test]
fn without_a_network_the_api_is_unreachable() {
    let story = Story::of_user(Grant::Code);
    story.world().network.is_down.set(true);
    let outcome = story.ask(0, |_| ());
    assert_eq!(outcome, Err(ApiError::Unreachable));
    assert!(story.is_signed_in(0));
    story.end();
}

#[test]
fn a_session_that_cannot_be_refreshed_says_that_it_expires_soon() {
    let story = Story::of_user(Grant::Implicit);
    story.pass(HOUR - 6 * 60);
    assert_eq!(story.notice(0), None);
    story.pass(2 * 60);
    assert_eq!(story.notice(0), Some(Notice::ExpiringSoon));
    story.end();
}

#[test]
fn a_refresh_that_fails_is_told_until_it_succeeds() {
    let story = Story::of_user(Grant::Code);
    story.world().network.is_down.set(true);
    story.pass(HOUR);
    assert!(story.is_signed_in(0));
    assert_eq!(story.notice(0), Some(Notice::NotRefreshed));
    story.world().network.is_down.set(false);
    story.pass(90);
    assert_eq!(story.notice(0), None);
    story.end();
}

#[test]
fn a_session_that_the_api_refuses_twice_ends() {
    for grant in [Grant::Code, Grant::Implicit] {
        let story = Story::of_user(grant);
        story.world().cognito.sign_ins.borrow_mut()[0].is_refused_by_api = true;
        let outcome = story.ask(0, |_| ());
        assert_eq!(outcome, Err(ApiError::Unauthorized), "{grant:?}");
        assert_eq!(story.notice(0), Some(SessionEnd::Refused.into()));
        assert!(!story.is_stored());
        story.end();
    }
}

#[test]
fn a_page_knows_whether_it_can_store() {
    for blocked in [None, Some(StorageArea::Local)] {
        let story = Story::in_weather(Weather {
            blocked,
            ..Weather::fine()
        });
        let client = story.page(0).client().unwrap();
        assert_eq!(client.can_store(), blocked.is_none());
        story.end();
    }
}

#[test]
fn without_a_clock_to_compare_with_a_session_is_kept() {
    let mut weather = Weather::fine();
    weather.deployment.grant = Grant::Implicit;
    weather.server_tells_time = false;
    let story = Story::in_weather(weather);
    story.sign_in(0);
    story.set_clock_ahead(100);
    story.pass(20);
    assert_eq!(story.notice(0), None);
    story.set_clock_ahead(2 * HOUR);
    story.pass(20);
    assert!(story.is_signed_in(0) && story.is_stored());
    assert_eq!(story.notice(0), Some(Notice::PerhapsExpired));
    story.set_clock_ahead(0);
    story.pass(20);
    assert!(story.is_signed_in(0));
    assert_eq!(story.notice(0), None);
    story.end();
}

/// The other tab could not store it, so only the message says so.
#[test]
fn a_sign_out_that_is_heard_while_a_sign_in_is_verified_ends_it() {
    let story = Story::in_weather(Weather::fine());
    story.press(Act::SignIn, 0);
    let is_verifying = || {
        let page = story.world().tab(0).page();
        page.is_some_and(|it| it.id > 0) && story.snapshot(0).state == AuthState::SigningIn
    };
    story.pass_until(is_verifying);
    let sign_out = SignOut::begin([7; 32], story.world().device_seconds());
    let message = Event::Message(sign_out.to_stored());
    story.world().tell(&story.page(0), message);
    story.pass(30);
    assert!(!story.is_signed_in(0) && !story.is_stored());
    // The ledger knows of no sign-out, so the story does not end with its verdict.
    assert_eq!(story.notice(0), Some(SessionEnd::EndedInAnotherTab.into()));
}
