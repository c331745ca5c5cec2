//! Signing out: in all tabs, at Cognito, without a network, and while other things are going on.

use std::time::{Duration, Instant};

use dev_stack::faults::Fault;
use dev_stack::{CLIENT_ID, DevStack};
use e2e::{EMAIL, PASSWORD, World, journey};
use serde_json::json;

/// The next sign-in asks for the password, because Cognito's own session has ended, too.
async fn cognito_has_forgotten_the_user(world: &World) {
    world.app().sign_in().await;
    world.hosted_ui().asks_for_credentials().await;
}

/// The notice of a sign-out that Cognito does not know of yet.
const UNFINISHED: &str = "You are signed out here, but not at Cognito yet.";

/// Signs out without a network.
async fn sign_out_offline(world: &World) {
    world.browser.set_offline(true).await;
    world.browser.press("Sign out").await;
    world.browser.warns_of(UNFINISHED).await;
    world
        .browser
        .warns_of("anyone who uses this browser can sign in to your account without a password")
        .await;
    world.no_token_is_stored().await;
    assert_eq!(world.browser.address().await, world.app_url);
    let text = world.browser.text().await;
    assert!(text.contains("Finish signing out"), "{text}");
    assert!(!text.contains("Create account"), "{text}");
    assert_eq!(world.stack.sign_outs(), 0);
}

