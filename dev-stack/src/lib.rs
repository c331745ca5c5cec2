//! A local stand-in for Amazon Cognito's Hosted UI and for the API behind it, with Cognito's real behaviour.
//!
//! Shares no type with the app, so that a misreading in one shows in the other. In reading order:
//!
//! - [`user_pool`]: who may sign in, with which password, and the codes that go out by mail.
//! - `hosted_ui`: the pages that a person sees.
//! - `oauth2`: what those pages are for: requests checked, tokens and codes handed out.
//! - `tokens`: the keys and the claims.
//! - `page`: what every page is made of.
//! - `api`: `GET /hiUsers` behind an authorizer.
//! - [`faults`]: what can be made to go wrong.

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

pub mod faults;

use faults::Fault;
use oauth2::Grants;
use tokens::Keys;
use user_pool::UserPool;

/// The pool's identifier.
pub const USER_POOL_ID: &str = "eu-west-1_DevStack1";

/// The app client's identifier.
pub const CLIENT_ID: &str = "1devstackclient23456789";

/// How long the Hosted UI remembers who signed in, in seconds; not extended by visits.
const LOGIN_COOKIE_LIFETIME: u64 = 60 * 60;

/// One stand-in: a user pool with one app client, and the API. Copies are the same one.
#[derive(Clone)]
pub struct DevStack(Arc<Inner>);

/// Told the recipient and the code whenever a mail would go out.
type OnMail = Box<dyn Fn(&str, &str) + Send + Sync>;

struct Inner {
    /// `http://127.0.0.1:<port>`.
    origin: String,
    /// The client's only allowed callback and sign-out URL.
    app_url: String,
    keys: Mutex<Keys>,
    pool: Mutex<UserPool>,
    grants: Mutex<Grants>,
    /// Cookie to user and the time of the sign-in.
    logins: Mutex<HashMap<String, (String, u64)>>,
    fault: Mutex<Option<Fault>>,
    token_lifetime: AtomicU64,
    rotation: AtomicBool,
    code_grant: AtomicBool,
    refreshes: AtomicU64,
    on_mail: OnMail,
}

