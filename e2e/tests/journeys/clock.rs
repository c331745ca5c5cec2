//! Clocks that are wrong, and what only a clock says. Cognito's and the app's servers know the time.

use std::time::Duration;

use e2e::{EMAIL, PASSWORD, World, journey};

/// Lets a journey set this device's clock. It stays wrong when the page is reloaded.
const ADJUSTABLE_CLOCK: &str = "
    const now = Date.now;
    Date.now = () => now() + 1000 * Number(sessionStorage.getItem('clock-ahead'))";

/// Sets this device's clock ahead by this number of seconds, or behind.
async fn set_clock_ahead(world: &World, seconds: i64) {
    let script = format!("sessionStorage.setItem('clock-ahead', {seconds})");
    world.browser.run(&script).await;
    world.browser.resume().await;
}

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

/// The notice of a wrong clock.
const CLOCK_WRONG: &str = "This device’s clock looks wrong.";

/// A user who is signed in for an hour, on a device whose clock can be set.
async fn sign_in(world: &World, grant: &str) {
    world.set_setting("grant", grant);
    world.run_before_the_app(ADJUSTABLE_CLOCK);
    world.sign_in().await;
    world.app().greets(EMAIL).await;
}

/// Waits until the page shows the time that is left by Cognito's clock.
async fn almost_an_hour_is_left(world: &World) {
    for _ in 0..150 {
        let text = world.browser.text().await;
        if (55..=60).any(|minutes| text.contains(&format!("{minutes} min"))) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{}", world.browser.text().await);
}

#[tokio::test]
async fn a_clock_that_is_set_does_not_end_a_session_that_cannot_be_refreshed() {
    journey(async |world| {
        sign_in(&world, "implicit").await;
        for ahead in [65 * MINUTE, -10 * MINUTE] {
            set_clock_ahead(&world, ahead).await;
            world.browser.warns_of(CLOCK_WRONG).await;
            world.app().greets(EMAIL).await;
            almost_an_hour_is_left(&world).await;
            world.browser.reload().await;
            world.app().greets(EMAIL).await;
            world.browser.warns_of(CLOCK_WRONG).await;

            set_clock_ahead(&world, 0).await;
            world.browser.warns_of_nothing().await;
            world.app().greets(EMAIL).await;
            almost_an_hour_is_left(&world).await;
            world.browser.reload().await;
            world.app().greets(EMAIL).await;
            world.browser.warns_of_nothing().await;
        }
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn a_clock_that_is_set_does_not_end_a_session_while_the_page_is_closed() {
    for grant in ["implicit", "code"] {
        journey(async move |world| {
            sign_in(&world, grant).await;
            let set = async |ahead: i64| {
                world
                    .browser
                    .run(&format!(
                        "sessionStorage.setItem('clock-ahead', {ahead}); location.reload()"
                    ))
                    .await;
            };
            set(65 * MINUTE).await;
            world.browser.warns_of(CLOCK_WRONG).await;
            world.app().greets(EMAIL).await;
            set(0).await;
            world.app().greets(EMAIL).await;
            world.browser.warns_of_nothing().await;
            almost_an_hour_is_left(&world).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_clock_that_is_set_does_not_end_a_session_that_is_refreshed() {
    for ahead in [2 * HOUR, -10 * MINUTE] {
        journey(async move |world| {
            world.stack.set_refresh_token_rotation(true);
            sign_in(&world, "code").await;
            set_clock_ahead(&world, ahead).await;
            world.browser.warns_of(CLOCK_WRONG).await;
            let before = world.stack.refreshes();
            world.browser.press("Renew now").await;
            world
                .wait_until("refreshed", |stack| stack.refreshes() > before)
                .await;
            almost_an_hour_is_left(&world).await;
            world.browser.warns_of(CLOCK_WRONG).await;
            world.app().greets(EMAIL).await;
            world.browser.reload().await;
            world.app().greets(EMAIL).await;
            world.browser.warns_of(CLOCK_WRONG).await;

            set_clock_ahead(&world, 0).await;
            world.browser.warns_of_nothing().await;
            world.app().greets(EMAIL).await;
            almost_an_hour_is_left(&world).await;
            world.browser.reload().await;
            world.app().greets(EMAIL).await;
            world.browser.warns_of_nothing().await;
            assert_eq!(world.stack.refresh_tokens(), 1);
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_that_only_this_devices_clock_calls_expired_is_kept() {
    journey(async |world| {
        sign_in(&world, "implicit").await;
        world.browser.set_offline(true).await;
        set_clock_ahead(&world, 65 * MINUTE).await;
        world
            .browser
            .warns_of("According to this device’s clock, your session has expired.")
            .await;
        world.app().greets(EMAIL).await;
        world.browser.stores(".session").await;

        world.browser.set_offline(false).await;
        world.browser.warns_of(CLOCK_WRONG).await;
        world.app().greets(EMAIL).await;
        set_clock_ahead(&world, 0).await;
        world.browser.warns_of_nothing().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_has_expired_while_the_page_was_closed_says_so() {
    journey(async |world| {
        world.stack.set_token_lifetime(6);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open("about:blank").await;
        tokio::time::sleep(Duration::from_secs(7)).await;
        world.app().open().await;
        world.browser.warns_of("Your session has expired.").await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
    })
    .await;
}

#[tokio::test]
async fn a_response_that_is_opened_late_does_not_outlive_its_token() {
    journey(async |world| {
        const LATE: u64 = 40 * 60;
        world.stack.set_token_lifetime(LATE + 12);
        world.app().open().await;
        world.app().sign_in().await;
        world.hosted_ui().asks_for_credentials().await;
        let late = format!("const now = Date.now; Date.now = () => now() + {LATE}000");
        world.run_before_the_app(&late);
        world.set_server_clock_ahead(LATE);
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
        world
            .browser
            .eventually_sees("Your session has expired.")
            .await;
        world.no_token_is_stored().await;
    })
    .await;
}
