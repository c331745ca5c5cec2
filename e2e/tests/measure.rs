//! Measures the release build's speed, with usual and with large data: `cargo xtask bench`. The figures are printed. A test
//! fails only if something is wrong regardless of the machine: a page that leaks memory, a tab that does not follow.

// Tests fail by panicking, and their output is the result.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::{EMAIL, World, journey};
use serde_json::{Value, json};

/// Records when the Sign-in button and the greeting are painted, and when the API is called, in milliseconds since 1970.
const PROBE: &str = "
    const now = () => performance.timeOrigin + performance.now();
    window.marks = { begin: performance.timeOrigin };
    const seen = {
        signIn: () => [...document.querySelectorAll('button.primary')].find(it => it.checkVisibility()),
        greeting: () => [...document.querySelectorAll('h1')].find(it => it.textContent.startsWith('Hi,')),
    };
    const record = () => {
        for (const [name, find] of Object.entries(seen)) if (!(name in marks) && find()) {
            marks[name] = 0;
            requestAnimationFrame(() => {
                const painted = new MessageChannel();
                painted.port1.onmessage = () => marks[name] = now();
                painted.port2.postMessage(0);
            });
        }
    };
    new MutationObserver(record).observe(
        document, { subtree: true, childList: true, characterData: true, attributes: true });
    addEventListener('click', () => sessionStorage.clicked = now(), { capture: true });
    const send = window.fetch;
    window.fetch = (request, ...rest) => {
        if (String(request.url ?? request).endsWith('/hiUsers')) marks.called ??= now();
        return send(request, ...rest);
    };";

const RUNS: usize = 7;

/// The measured spans: name, first mark, last mark.
const SPANS: [(&str, &str, &str); 4] = [
    ("cold → Sign in", "begin", "signIn"),
    ("callback → API called", "begin", "called"),
    ("click → greeting", "clicked", "greeting"),
    ("reload → greeting", "begin", "greeting"),
];

#[tokio::test]
#[ignore = "measures: `cargo xtask bench`"]
async fn timings() {
    println!("\nmilliseconds to the painted frame: minimum / median / maximum of {RUNS} runs");
    for slow in [false, true] {
        for grant in ["implicit", "code"] {
            journey(async move |world| {
                let runs = measure(&world, grant, slow).await;
                let profile = match slow {
                    false => "not slowed down",
                    true => "slowed down: 4x CPU, 1.6 Mbit/s, 150 ms",
                };
                println!("\n{grant} grant, {profile}");
                for (index, (name, _, _)) in SPANS.iter().enumerate() {
                    let mut times: Vec<f64> = runs.iter().map(|run| run[index]).collect();
                    times.sort_by(f64::total_cmp);
                    let (minimum, median, maximum) = (times[0], times[RUNS / 2], times[RUNS - 1]);
                    println!("  {name:<22} {minimum:>5.0} / {median:>5.0} / {maximum:>5.0}");
                }
            })
            .await;
        }
    }
}

/// The times of each run, in the order of [`SPANS`].
async fn measure(world: &World, grant: &str, slow: bool) -> Vec<[f64; 4]> {
    world.stack.set_code_grant(grant == "code");
    world.set_setting("grant", grant);
    world.sign_in().await;
    world.app().greets(EMAIL).await;
    // From now on Cognito has its own session, and asks for nothing.
    world.browser.run_before_each_page(PROBE).await;
    if slow {
        world.browser.slow_down().await;
    }
    let mut runs = Vec::new();
    for _ in 0..RUNS {
        world.browser.run("sessionStorage.clear()").await;
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        let cold = marks(world, "signIn").await;
        world.app().sign_in().await;
        let callback = marks(world, "greeting").await;
        world.browser.reload().await;
        let reload = marks(world, "greeting").await;
        let mut run = [0.0; 4];
        for (index, marks) in [&cold, &callback, &callback, &reload]
            .into_iter()
            .enumerate()
        {
            let (_, from, to) = SPANS[index];
            let at = |name: &str| {
                marks[name]
                    .as_f64()
                    .unwrap_or_else(|| panic!("no {name}: {marks}"))
            };
            run[index] = at(to) - at(from);
        }
        runs.push(run);
    }
    runs
}

