//! The world of an end-to-end test: Cognito and an API (`dev-stack`), a web server with the app, a browser, and page objects.
//! Knows what users see; knows nothing of the app's code.
//!
//! `cargo xtask test` sets `E2E_DIST` (the release build), `E2E_EXAMPLE_DIST` (the build of `examples/with-router`), `E2E_ENGINE`,
//! `E2E_BROWSER` and `E2E_DRIVER` (the browser and its driver), and `AXE`.
// Tests fail by panicking, and so do the page objects. The test harness shows their output when a test fails.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::print_stdout
)]

#[cfg(all(unix, feature = "local-aws"))]
pub mod aws;
mod browser;
mod chromium;
mod engine;
mod pages;
mod web_server;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dev_stack::DevStack;
use dev_stack::faults::Fault;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use browser::{Browser, ENTER, Message, Tab};
pub use engine::{Engine, Preferences};
pub use pages::{App, HostedUi};
use web_server::WebServer;

/// The email address of a user that every world has.
pub const EMAIL: &str = "ada@example.com";
/// The user's password.
pub const PASSWORD: &str = "Lovelace1";

/// Everything that a journey needs.
pub struct World {
    /// The user's browser.
    pub browser: Browser,
    /// Cognito and the API.
    pub stack: DevStack,
    /// `http://localhost:<port>/`.
    pub app_url: String,
    server: WebServer,
    emails: Arc<Mutex<Vec<(String, String)>>>,
}

/// Runs a journey through the app, in a new world that ends with it.
pub async fn journey<F: Future<Output = ()> + Send + 'static>(steps: impl FnOnce(Arc<World>) -> F) {
    journey_with(Preferences::default(), steps).await;
}

/// Runs a journey through the app in a browser with these preferences.
pub async fn journey_with<F: Future<Output = ()> + Send + 'static>(
    preferences: Preferences,
    steps: impl FnOnce(Arc<World>) -> F,
) {
    run(World::new("E2E_DIST", preferences).await, steps).await;
}

/// Runs a journey through the app twice: where the preferred color scheme is light, and where it is dark.
pub async fn journey_in_light_and_dark<F: Future<Output = ()> + Send + 'static>(
    preferences: Preferences,
    steps: impl Fn(Arc<World>) -> F,
) {
    for is_dark in [false, true] {
        let preferences = Preferences {
            is_dark,
            ..preferences
        };
        journey_with(preferences, &steps).await;
    }
}

/// Runs a journey through `examples/with-router`.
pub async fn example_journey<F: Future<Output = ()> + Send + 'static>(
    steps: impl FnOnce(Arc<World>) -> F,
) {
    example_journey_with(Preferences::default(), steps).await;
}

/// Runs a journey through `examples/with-router` in a browser with these preferences.
pub async fn example_journey_with<F: Future<Output = ()> + Send + 'static>(
    preferences: Preferences,
    steps: impl FnOnce(Arc<World>) -> F,
) {
    run(World::new("E2E_EXAMPLE_DIST", preferences).await, steps).await;
}

async fn run<F: Future<Output = ()> + Send + 'static>(
    world: World,
    steps: impl FnOnce(Arc<World>) -> F,
) {
    let world = Arc::new(world);
    close_after(&world.browser, steps(Arc::clone(&world))).await;
}

/// Closes the browser after the steps, even if they panic.
async fn close_after<F: Future<Output = ()> + Send + 'static>(browser: &Browser, steps: F) {
    let outcome = tokio::spawn(steps).await;
    browser.close().await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

impl World {
    /// A world with the build that this environment variable names.
    async fn new(dist: &str, preferences: Preferences) -> Self {
        let engine = Engine::under_test();
        let app_listener = listener().await;
        let app_address = app_listener.local_addr().expect("an address");
        // The app and Cognito have different hosts, as in production.
        let app_url = format!("http://localhost:{}/", app_address.port());

        let emails = Arc::new(Mutex::new(Vec::new()));
        let inbox = Arc::clone(&emails);
        let stack_listener = listener().await;
        let stack_address = stack_listener.local_addr().expect("an address");
        let stack = DevStack::new(stack_address, &app_url, move |email, code| {
            let email = (email.to_owned(), code.to_owned());
            inbox.lock().expect("a lock").push(email);
        });
        stack.add_user(EMAIL, PASSWORD).expect("a valid user");
        tokio::spawn(stack.clone().run(stack_listener));

        let dist = PathBuf::from(variable(dist));
        let server = WebServer::start(app_listener, dist, &stack.config().to_string());
        if let Some(script) = engine.script_for(&preferences) {
            server.add_script(&script);
        }
        Self {
            browser: Browser::start(engine, &preferences, &[]).await,
            stack,
            app_url,
            server,
            emails,
        }
    }

