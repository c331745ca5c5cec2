//! The browser: its tabs with their histories, navigations that take time or fail, pages that are unloaded, cached and killed,
//! and messages between them.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use cognito_session::cognito_hosted_ui::AuthorizationCallback;
use cognito_session::{Arrival, Event, SessionClient};

use crate::cognito::{APP, Authorization, User, authorization_of, is_logout};
use crate::tab::{Page, Phase, Surroundings, config};
use crate::weather::Deployment;
use crate::world::World;

/// What waits until a tab goes on.
type Act = Box<dyn FnOnce(&Rc<World>)>;

#[derive(Default)]
pub struct Browser {
    pub tabs: RefCell<Vec<Rc<Tab>>>,
    /// All pages that there have been, and those that live.
    pub pages: RefCell<Vec<Rc<Page>>>,
    pub living: RefCell<Vec<Rc<Page>>>,
    navigations: Cell<u64>,
}

pub struct Tab {
    pub number: usize,
    pub is_open: Cell<bool>,
    pub is_visible: Cell<bool>,
    pub is_suspended: Cell<bool>,
    pub entries: RefCell<Vec<Entry>>,
    pub index: Cell<usize>,
    /// The navigation that is going on, or 0.
    pub navigation: Cell<u64>,
    /// From `pagehide` until something else is shown. Nothing stops it.
    is_unloading: Cell<bool>,
    /// Whether the user has entered the app's address.
    pub is_address_entered: Cell<bool>,
    held: RefCell<Vec<Act>>,
}

/// An entry of a tab's history.
#[derive(Clone)]
pub enum Entry {
    /// The app, with its page if it is shown or cached.
    App(Option<Rc<Page>>),
    /// A sign-in page, and the number of the visit.
    Cognito(Authorization, u64),
    /// The browser's error page, and the URL that it stands for.
    Broken(String),
}

/// Where a new entry goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Next,
    Same,
    At(usize),
}

impl Tab {
    /// Drops what the tab holds.
    pub fn forget(&self) {
        drop((self.entries.take(), self.held.take()));
    }

    /// The user presses the browser's *Stop*.
    pub fn stop(&self) {
        if !self.is_unloading.get() {
            self.navigation.set(0);
        }
    }

    pub fn entry(&self) -> Option<Entry> {
        self.entries.borrow().get(self.index.get()).cloned()
    }

    /// The page that the tab shows, if it shows the app.
    pub fn page(&self) -> Option<Rc<Page>> {
        match self.entry()? {
            Entry::App(page) => page.filter(|page| page.phase.get() != Phase::Dead),
            Entry::Cognito(..) | Entry::Broken(_) => None,
        }
    }
}

impl World {
    pub fn open_tabs(&self) -> Vec<Rc<Tab>> {
        let tabs = self.browser.tabs.borrow();
        tabs.iter().filter(|it| it.is_open.get()).cloned().collect()
    }

    pub fn tab(&self, number: usize) -> Rc<Tab> {
        Rc::clone(&self.browser.tabs.borrow()[number])
    }

    pub fn pages_running(&self) -> Vec<Rc<Page>> {
        let pages = self.browser.living.borrow();
        pages.iter().filter(|it| it.is_running()).cloned().collect()
    }

    pub fn open_tab(self: &Rc<Self>) {
        let number = self.browser.tabs.borrow().len();
        let tab = Rc::new(Tab {
            number,
            is_open: Cell::new(true),
            is_visible: Cell::new(true),
            is_suspended: Cell::new(false),
            entries: RefCell::default(),
            index: Cell::new(0),
            navigation: Cell::new(0),
            is_unloading: Cell::new(false),
            is_address_entered: Cell::new(false),
            held: RefCell::default(),
        });
        self.browser.tabs.borrow_mut().push(Rc::clone(&tab));
        self.note_in(number, || "is opened".to_owned());
        self.commit(&tab, APP.to_owned(), Place::Next, Arrival::Navigation);
    }

    /// The user opens a tab again that they have closed.
    pub fn reopen_tab(self: &Rc<Self>, tab: &Rc<Tab>) {
        self.note_in(tab.number, || "is opened again".to_owned());
        self.cover("a closed tab is opened again");
        tab.is_open.set(true);
        tab.is_visible.set(true);
        let arrival = self.rng.pick(&[Arrival::Reload, Arrival::History]);
        self.commit(tab, APP.to_owned(), Place::Next, arrival);
    }

