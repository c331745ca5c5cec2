//! A page in a tab, and its surroundings as the engine sees them: the `Platform`. A page runs, stands still, waits in the
//! back/forward cache, or is dead.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cognito_session::{
    Arrival, AuthConfig, Event, HttpError, HttpRequest, HttpResponse, Method, Platform,
    SessionClient, StorageArea, StorageError,
};
use futures::channel::oneshot;

use crate::cognito::{API, APP, APP_CLOCK, CLIENTS, DOMAIN, POOL, is_signature};
use crate::executor::Tasks;
use crate::invariants::Shown;
use crate::locks::Lock;
use crate::weather::{Deployment, Weather};
use crate::world::World;

type Act = Box<dyn FnOnce(&Rc<World>, &Rc<Page>)>;

/// One document. A reload makes a new one.
pub struct Page {
    pub id: usize,
    pub tab: usize,
    pub deployment: Deployment,
    pub loaded_at: u64,
    pub phase: Cell<Phase>,
    /// From `pagehide` to `pageshow`.
    pub is_leaving: Cell<bool>,
    pub client: RefCell<Option<SessionClient<Surroundings>>>,
    pub channel: RefCell<String>,
    pub tasks: Tasks,
    pub shown: RefCell<Shown>,
    /// When it was last unable to run.
    pub stood_still_at: Cell<u64>,
    /// How often it has gone into the back/forward cache.
    pub times_cached: Cell<u32>,
    arrival: Arrival,
    place: RefCell<String>,
    held: RefCell<Vec<Act>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Running,
    /// The browser or the computer has stopped it for a while.
    Suspended,
    /// In the back/forward cache.
    Cached,
    Dead,
}

/// What a page sees of the world.
pub struct Surroundings {
    world: Rc<World>,
    page: Rc<Page>,
}

pub fn config(deployment: Deployment, weather: Weather) -> AuthConfig {
    let client = CLIENTS[deployment.client];
    let config = AuthConfig::with_app_url(DOMAIN, POOL, client, deployment.grant, API, APP);
    let mut config = config.unwrap();
    config.storage = deployment.area;
    config.api.token = weather.api_token;
    config
}

impl Page {
    pub fn new(id: usize, tab: usize, now: u64, deployment: Deployment, arrival: Arrival) -> Self {
        Self {
            id,
            tab,
            deployment,
            loaded_at: now,
            phase: Cell::new(Phase::Running),
            is_leaving: Cell::new(false),
            client: RefCell::default(),
            channel: RefCell::default(),
            tasks: Tasks::default(),
            shown: RefCell::default(),
            stood_still_at: Cell::new(0),
            times_cached: Cell::new(0),
            arrival,
            place: RefCell::new("/".to_owned()),
            held: RefCell::default(),
        }
    }

    pub fn is_running(&self) -> bool {
        self.phase.get() == Phase::Running
    }

    /// The client, while the page lives.
    pub fn client(&self) -> Option<SessionClient<Surroundings>> {
        self.client.borrow().clone()
    }
}

impl World {
    /// Does something in a page: at once, or as soon as it runs again, or never.
    pub fn to_page(
        self: &Rc<Self>,
        page: &Rc<Page>,
        act: impl FnOnce(&Rc<Self>, &Rc<Page>) + 'static,
    ) {
        match page.phase.get() {
            Phase::Running => act(self, page),
            Phase::Suspended | Phase::Cached => page.held.borrow_mut().push(Box::new(act)),
            Phase::Dead => {}
        }
    }

    /// An event that a page that does not run misses.
    pub fn tell(self: &Rc<Self>, page: &Rc<Page>, event: Event) {
        let Some(client) = page.client().filter(|_| page.is_running()) else {
            return;
        };
        if event != Event::Tick {
            self.note_of(page, || format!("event {event:?}"));
        }
        match event {
            Event::PageHide => page.is_leaving.set(true),
            Event::PageShow => {
                page.is_leaving.set(false);
                self.ledger.shown_again(self, page);
            }
            Event::Online => self.ledger.went_online(self, page),
            _ => {}
        }
        let is_tick = event == Event::Tick;
        client.handle(event);
        if is_tick {
            self.ledger.has_ticked(self, page);
        }
    }