#[tokio::test]
async fn a_sign_out_without_a_network_is_finished_when_the_network_is_back() {
    for grant in ["implicit", "code"] {
        journey(async move |world| {
            world.set_setting("grant", grant);
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            sign_out_offline(&world).await;
            world.browser.set_offline(false).await;
            // Without a click.
            world.browser.warns_of("You have signed out.").await;
            world.app().offers_to_sign_in().await;
            assert_eq!(world.stack.sign_outs(), 1);
            let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
            world.wait_until("revoked", revoked).await;
            world.no_token_leaks().await;
            cognito_has_forgotten_the_user(&world).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_sign_out_that_cognito_does_not_know_of_is_not_called_done() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        sign_out_offline(&world).await;
        // Without a network, the button does nothing.
        world.browser.press("Finish signing out").await;
        world.browser.warns_of(UNFINISHED).await;
        assert_eq!(world.browser.address().await, world.app_url);

        world.browser.set_offline(false).await;
        world.browser.warns_of("You have signed out.").await;
        assert_eq!(world.stack.sign_outs(), 1);
        cognito_has_forgotten_the_user(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_that_was_left_unfinished_is_finished_by_a_button() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        sign_out_offline(&world).await;
        // The page is gone when the network is back.
        world.browser.open("about:blank").await;
        world.browser.set_offline(false).await;
        world.app().open().await;
        world.browser.warns_of(UNFINISHED).await;
        world.browser.reload().await;
        world.browser.warns_of(UNFINISHED).await;
        assert_eq!(world.stack.sign_outs(), 0);

        world.browser.press("Finish signing out").await;
        world.browser.warns_of("You have signed out.").await;
        world.app().offers_to_sign_in().await;
        assert_eq!(world.stack.sign_outs(), 1);
        cognito_has_forgotten_the_user(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_sign_out_does_not_wait_for_the_revocation() {
    journey(async |world| {
        world.set_setting("grant", "code");
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.stack.set_fault(Some(Fault::RevocationHeld));
        world.browser.press("Sign out").await;
        let start = Instant::now();
        let told = |stack: &DevStack| stack.sign_outs() == 1;
        world.wait_until("signed out at Cognito", told).await;
        let waited = start.elapsed();
        assert!(waited < Duration::from_millis(2_500), "{waited:?}");
        world.browser.warns_of("You have signed out.").await;
        world.no_token_is_stored().await;
        assert_eq!(world.stack.refresh_tokens(), 1);

        // The revocation has outlived the page that sent it.
        world.stack.set_fault(None);
        let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
        world.wait_until("revoked", revoked).await;
        cognito_has_forgotten_the_user(&world).await;
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_that_began_before_a_sign_out_signs_no_one_in() {
    for (storage, message) in [
        ("session", "You have signed out since this sign-in began."),
        // The sign-out has removed the requests of all tabs.
        ("local", "does not belong to a sign-in in progress"),
    ] {
        for grant in ["implicit", "code"] {
            journey(async move |world| {
                world.set_settings(json!({ "grant": grant, "storage": storage }));
                world.app().open().await;
                world.app().sign_in().await;
                world.hosted_ui().asks_for_credentials().await;
                world.browser.open_tab().await;
                world.sign_in().await;
                world.app().greets(EMAIL).await;
                world.app().sign_out().await;

                world.browser.switch_to_tab(0).await;
                world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
                world.browser.warns_of(message).await;
                world.app().offers_to_sign_in().await;
                world.no_token_is_stored().await;
                world.no_token_leaks().await;
                assert_eq!(world.stack.refresh_tokens(), 0);
                assert_eq!(world.stack.api_requests(), 1);
                // Cognito has a session again, which belongs to the user.
                world.app().sign_in().await;
                world.app().greets(EMAIL).await;
            })
            .await;
        }
    }
}

/// Fills `localStorage` to the last byte.
const FILL: &str = "let size = 1 << 20; let count = 0;
    while (size) { try { localStorage.setItem('full' + count++, 'x'.repeat(size)) } catch { size >>= 1 } }";

#[tokio::test]
async fn a_sign_out_reaches_the_other_tabs_even_if_the_storage_is_full() {
    for (storage, has_room) in [("session", true), ("local", true), ("session", false)] {
        journey(async move |world| {
            world.set_settings(json!({ "grant": "code", "storage": storage }));
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            world.browser.open_tab().await;
            world.app().open().await;
            if storage == "session" {
                world.app().sign_in().await;
            }
            world.app().greets(EMAIL).await;
            if !has_room {
                let script = format!("localStorage.removeItem('cognito-spa.{CLIENT_ID}.sign-out')");
                world.browser.run(&script).await;
            }
            world.browser.run(FILL).await;
            world.browser.press("Sign out").await;
            let message = if has_room {
                "You have signed out."
            } else {
                "the browser could not tell the app’s other tabs"
            };
            world.browser.warns_of(message).await;
            assert_eq!(world.stack.sign_outs(), 1);

            world.browser.switch_to_tab(0).await;
            world
                .browser
                .sees("Your session ended in another tab.")
                .await;
            world.no_token_is_stored().await;
            let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
            world.wait_until("revoked", revoked).await;
            world.browser.run("localStorage.clear()").await;
            cognito_has_forgotten_the_user(&world).await;
        })
        .await;
    }
}

#[tokio::test]
async fn with_session_storage_each_tab_signs_in_by_itself_and_a_sign_out_ends_all_sessions() {
    for grant in ["implicit", "code"] {
        journey(async move |world| {
            world.set_setting("grant", grant);
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            world.browser.open_tab().await;
            world.app().open().await;
            world.app().offers_to_sign_in().await;
            world.app().sign_in().await;
            world.app().greets(EMAIL).await;
            let refresh_tokens = if grant == "code" { 2 } else { 0 };
            assert_eq!(world.stack.refresh_tokens(), refresh_tokens);

            world.app().sign_out().await;
            world.no_token_is_stored().await;
            world.no_token_leaks().await;
            // The other tab revokes its own refresh token, although it is in the background.
            let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
            world.wait_until("revoked", revoked).await;
            world.browser.switch_to_tab(0).await;
            world
                .browser
                .sees("Your session ended in another tab.")
                .await;
            world.no_token_is_stored().await;
            world.no_token_leaks().await;

            // Cognito's own session has ended, too. The next sign-in is only this tab's.
            world.app().sign_in().await;
            world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
            world.app().greets(EMAIL).await;
            world.browser.switch_to_tab(1).await;
            world.browser.resume().await;
            world.app().offers_to_sign_in().await;
            world.no_token_is_stored().await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_sign_out_reaches_a_tab_that_was_elsewhere() {
    journey(async |world| {
        world.set_setting("grant", "code");
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open("about:blank").await;
        world.browser.open_tab().await;
        world.app().open().await;
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        let revoked = |stack: &DevStack| stack.refresh_tokens() == 1;
        world.wait_until("revoked", revoked).await;

        world.browser.switch_to_tab(0).await;
        world.app().open().await;
        world
            .browser
            .sees("Your session ended in another tab.")
            .await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
        world.wait_until("revoked", revoked).await;
    })
    .await;
}

#[tokio::test]
async fn a_renewal_that_ends_after_a_sign_out_in_another_tab_signs_no_one_in() {
    journey(async |world| {
        world.set_settings(json!({ "grant": "code", "storage": "local" }));
        world.stack.set_refresh_token_rotation(true);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open_tab().await;
        world.app().open().await;
        world.app().greets(EMAIL).await;

        world.browser.switch_to_tab(0).await;
        world.stack.set_fault(Some(Fault::TokenEndpointHeld));
        world.browser.press("Renew now").await;
        let requested = |stack: &DevStack| stack.refreshes() == 1;
        world.wait_until("requested", requested).await;
        world.browser.switch_to_tab(1).await;
        world.app().sign_out().await;
        // The sign-out revoked the refresh token that it knew. The renewal has used that one up and got another one.
        assert_eq!(world.stack.refresh_tokens(), 1);
        world.stack.set_fault(None);
        let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
        world.wait_until("revoked", revoked).await;

        world.no_token_is_stored().await;
        world.browser.reload().await;
        world.app().offers_to_sign_in().await;
        world.browser.switch_to_tab(0).await;
        world
            .browser
            .sees("Your session ended in another tab.")
            .await;
        world.browser.reload().await;
        world.app().offers_to_sign_in().await;
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn the_back_button_does_not_greet_a_user_who_has_signed_out() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        // In Firefox, Back opens Cognito's page, because the signed-out page has replaced the page that the user signed out from.
        world.browser.go_back().await;
        if world.browser.address().await != world.app_url {
            world.hosted_ui().asks_for_credentials().await;
            world.browser.go_back().await;
        }
        world.app().offers_to_sign_in().await;
        assert!(!world.browser.text().await.contains(EMAIL));
    })
    .await;
}