    pub fn close_tab(self: &Rc<Self>, tab: &Rc<Tab>) {
        self.note_in(tab.number, || "is closed".to_owned());
        if let Some(page) = tab.page().filter(|_| self.rng.percent(80)) {
            self.tell(&page, Event::PageHide);
        }
        tab.is_open.set(false);
        tab.is_suspended.set(false);
        tab.is_unloading.set(false);
        tab.navigation.set(0);
        tab.held.take();
        tab.index.set(0);
        let entries = tab.entries.take();
        self.kill_all(&entries);
    }

    fn kill_all(&self, entries: &[Entry]) {
        for entry in entries {
            if let Entry::App(Some(page)) = entry {
                self.kill(page);
            }
        }
    }

    /// The page of the tab dies, and the user loads it again.
    pub fn crash(self: &Rc<Self>, tab: &Rc<Tab>) {
        let Some(page) = tab.page().filter(|_| !tab.is_unloading.get()) else {
            return;
        };
        self.cover("a page is killed");
        self.note_in(tab.number, || "crashes".to_owned());
        self.kill(&page);
        let navigation = self.begin_navigation(tab);
        let delay = self.rng.pick(&[100, 1_000, 20_000]);
        self.later_in(tab, navigation, delay, |world, tab| {
            world.commit(tab, APP.to_owned(), Place::Same, Arrival::Reload);
        });
    }

    pub fn suspend(self: &Rc<Self>, tab: &Tab) {
        if !tab.is_suspended.replace(true) {
            self.note_in(tab.number, || "is suspended".to_owned());
            if let Some(page) = tab.page() {
                self.stop(&page, Phase::Suspended);
            }
        }
    }

    pub fn resume(self: &Rc<Self>, tab: &Rc<Tab>) {
        if self.is_asleep.get() || !tab.is_suspended.replace(false) {
            return;
        }
        self.note_in(tab.number, || "goes on".to_owned());
        if let Some(page) = tab.page() {
            self.go_on(&page);
        }
        for act in tab.held.take() {
            self.later(self.rng.below(30), act);
        }
    }

    pub fn set_visible(self: &Rc<Self>, tab: &Tab, is_visible: bool) {
        if tab.is_visible.replace(is_visible) == is_visible {
            return;
        }
        self.note_in(tab.number, || {
            if is_visible { "is shown" } else { "is hidden" }.to_owned()
        });
        if let Some(page) = tab.page().filter(|_| is_visible) {
            self.tell(&page, Event::Visible);
        }
    }

    pub fn broadcast(self: &Rc<Self>, sender: &Rc<Page>, channel: &str, message: &str) {
        if !self.weather.get().has_channel {
            return;
        }
        for page in self.browser.living.borrow().iter() {
            let listens = *page.channel.borrow() == channel
                && page.id != sender.id
                && matches!(page.phase.get(), Phase::Running | Phase::Suspended)
                && !page.is_leaving.get();
            if !listens {
                continue;
            }
            let delay = self.rng.pick(&[0, 1, 5, 50, 200, 3_000]);
            let page = Rc::clone(page);
            let message = message.to_owned();
            let times_cached = page.times_cached.get();
            self.later(delay, move |world| {
                world.to_page(&page, move |world, page| {
                    // A page that goes into the cache closes its channel.
                    let is_open = times_cached == page.times_cached.get();
                    if is_open && !page.is_leaving.get() {
                        world.ledger.heard(world, page);
                        world.tell(page, Event::Message(message));
                    }
                });
            });
        }
    }

    fn begin_navigation(&self, tab: &Tab) -> u64 {
        let navigation = self.browser.navigations.get() + 1;
        self.browser.navigations.set(navigation);
        tab.navigation.set(navigation);
        navigation
    }

    /// Goes on with a navigation, unless another one has begun. A tab that is suspended waits.
    fn later_in(
        self: &Rc<Self>,
        tab: &Rc<Tab>,
        navigation: u64,
        delay: u64,
        act: impl FnOnce(&Rc<Self>, &Rc<Tab>) + 'static,
    ) {
        let tab = Rc::clone(tab);
        self.later(delay, move |world| {
            if tab.navigation.get() != navigation {
                return;
            }
            if tab.is_suspended.get() {
                let again = Rc::clone(&tab);
                let act = move |world: &Rc<Self>| world.later_in(&again, navigation, 0, act);
                tab.held.borrow_mut().push(Box::new(act));
            } else {
                act(world, &tab);
            }
        });
    }