impl DevStack {
    /// Makes a stack that will be reached at `address`, for an app at `app_url` (with its slash). `on_mail` is told
    /// the recipient and the code whenever a mail would go out.
    #[must_use]
    pub fn new(
        address: SocketAddr,
        app_url: &str,
        on_mail: impl Fn(&str, &str) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            origin: format!("http://{address}"),
            app_url: app_url.to_owned(),
            keys: Mutex::new(Keys::generate()),
            pool: Mutex::default(),
            grants: Mutex::default(),
            logins: Mutex::default(),
            fault: Mutex::default(),
            token_lifetime: AtomicU64::new(60 * token_validity_minutes()),
            rotation: AtomicBool::new(false),
            code_grant: AtomicBool::new(false),
            refreshes: AtomicU64::new(0),
            on_mail: Box::new(on_mail),
        }))
    }

    /// Adds a user who can sign in at once.
    ///
    /// # Errors
    /// What Cognito would say against it.
    pub fn add_user(&self, email: &str, password: &str) -> Result<(), user_pool::PoolError> {
        let code = self.pool().sign_up(email, password)?;
        self.pool().confirm(email, &code)
    }

    /// Lets this go wrong from now on, or nothing.
    pub fn set_fault(&self, fault: Option<Fault>) {
        *lock(&self.0.fault) = fault;
    }

    /// Lets ID and access tokens live for so many seconds from now on. Cognito's live for at least 300.
    pub fn set_token_lifetime(&self, seconds: u64) {
        self.0.token_lifetime.store(seconds, Ordering::Relaxed);
    }

    /// Lets a refresh token serve once from now on, with no grace period, or until it is revoked.
    pub fn set_refresh_token_rotation(&self, rotation: bool) {
        self.0.rotation.store(rotation, Ordering::Relaxed);
    }

    /// Tells the app to sign in by the code grant, or by the implicit grant. Whichever it asks for, it gets.
    pub fn set_code_grant(&self, code_grant: bool) {
        self.0.code_grant.store(code_grant, Ordering::Relaxed);
    }

    /// How many refreshes have been asked for.
    #[must_use]
    pub fn refreshes(&self) -> u64 {
        self.0.refreshes.load(Ordering::Relaxed)
    }

    /// How many refresh tokens are good.
    #[must_use]
    pub fn refresh_tokens(&self) -> usize {
        self.grants().refresh_tokens()
    }

    /// Signs with new keys from now on, as Cognito may at any time.
    pub fn rotate_keys(&self) {
        *self.keys() = Keys::generate();
    }

    /// The `config.json` of an app in front of this stack.
    #[must_use]
    pub fn config(&self) -> Value {
        let origin = &self.0.origin;
        json!({
            "userPoolDomain": origin,
            "userPoolId": USER_POOL_ID,
            "issuer": self.issuer(),
            "clientId": CLIENT_ID,
            "apiUrl": format!("{origin}/dev"),
            "grant": if self.is_for_code_grant() { "code" } else { "implicit" },
            "identityProviders": [hosted_ui::PROVIDER],
            "redirectUri": self.0.app_url,
            "logoutUri": self.0.app_url,
        })
    }

    /// Serves the stack until the process ends.
    ///
    /// # Errors
    /// If the listener fails.
    pub async fn run(self, listener: TcpListener) -> io::Result<()> {
        axum::serve(listener, self.routes()).await
    }

    /// All that [`DevStack::run`] serves.
    pub fn routes(self) -> Router {
        Router::new()
            .route("/config.json", get(config))
            .merge(hosted_ui::routes())
            .merge(oauth2::routes())
            .merge(tokens::routes())
            .merge(faults::routes())
            .nest("/dev", api::routes())
            .nest("/scoped", api::scoped_routes())
            .with_state(self)
    }

    fn issuer(&self) -> String {
        format!("{}/{USER_POOL_ID}", self.0.origin)
    }

    /// The app's address without its path.
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

    fn is_for_code_grant(&self) -> bool {
        self.0.code_grant.load(Ordering::Relaxed)
    }

    fn rotates_refresh_tokens(&self) -> bool {
        self.0.rotation.load(Ordering::Relaxed)
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

    fn mail(&self, recipient: &str, code: &str) {
        (self.0.on_mail)(recipient, code);
    }

    /// Remembers a sign-in and returns the value of its cookie.
    fn remember_login(&self, sub: &str) -> String {
        let cookie = random_token();
        lock(&self.0.logins).insert(cookie.clone(), (sub.to_owned(), now()));
        cookie
    }

    /// Who signed in with this cookie, and when, if it is not too long ago.
    fn login(&self, cookie: &str) -> Option<(String, u64)> {
        let login = lock(&self.0.logins).get(cookie).cloned()?;
        (login.1 + LOGIN_COOKIE_LIFETIME > now()).then_some(login)
    }

    fn forget_login(&self, cookie: &str) {
        lock(&self.0.logins).remove(cookie);
    }
}

impl fmt::Debug for DevStack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DevStack({})", self.0.origin)
    }
}

/// The scopes that infra/template.yaml lets the app client ask for.
fn client_scopes() -> Vec<String> {
    let scopes = infra::property("UserPoolClient", "/AllowedOAuthScopes");
    let scopes = scopes.as_array().into_iter().flatten();
    let scopes = scopes.filter_map(|scope| scope.as_str());
    scopes.map(str::to_owned).collect()
}

/// How long infra/template.yaml lets tokens live.
fn token_validity_minutes() -> u64 {
    let minutes = infra::property("UserPoolClient", "/IdTokenValidity");
    minutes.as_u64().unwrap_or_default()
}

async fn config(State(stack): State<DevStack>) -> Json<Value> {
    Json(stack.config())
}

/// A poisoned lock means that a request's code panicked; the others can go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |passed| passed.as_secs())
}

/// An unguessable text.
fn random_token() -> String {
    uuid::Uuid::new_v4().to_string()
}
