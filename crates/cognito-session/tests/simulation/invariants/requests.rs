//! What pages send and receive: no request with another user's token, no refresh token used twice, no storm, and no answer for
//! someone else.

use std::collections::VecDeque;
use std::rc::Rc;

use cognito_session::{ApiError, HttpRequest, Method};

use super::{Cause, Ledger, STORAGE_LAG, Token};
use crate::cognito::{Effect, header};
use crate::network::{Exchange, Kind, Outcome};
use crate::tab::Page;
use crate::world::World;

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
                let sign_in = id.or(access);
                let user = sign_in.map(|sign_in| world.cognito.user_of(sign_in));
                let shows = shown.held().map(|held| held.user);
                if user.is_none() || user != shows {
                    world.violated(format!(
                        "1: page {} sends {name} with a token of {user:?} while it shows {shown:?}",
                        page.id
                    ));
                }
                if request.body.is_some() != (request.method == Method::POST) {
                    world.violated(format!("6: page {} loses the body of {name}", page.id));
                }
                let mut asks = self.asks.borrow_mut();
                asks[ask].sends += 1;
                if asks[ask].sends > 2 {
                    world.violated(format!(
                        "5: page {} sends {name} {ask} three times",
                        page.id
                    ));
                }
                let is_repeated = asks[ask].sends == 2;
                if is_repeated && let Some(stored) = self.sign_in_seen_by(world, page) {
                    world.cover("a request is repeated");
                    let stored = world.cognito.user_of(stored);
                    if user != Some(stored) {
                        world.violated(format!(
                            "1: page {} repeats {name} with a token of {user:?}, but {stored:?} is signed in by now",
                            page.id
                        ));
                    }
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
                if shows.is_some() && is_same && !page.is_leaving.get() {
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
