//! 6: When the faults have stopped, every tab agrees with the storage, a good session works, and nothing is left of what is
//! over.

use std::rc::Rc;

use cognito_session::{Notice, StorageArea};

use super::{Cause, Ledger, Record, Shown, ShownState, Truth, area_of, session_key, sign_out_key};
use crate::cognito::CLIENTS;
use crate::network::{Kind, Outcome};
use crate::storage::Store;
use crate::tab::{Page, Phase};
use crate::world::World;

/// How many milliseconds a refresh can take on a good network.
const REFRESH: u64 = 5_000;
/// How many milliseconds a sign-in, or a redirect that does not happen, can take on a good network.
const NAVIGATION: u64 = 30_000;

/// Whether the navigation to the page has come only now.
fn is_new(world: &World, page: &Page) -> bool {
    page.loaded_at + NAVIGATION > world.now()
}

impl Ledger {
    /// Every tab agrees with the storage, and nothing is stuck.
    pub fn check_rest(&self, world: &World) {
        for page in world.pages_running() {
            let shown = page.shown.borrow().clone();
            let id = page.id;
            let is_stuck = !is_new(world, &page)
                && matches!(shown.state, ShownState::SigningIn | ShownState::Redirecting);
            if is_stuck {
                world.violated(format!("6: page {id} is stuck: {:?}", shown.state));
            }
            let since = self.refreshing_since.borrow().get(&id).copied();
            if since.is_some_and(|since| since + REFRESH < world.now()) {
                world.violated(format!("6: page {id} still refreshes its session"));
            }
            self.check_agreement(world, &page, &shown);
            self.check_rest_of_notice(world, &page, &shown);
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
            // It still waits for Cognito.
            (ShownState::SigningIn | ShownState::Redirecting, Some(_)) if is_new(world, page) => {}
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

    /// A notice about something that is over is gone.
    fn check_rest_of_notice(&self, world: &World, page: &Page, shown: &Shown) {
        let is_over = match &shown.notice {
            Some(Notice::NotRefreshed) => true,
            // The device's clock is right by now.
            Some(Notice::ClockWrong) => {
                let held = shown.state.held();
                let is_refreshable = held.is_some_and(|held| held.refresh_token.is_some());
                is_refreshable || world.weather.get().server_tells_time
            }
            Some(Notice::SignOutUnfinished) => {
                let client = page.deployment.client;
                let last = world.storage.value(Store::Local, &sign_out_key(client));
                let is_unfinished = last.is_some_and(|last| !last.ends_with(".0000000000"));
                let own = format!("cognito-spa.{}.signed-out", CLIENTS[client]);
                let own = world.storage.value(Store::Session(page.tab), &own);
                let is_unshared = own.is_some_and(|own| own.starts_with("unshared."));
                !is_unfinished && !is_unshared
            }
            _ => false,
        };
        if is_over {
            world.violated(format!("6: page {} still says {:?}", page.id, shown.notice));
        }
    }

    /// No record is left of a request that is over, or of settings that no page has anymore.
    fn check_leftovers(&self, world: &World) {
        let pages = world.pages_running();
        let answered = self.answered_states.borrow();
        // After a deploy, an old page can leave the request of a former client, which is found only with a session of that
        // client. It is never read again.
        let checks_requests = !world.weather.get().deploys;
        let mut stores = vec![Store::Local];
        stores.extend(pages.iter().map(|page| Store::Session(page.tab)));
        for store in stores {
            for (key, _) in world.storage.all(store) {
                if let Some((_, state)) = key.split_once(".pending.")
                    && checks_requests
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
            // The page that ended the session died before it could send anything.
            let died_at = self.died_at.borrow();
            let dies_at_once = |ended: &u64| died_at.values().any(|died| died == ended);
            let is_lost = is_lost || truth.removed_at.iter().any(dies_at_once);
            // Without a lock, two tabs can refresh at once, and only one of the new refresh tokens is stored.
            let is_second = !token.was_stored && !world.weather.get().has_locks;
            let is_lost = is_lost || is_second;
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
