//! The user, and everything else that happens to a browser for no reason that the app could know: a script of random acts,
//! some of them just when something else is going on.

use std::rc::Rc;

use cognito_session::cognito_hosted_ui::{Grant, HostedUiPage};
use cognito_session::{
    ApiError, ApiRequest, Arrival, AuthState, Event, Method, Notice, StorageArea,
};

use crate::browser::{Entry, Place, Tab};
use crate::cognito::{APP, ASK};
use crate::invariants::session_key;
use crate::storage::Store;
use crate::tab::Page;
use crate::weather::Deployment;
use crate::world::World;

/// Something that a user, or the world, can do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    SignIn,
    SignOut,
    FinishSignOut,
    Refresh,
    Ask,
    StopNavigation,
    Reload,
    Visit,
    Back,
    Forward,
    Close,
    Open,
    Reopen,
    Hide,
    Suspend,
    Crash,
    JumpClock,
    FillStorage,
    ToggleNetwork,
    Sleep,
    RotateKeys,
    Deploy,
    Ban,
    RefuseAtApi,
    Corrupt,
    Nothing,
}

impl World {
    pub fn begin_user(self: &Rc<Self>) {
        if self.weather.get().clock_jumps && self.rng.percent(40) {
            self.jump_clock();
        }
        self.open_tab();
        if self.rng.percent(50) {
            self.open_tab();
        }
        self.act_later();
    }

    fn act_later(self: &Rc<Self>) {
        let delays: &[u64] = match self.weather.get().hurries {
            true => &[1, 50, 200, 500, 1_000, 3_000],
            false => &[10, 300, 1_000, 3_000, 10_000, 30_000, 60_000],
        };
        let most = self.rng.pick(delays);
        self.later(self.rng.below(most) + 1, |world| {
            if !world.is_calm() {
                world.act();
                world.act_later();
            }
        });
    }

    /// In so many of a hundred cases, something happens right now, when it hurts.
    pub fn provoke(self: &Rc<Self>, chance: u64) {
        let can_happen = self.weather.get().has_chance && !self.is_calm();
        if can_happen && self.rng.percent(chance) {
            let most = self.rng.pick(&[3, 30, 300, 2_000]);
            self.later(self.rng.below(most), |world| {
                if !world.is_calm() {
                    world.act();
                }
            });
        }
    }

    fn act(self: &Rc<Self>) {
        /// Longer stories find little more.
        const MOST: u64 = 120;
        self.acts.set(self.acts.get() + 1);
        if self.is_asleep.get() || self.acts.get() > MOST {
            return;
        }
        let tabs = self.open_tabs();
        if tabs.is_empty() {
            return self.open_tab();
        }
        let tab = &tabs[self.rng.below(tabs.len() as u64) as usize];
        let acts = self.possible(tab);
        let weights: Vec<u64> = acts.iter().map(|(_, weight)| *weight).collect();
        let (act, _) = acts[self.rng.weighted(&weights)];
        self.perform(act, tab);
    }

