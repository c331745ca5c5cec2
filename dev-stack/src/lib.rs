//! A local emulator of Amazon Cognito's Hosted UI and of an API behind it. It behaves as Cognito does.
//!
//! It shares no type with the app, so that the tests find what one of the two misreads. In reading order:
//!
//! - [`user_pool`]: the users, their passwords, and the codes that they get by email.
//! - `hosted_ui`: the pages of the Hosted UI.
//! - `oauth2`: the authorization response and the endpoints for tokens, revocation and `userInfo`.
//! - `tokens`: the signing keys, the claims and the discovery documents.
//! - `page`: the layout of all pages.
//! - `api`: the authorizer, and `GET /hiUsers`.
//! - `orders`: `GET` and `POST /orders`.
//! - [`faults`]: the faults that can be injected.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::response::Json;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub mod user_pool;

mod hosted_ui;

mod oauth2;

mod tokens;

mod page;

mod api;

mod orders;

pub mod faults;

use faults::Fault;
use oauth2::Grants;
use orders::Orders;
use tokens::Keys;
use user_pool::UserPool;

/// The user pool's ID.
pub const USER_POOL_ID: &str = "eu-west-1_DevStack1";

/// The app client's ID.
pub const CLIENT_ID: &str = "1devstackclient23456789";

/// The lifetime of the Hosted UI's session cookie, in seconds. Visits do not extend it.
const SESSION_COOKIE_LIFETIME: u64 = 60 * 60;

/// A user pool with one app client, and an API. Clones share their state.
#[derive(Clone)]
pub struct DevStack(Arc<Inner>);

/// Receives the recipient and the code of each email.
type OnMail = Box<dyn Fn(&str, &str) + Send + Sync>;

struct Inner {
    /// `http://127.0.0.1:<port>`.
    origin: String,
    /// The app client's only allowed callback URL and sign-out URL.
    app_url: String,
    keys: Mutex<Keys>,
    pool: Mutex<UserPool>,
    grants: Mutex<Grants>,
    /// The `sub` and the time of the sign-in, by session cookie.
    sessions: Mutex<HashMap<String, (String, u64)>>,
    orders: Mutex<Orders>,
    fault: Mutex<Option<Fault>>,
    token_lifetime: AtomicU64,
    refresh_token_rotation: AtomicBool,
    code_grant: AtomicBool,
    refreshes: AtomicU64,
    sign_outs: AtomicU64,
    api_requests: AtomicU64,
    requests_elsewhere: Mutex<Vec<String>>,
    on_mail: OnMail,
}

