//! A headless browser. Knows WebDriver and WebDriver BiDi; knows nothing of the app.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::StreamExt;
use serde_json::Value;
use thirtyfour::bidi::BiDi;
use thirtyfour::bidi::events::LogEntryAdded;
use thirtyfour::bidi::modules::browsing_context::Viewport;
use thirtyfour::bidi::modules::emulation::NetworkConditions;
use thirtyfour::bidi::modules::log::LogLevel;
use thirtyfour::prelude::ElementQueryable;
use thirtyfour::{By, Key, WebDriver, WebElement, WindowHandle};
use tokio::process::Child;

use crate::engine::{Engine, Preferences};
use crate::variable;

/// How long a page may take to show what a journey waits for.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The time between two looks at the page.
const INTERVAL: Duration = Duration::from_millis(50);

/// The Enter key, as WebDriver encodes it.
pub const ENTER: &str = "\u{e007}";

/// Where a Tab key moves the focus.
#[derive(Clone, Copy)]
pub enum Tab {
    /// Tab: to the next control.
    Next,
    /// Shift and Tab: to the previous control.
    Previous,
}

/// A browser with a new profile.
pub struct Browser {
    /// The browser's engine.
    pub engine: Engine,
    /// Whether the preferred color scheme is dark.
    pub is_dark: bool,
    pub(crate) driver: WebDriver,
    /// `None` if the engine does not support it.
    bidi: Option<BiDi>,
    /// The tabs in the order in which they were opened. WebDriver lists them in any order.
    tabs: Mutex<Vec<WindowHandle>>,
    console: Arc<Mutex<Vec<Message>>>,
    _process: Child,
}

/// A message in the browser's console.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Whether it is a warning or an error.
    pub is_warning: bool,
    /// Its text, and where it comes from.
    pub text: String,
}

impl Browser {
    pub(crate) async fn start(
        engine: Engine,
        preferences: &Preferences,
        arguments: &[String],
    ) -> Self {
        // The order matters: if a later line fails, `driver` is dropped first, so the browser closes before its driver ends.
        let (process, driver) = engine.start(preferences, arguments).await;
        let first_tab = driver.window().await.expect("a tab");
        let bidi = match engine.supports_bidi() {
            true => Some(driver.bidi().await.expect("a WebDriver BiDi session")),
            false => None,
        };
        let browser = Self {
            engine,
            is_dark: preferences.is_dark,
            driver,
            bidi,
            tabs: Mutex::new(vec![first_tab]),
            console: Arc::default(),
            _process: process,
        };
        browser.watch_console().await;
        let is_dark = "return matchMedia('(prefers-color-scheme: dark)').matches";
        let is_dark = browser.run(is_dark).await;
        assert_eq!(is_dark, preferences.is_dark, "the color scheme");
        browser
    }

    pub(crate) async fn close(&self) {
        let _ = self.driver.clone().quit().await;
    }

    /// Opens a URL. Loads the page even if only the fragment differs from the current URL.
    pub async fn open(&self, url: &str) {
        self.driver
            .goto("about:blank")
            .await
            .expect("an empty page");
        self.driver.goto(url).await.expect("a page");
    }

    /// Reloads the page.
    pub async fn reload(&self) {
        self.driver.refresh().await.expect("the page");
    }

    /// Waits for an element that matches, and returns the first.
    pub async fn find(&self, xpath: &str) -> WebElement {
        let query = self.driver.query(By::XPath(xpath));
        match query.wait(TIMEOUT, INTERVAL).first().await {
            Ok(element) => element,
            Err(_) => panic!("no {xpath} on this page:\n{}", self.text().await),
        }
    }

    /// Presses the button with this name.
    pub async fn press(&self, name: &str) {
        let button = self
            .find(&format!("//button[normalize-space()='{name}']"))
            .await;
        button.click().await.expect("a button to press");
    }

    /// Follows the link with this name.
    pub async fn follow(&self, name: &str) {
        let link = self.find(&format!("//a[normalize-space()='{name}']")).await;
        link.click().await.expect("a link to follow");
    }