    fn possible(&self, tab: &Tab) -> Vec<(Act, u64)> {
        let weather = self.weather.get();
        let when = |condition: bool, weight: u64| if condition { weight } else { 0 };
        let open = self.open_tabs().len();
        let often = |weight: u64| {
            if weather.signs_out_often {
                3 * weight
            } else {
                weight
            }
        };
        let mut acts = vec![
            (Act::Back, 3),
            (Act::Forward, 1),
            (Act::Close, when(open > 1, 1)),
            (Act::Open, when(open < 3, 3)),
            (Act::Reopen, when(open < 3, 2)),
            (Act::Hide, 2),
            (Act::Suspend, when(weather.suspends, 4)),
            (Act::JumpClock, when(weather.clock_jumps, 2)),
            (Act::FillStorage, when(weather.fills_storage, 4)),
            (Act::ToggleNetwork, when(weather.goes_offline, 5)),
            (Act::Sleep, when(weather.sleeps, 2)),
            (Act::RotateKeys, when(weather.rotates_keys, 3)),
            (Act::Deploy, when(weather.deploys, 2)),
            (Act::Ban, when(weather.bans, 1)),
            (Act::RefuseAtApi, when(weather.bans, 1)),
            (Act::Corrupt, when(weather.corrupts, 1)),
        ];
        let page = match tab.entry() {
            _ if tab.is_suspended.get() => {
                acts.push((Act::Suspend, 40));
                return acts;
            }
            Some(Entry::App(Some(page))) if page.client().is_some() && !page.is_leaving.get() => {
                page
            }
            Some(Entry::Broken(_)) => {
                acts.push((Act::Reload, 30));
                acts.push((Act::Visit, 10));
                return acts;
            }
            _ => {
                acts.push((Act::Visit, 1));
                acts.push((Act::Nothing, 10));
                return acts;
            }
        };
        acts.push((Act::Crash, when(weather.crashes, 3)));
        acts.push((Act::Reload, 4));
        let Some(client) = page.client() else {
            return acts;
        };
        let snapshot = client.snapshot();
        let is_unfinished = snapshot.notice == Some(Notice::SignOutUnfinished);
        match snapshot.state {
            AuthState::SignedOut => {
                acts.push((Act::SignIn, 30));
                acts.push((Act::FinishSignOut, when(is_unfinished, 20)));
                acts.push((Act::SignOut, 1));
                acts.push((Act::Ask, 1));
            }
            AuthState::SignedIn(_) => {
                acts.push((Act::Ask, 20));
                acts.push((Act::SignOut, often(4)));
                acts.push((Act::Refresh, 8));
                acts.push((Act::SignIn, 3));
                acts.push((Act::Nothing, 20));
            }
            AuthState::SigningIn => {
                acts.push((Act::SignOut, often(2)));
                acts.push((Act::SignIn, 1));
                acts.push((Act::Nothing, 20));
            }
            AuthState::Redirecting { .. } => {
                acts.push((Act::StopNavigation, 3));
                acts.push((Act::SignOut, often(1)));
                acts.push((Act::Ask, 1));
                acts.push((Act::Nothing, 20));
            }
        }
        acts
    }

    fn perform(self: &Rc<Self>, act: Act, tab: &Rc<Tab>) {
        match act {
            Act::SignIn | Act::SignOut | Act::FinishSignOut | Act::Refresh => {
                if let Some(page) = tab.page().filter(|it| it.is_running()) {
                    self.press(act, &page);
                }
            }
            Act::Ask => {
                if let Some(page) = tab.page().filter(|it| it.is_running()) {
                    self.ask(&page);
                }
            }
            Act::StopNavigation => {
                self.note_in(tab.number, || "the user stops the navigation".to_owned());
                tab.stop();
            }
            Act::Reload => self.reload(tab),
            Act::Visit => {
                self.note_in(tab.number, || {
                    "the user enters the app's address".to_owned()
                });
                self.go(tab, APP.to_owned(), Place::Next, Arrival::Navigation);
                tab.is_address_entered.set(true);
            }
            Act::Back => self.traverse(tab, -1),
            Act::Forward => self.traverse(tab, 1),
            Act::Close => self.close_tab(tab),
            Act::Open => self.open_tab(),
            Act::Reopen => {
                let closed = self
                    .browser
                    .tabs
                    .borrow()
                    .iter()
                    .rev()
                    .find(|it| !it.is_open.get())
                    .cloned();
                if let Some(tab) = closed {
                    self.reopen_tab(&tab);
                }
            }
            Act::Hide => self.set_visible(tab, !tab.is_visible.get()),
            Act::Suspend if tab.is_suspended.get() => self.resume(tab),
            Act::Suspend => self.suspend(tab),
            Act::Crash => self.crash(tab),
            Act::JumpClock => self.jump_clock(),
            Act::FillStorage => self.fill_or_free(tab),
            Act::ToggleNetwork => self.toggle_network(),
            Act::Sleep => self.sleep(),
            Act::RotateKeys => {
                self.note(|| "Cognito: has a new key".to_owned());
                self.cognito.rotate_keys();
            }
            Act::Deploy => self.deploy(),
            Act::Ban => {
                let mut sign_ins = self.cognito.sign_ins.borrow_mut();
                if let Some(sign_in) = sign_ins.last_mut() {
                    self.note(|| "Cognito: an administrator revokes the newest sign-in".to_owned());
                    sign_in.is_banned = true;
                }
            }
            Act::RefuseAtApi => {
                let mut sign_ins = self.cognito.sign_ins.borrow_mut();
                if let Some(sign_in) = sign_ins.last_mut() {
                    self.note(|| "API: refuses the newest sign-in from now on".to_owned());
                    sign_in.is_refused_by_api = true;
                }
            }
            Act::Corrupt => self.corrupt(tab),
            Act::Nothing => {}
        }
    }