impl DevStack {
    /// Creates a stack that will listen on `address`, for an app at `app_url` (with the trailing slash). `on_mail`
    /// receives the recipient and the code of each email that Cognito would send.
    #[must_use]
    pub fn new(
        address: SocketAddr,
        app_url: &str,
        on_mail: impl Fn(&str, &str) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            origin: format!("http://{address}"),
            app_url: app_url.to_owned(),
            keys: Mutex::new(Keys::initial()),
            pool: Mutex::default(),
            grants: Mutex::default(),
            sessions: Mutex::default(),
            orders: Mutex::default(),
            fault: Mutex::default(),
            token_lifetime: AtomicU64::new(60 * token_validity_minutes()),
            refresh_token_rotation: AtomicBool::new(false),
            code_grant: AtomicBool::new(false),
            refreshes: AtomicU64::new(0),
            sign_outs: AtomicU64::new(0),
            api_requests: AtomicU64::new(0),
            requests_elsewhere: Mutex::default(),
            on_mail: Box::new(on_mail),
        }))
    }

    /// Adds a confirmed user.
    ///
    /// # Errors
    /// Returns the error with which Cognito would reject the sign-up.
    pub fn add_user(&self, email: &str, password: &str) -> Result<(), user_pool::PoolError> {
        let code = self.pool().sign_up(email, password)?;
        self.pool().confirm(email, &code)
    }

    /// Activates a fault in place of the current one. `None` ends it.
    pub fn set_fault(&self, fault: Option<Fault>) {
        *lock(&self.0.fault) = fault;
    }

    /// Sets the lifetime of new ID and access tokens. Cognito's own minimum is 300 seconds.
    pub fn set_token_lifetime(&self, seconds: u64) {
        self.0.token_lifetime.store(seconds, Ordering::Relaxed);
    }

    /// With rotation, a refresh token is valid once, without a grace period. Otherwise it is valid until it is revoked.
    pub fn set_refresh_token_rotation(&self, rotation: bool) {
        let setting = &self.0.refresh_token_rotation;
        setting.store(rotation, Ordering::Relaxed);
    }

    /// Sets the `grant` in [`DevStack::config`]. The Hosted UI accepts requests for both grants.
    pub fn set_code_grant(&self, code_grant: bool) {
        self.0.code_grant.store(code_grant, Ordering::Relaxed);
    }

    /// The number of refresh requests so far, including failed ones.
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.0.refreshes.load(Ordering::Relaxed)
    }

    /// The number of visits to `/logout` so far that have ended the Hosted UI's session, or found none.
    #[must_use]
    pub fn sign_outs(&self) -> u64 {
        self.0.sign_outs.load(Ordering::Relaxed)
    }

    /// The number of API requests with a token so far, including rejected ones.
    #[must_use]
    pub fn api_requests(&self) -> u64 {
        self.0.api_requests.load(Ordering::Relaxed)
    }

    /// The number of valid refresh tokens.
    #[must_use]
    pub fn refresh_tokens(&self) -> usize {
        self.grants().refresh_tokens()
    }

    /// The token and the body of each request that has followed a redirect of [`Fault::TokenEndpointRedirect`] or
    /// [`Fault::ApiRedirect`].
    #[must_use]
    pub fn requests_elsewhere(&self) -> Vec<String> {
        self.requests_elsewhere_mut().clone()
    }

    /// Replaces the signing keys, as Cognito may do at any time.
    pub fn rotate_keys(&self) {
        let new = Keys::generate();
        self.keys().replace_with(new);
    }

    /// The `config.json` of an app that uses this stack.
    #[must_use]
    pub fn config(&self) -> Value {
        let origin = &self.0.origin;
        json!({
            "userPoolDomain": origin,
            "userPoolId": USER_POOL_ID,
            "issuer": self.issuer(),
            "clientId": CLIENT_ID,
            "apiUrl": format!("{origin}/dev"),
            "grant": if self.uses_code_grant() { "code" } else { "implicit" },
            "identityProviders": [hosted_ui::PROVIDER],
            "redirectUri": self.0.app_url,
            "logoutUri": self.0.app_url,
        })
    }

    /// Serves the stack until the process ends.
    ///
    /// # Errors
    /// Returns the listener's error.
    pub async fn run(self, listener: TcpListener) -> io::Result<()> {
        axum::serve(listener, self.routes()).await
    }

    /// The routes that [`DevStack::run`] serves.
    pub fn routes(self) -> Router {
        Router::new()
            .route("/config.json", get(config))
            .merge(hosted_ui::routes())
            .merge(oauth2::routes())
            .merge(tokens::routes())
            .merge(faults::routes())
            .nest("/dev", api::routes(&self))
            .nest("/scoped", api::scoped_routes(&self))
            .with_state(self)
    }

    fn issuer(&self) -> String {
        format!("{}/{USER_POOL_ID}", self.0.origin)
    }

    /// The origin of the app's URL.
    fn app_origin(&self) -> &str {
        let url = &self.0.app_url;
        let path = url.splitn(4, '/').nth(3).map_or(0, |path| path.len() + 1);
        &url[..url.len() - path]
    }

    fn fault(&self) -> Option<Fault> {
        *lock(&self.0.fault)
    }

    fn token_lifetime(&self) -> u64 {
        self.0.token_lifetime.load(Ordering::Relaxed)
    }

    fn uses_code_grant(&self) -> bool {
        self.0.code_grant.load(Ordering::Relaxed)
    }

    fn rotates_refresh_tokens(&self) -> bool {
        self.0.refresh_token_rotation.load(Ordering::Relaxed)
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        lock(&self.0.keys)
    }

    fn pool(&self) -> MutexGuard<'_, UserPool> {
        lock(&self.0.pool)
    }

    fn grants(&self) -> MutexGuard<'_, Grants> {
        lock(&self.0.grants)
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        lock(&self.0.orders)
    }

    fn requests_elsewhere_mut(&self) -> MutexGuard<'_, Vec<String>> {
        lock(&self.0.requests_elsewhere)
    }

    fn send_email(&self, recipient: &str, code: &str) {
        (self.0.on_mail)(recipient, code);
    }

    /// Starts a Hosted UI session and returns the value of its cookie.
    fn start_session(&self, sub: &str) -> String {
        let cookie = random_token();
        lock(&self.0.sessions).insert(cookie.clone(), (sub.to_owned(), now()));
        cookie
    }

    /// The `sub` and the `auth_time` of the session with this cookie, unless it has expired.
    fn session(&self, cookie: &str) -> Option<(String, u64)> {
        let (sub, auth_time) = lock(&self.0.sessions).get(cookie).cloned()?;
        (auth_time + SESSION_COOKIE_LIFETIME > now()).then_some((sub, auth_time))
    }

    fn end_session(&self, cookie: &str) {
        lock(&self.0.sessions).remove(cookie);
    }
}

impl fmt::Debug for DevStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DevStack({})", self.0.origin)
    }
}

/// The app client's scopes in infra/template.yaml.
fn allowed_scopes() -> Vec<String> {
    let scopes = infra::property("UserPoolClient", "/AllowedOAuthScopes");
    let scopes = scopes.as_array().into_iter().flatten();
    let scopes = scopes.filter_map(|scope| scope.as_str());
    scopes.map(str::to_owned).collect()
}

/// The lifetime of ID tokens in infra/template.yaml.
fn token_validity_minutes() -> u64 {
    let minutes = infra::property("UserPoolClient", "/IdTokenValidity");
    minutes.as_u64().unwrap_or_default()
}

async fn config(State(stack): State<DevStack>) -> Json<Value> {
    Json(stack.config())
}

/// Ignores poisoning: a panic in one request does not stop the others.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The Unix time in seconds.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

/// An unguessable string.
fn random_token() -> String {
    uuid::Uuid::new_v4().to_string()
}