    /// A page leaves for another URL.
    pub fn navigate(self: &Rc<Self>, page: &Rc<Page>, url: &str) {
        self.note_of(page, || {
            format!("goes to {}", url.split('?').next().unwrap_or(url))
        });
        self.ledger.navigates(self, page, url);
        self.provoke(8);
        let tab = self.tab(page.tab);
        self.go(&tab, url.to_owned(), Place::Next, Arrival::Navigation);
    }

    /// Goes to a URL of Cognito or of the app.
    pub fn go(self: &Rc<Self>, tab: &Rc<Tab>, url: String, place: Place, arrival: Arrival) {
        if tab.is_unloading.get() {
            return;
        }
        let navigation = self.begin_navigation(tab);
        let is_lost = self.rng.percent(self.weather.get().faults.lost_navigations);
        let way = if is_lost { self.rng.below(3) } else { 3 };
        if self.is_down() || way == 0 {
            let delay = self.rng.pick(&[20, 500, 10_000]);
            self.later_in(tab, navigation, delay, move |world, tab| {
                world.commit_broken(tab, url, place);
            });
            return;
        }
        if way == 1 {
            self.cover("a navigation stalls");
            self.note_in(tab.number, || "the navigation stalls".to_owned());
            return;
        }
        let is_response_lost = way == 2;
        let tab = Rc::clone(tab);
        let delay = self.rng.pick(&[30, 100, 400, 2_000]);
        self.later(delay, move |world| {
            world.reach(&tab, navigation, url, place, arrival, is_response_lost);
        });
    }

    /// The server gets the request of a navigation.
    fn reach(
        self: &Rc<Self>,
        tab: &Rc<Tab>,
        navigation: u64,
        url: String,
        place: Place,
        arrival: Arrival,
        is_response_lost: bool,
    ) {
        let is_current = tab.navigation.get() == navigation;
        if !is_current && self.rng.percent(50) {
            return;
        }
        let delay = self.rng.pick(&[30, 100, 400, 2_000]);
        if self.is_down() {
            self.later_in(tab, navigation, delay, move |world, tab| {
                world.commit_broken(tab, url, place);
            });
            return;
        }
        let mut target = url.clone();
        if is_logout(&url) {
            self.note(|| "Cognito: the user is signed out".to_owned());
            self.end_cookie();
            target = APP.to_owned();
        } else if let Some(request) = authorization_of(&url) {
            let switches = self.weather.get().has_two_users && self.rng.percent(25);
            match self.cookie().filter(|_| !switches) {
                Some(cookie) => {
                    self.cover("Cognito knows the user");
                    self.note(|| format!("Cognito: knows {:?}", cookie.user));
                    target = format!("{APP}{}", self.answer(&request, cookie.user));
                }
                None => {
                    self.later_in(tab, navigation, delay, move |world, tab| {
                        world.visit(tab, request, place);
                    });
                    return;
                }
            }
        }
        if is_response_lost {
            self.note_in(tab.number, || {
                "network: the response to the navigation is lost".to_owned()
            });
            self.later_in(tab, navigation, delay, move |world, tab| {
                world.commit_broken(tab, url, place);
            });
            return;
        }
        let dawdle = self.dawdle();
        self.later_in(tab, navigation, delay + dawdle, move |world, tab| {
            world.commit(tab, target, place, arrival);
        });
    }

    /// How long an answer can wait for its tab.
    fn dawdle(&self) -> u64 {
        if self.weather.get().dawdles && self.rng.percent(30) {
            self.rng.pick(&[3_000, 20_000, 90_000, 200_000])
        } else {
            0
        }
    }

    /// The tab shows Cognito's page, where the user signs in, or does not.
    fn visit(self: &Rc<Self>, tab: &Rc<Tab>, request: Authorization, place: Place) {
        let visit = self.browser.navigations.get() + 1;
        self.browser.navigations.set(visit);
        self.show_entry(tab, place, move |world, tab| {
            world.note_in(tab.number, || "shows Cognito's page".to_owned());
            let times: &[u64] = match world.weather.get().dawdles {
                false => &[400, 2_000, 5_000],
                true => &[400, 5_000, 30_000, 120_000, 280_000],
            };
            let delay = world.rng.pick(times);
            world.finish_visit_later(tab, visit, delay);
            Entry::Cognito(request, visit)
        });
    }