/// The page's marks once this one is set, and the time of the click that led to the page.
async fn marks(world: &World, awaited: &str) -> Value {
    let script = "return { ...window.marks, clicked: Number(sessionStorage.clicked) }";
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(20) {
        let marks = world.browser.run(script).await;
        if marks[awaited].as_f64().is_some_and(|at| at > 0.0) {
            return marks;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{awaited} was not painted: {}", world.browser.text().await);
}

#[tokio::test]
#[ignore = "measures: `cargo xtask bench`"]
async fn growth_of_the_claims() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        let usual = time_to_claims(&world).await;

        // The app does not verify a stored token again, so it accepts one with more claims.
        let stored = world.browser.run("return Object.entries(sessionStorage)").await;
        let entries: Vec<(String, String)> = serde_json::from_value(stored).unwrap();
        let session = entries.iter().find(|(key, _)| key.ends_with(".session"));
        let (key, session) = session.unwrap();
        let mut session: Value = serde_json::from_str(session).unwrap();
        let token = session["id_token"].as_str().unwrap().to_owned();
        let parts: Vec<&str> = token.split('.').collect();
        let claims = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
        let mut claims: Value = serde_json::from_slice(&claims).unwrap();
        claims["cognito:groups"] = (0..200).map(|group| format!("group-{group:03}")).collect();
        for attribute in 0..100 {
            claims[format!("custom:attribute-{attribute:03}")] = "x".repeat(100).into();
        }
        let claims = claims.to_string();
        let many = URL_SAFE_NO_PAD.encode(&claims);
        session["id_token"] = [parts[0], &many, parts[2]].join(".").into();
        let store = format!(
            "sessionStorage.setItem({}, {})",
            json!(key),
            json!(session.to_string())
        );
        world.browser.run(&store).await;
        // The API would reject its signature, and the app would end the session.
        world.set_setting("apiUrl", "http://127.0.0.1:1/dev");
        world.browser.reload().await;
        world.browser.warns_of("could not reach the server").await;
        let large = time_to_claims(&world).await;
        println!(
            "\nclaims, from the click to the table: {usual:.0} ms usually, {large:.0} ms for {} bytes with 200 groups and \
             100 attributes",
            claims.len()
        );
    })
    .await;
}

/// How long it takes to show the claims, in milliseconds.
async fn time_to_claims(world: &World) -> f64 {
    let script = "
        const button = [...document.querySelectorAll('button')].find(it => it.ariaExpanded === 'false');
        const start = performance.now();
        button.click();
        return new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))))";
    world.browser.find("//button[@aria-expanded='false']").await;
    let duration = world.browser.run(script).await.as_f64().unwrap();
    world.browser.sees("Claims in your ID token").await;
    duration
}

#[tokio::test]
#[ignore = "measures: `cargo xtask bench`"]
async fn growth_over_ten_thousand_sign_ins() {
    journey(async |world| {
        // The page's scripts cannot reach the module's memory otherwise.
        let expose = "
            const instantiate = WebAssembly.instantiateStreaming;
            WebAssembly.instantiateStreaming = async (...parameters) => {
                const result = await instantiate.apply(WebAssembly, parameters);
                window.memory = Object.values(result.instance.exports).find(it => it instanceof WebAssembly.Memory);
                return result;
            }";
        world.browser.run_before_each_page(expose).await;
        world.set_setting("storage", "local");
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        // Removes and stores the session as another tab would.
        let cycles = "
            const [count] = arguments, done = arguments[arguments.length - 1];
            const key = Object.keys(localStorage).find(key => key.endsWith('.session'));
            window.session ??= [key, localStorage[key]];
            const task = () => new Promise(done => setTimeout(done));
            (async () => {
                for (let cycle = 0; cycle < count; cycle++) {
                    localStorage.removeItem(window.session[0]);
                    dispatchEvent(new Event('storage'));
                    await task();
                    if (!document.querySelector('[role=alert]')) return done('not signed out');
                    localStorage.setItem(...window.session);
                    dispatchEvent(new Event('storage'));
                    await task();
                    if (document.querySelector('[role=alert]')) return done('not signed in');
                }
                await new Promise(done => setTimeout(done, 1000));
                done([memory.buffer.byteLength, document.querySelectorAll('*').length]);
            })()";
        let mut sizes = Vec::new();
        // In steps of a thousand, because a script has to end before WebDriver's time is over.
        for (steps, size) in [(1, 100), (1, 900), (9, 1000)] {
            let mut grown = json!(null);
            for _ in 0..steps {
                grown = world.browser.run_async(cycles, json!(size)).await;
                assert!(grown.is_array(), "{grown}");
            }
            let count = steps * size;
            let heap = world.browser.heap().await;
            println!("\nafter {count} more sign-ins and sign-outs in one page: module {} bytes, heap {heap} bytes, {} elements", grown[0], grown[1]);
            sizes.push(grown);
        }
        world.app().greets(EMAIL).await;
        assert_eq!(sizes[0], sizes[2], "the page has grown since the first 100");
    })
    .await;
}

#[tokio::test]
#[ignore = "measures: `cargo xtask bench`"]
async fn growth_to_fifty_tabs() {
    const TABS: usize = 50;
    journey(async |world| {
        world.set_setting("storage", "local");
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        for _ in 1..TABS {
            world.browser.open_tab().await;
            world.app().open().await;
            world.app().greets(EMAIL).await;
        }
        let start = Instant::now();
        world.app().sign_out().await;
        for tab in 0..TABS {
            world.browser.switch_to_tab(tab).await;
            world.app().offers_to_sign_in().await;
        }
        println!(
            "\n{TABS} tabs with one session: all were visited, and signed out, {} ms after the sign-out in one of them",
            start.elapsed().as_millis()
        );
    })
    .await;
}
