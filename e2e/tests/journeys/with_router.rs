//! `examples/with-router`: deep links, guarded routes, and a page with data of its own.

use std::time::Duration;

use dev_stack::faults::Fault;
use e2e::{EMAIL, ENTER, PASSWORD, Preferences, World, example_journey, example_journey_with};
use serde_json::json;

/// The button on a guarded page. The header has one with the same name.
const SIGN_IN: &str = "//main//button[normalize-space()='Sign in']";

/// Opens `/orders` and signs in there.
async fn sign_in_at_orders(world: &World) {
    world.app().open_with("orders").await;
    press_sign_in(world).await;
    world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
    shows_orders(world).await;
}

async fn press_sign_in(world: &World) {
    let button = world.browser.find(SIGN_IN).await;
    button.click().await.unwrap();
}

async fn order(world: &World, item: &str) {
    world.browser.fill_in("Item", item).await;
    world.browser.press("Order").await;
}

async fn has_ordered(world: &World, item: &str) {
    let entry = format!("//li[normalize-space()='{item}']");
    world.browser.find(&entry).await;
}

/// The text in the field "Item".
async fn item(world: &World) -> String {
    let value = world
        .browser
        .run("return document.querySelector('input').value");
    value.await.as_str().unwrap().to_owned()
}

async fn shows(world: &World, heading: &str) {
    let heading = format!("//h1[normalize-space()='{heading}']");
    world.browser.find(&heading).await;
}

async fn shows_orders(world: &World) {
    shows(world, &format!("Orders of {EMAIL}")).await;
}

async fn asks_to_sign_in(world: &World) {
    shows(world, "Sign in to see your orders").await;
    world.browser.find(SIGN_IN).await;
    assert!(!world.browser.text().await.contains(EMAIL));
}

