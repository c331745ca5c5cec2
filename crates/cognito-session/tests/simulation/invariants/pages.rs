//! What pages show, and what they store: whose session, since when, until when, and what they say about it. Checked when the step
//! that has changed it is over.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use cognito_session::cognito_hosted_ui::{Session, SignInError, TokenError};
use cognito_session::{AuthState, Notice, SessionEnd, Snapshot};

use super::{
    Begun, Cause, EARLY_END, Held, Ledger, Record, STORAGE_LAG, Shown, ShownState, SignOut, Truth,
    area_of, session_key,
};
use crate::cognito::Cognito;
use crate::network::Kind;
use crate::storage::Store;
use crate::tab::Page;
use crate::world::World;

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

    pub(super) fn read(&self, world: &World, page: usize, record: &Record) -> Option<Held> {
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
        if let Some(before) = before
            && held.is_none_or(|held| held.sign_in != before)
        {
            truths[before].removed_at.push(world.now());
        }
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
        self.check_redirect(world, page, was, shown.state);
        self.check_verification(world, page, was, &shown);
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

    /// 1: A page that is on its way to Cognito stays as it is, until it is shown again, or has failed to leave.
    fn check_redirect(&self, world: &World, page: &Page, was: ShownState, is: ShownState) {
        const NAVIGATION: u64 = 19_000;
        let now = world.now();
        if is == ShownState::Redirecting {
            self.redirecting_since.borrow_mut().insert(page.id, now);
        }
        if was != ShownState::Redirecting || is == ShownState::Redirecting {
            return;
        }
        let at = |times: &RefCell<BTreeMap<usize, u64>>| times.borrow().get(&page.id).copied();
        let has_happened = |times| at(times) == Some(now);
        let has_failed = at(&self.redirecting_since).is_some_and(|at| at + NAVIGATION <= now);
        let has_jumped = self.clock_jumped_at.get() >= at(&self.redirecting_since);
        let is_pressed = self.pressed.borrow().contains(&page.id);
        let is_told = has_happened(&self.shown_again_at) || has_happened(&self.heard_at);
        if !(has_failed || has_jumped || is_pressed || is_told) {
            world.violated(format!(
                "1: page {} is on its way to Cognito, and shows {is:?}",
                page.id
            ));
        }
    }

    /// 1: A page that verifies an answer shows no other session until it has done so. If it fails, it says so.
    fn check_verification(&self, world: &World, page: &Page, was: ShownState, is: &Shown) {
        let (ShownState::SigningIn, Some(held)) = (was, is.state.held()) else {
            return;
        };
        let answering = self.answering.borrow().get(&page.id).cloned();
        let state = world.cognito.sign_ins.borrow()[held.sign_in].state.clone();
        let is_answer = answering.is_none_or(|answering| answering == state);
        let sign_outs = self.sign_outs.borrow();
        let is_overtaken = sign_outs.iter().any(|it| it.at >= page.loaded_at);
        if !is_answer && is.notice.is_none() && !is_overtaken {
            world.violated(format!(
                "1: page {} shows sign-in {} while it verifies another one",
                page.id, held.sign_in
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
                        // Another tab has ended it, and a clock that is ahead says why.
                        let seems_expired = truth.has_ended() && self.may_clock_be_ahead(world);
                        // Or the one that has replaced it has expired.
                        let expired = |it: usize| self.has_expired(world, it);
                        let is_replaced = truth.has(Cause::Replaced);
                        let other_expired = is_replaced && (0..truths.len()).any(expired);
                        let is_refused = truth.has(Cause::Refused);
                        has_expired || is_refused || seems_expired || other_expired
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

    /// Whether the device's clock is ahead, or what a page knows of it may be.
    fn may_clock_be_ahead(&self, world: &World) -> bool {
        const MINUTE: u64 = 60_000;
        let jumped_at = self.clock_jumped_at.get();
        world.clock_offset.get() > 0 || jumped_at.is_some_and(|at| at + MINUTE > world.now())
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
                // Within seconds of leaving for `/logout`, a page cannot tell a user who enters the app's address from one whom
                // Cognito sends back.
                let is_misled = world.tab(page.tab).is_address_entered.get();
                match last {
                    _ if is_misled => true,
                    Some(last) => {
                        world.cognito.last_logout.get() > last.order || !is_known(last.at)
                    }
                    // It has finished the sign-out of another tab.
                    None => world.cognito.last_logout.get() > 0,
                }
            }
            Notice::SessionEnded(SessionEnd::Expired) => {
                let expired = |it: usize| self.has_expired(world, it);
                let seems_expired =
                    self.may_clock_be_ahead(world) && truths.iter().any(Truth::has_ended);
                any(Cause::Refused) || (0..truths.len()).any(expired) || seems_expired
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
