//! A headless browser and its driver. Knows WebDriver and Chromium's DevTools; knows nothing of the app.

use std::process::Stdio;
use std::time::Duration;

use fantoccini::elements::Element;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long a page may take to show what a journey waits for.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A browser with a new profile.
pub struct Browser {
    /// The WebDriver client.
    pub client: Client,
    _driver: Child,
}

impl Browser {
    pub(crate) async fn start(preferences: &Value, arguments: &[String]) -> Self {
        let (driver, port) = start_driver().await;
        let always = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ];
        let arguments = always
            .into_iter()
            .chain(arguments.iter().map(String::as_str));
        let capabilities = json!({
            "goog:chromeOptions": {
                "binary": variable("CHROME"),
                "args": arguments.collect::<Vec<_>>(),
                "prefs": preferences,
            },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().cloned().unwrap_or_default())
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the browser does not start");
        Self {
            client,
            _driver: driver,
        }
    }

    pub(crate) async fn close(&self) {
        let _ = self.client.clone().close().await;
    }

    /// Opens a URL. Loads the page even if only the fragment differs from the current URL.
    pub async fn open(&self, url: &str) {
        self.client
            .goto("about:blank")
            .await
            .expect("an empty page");
        self.client.goto(url).await.expect("a page");
    }

    /// Reloads the page.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page");
    }

    /// Waits for an element that matches, and returns the first.
    pub async fn find(&self, xpath: &str) -> Element {
        let found = self
            .client
            .wait()
            .at_most(TIMEOUT)
            .for_element(Locator::XPath(xpath))
            .await;
        match found {
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
        let body = self.client.find(Locator::Css("body")).await;
        match body {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Waits until an alert contains this text.
    pub async fn warns_of(&self, text: &str) {
        // A script, because the page may replace an element between two WebDriver commands.
        let script = "return [...document.querySelectorAll('[role=alert]')].map(it => it.innerText).join('\\n')";
        let start = tokio::time::Instant::now();
        loop {
            let alerts = self.run(script).await;
            let alerts = alerts.as_str().unwrap_or_default();
            if alerts.contains(text) {
                return;
            }
            assert!(
                start.elapsed() < TIMEOUT,
                "“{text}” is not in: {alerts}\n{}",
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens a new tab and switches to it.
    pub async fn open_tab(&self) {
        let tab = self.client.new_window(true).await.expect("a new tab");
        let switched = self.client.switch_to_window(tab.handle).await;
        switched.expect("the new tab");
    }

    /// Switches to a tab. Tabs are numbered from 0 in the order in which they were opened.
    pub async fn switch_to_tab(&self, number: usize) {
        let tabs = self.client.windows().await.expect("the tabs");
        let tab = tabs.into_iter().nth(number).expect("a tab");
        let switched = self.client.switch_to_window(tab).await;
        switched.expect("the tab");
    }

    /// Presses the Back button.
    pub async fn go_back(&self) {
        self.client.back().await.expect("the previous page");
    }

    /// Runs a script in the page and returns its result.
    pub async fn run(&self, script: &str) -> Value {
        let outcome = self.client.execute(script, Vec::new()).await;
        outcome.expect("a script that runs")
    }

    /// Runs a script in each page that is loaded from now on, before the page's own scripts.
    pub async fn run_before_each_page(&self, script: &str) {
        let parameters = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", parameters)
            .await;
    }

    /// Tells the page that it has returned from the background, so that it looks at the clock and the storage now instead of
    /// in a few seconds.
    pub async fn resume(&self) {
        self.run("window.dispatchEvent(new Event('pageshow'))")
            .await;
    }

    /// Resumes the page until it contains this text.
    pub async fn eventually_sees(&self, text: &str) {
        let start = tokio::time::Instant::now();
        while !self.text().await.contains(text) {
            self.resume().await;
            let page = self.text().await;
            assert!(
                start.elapsed() < TIMEOUT,
                "“{text}” is not on this page:\n{page}"
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Waits until the page contains this text.
    pub async fn sees(&self, text: &str) {
        let start = tokio::time::Instant::now();
        while !self.text().await.contains(text) {
            let page = self.text().await;
            assert!(
                start.elapsed() < TIMEOUT,
                "“{text}” is not on this page:\n{page}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The URL in the address bar.
    pub async fn address(&self) -> String {
        self.client.current_url().await.expect("an address").into()
    }

    /// The URLs in this tab's history.
    pub async fn history(&self) -> Vec<String> {
        let history = self.devtools("Page.getNavigationHistory", json!({})).await;
        let entries = history["entries"].as_array().cloned().unwrap_or_default();
        let urls = entries.iter().filter_map(|entry| entry["url"].as_str());
        urls.map(str::to_owned).collect()
    }

    /// Sets the width of the window, in pixels.
    pub async fn set_width(&self, width: u32) {
        self.set_size(width, 800).await;
    }

    /// Sets the size of the window, in pixels.
    pub async fn set_size(&self, width: u32, height: u32) {
        let resized = self.client.set_window_size(width, height).await;
        resized.expect("another size");
    }

    /// The [cumulative layout shift](https://web.dev/articles/cls) since the page was opened.
    pub async fn layout_shift(&self) -> f64 {
        let script = "let sum = 0;
            const add = list => { for (const entry of list.getEntries()) sum += entry.value; };
            new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
            await new Promise(done => setTimeout(done, 300));
            return sum";
        self.run(script).await.as_f64().expect("a number")
    }

    /// Fails if [axe](https://github.com/dequelabs/axe-core) finds a violation on the current page, in light or dark.
    pub async fn axe_finds_nothing(&self, state: &str) {
        let axe = std::fs::read_to_string(variable("AXE")).expect("axe-core");
        for scheme in ["light", "dark"] {
            self.set_color_scheme(scheme).await;
            let script = format!(
                "{axe};
                const done = arguments[arguments.length - 1];
                // A color that is still changing has no valid contrast.
                for (const animation of document.getAnimations())
                    if (animation.effect.getTiming().iterations === Infinity) animation.cancel();
                    else if (animation instanceof CSSTransition) animation.finish();
                axe.run(document, {{ resultTypes: ['violations', 'incomplete'] }}).then(found => done(
                    found.violations.flatMap(rule => rule.nodes.map(
                        node => rule.id + ': ' + node.html + ' ' + node.failureSummary))))"
            );
            let found = self.client.execute_async(&script, Vec::new()).await;
            let found = found.expect("axe runs");
            let found: Vec<String> = serde_json::from_value(found).expect("axe's violations");
            assert!(found.is_empty(), "{state}, {scheme}:\n{}", found.join("\n"));
        }
    }

    /// Sets the preferred color scheme, `light` or `dark`.
    pub async fn set_color_scheme(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        let media = json!({ "features": [feature] });
        self.devtools("Emulation.setEmulatedMedia", media).await;
    }

    /// Disconnects the network, or connects it again.
    pub async fn set_offline(&self, offline: bool) {
        let conditions = json!({
            "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1,
        });
        self.set_network(conditions).await;
    }

    /// Emulates a slow device: a quarter of the processor's speed, 1.6 Mbit/s down, 750 kbit/s up and a latency of 150 ms.
    pub async fn slow_down(&self) {
        let conditions = json!({
            "offline": false, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750,
        });
        self.set_network(conditions).await;
        self.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": 4 }))
            .await;
    }

    /// The size of JavaScript's heap in bytes, after a garbage collection.
    pub async fn heap(&self) -> u64 {
        self.devtools("HeapProfiler.collectGarbage", json!({}))
            .await;
        let used = self.devtools("Runtime.getHeapUsage", json!({})).await;
        used["usedSize"].as_f64().unwrap_or_default() as u64
    }

    /// Runs a script that calls its last argument with its result, within ten minutes.
    pub async fn run_async(&self, script: &str, argument: Value) -> Value {
        let timeout = TimeoutConfiguration::new(Some(Duration::from_secs(600)), None, None);
        let set = self.client.update_timeouts(timeout).await;
        set.expect("a longer timeout");
        let outcome = self.client.execute_async(script, vec![argument]).await;
        outcome.expect("a script that runs")
    }

    /// Blocks requests to URLs that match one of these patterns, and no others.
    pub async fn block_requests(&self, patterns: &[&str]) {
        self.devtools("Network.enable", json!({})).await;
        let blocked = json!({ "urls": patterns });
        self.devtools("Network.setBlockedURLs", blocked).await;
    }

    /// Fails if the page is wider than its window.
    pub async fn does_not_scroll_horizontally(&self, state: &str) {
        let script = "return document.documentElement.scrollWidth - window.innerWidth";
        let excess = self.run(script).await.as_i64().expect("a number");
        assert!(excess <= 0, "{state}: {excess} pixels too wide");
    }

    /// Presses Tab until the control with this name has the focus, then presses Enter.
    pub async fn press_by_keyboard(&self, name: &str) {
        let mut seen = Vec::new();
        for _ in 0..60 {
            self.type_key("\u{e004}").await;
            let focused = self.focused().await;
            if focused == name {
                return self.type_key("\u{e007}").await;
            }
            seen.push(focused);
        }
        panic!("the Tab key does not reach “{name}”, but {seen:?}");
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
        let focused = self.client.active_element().await.expect("a focus");
        focused.send_keys(key).await.expect("a key");
    }

    /// A screenshot of the whole page, including what is below the window, as a PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true }))
            .await;
        // Twice, because some elements grow with the window's height.
        for _ in 0..2 {
            let size = "return [window.innerWidth, document.documentElement.scrollHeight]";
            let size = self.run(size).await;
            let metrics = json!({
                "width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": false,
            });
            self.devtools("Emulation.setDeviceMetricsOverride", metrics)
                .await;
        }
        // Until transitions of colors have ended.
        tokio::time::sleep(Duration::from_millis(500)).await;
        let screenshot = self.client.screenshot().await.expect("a screenshot");
        self.devtools("Emulation.clearDeviceMetricsOverride", json!({}))
            .await;
        screenshot
    }

    async fn devtools(&self, name: &'static str, parameters: Value) -> Value {
        let answer = self.client.issue_cmd(DevTools(name, parameters)).await;
        answer.expect("a DevTools command that works")
    }

    async fn set_network(&self, conditions: Value) {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await;
    }

    /// The contents of the page's `sessionStorage` and `localStorage`.
    pub async fn stored(&self) -> String {
        let script = "return JSON.stringify([sessionStorage, localStorage])";
        let stored = self.client.execute(script, Vec::new()).await;
        stored.expect("the storages").to_string()
    }

    /// Waits until the storage contains this text.
    pub async fn stores(&self, text: &str) {
        let start = tokio::time::Instant::now();
        while !self.stored().await.contains(text) {
            assert!(start.elapsed() < TIMEOUT, "“{text}” is not stored");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The console's messages since the last call, once one of them contains this text.
    pub async fn console_with(&self, text: &str) -> Vec<String> {
        let start = tokio::time::Instant::now();
        let mut messages = Vec::new();
        loop {
            messages.extend(self.console().await);
            if messages.iter().any(|message| message.contains(text)) {
                return messages;
            }
            let waited = start.elapsed();
            assert!(waited < TIMEOUT, "“{text}” is not in: {messages:?}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// The console's messages since the last call.
    pub async fn console(&self) -> Vec<String> {
        let messages = self.client.issue_cmd(Console).await.expect("a console");
        let messages = messages.as_array().cloned().unwrap_or_default();
        messages.iter().map(Value::to_string).collect()
    }
}

/// Starts ChromeDriver. It exits if the free port that it chose for IPv4 is in use for IPv6, and is then started again.
async fn start_driver() -> (Child, u16) {
    for _ in 0..5 {
        if let Some(driver) = try_to_start_driver().await {
            return driver;
        }
    }
    panic!("ChromeDriver has exited each time");
}

async fn try_to_start_driver() -> Option<(Child, u16)> {
    let mut driver = Command::new(variable("CHROMEDRIVER"))
        .arg("--port=0")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("ChromeDriver does not start");
    let output = driver.stdout.take().expect("ChromeDriver's output");
    let mut lines = BufReader::new(output).lines();
    while let Some(line) = lines.next_line().await.expect("a line") {
        let port = line.split("started successfully on port ").nth(1);
        if let Some(port) = port {
            let port = port.trim_end_matches('.').parse().expect("a port");
            // Read the rest, because a full pipe would block ChromeDriver.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some((driver, port));
        }
    }
    None
}

pub(crate) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run `cargo xtask test`"))
}

/// A command of the Chrome DevTools Protocol, with its parameters.
#[derive(Debug)]
struct DevTools(&'static str, Value);

/// The command that returns the console's messages.
#[derive(Debug)]
struct Console;

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.0, "params": self.1 });
        (http::Method::POST, Some(body.to_string()))
    }
}

impl WebDriverCompatibleCommand for Console {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (
            http::Method::POST,
            Some(json!({ "type": "browser" }).to_string()),
        )
    }
}
