//! What the engine needs from its environment. `web` implements it for browsers, and the simulation in `tests/` implements it for
//! simulated tabs with network failures, wrong clocks and unusual user actions.

use http::Method;
use serde::Deserialize;
use thiserror::Error;

/// The environment of one page: its clock, storage, network, locks and address bar. Times are in seconds since 1970 by this
/// device's clock, which may be wrong; durations are in milliseconds.
///
/// The implementation also calls [`SessionClient::handle`](crate::SessionClient::handle) for each [`Event`].
#[allow(async_fn_in_trait)]
pub trait Platform: 'static {
    /// A lock that is held until it is dropped.
    type Lock;

    /// The time.
    fn now(&self) -> u64;

    /// Unguessable bytes.
    fn random(&self) -> [u8; 32];

    /// The stored value of `key`. `None` also if the browser blocks its storage.
    fn get(&self, area: StorageArea, key: &str) -> Option<String>;

    /// Stores a value.
    ///
    /// # Errors
    /// [`StorageError`] if the storage is full or blocked.
    fn set(&self, area: StorageArea, key: &str, value: &str) -> Result<(), StorageError>;

    /// Removes the value of `key`.
    fn remove(&self, area: StorageArea, key: &str);

    /// The keys that start with `prefix`.
    fn keys(&self, area: StorageArea, prefix: &str) -> Vec<String>;

    /// Sends a request. It does not follow redirects. If the future is dropped, the request is aborted, unless it is
    /// [`keepalive`](HttpRequest::keepalive).
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError>;

    /// The time by the clock of the server that the app comes from, or `None` if it does not say.
    async fn server_time(&self) -> Option<u64>;

    /// Whether `signature` is an RS256 signature of `signed` by the key `jwk` (RFC 7518, section 3.3). `false` on any failure.
    async fn verify_rs256(&self, jwk: &str, signature: &[u8], signed: &[u8]) -> bool;

    /// Waits up to `patience` for the lock of this name among all tabs, then takes it from the tab that holds it, which the
    /// browser may have suspended. `None` if there are no locks.
    async fn lock(&self, name: &str, patience: u32) -> Option<Self::Lock>;

    /// Waits.
    async fn sleep(&self, milliseconds: u32);

    /// Runs a task, independently of the caller.
    fn spawn(&self, task: impl Future<Output = ()> + 'static);

    /// Sends a message to the other tabs of this origin that listen to `channel`, as [`Event::Message`].
    fn broadcast(&self, channel: &str, message: &str);

    /// Whether the device may have a network. `false` only if it certainly has none.
    fn is_online(&self) -> bool;

    /// How the user has come to this page.
    fn arrival(&self) -> Arrival;

    /// Leaves for another page.
    fn navigate(&self, url: &str);

    /// The page's path, query and fragment.
    fn place(&self) -> String;

    /// Replaces path, query and fragment in the address bar and in the history.
    fn replace_place(&self, place: &str);

    /// The app's own path, with a leading and a trailing slash.
    fn base_path(&self) -> String;

    /// The language of the page.
    fn language(&self) -> String;
}

/// Where records are stored. As JSON: `"session"` or `"local"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageArea {
    /// `sessionStorage`: only this tab, until it is closed.
    Session,
    /// `localStorage`: all tabs of this origin, until the user signs out.
    Local,
}

/// The browser did not store a value: the storage is blocked or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the browser did not store the value")]
pub struct StorageError;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: String,
    /// The headers; the last one of the same name wins.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// How long to wait for the response, in milliseconds.
    pub timeout: u32,
    /// How the request uses the browser's HTTP cache.
    pub cache: HttpCache,
    /// Whether the request outlives the page. Nothing reads its response then.
    pub keepalive: bool,
}

/// How a request uses the browser's HTTP cache, which all users of a browser share (Fetch, section 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpCache {
    /// As the response's headers say.
    Default,
    /// The server is asked, and its response is stored.
    Reload,
    /// The server is asked, and its response is not stored.
    NoStore,
}

/// A response with any status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HttpError {
    /// The browser rejects the request: a header is not valid, or a GET request has a body.
    #[error("the request is not valid: {0}")]
    Invalid(String),
    /// There is no response that the page can read: no network, no server, a timeout, a redirect, or no CORS headers. The
    /// browser does not say which.
    #[error("there is no response that the page can read")]
    Unreachable,
}

/// How the user has come to a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// By a link, a redirect or an address.
    Navigation,
    /// By a reload.
    Reload,
    /// By the browser's Back or Forward.
    History,
}

/// An event that the platform reports to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A few seconds have passed, or another tab has changed the storage.
    Tick,
    /// The page has become visible.
    Visible,
    /// The page is leaving: it is unloaded, or kept in the back/forward cache (`pagehide`).
    PageHide,
    /// The page is shown, for the first time or again (`pageshow`).
    PageShow,
    /// The network is back.
    Online,
    /// The network is lost.
    Offline,
    /// Another tab has sent this message on [`SessionClient::channel`](crate::SessionClient::channel).
    Message(String),
}

impl HttpRequest {
    /// How long to wait for a response by default, in milliseconds. API Gateway times out after 29 seconds.
    pub const TIMEOUT: u32 = 30_000;

    /// A request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            timeout: Self::TIMEOUT,
            cache: HttpCache::Default,
            keepalive: false,
        }
    }

    /// A request that posts a form.
    #[must_use]
    pub fn form(url: impl Into<String>, form: String) -> Self {
        let request = Self::new(Method::POST, url);
        Self {
            body: Some(form),
            ..request.with_header("Content-Type", "application/x-www-form-urlencoded")
        }
    }

    /// A request with a user's token in the `Authorization` header. The HTTP cache neither answers it nor keeps its response,
    /// whatever the response's headers say: another user may sign in to the app in the same browser.
    #[must_use]
    pub fn authorized(method: Method, url: impl Into<String>, authorization: &str) -> Self {
        let request = Self::new(method, url).with_header("Authorization", authorization);
        Self {
            cache: HttpCache::NoStore,
            ..request
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