    fn finish_visit_later(self: &Rc<Self>, tab: &Rc<Tab>, visit: u64, delay: u64) {
        let tab = Rc::clone(tab);
        self.later(delay, move |world| {
            let Some(Entry::Cognito(request, current)) = tab.entry().filter(|_| tab.is_open.get())
            else {
                return;
            };
            if current != visit || world.is_calm() {
                return;
            }
            if tab.is_suspended.get() || world.is_down() {
                return world.finish_visit_later(&tab, visit, 5_000);
            }
            let weather = world.weather.get();
            let state = &request.state;
            let target = if world.rng.percent(weather.cancels) {
                world.note_in(tab.number, || "the user cancels at Cognito".to_owned());
                world.cover("the user cancels at Cognito");
                let state = if world.rng.percent(70) {
                    format!("&state={state}")
                } else {
                    String::new()
                };
                format!("{APP}?error=access_denied{state}")
            } else {
                let is_bob = weather.has_two_users && world.rng.percent(40);
                let user = if is_bob { User::Bob } else { User::Ada };
                world.note_in(tab.number, || format!("{user:?} signs in at Cognito"));
                world.sign_in_at_cognito(user);
                format!("{APP}{}", world.answer(&request, user))
            };
            let navigation = world.begin_navigation(&tab);
            let delay = world.rng.pick(&[30, 100, 1_000]) + world.dawdle();
            world.later_in(&tab, navigation, delay, move |world, tab| {
                world.commit(tab, target, Place::Next, Arrival::Navigation);
            });
        });
    }

    fn commit_broken(self: &Rc<Self>, tab: &Rc<Tab>, url: String, place: Place) {
        self.cover("the browser shows its error page");
        self.show_entry(tab, place, |world, tab| {
            world.note_in(tab.number, || "shows the browser's error page".to_owned());
            Entry::Broken(url)
        });
    }

    /// The app is loaded, with what its URL contains.
    fn commit(self: &Rc<Self>, tab: &Rc<Tab>, url: String, place: Place, arrival: Arrival) {
        if self.is_down() {
            return self.commit_broken(tab, url, place);
        }
        self.show_entry(tab, place, move |world, tab| {
            Entry::App(Some(world.load(tab, &url, arrival)))
        });
    }

    /// Unloads the page that is shown, which takes a moment, and shows something else.
    fn show_entry(
        self: &Rc<Self>,
        tab: &Rc<Tab>,
        place: Place,
        open: impl FnOnce(&Rc<Self>, &Rc<Tab>) -> Entry + 'static,
    ) {
        if tab.is_unloading.replace(true) {
            return;
        }
        let navigation = self.begin_navigation(tab);
        let leaving = tab.page().filter(|page| page.is_running());
        let delay = match &leaving {
            Some(page) => {
                self.tell(page, Event::PageHide);
                let is_slow = self.rng.percent(20);
                if is_slow {
                    self.rng.below(300)
                } else {
                    self.rng.below(5)
                }
            }
            None => 0,
        };
        if let Some(page) = leaving.filter(|_| delay > 10) {
            // A page that is being unloaded still gets events.
            self.later(delay / 2, move |world| world.tell(&page, Event::Tick));
        }
        self.later_in(tab, navigation, delay, move |world, tab| {
            tab.navigation.set(0);
            tab.is_unloading.set(false);
            let caches = place != Place::Same && world.weather.get().caches_pages;
            if let Some(page) = tab.page() {
                let can_be_cached = page.is_running() && !world.locks.involve(&page);
                if caches && can_be_cached && world.rng.percent(70) {
                    world.stop(&page, Phase::Cached);
                } else {
                    world.kill(&page);
                }
            }
            let index = match place {
                Place::Next if tab.entries.borrow().is_empty() => 0,
                Place::Next => tab.index.get() + 1,
                Place::Same => tab.index.get(),
                Place::At(index) => index,
            };
            if place == Place::Next {
                let keep = index.min(tab.entries.borrow().len());
                let forgotten = tab.entries.borrow_mut().split_off(keep);
                world.kill_all(&forgotten);
            }
            tab.index.set(index);
            let entry = open(world, tab);
            let mut entries = tab.entries.borrow_mut();
            match entries.get_mut(index) {
                Some(old) => *old = entry,
                None => entries.push(entry),
            }
        });
    }