    pub fn press(self: &Rc<Self>, act: Act, page: &Rc<Page>) {
        let Some(client) = page.client() else {
            return;
        };
        self.note_of(page, || {
            let button = match act {
                Act::SignIn => "Sign in",
                Act::SignOut => "Sign out",
                Act::FinishSignOut => "Finish signing out",
                _ => "Stay signed in",
            };
            format!("the user presses {button}")
        });
        match act {
            Act::SignIn => {
                self.ledger.presses(self, page);
                let pages = [
                    HostedUiPage::SignIn,
                    HostedUiPage::SignUp,
                    HostedUiPage::Reauthenticate,
                ];
                client.sign_in(pages[self.rng.below(3) as usize].clone());
            }
            Act::SignOut => {
                self.ledger.presses_sign_out(self, page);
                client.sign_out();
                self.ledger.has_signed_out(self, page);
                self.provoke(30);
            }
            Act::FinishSignOut => {
                self.cover("the user finishes a sign-out by the button");
                self.ledger.presses(self, page);
                client.finish_sign_out();
            }
            _ => {
                self.ledger.presses_refresh(self, page);
                client.refresh_now();
            }
        }
    }

    /// The page sends a request to the API.
    pub fn ask(self: &Rc<Self>, page: &Rc<Page>) {
        self.ask_then(page, |_| ());
    }

    /// The page sends a request to the API, and does something with the outcome.
    pub fn ask_then(
        self: &Rc<Self>,
        page: &Rc<Page>,
        then: impl FnOnce(Result<String, ApiError>) + 'static,
    ) {
        let Some(client) = page.client() else {
            return;
        };
        let ask = self.ledger.asks(self, page);
        let is_post = self.rng.percent(30);
        let request = ApiRequest {
            method: if is_post { Method::POST } else { Method::GET },
            path: "/things".to_owned(),
            headers: vec![(ASK.to_owned(), ask.to_string())],
            body: is_post.then(|| "{}".to_owned()),
        };
        self.note_of(page, || format!("asks the API ({ask})"));
        let world = Rc::downgrade(self);
        let asking = Rc::downgrade(page);
        let task = page.tasks.spawn(async move {
            let result = client.request(&request).await;
            if let (Some(world), Some(page)) = (world.upgrade(), asking.upgrade()) {
                world.ledger.answered(&world, &page, ask, &result);
            }
            then(result);
        });
        let can_end = self.weather.get().has_chance && !self.is_calm();
        if can_end && self.rng.percent(5) {
            let page = Rc::clone(page);
            self.later(self.rng.below(500), move |_| page.tasks.abort(task));
        }
    }

    /// After the faults have ended, every page that shows a session uses it.
    pub fn ask_everywhere(self: &Rc<Self>) {
        let has_locks = self.weather.get().has_locks;
        for (number, page) in self.pages_running().into_iter().enumerate() {
            // Without locks, tabs can refresh their session at the same time, and one of them fails.
            let delay = if has_locks { 0 } else { 3_000 * number as u64 };
            self.later(delay, move |world| world.ask(&page));
        }
    }

