//! What a journey needs: a stack, an app and a browser of its own, and the pages in a person's words.
//!
//! `cargo xtask test` sets `E2E_DIST` (the release build), `CHROME` and `CHROMEDRIVER`.
// Tests fail by panicking, and so do the pages they are written in.
// What they print is shown when they fail.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc,
    clippy::print_stdout
)]

#[cfg(feature = "local-aws")]
pub mod aws;
mod browser;
mod pages;
mod web_server;

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use dev_stack::DevStack;
use dev_stack::faults::Fault;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use browser::Browser;
pub use pages::{App, HostedUi};
use web_server::WebServer;

/// The ready-made user.
pub const EMAIL: &str = "ada@example.com";
/// Their password.
pub const PASSWORD: &str = "Lovelace1";

/// All that a journey takes place in.
pub struct World {
    /// The person's browser.
    pub browser: Browser,
    /// Cognito and the API.
    pub stack: DevStack,
    /// `http://localhost:<port>/`.
    pub app_url: String,
    server: WebServer,
    mails: Arc<Mutex<Vec<(String, String)>>>,
}

/// Makes a world, lets the journey take place in it, and then ends it, whatever the outcome.
pub async fn journey<F: Future<Output = ()> + Send + 'static>(
    take_place: impl FnOnce(Arc<World>) -> F,
) {
    journey_with_preferences(json!({}), take_place).await;
}

/// The same with these preferences of the browser's.
pub async fn journey_with_preferences<F: Future<Output = ()> + Send + 'static>(
    preferences: Value,
    take_place: impl FnOnce(Arc<World>) -> F,
) {
    let world = Arc::new(World::new(preferences).await);
    ends_with(&world.browser, take_place(Arc::clone(&world))).await;
}

/// Lets something take place, and closes the browser whatever the outcome.
async fn ends_with<F: Future<Output = ()> + Send + 'static>(browser: &Browser, place: F) {
    let outcome = tokio::spawn(place).await;
    browser.close().await;
    if let Err(error) = outcome {
        std::panic::resume_unwind(error.into_panic());
    }
}

impl World {
    async fn new(preferences: Value) -> Self {
        let app_listener = listener().await;
        let app_address = app_listener.local_addr().expect("an address");
        // The app and Cognito are different hosts, as they are in real life.
        let app_url = format!("http://localhost:{}/", app_address.port());

        let mails = Arc::new(Mutex::new(Vec::new()));
        let inbox = Arc::clone(&mails);
        let stack_listener = listener().await;
        let stack_address = stack_listener.local_addr().expect("an address");
        let stack = DevStack::new(stack_address, &app_url, move |email, code| {
            let mail = (email.to_owned(), code.to_owned());
            inbox.lock().expect("a lock").push(mail);
        });
        stack.add_user(EMAIL, PASSWORD).expect("a good user");
        tokio::spawn(stack.clone().run(stack_listener));

        let server = WebServer::start(app_listener, &stack.config().to_string());
        Self {
            browser: Browser::start(&preferences, &[]).await,
            stack,
            app_url,
            server,
            mails,
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

    /// With this fault a sign-in fails in these words and leaves no token; without it a second try works. Starts and
    /// ends signed out, of an app that Cognito may still know the person of.
    pub async fn fails_to_sign_in(&self, fault: Fault, words: &str) {
        println!("with {fault:?}:");
        self.app().offers_to_sign_in().await;
        self.stack.set_fault(Some(fault));
        self.sign_in().await;
        self.browser.warns_of(words).await;
        self.no_token_is_left_in_sight().await;
        self.no_token_is_stored().await;

        // The Hosted UI's cookie is still there, so a second try asks nothing.
        self.stack.set_fault(None);
        self.app().sign_in().await;
        self.app().greets(EMAIL).await;
        self.app().sign_out().await;
    }

    /// The app's settings, as they are.
    #[must_use]
    pub fn settings(&self) -> Value {
        self.stack.config()
    }

    /// Serves settings in which this one is set otherwise.
    pub fn set_setting(&self, key: &str, value: impl Into<Value>) {
        self.set_settings(json!({ key: value.into() }));
    }

    /// Serves settings in which these are set otherwise.
    pub fn set_settings(&self, changes: Value) {
        let mut settings = self.settings();
        for (key, value) in changes.as_object().into_iter().flatten() {
            settings[key] = value.clone();
        }
        self.set_config_file(Some(&settings.to_string()));
    }

    /// Opens the app and signs in as the ready-made user.
    pub async fn sign_in(&self) {
        self.app().open().await;
        self.app().sign_in().await;
        self.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
    }

    /// Serves this text as `/config.json`; `None` for a host that has no such file and answers with its page.
    pub fn set_config_file(&self, text: Option<&str>) {
        self.server.set_config(text);
    }

    /// The code in the last mail to this address.
    #[must_use]
    pub fn mailed_code(&self, email: &str) -> String {
        let mails = self.mails.lock().expect("a lock");
        let mail = mails.iter().rev().find(|(recipient, _)| recipient == email);
        mail.map(|(_, code)| code.clone())
            .unwrap_or_else(|| panic!("no mail to {email}"))
    }

    /// Neither the address bar, nor the history, nor what the browser reported holds a token or an answer's error.
    pub async fn no_token_is_left_in_sight(&self) {
        let history = self.browser.history().await;
        assert!(!history.is_empty());
        for url in history.iter().chain([&self.browser.address().await]) {
            for secret in ["_token=", "code=", "error="] {
                assert!(!url.contains(secret), "{url}");
            }
        }
        for line in self.browser.console().await {
            // Every JWT's header starts with `{"`.
            let start: String = line.chars().take(80).collect();
            assert!(!line.contains("eyJ"), "a token in the console: {start}…");
        }
    }

    /// The browser has stored no session and no token.
    pub async fn no_token_is_stored(&self) {
        let stored = self.browser.stored().await;
        assert!(
            !stored.contains("_token") && !stored.contains(".session"),
            "{stored}"
        );
    }
}

async fn listener() -> TcpListener {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a free port")
}