    fn load(self: &Rc<Self>, tab: &Rc<Tab>, url: &str, arrival: Arrival) -> Rc<Page> {
        let id = self.browser.pages.borrow().len();
        let deployment = self.deployment.get();
        let page = Rc::new(Page::new(id, tab.number, self.now(), deployment, arrival));
        let place = url.strip_prefix(APP).unwrap_or_default();
        let callback = match place.split_at_checked(1) {
            Some(("?", query)) => AuthorizationCallback::find(query, ""),
            Some(("#", fragment)) => AuthorizationCallback::find("", fragment),
            _ => None,
        };
        self.note_in(tab.number, || {
            let with = if callback.is_some() {
                " with an answer"
            } else {
                ""
            };
            let Deployment {
                client,
                grant,
                area,
            } = deployment;
            format!("loads the app{with} ({arrival:?}; client {client}, {grant:?}, {area:?})")
        });
        self.browser.pages.borrow_mut().push(Rc::clone(&page));
        self.browser.living.borrow_mut().push(Rc::clone(&page));
        let of_page: Weak<Page> = Rc::downgrade(&page);
        let world = Rc::downgrade(self);
        let client = SessionClient::new(
            config(deployment, self.weather.get()),
            Surroundings::new(self, &page),
            move |snapshot| {
                if let (Some(world), Some(page)) = (world.upgrade(), of_page.upgrade()) {
                    world.ledger.changed(&world, &page, snapshot);
                }
            },
        );
        page.channel.replace(client.channel());
        page.client.replace(Some(client.clone()));
        self.ledger.page_starts(self, &page);
        if let Some(state) = callback.as_ref().and_then(|it| it.state.as_deref()) {
            self.ledger.is_answered(&page, state);
        }
        client.start(callback);
        self.ledger.changed(self, &page, &client.snapshot());
        if self.rng.percent(10) {
            self.provoke(100);
        }
        let shown = Rc::clone(&page);
        self.later(self.rng.below(50), move |world| {
            world.tell(&shown, Event::PageShow)
        });
        self.tick_later(&page);
        page
    }

    fn tick_later(self: &Rc<Self>, page: &Rc<Page>) {
        let is_hidden = !self.tab(page.tab).is_visible.get();
        // Once it is calm, little happens.
        let interval = match self.calm_since.get() {
            None if is_hidden => 30_000,
            Some(since) if since + 30_000 < self.now() => 15_000,
            _ => 5_000,
        };
        let page = Rc::clone(page);
        self.later(interval, move |world| {
            if page.phase.get() != Phase::Dead {
                world.tell(&page, Event::Tick);
                world.tick_later(&page);
            }
        });
    }

    pub fn reload(self: &Rc<Self>, tab: &Rc<Tab>) {
        self.note_in(tab.number, || "is reloaded".to_owned());
        match tab.entry() {
            Some(Entry::App(_)) => self.go(tab, APP.to_owned(), Place::Same, Arrival::Reload),
            Some(Entry::Broken(url)) => self.go(tab, url, Place::Same, Arrival::Reload),
            Some(Entry::Cognito(..)) | None => {}
        }
    }

    /// Back (-1) or Forward (1).
    pub fn traverse(self: &Rc<Self>, tab: &Rc<Tab>, step: isize) {
        let Some(index) = tab.index.get().checked_add_signed(step) else {
            return;
        };
        let Some(entry) = tab.entries.borrow().get(index).cloned() else {
            return;
        };
        self.note_in(tab.number, || {
            if step < 0 {
                "goes back"
            } else {
                "goes forward"
            }
            .to_owned()
        });
        let place = Place::At(index);
        match entry {
            Entry::App(Some(page)) if page.phase.get() == Phase::Cached => {
                self.show_entry(tab, place, move |world, tab| {
                    world.cover("a page is restored from the back/forward cache");
                    world.note_in(tab.number, || {
                        "the page is restored from the cache".to_owned()
                    });
                    let shown = Rc::clone(&page);
                    world.go_on(&page);
                    world.later(0, move |world| {
                        world.to_page(&shown, |world, page| world.tell(page, Event::PageShow));
                    });
                    Entry::App(Some(page))
                });
            }
            Entry::App(_) => self.go(tab, APP.to_owned(), place, Arrival::History),
            Entry::Broken(url) => self.go(tab, url, place, Arrival::History),
            Entry::Cognito(request, _) => {
                let url = crate::cognito::authorization_url(&request);
                self.go(tab, url, place, Arrival::History);
            }
        }
    }
}