    /// Stops a page, without telling it.
    pub fn stop(&self, page: &Page, phase: Phase) {
        if page.is_running() {
            page.phase.set(phase);
            page.stood_still_at.set(self.now());
        }
        if phase == Phase::Cached {
            page.times_cached.set(page.times_cached.get() + 1);
        }
    }

    /// Lets a page run again. What it has missed comes now, in any order.
    pub fn go_on(self: &Rc<Self>, page: &Rc<Page>) {
        if !matches!(page.phase.get(), Phase::Suspended | Phase::Cached) {
            return;
        }
        page.phase.set(Phase::Running);
        page.stood_still_at.set(self.now());
        for act in page.held.take() {
            let page = Rc::clone(page);
            self.later(self.rng.between(1, 30), move |world| {
                let held = Rc::clone(&page);
                world.to_page(&page, move |world, _| act(world, &held));
            });
        }
    }

    /// Ends a page, wherever its tasks are.
    pub fn kill(&self, page: &Page) {
        if page.phase.replace(Phase::Dead) == Phase::Dead {
            return;
        }
        self.browser
            .living
            .borrow_mut()
            .retain(|it| it.id != page.id);
        self.ledger.page_died(self, page);
        // Nothing is borrowed while they are dropped.
        let held = page.held.take();
        let client = page.client.take();
        page.tasks.close();
        drop((held, client));
    }
}

impl Surroundings {
    pub fn new(world: &Rc<World>, page: &Rc<Page>) -> Self {
        Self {
            world: Rc::clone(world),
            page: Rc::clone(page),
        }
    }
}

impl Platform for Surroundings {
    type Lock = Lock;

    fn now(&self) -> u64 {
        self.world.device_seconds()
    }

    fn random(&self) -> [u8; 32] {
        self.world.rng.bytes()
    }

    fn get(&self, area: StorageArea, key: &str) -> Option<String> {
        self.world.stored(&self.page, area, key)
    }

    fn set(&self, area: StorageArea, key: &str, value: &str) -> Result<(), StorageError> {
        self.world.store(&self.page, area, key, value)
    }

    fn remove(&self, area: StorageArea, key: &str) {
        self.world.unstore(&self.page, area, key);
    }

    fn keys(&self, area: StorageArea, prefix: &str) -> Vec<String> {
        self.world.stored_keys(&self.page, area, prefix)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        self.world.send(&self.page, request).await
    }

    async fn server_time(&self) -> Option<u64> {
        let request = HttpRequest {
            timeout: 5_000,
            ..HttpRequest::new(Method::HEAD, APP_CLOCK)
        };
        let response = self.world.send(&self.page, request).await.ok()?;
        let is_told = self.world.weather.get().server_tells_time;
        response.body.parse().ok().filter(|_| is_told)
    }

    async fn verify_rs256(&self, jwk: &str, signature: &[u8], signed: &[u8]) -> bool {
        if self.world.rng.percent(50) {
            self.sleep(self.world.rng.below(4) as u32).await;
        }
        is_signature(jwk, signature, signed)
    }

    async fn lock(&self, name: &str, patience: u32) -> Option<Self::Lock> {
        self.world
            .request_lock(&self.page, name, patience)?
            .await
            .ok()
    }

    async fn sleep(&self, milliseconds: u32) {
        let (wake, woken) = oneshot::channel();
        let page = Rc::clone(&self.page);
        self.world.later(u64::from(milliseconds), move |world| {
            world.to_page(&page, move |_, _| {
                let _ = wake.send(());
            });
        });
        let _ = woken.await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        self.page.tasks.spawn(task);
    }

    fn broadcast(&self, channel: &str, message: &str) {
        self.world.broadcast(&self.page, channel, message);
    }

    fn is_online(&self) -> bool {
        self.world.says_online()
    }

    fn arrival(&self) -> Arrival {
        self.page.arrival
    }

    fn navigate(&self, url: &str) {
        self.world.navigate(&self.page, url);
    }

    fn place(&self) -> String {
        self.page.place.borrow().clone()
    }

    fn replace_place(&self, place: &str) {
        self.page.place.replace(place.to_owned());
    }

    fn base_path(&self) -> String {
        "/".to_owned()
    }

    fn language(&self) -> String {
        "en".to_owned()
    }
}
