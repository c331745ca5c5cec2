//! The page for everyone: by keyboard alone, with a screen reader, in another language, on a small screen, offline.

use dev_stack::faults::Fault;
use e2e::{EMAIL, PASSWORD, World, journey, journey_with_preferences};
use serde_json::json;

/// On this state of the page axe finds nothing, and on the smallest of screens nothing is cut off.
async fn is_for_everyone(world: &World, state: &str) {
    world.browser.axe_finds_nothing(state).await;
    world.browser.set_width(320).await;
    world.browser.has_no_sideways_scrolling(state).await;
    // Written from right to left, it does not break either.
    world.browser.run("document.dir = 'rtl'").await;
    let from_the_right = format!("{state}, from right to left");
    world
        .browser
        .has_no_sideways_scrolling(&from_the_right)
        .await;
    world.browser.run("document.dir = 'ltr'").await;
    world.browser.set_width(1100).await;
}

#[tokio::test]
async fn axe_finds_nothing_on_the_way_in_and_out() {
    journey(async |world| {
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
        world.browser.warns_of("You have signed out").await;
        is_for_everyone(&world, "signed out, with a notice").await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_when_things_go_wrong() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::Denied));
        world.sign_in().await;
        world.browser.warns_of("cancelled or not allowed").await;
        is_for_everyone(&world, "an error with a quotation").await;

        world.stack.set_fault(Some(Fault::ServerError));
        // Cognito still knows the person.
        world.app().sign_in().await;
        world.browser.warns_of("answered with status 500").await;
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
async fn axe_finds_nothing_on_the_setup_page_and_while_loading() {
    journey(async |world| {
        world.app().open_with("#setup").await;
        world.browser.sees("lets nobody in without a token").await;
        is_for_everyone(&world, "setup").await;
        world.set_setting("apiUrl", "http://127.0.0.1:1/dev");
        world.app().open_with("#setup").await;
        world.browser.sees("“apiUrl” is misspelt").await;
        is_for_everyone(&world, "setup with a finding").await;

        world.browser.block("*.wasm").await;
        world.app().open().await;
        world.browser.sees("Welcome").await;
        is_for_everyone(&world, "first look").await;
        world.browser.press("Sign in").await;
        world.browser.sees("Loading…").await;
        is_for_everyone(&world, "loading").await;
        // Whoever waits in vain is told why.
        world.browser.comes_to_see("current browser").await;
        is_for_everyone(&world, "loading in vain").await;
    })
    .await;
}

/// The app begins when the page's `go` is called, and not before.
const LATE: &str = "
    const called = new Promise(done => window.go = done);
    const begin = WebAssembly.instantiateStreaming;
    WebAssembly.instantiateStreaming = async (...given) => {
        await called;
        return begin.apply(WebAssembly, given);
    }";

#[tokio::test]
async fn who_comes_first_can_press_before_the_app_is_there_and_who_comes_back_sees_it_load() {
    journey(async |world| {
        let loads = async || {
            world.browser.sees("Loading…").await;
            let page = world.browser.text().await;
            assert!(!page.contains("Sign in\n"), "{page}");
            world.browser.run("go()").await;
        };
        world.browser.run_first(LATE).await;
        world.app().open().await;
        world.browser.press("Sign in").await;
        loads().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        loads().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.browser.layout_shift().await, 0.0);
        world.browser.reload().await;
        loads().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn the_app_goes_on_where_the_focus_is() {
    journey(async |world| {
        world.browser.run_first(LATE).await;
        world.app().open().await;
        while world.browser.focused().await != "Sign in" {
            world.browser.type_key("\u{e004}").await;
        }
        world.browser.run("go()").await;
        world.app().offers_to_sign_in().await;
        assert_eq!(world.browser.focused().await, "Sign in");
        world.browser.type_key("\u{e007}").await;
        world.hosted_ui().asks_who_it_is().await;
    })
    .await;
}

#[tokio::test]
async fn the_whole_journey_works_by_keyboard_alone() {
    journey(async |world| {
        let by_keyboard = |name| world.browser.press_by_keyboard(name);
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        by_keyboard("Sign in").await;
        world.hosted_ui().asks_who_it_is().await;
        while world.browser.focused().await != "Email" {
            world.browser.type_key("\u{e004}").await;
        }
        world.browser.type_key(EMAIL).await;
        world.browser.type_key("\u{e004}").await;
        assert_eq!(world.browser.focused().await, "Password");
        world.browser.type_key(PASSWORD).await;
        world.browser.type_key("\u{e007}").await;
        world.app().greets(EMAIL).await;

        // What is pressed keeps the focus, though the page is drawn anew.
        by_keyboard("Call the API again").await;
        world.app().greets(EMAIL).await;
        world.browser.comes_to_see("Call the API again").await;
        assert_eq!(world.browser.focused().await, "Call the API again");
        by_keyboard("Show the ID token’s claims").await;
        world.browser.sees("cognito:username").await;
        let focused = world.browser.focused().await;
        assert_eq!(focused, "Hide the ID token’s claims");
        by_keyboard("With my token").await;
        by_keyboard("I understand, show it").await;
        world.browser.sees("Authorization: ey").await;

        // Another page begins at its heading.
        by_keyboard("Setup").await;
        world.browser.sees("Register in Cognito").await;
        assert_eq!(world.browser.focused().await, "Setup");
        by_keyboard("Copy: Allowed callback URL").await;
        world.browser.comes_to_see("Copied.").await;
        by_keyboard("Check again").await;
        world.browser.sees("lets nobody in without a token").await;
        by_keyboard("Home").await;
        world.app().greets(EMAIL).await;

        by_keyboard("Sign out").await;
        world.browser.warns_of("You have signed out").await;
        world.no_token_is_stored().await;
    })
    .await;
}

#[tokio::test]
async fn pages_are_found_again_by_back_and_forward_and_have_titles() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        let title = async || world.browser.client.title().await.unwrap_or_default();
        assert_eq!(title().await, "Hi Users");
        world.browser.follow("Setup").await;
        world.browser.sees("Register in Cognito").await;
        assert_eq!(title().await, "Setup · Hi Users");
        world.browser.go_back().await;
        world.app().greets(EMAIL).await;
        assert_eq!(title().await, "Hi Users");
        let forward = "history.forward()";
        world.browser.run(forward).await;
        world.browser.sees("Register in Cognito").await;
        world.browser.reload().await;
        world.browser.sees("Register in Cognito").await;
        world.browser.follow("Home").await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn the_setup_page_tells_what_is_wrong_and_why() {
    journey(async |world| {
        let page = format!("{}#setup", world.app_url);
        world.browser.open(&page).await;
        for good in [
            "Found: 2.",
            "It answers.",
            "It agrees with the server",
            "It stores what a sign-in needs.",
            "lets nobody in without a token",
        ] {
            world.browser.sees(good).await;
        }
        let url = world.app_url.clone();
        for (key, value, words) in [
            ("issuer", "http://127.0.0.1:1/x", "a wrong “issuer”"),
            ("issuer", url.as_str(), "no RS256 key is in it"),
            (
                "userPoolDomain",
                "http://127.0.0.1:1",
                "“userPoolDomain” is misspelt",
            ),
            ("apiUrl", "http://127.0.0.1:1/dev", "“apiUrl” is misspelt"),
            (
                "apiUrl",
                &format!("{url}api"),
                "knows no such path or method",
            ),
            (
                "apiUrl",
                &format!("{url}elsewhere"),
                "without a token. The method",
            ),
            (
                "redirectUri",
                "https://other.example.com/",
                "This page has another address",
            ),
        ] {
            world.set_setting(key, value);
            world.browser.open(&page).await;
            world.browser.sees(words).await;
        }
        world.set_settings(json!({}));
        world.stack.set_fault(Some(Fault::NoCors));
        world.browser.open(&page).await;
        world.browser.sees("but this page may not read that").await;
        world.stack.set_fault(Some(Fault::NoKeys));
        world.browser.press("Check again").await;
        world.browser.sees("The issuer answered with status").await;
        world.stack.set_fault(None);
        world.browser.press("Check again").await;
        world.browser.sees("lets nobody in without a token").await;
    })
    .await;
}

#[tokio::test]
async fn a_person_reads_their_own_language_and_cognito_hears_of_it() {
    let spanish = json!({ "intl.accept_languages": "es-MX,en" });
    journey_with_preferences(spanish, async |world| {
        world.app().open().await;
        world.browser.sees("Le damos la bienvenida").await;
        world.browser.axe_finds_nothing("Spanish").await;
        world.browser.press("Iniciar sesión").await;
        world.hosted_ui().asks_who_it_is().await;
        let address = world.browser.address().await;
        assert!(address.contains("&lang=es"), "{address}");
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.browser.sees("Sesión iniciada como").await;
        world.browser.sees("59 min").await;
        world.browser.sees("hace ").await;

        // What is chosen is remembered, and stands above what the browser asks for.
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
        world.browser.sees("lets nobody in without a token").await;
        world.browser.press("Español").await;
        world.browser.sees("no deja pasar a nadie sin token").await;
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
async fn whoever_is_offline_is_told_so_and_greeted_when_they_are_back() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.set_offline(true).await;
        world.browser.comes_to_see("You are offline").await;
        world.browser.press("Call the API again").await;
        world.browser.warns_of("could not be reached").await;
        world.browser.set_offline(false).await;
        world.app().greets(EMAIL).await;
        world.browser.comes_to_see("Call the API again").await;
        let text = world.browser.text().await;
        assert!(!text.contains("You are offline"), "{text}");
    })
    .await;
}

#[tokio::test]
async fn what_goes_wrong_where_no_words_can_be_fetched_is_said_all_the_same() {
    journey(async |world| {
        world.browser.block("*/languages/*").await;
        world.stack.set_fault(Some(Fault::NoKeys));
        world.sign_in().await;
        world.browser.warns_of("keys could not be loaded").await;
        world.stack.set_fault(Some(Fault::Nonce));
        world.app().sign_in().await;
        world
            .browser
            .sees("the words for it could not be loaded")
            .await;
        // As soon as they can be had, they are there.
        world.browser.block("nothing").await;
        world.browser.comes_to_see("another sign-in (nonce)").await;
    })
    .await;
}