    /// Fills in the field with this label.
    pub async fn fill_in(&self, label: &str, text: &str) {
        let xpath = format!("//input[@id=//label[normalize-space()='{label}']/@for]");
        let field = self.find(&xpath).await;
        field.clear().await.expect("a field to clear");
        field.send_keys(text).await.expect("a field to write in");
    }

    /// The page's visible text.
    pub async fn text(&self) -> String {
        // A script, because WebKit's driver leaves out line breaks.
        let text = self.try_to_run("return document.body?.innerText").await;
        let text = text.unwrap_or_default();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an alert contains this text.
    pub async fn warns_of(&self, text: &str) {
        let warns = || async move { self.alerts().await.contains(text) };
        self.until(&format!("no alert with “{text}”"), warns).await;
    }

    /// Waits until there is no alert.
    pub async fn warns_of_nothing(&self) {
        let is_quiet = || async move { self.alerts().await.is_empty() };
        self.until("there is still an alert", is_quiet).await;
    }

    /// The text of all alerts.
    async fn alerts(&self) -> String {
        // A script, because the page may replace an element between two WebDriver commands.
        let script = "return [...document.querySelectorAll('[role=alert]')].map(it => it.innerText).join('\\n')";
        let alerts = self.try_to_run(script).await.unwrap_or_default();
        alerts.as_str().unwrap_or_default().to_owned()
    }

    /// Opens a new tab and switches to it.
    pub async fn open_tab(&self) {
        let tab = self.driver.new_tab().await.expect("a new tab");
        self.tabs.lock().expect("a lock").push(tab.clone());
        let switched = self.driver.switch_to_window(tab).await;
        switched.expect("the new tab");
    }

    /// Switches to a tab. Tabs are numbered from 0 in the order in which they were opened.
    pub async fn switch_to_tab(&self, number: usize) {
        let tab = self.tabs.lock().expect("a lock")[number].clone();
        let switched = self.driver.switch_to_window(tab).await;
        switched.expect("the tab");
    }

    /// Presses the Back button.
    pub async fn go_back(&self) {
        self.driver.back().await.expect("the previous page");
    }

    /// Presses the Forward button.
    pub async fn go_forward(&self) {
        self.driver.forward().await.expect("the next page");
    }

    /// Runs the body of an async function in the page, and returns its result.
    pub async fn run(&self, script: &str) -> Value {
        let outcome = self.try_to_run(script).await;
        outcome.expect("a script that runs")
    }

    /// Like [`Browser::run`], but returns `None` if the script fails, for instance because the browser leaves the page.
    async fn try_to_run(&self, script: &str) -> Option<Value> {
        let function = format!("return (async () => {{ {script} }})()");
        let outcome = self.driver.execute(function, Vec::new()).await;
        outcome.ok().map(|outcome| outcome.json().clone())
    }

    /// Tells the page that it has returned from the background, so that it looks at the clock and the storage now instead of
    /// in a few seconds.
    pub async fn resume(&self) {
        self.run("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
            .await;
    }

    /// Resumes the page until it contains this text.
    pub async fn eventually_sees(&self, text: &str) {
        let sees = || async move {
            self.resume().await;
            self.text().await.contains(text)
        };
        self.until(&format!("no “{text}”"), sees).await;
    }

    /// Waits until the page contains this text.
    pub async fn sees(&self, text: &str) {
        let sees = || async move { self.text().await.contains(text) };
        self.until(&format!("no “{text}”"), sees).await;
    }

    /// Waits until a condition holds. Fails with this reason if it takes too long.
    async fn until<F: Future<Output = bool>>(&self, reason: &str, condition: impl Fn() -> F) {
        let start = tokio::time::Instant::now();
        while !condition().await {
            if start.elapsed() > TIMEOUT {
                panic!("{reason} on this page:\n{}", self.text().await);
            }
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// The URL in the address bar.
    pub async fn address(&self) -> String {
        let address = self.driver.current_url().await;
        address.expect("an address").into()
    }

    /// The page's title.
    pub async fn title(&self) -> String {
        self.driver.title().await.expect("a title")
    }

    /// The number of pages in this tab's history.
    pub async fn history_length(&self) -> u64 {
        let length = self.run("return history.length").await;
        length.as_u64().expect("a number")
    }

    /// Sets the width of the page, in pixels.
    pub async fn set_width(&self, width: u32) {
        self.set_size(width, 800).await;
    }

    /// Sets the size of the page, in pixels.
    pub async fn set_size(&self, width: u32, height: u32) {
        match &self.bidi {
            Some(bidi) => {
                let tab = self.driver.window().await.expect("a tab");
                let viewport = Viewport { width, height };
                let resized = bidi
                    .browsing_context()
                    .set_viewport(tab.to_string().into(), Some(viewport))
                    .await;
                resized.expect("another size");
            }
            None => {
                let frame = self.run("return outerHeight - innerHeight").await;
                let height = height + frame.as_u64().expect("a height") as u32;
                let resized = self.driver.set_window_rect(0, 0, width, height).await;
                resized.expect("another size");
            }
        }
        let is_resized = || async move { self.run("return innerWidth").await == width };
        self.until(&format!("not {width} pixels wide"), is_resized)
            .await;
    }

    /// Fails if [axe](https://github.com/dequelabs/axe-core) finds a violation on the current page.
    pub async fn axe_finds_nothing(&self, state: &str) {
        let axe = std::fs::read_to_string(variable("AXE")).expect("axe-core");
        let script = format!(
            "{axe};
            // A color that is still changing has no valid contrast.
            for (const animation of document.getAnimations())
                if (animation.effect.getTiming().iterations === Infinity) animation.cancel();
                else if (animation instanceof CSSTransition) animation.finish();
            const found = await axe.run(document, {{ resultTypes: ['violations', 'incomplete'] }});
            return found.violations.flatMap(rule => rule.nodes.map(
                node => rule.id + ': ' + node.html + ' ' + node.failureSummary))"
        );
        let found: Vec<String> =
            serde_json::from_value(self.run(&script).await).expect("axe's violations");
        assert!(found.is_empty(), "{state}:\n{}", found.join("\n"));
    }

    /// Disconnects the network, or connects it again.
    pub async fn set_offline(&self, offline: bool) {
        let Some(bidi) = &self.bidi else {
            return self.pretend_to_be_offline(offline).await;
        };
        let conditions = offline.then_some(NetworkConditions::Offline);
        let set = bidi.emulation().set_network_conditions(conditions).await;
        set.expect("a network");
    }

    /// Emulates being offline for the page's scripts, in an engine whose driver cannot disconnect the network.
    async fn pretend_to_be_offline(&self, offline: bool) {
        let script = match offline {
            true => {
                "window.connectedFetch ??= window.fetch;
                window.fetch = async () => { throw new TypeError('offline'); };
                Object.defineProperty(navigator, 'onLine', { get: () => false, configurable: true });
                dispatchEvent(new Event('offline'))"
            }
            false => {
                "window.fetch = window.connectedFetch;
                delete navigator.onLine;
                dispatchEvent(new Event('online'))"
            }
        };
        self.run(script).await;
    }

    /// Fails if the page is wider than its window.
    pub async fn does_not_scroll_horizontally(&self, state: &str) {
        let script = "return document.documentElement.scrollWidth - window.innerWidth";
        let excess = self.run(script).await.as_i64().expect("a number");
        assert!(excess <= 0, "{state}: {excess} pixels too wide");
    }

    /// Moves the focus to the control with this name, then presses Enter.
    pub async fn press_by_keyboard(&self, name: &str, tab: Tab) {
        self.focus_by_keyboard(name, tab).await;
        self.type_key(ENTER).await;
    }

    /// Moves the focus to the control with this name or label. The search must not pass the first or the last control: in
    /// Firefox, the focus would move to the browser's own controls.
    pub async fn focus_by_keyboard(&self, name: &str, tab: Tab) {
        let mut seen = Vec::new();
        while seen.len() < 60 {
            let focused = self.focused().await;
            if focused == name {
                return;
            }
            seen.push(focused);
            self.move_focus(tab).await;
        }
        panic!("the Tab key does not reach “{name}”. It reached {seen:?}");
    }

    /// Moves the focus to another control.
    pub async fn move_focus(&self, tab: Tab) {
        self.run("window.wasFocused = document.activeElement").await;
        let keys = self.driver.action_chain();
        let keys = match tab {
            Tab::Next => keys.send_keys(Key::Tab),
            Tab::Previous => keys
                .key_down(Key::Shift)
                .send_keys(Key::Tab)
                .key_up(Key::Shift),
        };
        keys.perform().await.expect("a key");
        let has_moved = "return document.activeElement !== window.wasFocused";
        let has_moved = || async move { self.run(has_moved).await == true };
        self.until("the focus does not move", has_moved).await;
    }

    /// The name or label of the element that has the focus.
    pub async fn focused(&self) -> String {
        let script = "const focused = document.activeElement;
            return focused.labels?.[0]?.textContent ?? focused.ariaLabel ?? focused.textContent";
        let name = self.run(script).await;
        name.as_str().unwrap_or_default().trim().to_owned()
    }

    /// Sends keys to the element that has the focus.
    pub async fn type_key(&self, key: &str) {
        let keys = self.driver.action_chain().send_keys(key);
        keys.perform().await.expect("a key");
    }

    /// A screenshot of the whole page at this width, including what is below the window, as a PNG.
    pub async fn screenshot(&self, width: u32) -> Vec<u8> {
        self.set_width(width).await;
        // Twice, because some elements grow with the window's height.
        for _ in 0..2 {
            let height = self.run("return document.documentElement.scrollHeight");
            let height = height.await.as_u64().expect("a height");
            self.set_size(width, height as u32).await;
        }
        // Let color transitions end.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let screenshot = self.driver.screenshot_as_png().await;
        screenshot.expect("a screenshot")
    }

    /// The contents of the page's `sessionStorage` and `localStorage`.
    pub async fn stored(&self) -> String {
        let script = "return JSON.stringify([sessionStorage, localStorage])";
        self.run(script).await.to_string()
    }

    /// Waits until the storage contains this text.
    pub async fn stores(&self, text: &str) {
        let stores = || async move { self.stored().await.contains(text) };
        self.until(&format!("no “{text}” is stored"), stores).await;
    }

    /// Waits until a message in the console contains this text.
    pub async fn logs(&self, text: &str) {
        let logs = || async move {
            let messages = self.console().await;
            messages.iter().any(|message| message.text.contains(text))
        };
        self.until(&format!("“{text}” is not logged"), logs).await;
    }

    /// The console's messages. Chromium's include those of the browser itself, such as failed requests. WebKit's driver
    /// cannot read them, so there the list is empty.
    pub async fn console(&self) -> Vec<Message> {
        match self.engine {
            Engine::Chromium => {
                let entries = self.driver.get_log("browser").await.expect("a console");
                let messages = entries.into_iter().map(|entry| Message {
                    is_warning: ["WARNING", "SEVERE"].contains(&entry.level.as_str()),
                    text: entry.message,
                });
                self.messages().extend(messages);
            }
            Engine::Firefox => {
                // Messages arrive in order: when this one is there, all earlier ones are.
                self.run("console.warn('the last message')").await;
                let is_last = |message: &Message| {
                    message.is_warning && message.text.contains("the last message")
                };
                let has_arrived = || async move { self.messages().iter().any(is_last) };
                self.until(
                    "Firefox did not report a message that was just logged,",
                    has_arrived,
                )
                .await;
                self.messages().retain(|message| !is_last(message));
            }
            Engine::WebKit => {}
        }
        self.messages().clone()
    }

    fn messages(&self) -> MutexGuard<'_, Vec<Message>> {
        self.console.lock().expect("a lock")
    }

    /// Records the console's messages in Firefox. Chromium's driver does that by itself.
    async fn watch_console(&self) {
        let Some(bidi) = self
            .bidi
            .as_ref()
            .filter(|_| self.engine == Engine::Firefox)
        else {
            return;
        };
        let entries = bidi.subscribe::<LogEntryAdded>().await;
        let mut entries = entries.expect("the console's messages");
        let console = Arc::clone(&self.console);
        tokio::spawn(async move {
            while let Some(entry) = entries.next().await {
                let message = Message {
                    is_warning: matches!(entry.level, LogLevel::Warn | LogLevel::Error),
                    // With its arguments and the URLs of the scripts.
                    text: format!("{entry:?}"),
                };
                console.lock().expect("a lock").push(message);
            }
        });
    }
}
