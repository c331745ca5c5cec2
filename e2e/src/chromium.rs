//! What only Chromium can do: measure, throttle, and list the history. Tests that need it run in Chromium alone.

use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::Browser;
use crate::engine::Engine;

impl Browser {
    /// The [cumulative layout shift](https://web.dev/articles/cls) since the page was opened.
    pub async fn layout_shift(&self) -> f64 {
        self.requires_chromium();
        let script = "let sum = 0;
            const add = list => { for (const entry of list.getEntries()) sum += entry.value; };
            new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
            await new Promise(done => setTimeout(done, 300));
            return sum";
        self.run(script).await.as_f64().expect("a number")
    }

    /// Runs a script in each page that is loaded from now on, before the page's own scripts. Unlike
    /// [`World::run_before_the_app`](crate::World::run_before_the_app), it does not change what the page downloads.
    pub async fn run_before_each_page(&self, script: &str) {
        let parameters = json!({ "source": script });
        self.devtools("Page.addScriptToEvaluateOnNewDocument", parameters)
            .await;
    }

    /// Emulates a slow device: a quarter of the processor's speed, 1.6 Mbit/s down, 750 kbit/s up and a latency of 150 ms.
    pub async fn slow_down(&self) {
        let conditions = json!({
            "offline": false, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750,
        });
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.emulateNetworkConditions", conditions)
            .await;
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
        let ten_minutes = Duration::from_secs(600);
        let set = self.driver.set_script_timeout(ten_minutes).await;
        set.expect("a longer timeout");
        let outcome = self.driver.execute_async(script, vec![argument]).await;
        outcome.expect("a script that runs").json().clone()
    }

    /// The URLs in this tab's history, including those of other sites.
    pub(crate) async fn history(&self) -> Vec<String> {
        let history = self.devtools("Page.getNavigationHistory", json!({})).await;
        let entries = history["entries"].as_array().cloned().unwrap_or_default();
        let urls = entries.iter().filter_map(|entry| entry["url"].as_str());
        urls.map(str::to_owned).collect()
    }

    async fn devtools(&self, name: &str, parameters: Value) -> Value {
        self.requires_chromium();
        let answer = self.driver.cdp().send_raw(name, parameters).await;
        answer.expect("a DevTools command that works")
    }

    fn requires_chromium(&self) {
        assert_eq!(self.engine, Engine::Chromium, "only Chromium can do this");
    }
}
