//! Accessibility, languages, small screens, the first look, the Setup page, and what clicks do.

use std::time::Duration;

use dev_stack::faults::Fault;
use e2e::{
    EMAIL, ENTER, PASSWORD, Preferences, Tab, World, journey, journey_in_light_and_dark,
    journey_with,
};
use serde_json::json;

/// The preferences of a browser in Spanish.
fn spanish() -> Preferences {
    Preferences {
        languages: "es-MX,en",
        ..Preferences::default()
    }
}

/// axe finds nothing on the current page, and the page fits all screens, from a phone's to a desktop's.
async fn is_for_everyone(world: &World, state: &str) {
    world.browser.axe_finds_nothing(state).await;
    for width in [320, 640, 1280] {
        world.browser.set_width(width).await;
        for direction in ["rtl", "ltr"] {
            let set_direction = format!("document.dir = '{direction}'");
            world.browser.run(&set_direction).await;
            let state = format!("{state}, {direction}, {width} pixels");
            world.browser.does_not_scroll_horizontally(&state).await;
        }
    }
}

#[tokio::test]
async fn axe_finds_nothing_on_the_way_in_and_out() {
    journey_in_light_and_dark(Preferences::default(), async |world| {
        world.set_setting("identityProviders", json!(["Google"]));
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        is_for_everyone(&world, "signed out").await;

        world.sign_in().await;
        world.app().greets(EMAIL).await;
        is_for_everyone(&world, "signed in").await;

        for (name, state) in [
            ("Show the ID token’s claims", "claims"),
            ("With my token", "warned of the token"),
            ("I understand, show it", "the token"),
        ] {
            world.browser.press(name).await;
            is_for_everyone(&world, state).await;
        }
        world.app().sign_out().await;
        is_for_everyone(&world, "signed out, with a notice").await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_when_things_go_wrong() {
    journey_in_light_and_dark(Preferences::default(), async |world| {
        world.stack.set_fault(Some(Fault::Denied));
        world.sign_in().await;
        world.browser.warns_of("canceled or denied").await;
        is_for_everyone(&world, "an error with a quotation").await;

        world.stack.set_fault(Some(Fault::ServerError));
        // Cognito still has its own session.
        world.app().sign_in().await;
        world.browser.warns_of("responded with status 500").await;
        is_for_everyone(&world, "an API that fails").await;

        world.set_config_file(Some("{}"));
        world.app().open().await;
        world.browser.warns_of("no “userPoolDomain”").await;
        is_for_everyone(&world, "broken settings").await;
        world.app().open_with("#setup").await;
        world.browser.sees("Allowed callback URL").await;
        is_for_everyone(&world, "setup with broken settings").await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_on_the_setup_page() {
    journey_in_light_and_dark(Preferences::default(), async |world| {
        world.app().open_with("#setup").await;
        world.browser.sees("rejects requests without a token").await;
        is_for_everyone(&world, "setup").await;
        world.set_setting("apiUrl", "http://127.0.0.1:1/dev");
        world.app().open_with("#setup").await;
        world.browser.sees("a typo in “apiUrl”").await;
        is_for_everyone(&world, "setup with a finding").await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_while_the_app_loads() {
    journey_in_light_and_dark(Preferences::default(), async |world| {
        world.refuse_files(Some("wasm"));
        world.app().open().await;
        world.browser.sees("Welcome").await;
        is_for_everyone(&world, "first look").await;
        world.browser.press("Sign in").await;
        world.browser.sees("Loading…").await;
        is_for_everyone(&world, "loading").await;
        // After a while the page says why the app may not load.
        world.browser.eventually_sees("current browser").await;
        is_for_everyone(&world, "loading in vain").await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_in_spanish() {
    journey_in_light_and_dark(spanish(), async |world| {
        world.app().open().await;
        world.browser.sees("Le damos la bienvenida").await;
        is_for_everyone(&world, "signed out").await;
        world.app().open_with("#setup").await;
        world
            .browser
            .sees("rechaza las solicitudes sin token")
            .await;
        is_for_everyone(&world, "setup").await;
    })
    .await;
}

/// Delays the app until the page's function `go` is called.
const DELAY: &str = "
    const called = new Promise(done => window.go = done);
    const instantiate = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...parameters) => {
        await called;
        return instantiate.apply(WebAssembly, parameters);
    }";

#[tokio::test]
async fn a_first_visitor_can_press_sign_in_before_the_app_loads_and_a_returning_user_sees_it_load()
{
    journey(async |world| {
        let loads = async || {
            world.browser.sees("Loading…").await;
            let page = world.browser.text().await;
            assert!(!page.contains("Sign in\n"), "{page}");
            world.browser.run("go()").await;
        };
        world.run_before_the_app(DELAY);
        world.app().open().await;
        world.browser.press("Sign in").await;
        loads().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        loads().await;
        world.app().greets(EMAIL).await;
        world.browser.reload().await;
        loads().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_press_that_has_begun_when_the_app_mounts_is_not_lost() {
    journey(async |world| {
        world.run_before_the_app(DELAY);
        world.app().open().await;
        world.browser.sees("Sign in").await;
        let press = "document.querySelector('.enter').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
            go()";
        world.browser.run(press).await;
        world.hosted_ui().asks_for_credentials().await;
    })
    .await;
}

#[tokio::test]
async fn the_app_keeps_the_focus_when_it_mounts() {
    journey(async |world| {
        world.run_before_the_app(DELAY);
        world.app().open().await;
        world.browser.focus_by_keyboard("Sign in", Tab::Next).await;
        world.browser.run("go()").await;
        world.app().offers_to_sign_in().await;
        assert_eq!(world.browser.focused().await, "Sign in");
        world.browser.type_key(ENTER).await;
        world.hosted_ui().asks_for_credentials().await;
    })
    .await;
}

#[tokio::test]
async fn the_focus_stays_when_the_page_is_updated() {
    journey(async |world| {
        world.set_setting("grant", "code");
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        for name in [
            "Renew now",
            "Call the API again",
            "Show the ID token’s claims",
        ] {
            let focus = format!(
                "window.focused = [...document.querySelectorAll('button')].find(it => it.textContent === '{name}');
                focused.focus();"
            );
            world.browser.run(&focus).await;
            // The time that is left changes, and the page with it.
            let before = world.browser.text().await;
            let start = tokio::time::Instant::now();
            while world.browser.text().await == before {
                world.browser.resume().await;
                assert!(start.elapsed() < Duration::from_secs(15), "{before}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            let script = "return focused.isConnected && document.activeElement === focused";
            assert_eq!(world.browser.run(script).await, true, "{name}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_whole_journey_works_by_keyboard_alone() {
    journey(async |world| {
        let by_keyboard = |name| world.browser.press_by_keyboard(name, Tab::Next);
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        by_keyboard("Sign in").await;
        world.hosted_ui().asks_for_credentials().await;
        world.browser.focus_by_keyboard("Email", Tab::Next).await;
        world.browser.type_key(EMAIL).await;
        world.browser.move_focus(Tab::Next).await;
        assert_eq!(world.browser.focused().await, "Password");
        world.browser.type_key(PASSWORD).await;
        world.browser.type_key(ENTER).await;
        world.app().greets(EMAIL).await;

        // A pressed button keeps the focus when the page changes.
        by_keyboard("Call the API again").await;
        world.app().greets(EMAIL).await;
        world.browser.eventually_sees("Call the API again").await;
        assert_eq!(world.browser.focused().await, "Call the API again");
        by_keyboard("Show the ID token’s claims").await;
        world.browser.sees("cognito:username").await;
        let focused = world.browser.focused().await;
        assert_eq!(focused, "Hide the ID token’s claims");
        by_keyboard("With my token").await;
        by_keyboard("I understand, show it").await;
        world.browser.sees("Authorization: ey").await;

        // A new page moves the focus to its heading.
        by_keyboard("Setup").await;
        world.browser.sees("URLs to register in Cognito").await;
        assert_eq!(world.browser.focused().await, "Setup");
        by_keyboard("Copy: Allowed callback URL").await;
        world.browser.eventually_sees("Copied.").await;
        by_keyboard("Check again").await;
        world.browser.sees("rejects requests without a token").await;
        by_keyboard("Home").await;
        world.app().greets(EMAIL).await;

        world
            .browser
            .press_by_keyboard("Sign out", Tab::Previous)
            .await;
        world.browser.warns_of("You have signed out").await;
        world.no_token_is_stored().await;
    })
    .await;
}

#[tokio::test]
async fn back_and_forward_work_and_each_page_has_a_title() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.browser.title().await, "Hi Users");
        world.browser.follow("Setup").await;
        world.browser.sees("URLs to register in Cognito").await;
        assert_eq!(world.browser.title().await, "Setup · Hi Users");
        world.browser.go_back().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.browser.title().await, "Hi Users");
        world.browser.go_forward().await;
        world.browser.sees("URLs to register in Cognito").await;
        world.browser.reload().await;
        world.browser.sees("URLs to register in Cognito").await;
        world.browser.follow("Home").await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_new_page_is_read_from_its_top() {
    journey(async |world| {
        // As low as a phone on its side. In a higher window, Chromium would scroll to the top by itself, because it moves what
        // gets the focus to the middle.
        world.browser.set_size(740, 360).await;
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.press("Show the ID token’s claims").await;
        world.browser.sees("cognito:username").await;
        let scroll =
            "window.scrollTo(0, document.documentElement.scrollHeight); return window.scrollY";
        let scrolled = world.browser.run(scroll).await.as_f64();
        assert!(scrolled > Some(100.0), "{scrolled:?}");
        world.browser.follow("Setup").await;
        world.browser.sees("URLs to register in Cognito").await;
        assert_eq!(world.browser.focused().await, "Setup");
        assert_eq!(world.browser.run("return window.scrollY").await, 0);
    })
    .await;
}

#[tokio::test]
async fn the_setup_page_explains_what_is_wrong() {
    journey(async |world| {
        let page = format!("{}#setup", world.app_url);
        world.browser.open(&page).await;
        for good in [
            "Found: 2.",
            "The domain responds.",
            "The clock is within",
            "This browser stores what a sign-in needs.",
            "rejects requests without a token",
        ] {
            world.browser.sees(good).await;
        }
        let url = world.app_url.clone();
        for (key, value, message) in [
            ("issuer", "http://127.0.0.1:1/x", "a wrong “issuer”"),
            ("issuer", url.as_str(), "contains no RS256 key"),
            (
                "userPoolDomain",
                "http://127.0.0.1:1",
                "a typo in “userPoolDomain”",
            ),
            ("apiUrl", "http://127.0.0.1:1/dev", "a typo in “apiUrl”"),
            ("apiUrl", &format!("{url}api"), "has no such path or method"),
            (
                "apiUrl",
                &format!("{url}elsewhere"),
                "accepts requests without a token",
            ),
            (
                "redirectUri",
                "https://other.example.com/",
                "This page has a different address",
            ),
        ] {
            world.set_setting(key, value);
            world.browser.open(&page).await;
            world.browser.sees(message).await;
        }
        world.set_settings(json!({}));
        world.stack.set_fault(Some(Fault::NoCors));
        world.browser.open(&page).await;
        world
            .browser
            .sees("this page cannot read the response")
            .await;
        world.stack.set_fault(Some(Fault::NoKeys));
        world.browser.press("Check again").await;
        world.browser.sees("The issuer responded with status").await;
        world.stack.set_fault(None);
        world.browser.press("Check again").await;
        world.browser.sees("rejects requests without a token").await;
    })
    .await;
}

#[tokio::test]
async fn the_app_and_cognito_use_the_users_language() {
    journey_with(spanish(), async |world| {
        world.app().open().await;
        world.browser.sees("Le damos la bienvenida").await;
        world.browser.press("Iniciar sesión").await;
        world.hosted_ui().asks_for_credentials().await;
        let address = world.browser.address().await;
        assert!(address.contains("&lang=es"), "{address}");
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.browser.sees("Sesión iniciada como").await;
        world.browser.sees("59 min").await;
        world.browser.sees("hace ").await;

        // The user's choice is remembered, and takes precedence over the browser's language.
        world.browser.press("English").await;
        world.browser.sees("Signed in as").await;
        assert_eq!(
            world
                .browser
                .run("return document.documentElement.lang")
                .await,
            "en"
        );
        world.browser.reload().await;
        world.browser.sees("Signed in as").await;
        world.browser.follow("Setup").await;
        world.browser.sees("rejects requests without a token").await;
        world.browser.press("Español").await;
        world
            .browser
            .sees("rechaza las solicitudes sin token")
            .await;
        assert_eq!(
            world
                .browser
                .run("return document.documentElement.lang")
                .await,
            "es"
        );
    })
    .await;
}

#[tokio::test]
async fn an_offline_user_is_told_so_and_greeted_when_back_online() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.set_offline(true).await;
        world.browser.eventually_sees("You are offline").await;
        world.browser.press("Call the API again").await;
        world.browser.warns_of("could not reach the server").await;
        world.browser.set_offline(false).await;
        world.app().greets(EMAIL).await;
        world.browser.eventually_sees("Call the API again").await;
        let text = world.browser.text().await;
        assert!(!text.contains("You are offline"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn a_user_can_sign_out_on_the_setup_page() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.follow("Setup").await;
        world.browser.sees("URLs to register in Cognito").await;
        let button = "//button[normalize-space()='Sign out']";
        let header = format!("//header[contains(., '{EMAIL}')]{button}");
        world.browser.find(&header).await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;
        assert_eq!(world.browser.address().await, world.app_url);
        world.no_token_is_stored().await;
        world.no_token_leaks().await;
        // Cognito's own session has ended too.
        world.app().sign_in().await;
        world.hosted_ui().asks_for_credentials().await;
    })
    .await;
}

/// Stops the page's clock, so that texts such as “3 s ago” do not change.
const STOP_THE_CLOCK: &str = "const now = Date.now(); Date.now = () => now";

/// Clicks all elements of the page that are not controls, and returns their number. Then clicks elements that are not the
/// app's and have a `value`: an app that handles all clicks in one place must not take them for its own controls.
const CLICK: &str = "
    const controls = 'a, button, input, label, option, select, summary, textarea';
    const elements = document.querySelectorAll('body, body *');
    const others = [...elements].filter(it => !it.closest(controls));
    const foreign = [];
    for (const tag of ['button', 'data', 'li', 'meter', 'option', 'radio'])
        for (let value = 0; value < 20; value++) {
            const element = document.createElement(tag === 'radio' ? 'input' : tag);
            if (tag === 'radio' || tag === 'button') element.type = tag;
            element.setAttribute('value', value);
            foreign.push(element);
        }
    document.querySelector('main').append(...foreign);
    for (const element of [...others, ...foreign])
        element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, composed: true }));
    foreign.forEach(it => it.remove());
    return others.length";

/// The address, the storage and the text of the page.
async fn snapshot(world: &World) -> [String; 3] {
    [
        world.browser.address().await,
        world.browser.stored().await,
        world.browser.text().await,
    ]
}

/// Waits until requests of the page have finished and no longer change it.
async fn settled(world: &World) -> [String; 3] {
    let mut last = snapshot(world).await;
    for _ in 0..30 {
        tokio::time::sleep(Duration::from_millis(500)).await;
        let next = snapshot(world).await;
        if next == last {
            return next;
        }
        last = next;
    }
    panic!("the page keeps changing: {last:?}");
}

async fn only_controls_react_to_clicks(world: &World, state: &str) {
    let before = settled(world).await;
    let clicked = world.browser.run(CLICK).await;
    // An effect may follow in a later task.
    world.browser.resume().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(snapshot(world).await, before, "{state}");
    assert!(clicked.as_u64() > Some(10), "{state}: {clicked} clicks");
}

#[tokio::test]
async fn a_click_on_anything_but_a_control_changes_nothing() {
    journey(async |world| {
        world.run_before_the_app(STOP_THE_CLOCK);
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        only_controls_react_to_clicks(&world, "signed out").await;

        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.press("Show the ID token’s claims").await;
        world.browser.sees("cognito:username").await;
        only_controls_react_to_clicks(&world, "signed in").await;

        world.browser.follow("Setup").await;
        world.browser.sees("rejects requests without a token").await;
        only_controls_react_to_clicks(&world, "setup").await;
        world.app().sign_out().await;

        world.stack.set_fault(Some(Fault::Denied));
        world.sign_in().await;
        world.browser.warns_of("canceled or denied").await;
        only_controls_react_to_clicks(&world, "a failed sign-in").await;

        world.set_config_file(Some("{}"));
        world.app().open().await;
        world.browser.warns_of("no “userPoolDomain”").await;
        only_controls_react_to_clicks(&world, "invalid settings").await;
    })
    .await;
}
