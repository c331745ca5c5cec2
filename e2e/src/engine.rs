//! The browser engines: how each starts, and what it can do. Knows drivers and capabilities; knows nothing of pages.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::{Capabilities, WebDriver};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::variable;

/// A browser engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium or Chrome. The tests use its DevTools for measurements.
    Chromium,
    /// Firefox.
    Firefox,
    /// WebKitGTK, the Linux port of Safari's engine. It supports WebDriver, but not WebDriver BiDi.
    WebKit,
}

/// What users can set in their browsers.
#[derive(Clone, Copy, Debug)]
pub struct Preferences {
    /// The preferred languages, as in an `Accept-Language` header.
    pub languages: &'static str,
    /// Whether the preferred color scheme is dark.
    pub is_dark: bool,
    /// Whether sites cannot store anything.
    pub blocks_storage: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            languages: "en-US,en",
            is_dark: false,
            blocks_storage: false,
        }
    }
}

impl Engine {
    /// The engine that `cargo xtask test` runs the tests in.
    #[must_use]
    pub fn under_test() -> Self {
        match variable("E2E_ENGINE").as_str() {
            "chromium" => Self::Chromium,
            "firefox" => Self::Firefox,
            "webkit" => Self::WebKit,
            other => panic!("E2E_ENGINE is “{other}”, but must be chromium, firefox or webkit"),
        }
    }

    /// Whether the engine supports [WebDriver BiDi](https://www.w3.org/TR/webdriver-bidi/).
    pub(crate) fn supports_bidi(self) -> bool {
        self != Self::WebKit
    }

    /// A script that emulates the preferences that the driver cannot set, if there are any.
    pub(crate) fn script_for(self, preferences: &Preferences) -> Option<String> {
        if self != Self::WebKit {
            return None;
        }
        let languages: Vec<&str> = preferences.languages.split(',').collect();
        let languages = json!(languages);
        let mut script =
            format!("Object.defineProperty(navigator, 'languages', {{ get: () => {languages} }});");
        if preferences.blocks_storage {
            script += "for (const name of ['localStorage', 'sessionStorage'])
                Object.defineProperty(window, name, { get() { throw new DOMException('blocked', 'SecurityError'); } });";
        }
        Some(script)
    }

    /// Starts a browser with a new profile. Its driver ends when the returned process is dropped.
    pub(crate) async fn start(
        self,
        preferences: &Preferences,
        arguments: &[String],
    ) -> (Child, WebDriver) {
        let mut capabilities = Capabilities::new();
        let wanted = self.capabilities(preferences, arguments);
        for (name, value) in wanted.as_object().into_iter().flatten() {
            let set = capabilities.set(name.as_str(), value);
            set.expect("a capability");
        }
        let mut failures = Vec::new();
        // If another process takes the port first, the driver exits. Try again with another port.
        while failures.len() < 5 {
            let (process, port) = self.start_driver().await;
            let url = format!("http://127.0.0.1:{port}");
            match WebDriver::new(url, capabilities.clone()).await {
                Ok(driver) => return (process, driver),
                Err(error) => failures.push(error),
            }
        }
        panic!("{} does not start: {failures:#?}", variable("E2E_BROWSER"));
    }

    fn capabilities(self, preferences: &Preferences, arguments: &[String]) -> Value {
        let browser = variable("E2E_BROWSER");
        let is_dark = preferences.is_dark;
        let with_arguments = |always: &[&str]| {
            let always = always.iter().map(|argument| (*argument).to_owned());
            always
                .chain(arguments.iter().cloned())
                .collect::<Vec<String>>()
        };
        match self {
            Self::Chromium => {
                let scheme = format!("preferredColorScheme={}", u8::from(!is_dark));
                // The setting “Block third-party and first-party site data”.
                let cookies = if preferences.blocks_storage { 2 } else { 1 };
                json!({
                    "webSocketUrl": true,
                    "goog:loggingPrefs": { "browser": "ALL" },
                    "goog:chromeOptions": {
                        "binary": browser,
                        "args": with_arguments(&[
                            "--headless",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--disable-quic",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            &format!("--blink-settings={scheme}"),
                        ]),
                        "prefs": {
                            "intl.accept_languages": preferences.languages,
                            "profile.default_content_setting_values.cookies": cookies,
                        },
                    },
                })
            }
            Self::Firefox => json!({
                "webSocketUrl": true,
                "moz:firefoxOptions": {
                    "binary": browser,
                    "args": with_arguments(&["-headless"]),
                    "prefs": {
                        "intl.accept_languages": preferences.languages,
                        "layout.css.prefers-color-scheme.content-override": u8::from(!is_dark),
                        "network.cookie.cookieBehavior": if preferences.blocks_storage { 2 } else { 5 },
                    },
                },
            }),
            Self::WebKit => {
                let scheme: &[&str] = if is_dark { &["--dark-mode"] } else { &[] };
                json!({
                    "browserName": "MiniBrowser",
                    "webkitgtk:browserOptions": {
                        "binary": browser,
                        "args": with_arguments(&[&["--automation"], scheme].concat()),
                    },
                })
            }
        }
    }

    /// Starts the driver, waits until it accepts connections or has exited, and returns it with its port.
    async fn start_driver(self) -> (Child, u16) {
        const TIMEOUT: Duration = Duration::from_secs(30);
        let port = free_port();
        let mut driver = self.driver(port);
        let mut process = driver.spawn().expect("the driver does not start");
        let start = tokio::time::Instant::now();
        while process.try_wait().expect("the driver's status").is_none()
            && TcpStream::connect((Ipv4Addr::LOCALHOST, port))
                .await
                .is_err()
        {
            assert!(
                start.elapsed() < TIMEOUT,
                "the driver accepted no connection within 30 seconds"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (process, port)
    }

    fn driver(self, port: u16) -> Command {
        let mut driver = Command::new(variable("E2E_DRIVER"));
        driver
            .arg(format!("--port={port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // The browsers write warnings that concern no page.
            .stderr(Stdio::null())
            .kill_on_drop(true);
        match self {
            Self::Chromium => {}
            // A free port for WebDriver BiDi. By default, all drivers would use the same one.
            Self::Firefox => drop(driver.arg("--websocket-port=0")),
            Self::WebKit => {
                driver
                    // English numbers and dates.
                    .env("LC_ALL", "C")
                    // GTK reads its style from here.
                    .env(
                        "XDG_CONFIG_HOME",
                        concat!(env!("CARGO_MANIFEST_DIR"), "/webkit"),
                    );
            }
        }
        driver
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("an address").port()
}