    fn jump_clock(&self) {
        let seconds = self
            .rng
            .pick(&[0, 0, 5, 60, 100, 130, 600, 3_900, 7_200, 93_600]);
        let milliseconds = seconds * 1_000 + self.rng.below(1_000) as i64;
        let offset = if self.rng.percent(50) {
            milliseconds
        } else {
            -milliseconds
        };
        self.clock_offset.set(offset);
        self.ledger.clock_jumped(self);
        self.note(|| format!("the device's clock is now {} s ahead", offset / 1000));
    }

    fn fill_or_free(&self, tab: &Tab) {
        if self.storage.is_full() {
            self.note(|| "there is room in the storage again".to_owned());
            return self.storage.make_room();
        }
        let store = if self.rng.percent(70) {
            Store::Local
        } else {
            Store::Session(tab.number)
        };
        self.note(|| format!("the storage is full: {store:?}"));
        self.cover("the storage is full");
        self.storage.fill(store, self.rng.pick(&[0, 0, 30, 200]));
    }

    fn toggle_network(self: &Rc<Self>) {
        let is_down = !self.network.is_down.get();
        self.network.is_down.set(is_down);
        self.note(|| format!("the network is {}", if is_down { "lost" } else { "back" }));
        if self.weather.get().tells_online {
            let event = if is_down {
                Event::Offline
            } else {
                Event::Online
            };
            for page in self.pages_running() {
                let event = event.clone();
                self.later(self.rng.below(100), move |world| world.tell(&page, event));
            }
        }
        if is_down {
            let delay = self.rng.pick(&[500, 5_000, 30_000, 120_000]);
            self.later(delay, |world| {
                if world.network.is_down.get() && !world.is_calm() {
                    world.toggle_network();
                }
            });
        }
    }

    fn sleep(self: &Rc<Self>) {
        let minutes = self.rng.pick(&[1, 3, 5, 10, 59, 65]);
        self.note(|| format!("the computer sleeps for {minutes} minutes"));
        self.cover("the computer sleeps");
        let tabs: Vec<_> = self
            .open_tabs()
            .into_iter()
            .filter(|it| !it.is_suspended.get())
            .collect();
        for tab in &tabs {
            self.suspend(tab);
        }
        self.is_asleep.set(true);
        self.later(minutes * 60_000, move |world| {
            world.note(|| "the computer wakes up".to_owned());
            world.is_asleep.set(false);
            for tab in &tabs {
                world.resume(tab);
                if let Some(page) = tab.page().filter(|_| world.rng.percent(70)) {
                    world.later(world.rng.below(100), move |world| {
                        world.tell(&page, Event::Visible)
                    });
                }
            }
        });
    }

    fn deploy(&self) {
        let Deployment {
            client,
            grant,
            area,
        } = self.deployment.get();
        let deployment = match self.rng.below(3) {
            0 => Deployment {
                client: 1 - client,
                grant,
                area,
            },
            1 => Deployment {
                client,
                grant,
                area: match area {
                    StorageArea::Local => StorageArea::Session,
                    StorageArea::Session => StorageArea::Local,
                },
            },
            _ => Deployment {
                client,
                grant: match grant {
                    Grant::Code => Grant::Implicit,
                    Grant::Implicit => Grant::Code,
                },
                area,
            },
        };
        self.deployment.set(deployment);
        self.cover("the app is deployed with other settings");
        self.note(|| format!("the app is deployed: {deployment:?}"));
    }

    /// Something else overwrites the session's record.
    pub fn corrupt(&self, tab: &Tab) {
        let key = session_key(self.deployment.get().client);
        for store in [Store::Local, Store::Session(tab.number)] {
            if self.storage.value(store, &key).is_some() {
                self.note(|| format!("the record of the session is overwritten in {store:?}"));
                self.cover("a record cannot be read");
                self.ledger.corrupted(self, store, &key);
                self.storage
                    .overwrite(self.now(), store, &key, Some("{}".to_owned()));
                self.ledger.storage_changed(store, &key);
            }
        }
    }
}
