//! What the seeds meet too seldom, or what breaks no invariant: one short history each, in a world where nothing happens by chance.

use std::rc::Rc;

use cognito_session::cognito_hosted_ui::{Grant, SignOut};
use cognito_session::{AuthState, Event, Notice, SessionEnd, Snapshot};

use crate::cognito::CLIENTS;
use crate::network::Kind;
use crate::rng::Rng;
use crate::storage::Store;
use crate::tab::Page;
use crate::user::Act;
use crate::weather::Weather;
use crate::world::World;

/// A day has enough seconds for every token to expire.
const HOUR: u64 = 3_600;

struct Story(Option<Rc<World>>);

impl Story {
    fn in_weather(weather: Weather) -> Self {
        Self(Some(World::new(Rng::new(0), weather, true)))
    }

    /// A user has signed in, in the first tab.
    fn of_user(grant: Grant) -> Self {
        let mut weather = Weather::fine();
        weather.deployment.grant = grant;
        let story = Self::in_weather(weather);
        story.open();
        story.sign_in(0);
        story
    }

    fn world(&self) -> &Rc<World> {
        self.0.as_ref().unwrap()
    }

    fn pass(&self, seconds: u64) {
        self.world().run_until(self.world().now() + 1_000 * seconds);
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

    fn session_key() -> String {
        format!("cognito-spa.{}.session", CLIENTS[0])
    }

    fn is_stored(&self) -> bool {
        let stored = self
            .world()
            .storage
            .value(Store::Local, &Self::session_key());
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
    story.world().storage.overwrite(
        story.world().now(),
        Store::Local,
        &Story::session_key(),
        Some("{}".to_owned()),
    );
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
    story.open();
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
