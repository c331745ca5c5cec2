//! The code grant: the exchange, the renewal and the revocation.
#![allow(clippy::panic, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use dev_stack::faults::Fault;
use e2e::{EMAIL, PASSWORD, World, journey};
use serde_json::json;

/// A journey in the code grant.
async fn code_journey<F: Future<Output = ()> + Send + 'static>(
    take_place: impl FnOnce(Arc<World>) -> F + Send + 'static,
) {
    journey(async move |world| {
        world.set_setting("grant", "code");
        take_place(world).await;
    })
    .await;
}

/// What of the stored session each renewal replaces.
async fn stored_id_token(world: &World) -> String {
    let script = "const key = Object.keys({...sessionStorage, ...localStorage}).find(key => key.endsWith('.session'));
        return JSON.parse(sessionStorage[key] ?? localStorage[key]).id_token";
    world.browser.run(script).await.as_str().unwrap().to_owned()
}

/// Waits until the session has been renewed.
async fn is_renewed(world: &World, before: &str) {
    for _ in 0..100 {
        world.browser.come_back().await;
        if stored_id_token(world).await != before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("not renewed: {}", world.browser.text().await);
}

#[tokio::test]
async fn somebody_signs_in_by_a_code_is_greeted_reloads_and_signs_out() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.browser.address().await, world.app_url);
        world.no_token_is_left_in_sight().await;
        world.browser.reload().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.stack.refresh_tokens(), 1);

        // Nobody has to wait until it is due.
        let before = stored_id_token(&world).await;
        world.browser.press("Renew now").await;
        is_renewed(&world, &before).await;
        world.app().greets(EMAIL).await;

        world.app().sign_out().await;
        world.browser.sees("You have signed out.").await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        assert_eq!(world.stack.refresh_tokens(), 0, "not revoked");

        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_code_that_is_not_exchanged_is_explained_and_a_second_try_works() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        for (fault, words) in [
            (Fault::InvalidGrant, "did not accept this sign-in’s code"),
            (Fault::TokenEndpointDown, "could not be reached"),
            (Fault::TokenEndpointNotJson, "could not be understood"),
        ] {
            world.fails_to_sign_in(fault, words).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_refused() {
    code_journey(async |world| {
        world
            .app()
            .open_with("?page=2&code=stolen&state=anothers")
            .await;
        world.browser.warns_of("does not belong to a sign-in").await;
        let address = world.browser.address().await;
        assert_eq!(address, format!("{}?page=2", world.app_url));
        world.no_token_is_stored().await;
        assert_eq!(world.stack.refresh_tokens(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_session_is_renewed_before_it_expires_with_and_without_rotation() {
    for rotation in [false, true] {
        code_journey(async move |world| {
            world.stack.set_refresh_token_rotation(rotation);
            world.stack.set_token_lifetime(4);
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            for _ in 0..3 {
                let before = stored_id_token(&world).await;
                is_renewed(&world, &before).await;
                world.app().greets(EMAIL).await;
            }
            assert_eq!(world.stack.refresh_tokens(), 1);
            world.no_token_is_left_in_sight().await;
            world.app().sign_out().await;
            world.app().offers_to_sign_in().await;
            assert_eq!(world.stack.refresh_tokens(), 0, "not revoked");
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_that_was_asleep_is_renewed_when_it_wakes() {
    code_journey(async |world| {
        world.stack.set_token_lifetime(8);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open("about:blank").await;
        tokio::time::sleep(Duration::from_secs(9)).await;
        world.stack.set_token_lifetime(3600);
        world.app().open().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.stack.refreshes(), 1);
    })
    .await;
}

#[tokio::test]
async fn all_tabs_renew_once_between_them() {
    code_journey(async |world| {
        world.set_settings(json!({ "grant": "code", "storage": "local" }));
        // A refresh token that is used twice is refused, and the session with it.
        world.stack.set_refresh_token_rotation(true);
        world.stack.set_token_lifetime(40);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        for _ in 0..3 {
            world.browser.open_tab().await;
            world.app().open().await;
            world.app().greets(EMAIL).await;
        }
        let before = stored_id_token(&world).await;
        world.stack.set_token_lifetime(3600);
        // Four tabs look at the same clock every five seconds.
        for _ in 0..250 {
            if stored_id_token(&world).await != before {
                break;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(world.stack.refreshes(), 1);
        for tab in 0..4 {
            world.browser.go_to_tab(tab).await;
            world.app().greets(EMAIL).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_refreshed_token_that_breaks_a_rule_ends_the_session_in_words() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        for (fault, words) in [
            (Fault::Subject, "about somebody else (sub)"),
            (Fault::AuthTime, "another sign-in (auth_time)"),
            (Fault::Issuer, "another user pool issued it (iss)"),
            (Fault::Signature, "its signature is not the user pool’s"),
            (Fault::InvalidGrant, "Your session has expired"),
        ] {
            world.app().offers_to_sign_in().await;
            world.stack.set_token_lifetime(4);
            world.app().sign_in().await;
            if world.stack.refreshes() == 0 {
                world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
            }
            world.app().greets(EMAIL).await;
            world.stack.set_fault(Some(fault));
            world.browser.comes_to_see(words).await;
            world.no_token_is_stored().await;
            world.no_token_is_left_in_sight().await;

            world.stack.set_fault(None);
            world.stack.set_token_lifetime(3600);
            world.app().sign_in().await;
            world.app().greets(EMAIL).await;
            world.browser.open(&world.app_url).await;
            world
                .browser
                .run("sessionStorage.clear(); location.reload()")
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_renewal_that_cannot_be_had_is_tried_until_it_can() {
    code_journey(async |world| {
        world.stack.set_token_lifetime(4);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.stack.set_fault(Some(Fault::TokenEndpointDown));
        world.browser.comes_to_see("could not be renewed yet").await;
        world.app().greets(EMAIL).await;
        let before = stored_id_token(&world).await;
        world.stack.set_fault(None);
        is_renewed(&world, &before).await;
        world.app().greets(EMAIL).await;
        assert!(!world.browser.text().await.contains("could not be renewed"));
    })
    .await;
}

#[tokio::test]
async fn a_session_that_wakes_before_its_network_is_not_lost() {
    code_journey(async |world| {
        world.stack.set_token_lifetime(3);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open("about:blank").await;
        tokio::time::sleep(Duration::from_secs(4)).await;
        world.stack.set_fault(Some(Fault::TokenEndpointNotJson));
        world.app().open().await;
        world.browser.warns_of("could not be reached").await;
        world.stack.set_token_lifetime(3600);
        world.stack.set_fault(None);
        // Nothing is pressed.
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_401_renews_once_and_repeats_the_call_once() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.stack.set_fault(Some(Fault::UnauthorizedOnce));
        world.browser.reload().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.stack.refreshes(), 1);

        world.stack.set_fault(Some(Fault::Unauthorized));
        world.browser.reload().await;
        world.browser.warns_of("does not accept your session").await;
        assert_eq!(world.stack.refreshes(), 2);
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;

        world.stack.set_fault(None);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_pool_may_change_its_keys_before_a_renewal() {
    code_journey(async |world| {
        world.stack.set_token_lifetime(4);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        let before = stored_id_token(&world).await;
        world.stack.rotate_keys();
        is_renewed(&world, &before).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}