    /// The app's page.
    #[must_use]
    pub fn app(&self) -> App<'_> {
        App {
            browser: &self.browser,
            url: &self.app_url,
        }
    }

    /// Cognito's pages.
    #[must_use]
    pub fn hosted_ui(&self) -> HostedUi<'_> {
        HostedUi {
            browser: &self.browser,
        }
    }

    /// With this fault, a sign-in fails with this message and leaves no token. Without it, the next sign-in works.
    ///
    /// Starts and ends on the signed-out page. The user has signed in before.
    pub async fn sign_in_fails(&self, fault: Fault, message: &str) {
        println!("with {fault:?}:");
        self.app().offers_to_sign_in().await;
        self.stack.set_fault(Some(fault));
        self.sign_in().await;
        self.browser.warns_of(message).await;
        self.no_token_leaks().await;
        self.no_token_is_stored().await;

        // The Hosted UI still has its session cookie, so it does not ask for the password.
        self.stack.set_fault(None);
        self.app().sign_in().await;
        self.app().greets(EMAIL).await;
        self.app().sign_out().await;
    }

    /// The app's initial settings.
    #[must_use]
    pub fn settings(&self) -> Value {
        self.stack.config()
    }

    /// Serves the initial settings with this one changed.
    pub fn set_setting(&self, key: &str, value: impl Into<Value>) {
        self.set_settings(json!({ key: value.into() }));
    }

    /// Serves the initial settings with these changes.
    pub fn set_settings(&self, changes: Value) {
        let mut settings = self.settings();
        for (key, value) in changes.as_object().into_iter().flatten() {
            settings[key] = value.clone();
        }
        self.set_config_file(Some(&settings.to_string()));
    }

    /// Opens the app and signs in as the user [`EMAIL`].
    pub async fn sign_in(&self) {
        self.app().open().await;
        self.app().sign_in().await;
        self.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
    }

    /// Serves this text as `/config.json`. With `None`, the file does not exist and the server responds with its page.
    pub fn set_config_file(&self, text: Option<&str>) {
        self.server.set_config(text);
    }

    /// Runs a script before the app, each time that it is loaded from now on.
    pub fn run_before_the_app(&self, script: &str) {
        self.server.add_script(script);
    }

    /// Sets the app's server's clock ahead by this number of seconds. The server tells its time in the `Date` header.
    pub fn set_server_clock_ahead(&self, seconds: u64) {
        self.server.set_clock_ahead(seconds);
    }

    /// Refuses requests for the app's files with this extension; with `None`, no requests.
    pub fn refuse_files(&self, extension: Option<&'static str>) {
        self.server.refuse(extension);
    }

    /// The code in the latest email to this address.
    #[must_use]
    pub fn emailed_code(&self, address: &str) -> String {
        let emails = self.emails.lock().expect("a lock");
        let latest = emails.iter().rev().find(|(to, _)| to == address);
        latest
            .map(|(_, code)| code.clone())
            .unwrap_or_else(|| panic!("no email to {address}"))
    }

    /// Neither the address bar nor the history contains a token, a code or an error, and no console message contains a token or
    /// a code. Only Chromium can list the whole history. For the other engines, one journey goes back and forward through it.
    pub async fn no_token_leaks(&self) {
        let mut urls = vec![self.browser.address().await];
        if self.browser.engine == Engine::Chromium {
            urls.extend(self.browser.history().await);
        }
        for url in urls {
            for secret in ["_token=", "code=", "error="] {
                assert!(!url.contains(secret), "{url}");
            }
        }
        for message in self.browser.console().await {
            // A JWT's header starts with `{"`, in base64url `eyJ`.
            for secret in ["_token=", "code=", "eyJ"] {
                let start: String = message.text.chars().take(80).collect();
                assert!(!message.text.contains(secret), "in the console: {start}…");
            }
        }
    }

    /// The console contains no warning and no error.
    pub async fn no_warning_is_logged(&self) {
        let messages = self.browser.console().await;
        let warnings = messages.iter().filter(|message| message.is_warning);
        assert_eq!(warnings.collect::<Vec<_>>(), Vec::<&Message>::new());
    }

    /// Waits until the stack is in this state.
    pub async fn wait_until(&self, what: &str, is_so: impl Fn(&DevStack) -> bool) {
        let start = tokio::time::Instant::now();
        while !is_so(&self.stack) {
            assert!(start.elapsed() < Duration::from_secs(60), "not {what}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The browser stores no session and no token, or removes them within a few seconds.
    pub async fn no_token_is_stored(&self) {
        let start = tokio::time::Instant::now();
        loop {
            let stored = self.browser.stored().await;
            if !stored.contains("_token") && !stored.contains(".session") {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(5), "{stored}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

async fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port")
}