/// Waits until the session has been renewed once more.
async fn is_renewed(world: &World) {
    let before = world.stack.refreshes();
    for _ in 0..100 {
        world.browser.resume().await;
        if world.stack.refreshes() > before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("not renewed: {}", world.browser.text().await);
}

#[tokio::test]
async fn a_deep_link_asks_to_sign_in_and_opens_after_the_sign_in() {
    for grant in ["implicit", "code"] {
        example_journey(async move |world| {
            world.set_setting("grant", grant);
            let deep_link = format!("{}orders?sort=newest&q=a%20b", world.app_url);
            world.browser.open(&deep_link).await;
            asks_to_sign_in(&world).await;
            // The page does not leave without a click.
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_eq!(world.browser.address().await, deep_link);

            press_sign_in(&world).await;
            world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
            shows_orders(&world).await;
            assert_eq!(world.browser.address().await, deep_link);
            world.no_token_leaks().await;

            world.browser.reload().await;
            shows_orders(&world).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_sign_in_that_fails_stays_at_the_deep_link() {
    example_journey(async |world| {
        world.stack.set_fault(Some(Fault::Denied));
        world.app().open_with("profile").await;
        shows(&world, "Sign in to see your profile").await;
        press_sign_in(&world).await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.browser.sees("You could not be signed in").await;
        shows(&world, "Sign in to see your profile").await;
        let profile = format!("{}profile", world.app_url);
        assert_eq!(world.browser.address().await, profile);
        world.no_token_leaks().await;

        // The Hosted UI still has its session cookie, so it does not ask for the password.
        world.stack.set_fault(None);
        press_sign_in(&world).await;
        shows(&world, "Your profile").await;
        assert_eq!(world.browser.address().await, profile);
    })
    .await;
}

#[tokio::test]
async fn an_order_appears_in_the_list_and_is_there_after_a_reload() {
    example_journey(async |world| {
        sign_in_at_orders(&world).await;
        for tea in ["Darjeeling", "Sencha"] {
            order(&world, tea).await;
            has_ordered(&world, tea).await;
            assert_eq!(item(&world).await, "", "the field is not cleared");
            assert_eq!(world.browser.focused().await, "Order");
        }
        world.browser.reload().await;
        has_ordered(&world, "Darjeeling").await;
        has_ordered(&world, "Sencha").await;
    })
    .await;
}

#[tokio::test]
async fn an_order_that_is_submitted_twice_is_placed_once() {
    example_journey(async |world| {
        sign_in_at_orders(&world).await;
        world.browser.fill_in("Item", "Sencha").await;
        let submit = "const form = document.querySelector('form');
            form.requestSubmit();
            form.requestSubmit()";
        world.browser.run(submit).await;
        has_ordered(&world, "Sencha").await;
        order(&world, "Darjeeling").await;
        has_ordered(&world, "Darjeeling").await;
        let orders = "return [...document.querySelectorAll('li')].map(order => order.textContent)";
        assert_eq!(
            world.browser.run(orders).await,
            json!(["Sencha", "Darjeeling"])
        );
    })
    .await;
}

#[tokio::test]
async fn a_half_filled_form_survives_a_renewal() {
    example_journey(async |world| {
        world.set_setting("grant", "code");
        world.stack.set_token_lifetime(4);
        sign_in_at_orders(&world).await;
        world.browser.fill_in("Item", "Darj").await;
        is_renewed(&world).await;
        is_renewed(&world).await;
        shows_orders(&world).await;
        assert_eq!(item(&world).await, "Darj");

        // The field still has the focus.
        world.browser.type_key(&format!("eeling{ENTER}")).await;
        has_ordered(&world, "Darjeeling").await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_order_is_explained_and_can_be_repeated() {
    example_journey(async |world| {
        sign_in_at_orders(&world).await;
        for (fault, message) in [
            (Fault::ServerError, "responded with status 500"),
            (Fault::NotJson, "response is not valid"),
            (Fault::NoCors, "cannot be reached"),
        ] {
            world.stack.set_fault(Some(fault));
            order(&world, "Sencha").await;
            world.browser.warns_of(message).await;
            assert_eq!(item(&world).await, "Sencha");
        }
        world.stack.set_fault(None);
        order(&world, " ").await;
        world.browser.warns_of("responded with status 400").await;

        order(&world, "Sencha").await;
        has_ordered(&world, "Sencha").await;
        assert!(!world.browser.text().await.contains("the API"));
    })
    .await;
}

#[tokio::test]
async fn a_list_that_cannot_be_loaded_is_explained() {
    example_journey(async |world| {
        world.stack.set_fault(Some(Fault::ServerError));
        sign_in_at_orders(&world).await;
        world.browser.warns_of("responded with status 500").await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_the_api_refuses_ends_at_the_guard() {
    example_journey(async |world| {
        sign_in_at_orders(&world).await;
        world.stack.set_fault(Some(Fault::Unauthorized));
        order(&world, "Sencha").await;
        asks_to_sign_in(&world).await;
        world.browser.sees("Your session has ended").await;
        world.no_token_is_stored().await;

        world.stack.set_fault(None);
        press_sign_in(&world).await;
        shows_orders(&world).await;
    })
    .await;
}

#[tokio::test]
async fn links_change_the_page_and_keep_the_session() {
    example_journey(async |world| {
        world.app().open().await;
        shows(&world, "Corner Shop").await;
        world.browser.press("Sign in").await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.browser.sees(&format!("Signed in as {EMAIL}")).await;
        assert_eq!(world.browser.address().await, world.app_url);

        world.browser.run("window.isSamePage = true").await;
        for (link, heading, path) in [
            ("Orders", format!("Orders of {EMAIL}"), "orders"),
            ("Profile", "Your profile".to_owned(), "profile"),
            ("Home", "Corner Shop".to_owned(), ""),
            ("orders", format!("Orders of {EMAIL}"), "orders"),
        ] {
            world.browser.follow(link).await;
            shows(&world, &heading).await;
            let address = format!("{}{path}", world.app_url);
            assert_eq!(world.browser.address().await, address);
        }
        let current = world.browser.find("//a[@aria-current='page']").await;
        assert_eq!(current.text().await.unwrap(), "Orders");
        world.browser.go_back().await;
        shows(&world, "Corner Shop").await;
        let is_same_page = world.browser.run("return window.isSamePage").await;
        assert_eq!(is_same_page, true, "a link has reloaded the page");
    })
    .await;
}

#[tokio::test]
async fn after_signing_out_neither_a_route_nor_the_back_button_shows_the_user() {
    example_journey(async |world| {
        sign_in_at_orders(&world).await;
        order(&world, "Darjeeling").await;
        has_ordered(&world, "Darjeeling").await;
        world.browser.press("Sign out").await;
        world.browser.sees("You have signed out.").await;
        world.no_token_is_stored().await;

        world.browser.follow("Orders").await;
        asks_to_sign_in(&world).await;
        // Back to the home page, and then to the page that the user signed out from.
        for _ in 0..2 {
            world.browser.go_back().await;
        }
        asks_to_sign_in(&world).await;
        assert!(!world.browser.text().await.contains("Darjeeling"));
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    example_journey(async |world| {
        world.app().open_with("nowhere").await;
        shows(&world, "Page not found").await;
        world.browser.follow("Go to the home page").await;
        shows(&world, "Corner Shop").await;
    })
    .await;
}

#[tokio::test]
async fn a_missing_setting_is_named() {
    example_journey(async |world| {
        world.set_config_file(Some("{}"));
        world.app().open().await;
        world.browser.warns_of("userPoolDomain").await;
    })
    .await;
}

#[tokio::test]
async fn axe_finds_nothing_in_the_example() {
    for is_dark in [false, true] {
        let preferences = Preferences {
            is_dark,
            ..Preferences::default()
        };
        example_journey_with(preferences, async |world| {
            world.app().open().await;
            shows(&world, "Corner Shop").await;
            world.browser.axe_finds_nothing("home").await;
            world.app().open_with("orders").await;
            asks_to_sign_in(&world).await;
            world.browser.axe_finds_nothing("guard").await;

            sign_in_at_orders(&world).await;
            world.stack.set_fault(Some(Fault::ServerError));
            order(&world, "Sencha").await;
            world.browser.warns_of("responded with status 500").await;
            world.browser.axe_finds_nothing("orders").await;
            world.browser.follow("Profile").await;
            shows(&world, "Your profile").await;
            world.browser.axe_finds_nothing("profile").await;
        })
        .await;
    }
}
