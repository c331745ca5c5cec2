//! The authorization code grant: exchange, renewal and revocation.

use std::sync::Arc;
use std::time::Duration;

use dev_stack::DevStack;
use dev_stack::faults::Fault;
use e2e::{EMAIL, PASSWORD, World, journey};
use serde_json::json;

/// Runs a journey in the code grant.
async fn code_journey<F: Future<Output = ()> + Send + 'static>(
    steps: impl FnOnce(Arc<World>) -> F + Send + 'static,
) {
    journey(async move |world| {
        world.set_setting("grant", "code");
        steps(world).await;
    })
    .await;
}

/// The stored ID token. Each renewal replaces it.
async fn stored_id_token(world: &World) -> String {
    let script = "const key = Object.keys({...sessionStorage, ...localStorage}).find(key => key.endsWith('.session'));
        return JSON.parse(sessionStorage[key] ?? localStorage[key]).id_token";
    world.browser.run(script).await.as_str().unwrap().to_owned()
}

/// Waits until the session has been renewed.
async fn is_renewed(world: &World, before: &str) {
    for _ in 0..100 {
        world.browser.resume().await;
        if stored_id_token(world).await != before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("not renewed: {}", world.browser.text().await);
}

#[tokio::test]
async fn a_user_signs_in_with_a_code_is_greeted_reloads_and_signs_out() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.browser.address().await, world.app_url);
        world.no_token_leaks().await;
        world.browser.reload().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.stack.refresh_tokens(), 1);

        // The user can renew the session before it is due.
        let before = stored_id_token(&world).await;
        world.browser.press("Renew now").await;
        is_renewed(&world, &before).await;
        world.app().greets(EMAIL).await;

        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
        world.wait_until("revoked", revoked).await;

        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_failed_code_exchange_is_explained_and_the_next_sign_in_works() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        for (fault, message) in [
            (Fault::InvalidGrant, "did not accept the authorization code"),
            (
                Fault::TokenEndpointDown,
                "could not reach the sign-in service",
            ),
            (
                Fault::TokenEndpointNotJson,
                "could not understand the sign-in service’s response",
            ),
        ] {
            world.sign_in_fails(fault, message).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_code_from_another_sign_in_is_rejected() {
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
            world.no_token_leaks().await;
            world.app().sign_out().await;
            world.app().offers_to_sign_in().await;
            let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
            world.wait_until("revoked", revoked).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_that_expired_while_the_page_was_closed_is_renewed() {
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
async fn all_tabs_share_one_renewal() {
    code_journey(async |world| {
        world.set_settings(json!({ "grant": "code", "storage": "local" }));
        // With rotation, a second use of a refresh token is rejected, and the session ends.
        world.stack.set_refresh_token_rotation(true);
        world.stack.set_token_lifetime(40);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        let before = stored_id_token(&world).await;
        // The renewed session is not due again during this test, however slow the machine is.
        world.stack.set_token_lifetime(3600);
        for _ in 0..3 {
            world.browser.open_tab().await;
            world.app().open().await;
            world.app().greets(EMAIL).await;
        }
        // Each of the four tabs looks at the clock every five seconds. The first one that notices that the session is due waits
        // for a response. Within six seconds, the other three wait for the lock.
        assert_eq!(world.stack.refreshes(), 0);
        world.stack.set_fault(Some(Fault::TokenEndpointHeld));
        let requested = |stack: &DevStack| stack.refreshes() == 1;
        world.wait_until("requested", requested).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        world.stack.set_fault(None);
        is_renewed(&world, &before).await;
        tokio::time::sleep(Duration::from_secs(6)).await;
        assert_eq!(world.stack.refreshes(), 1);
        for tab in 0..4 {
            world.browser.switch_to_tab(tab).await;
            world.app().greets(EMAIL).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_invalid_refreshed_token_ends_the_session_and_is_explained() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        for (fault, message) in [
            (Fault::Subject, "identifies a different user (sub)"),
            (Fault::Issuer, "another user pool issued it (iss)"),
            (Fault::Audience, "issued for another app (aud)"),
            (Fault::TokenUse, "is not an ID token (token_use)"),
            (Fault::Signature, "its signature is not valid"),
            (Fault::AlgHs256, "not signed with RS256 (alg)"),
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
            world.browser.eventually_sees(message).await;
            world.no_token_is_stored().await;
            world.no_token_leaks().await;

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
async fn a_refreshed_token_with_other_times_keeps_the_session() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        for fault in [Fault::AuthTime, Fault::IssuedEarlier] {
            world.stack.set_fault(Some(fault));
            let before = stored_id_token(&world).await;
            world.browser.press("Renew now").await;
            is_renewed(&world, &before).await;
            world.app().greets(EMAIL).await;
            world.browser.warns_of_nothing().await;
            // The API accepts the new token.
            world.browser.reload().await;
            world.app().greets(EMAIL).await;
        }
        assert_eq!(world.stack.refreshes(), 2);
        assert_eq!(world.stack.refresh_tokens(), 1);
    })
    .await;
}

/// The notice of a failed renewal.
const NOT_RENEWED: &str = "could not renew your session";

#[tokio::test]
async fn a_failed_renewal_is_retried_until_it_succeeds() {
    for fault in [
        Fault::TokenEndpointDown,
        Fault::TokenEndpointNotJson,
        Fault::InvalidRequestOnce,
    ] {
        code_journey(async move |world| {
            world.stack.set_refresh_token_rotation(true);
            world.stack.set_token_lifetime(4);
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            let before = stored_id_token(&world).await;
            world.stack.set_fault(Some(fault));
            world.browser.eventually_sees(NOT_RENEWED).await;
            world.app().greets(EMAIL).await;
            world.stack.set_fault(None);
            is_renewed(&world, &before).await;
            world.app().greets(EMAIL).await;
            assert!(!world.browser.text().await.contains(NOT_RENEWED));
            assert_eq!(world.stack.refresh_tokens(), 1);
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_survives_a_renewal_that_fails_on_startup() {
    code_journey(async |world| {
        world.stack.set_token_lifetime(3);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open("about:blank").await;
        tokio::time::sleep(Duration::from_secs(4)).await;
        world.stack.set_fault(Some(Fault::TokenEndpointNotJson));
        world.app().open().await;
        world.browser.warns_of("could not reach the server").await;
        world.stack.set_token_lifetime(3600);
        world.stack.set_fault(None);
        // Without a click.
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
        world
            .browser
            .warns_of("no longer accepts your session")
            .await;
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
async fn a_renewal_works_after_the_pool_rotates_its_keys() {
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

#[tokio::test]
async fn a_renewal_whose_keys_are_missing_keeps_its_new_refresh_token() {
    for fault in [Fault::NoKeys, Fault::StaleKeys] {
        code_journey(async move |world| {
            // With rotation, a second use of a refresh token is rejected, and the session ends.
            world.stack.set_refresh_token_rotation(true);
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            let before = stored_id_token(&world).await;
            world.stack.rotate_keys();
            world.stack.set_fault(Some(fault));
            world.browser.press("Renew now").await;
            world.browser.warns_of(NOT_RENEWED).await;
            world.app().greets(EMAIL).await;
            world.stack.set_fault(None);
            world.browser.press("Renew now").await;
            is_renewed(&world, &before).await;
            world.app().greets(EMAIL).await;
            assert_eq!(world.stack.refreshes(), 2);
            world.app().sign_out().await;
            world.app().offers_to_sign_in().await;
            let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
            world.wait_until("revoked", revoked).await;
        })
        .await;
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_down_is_asked_less_and_less_often() {
    code_journey(async |world| {
        world.stack.set_token_lifetime(4);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.stack.set_fault(Some(Fault::TokenEndpointDown));
        world.browser.eventually_sees(NOT_RENEWED).await;
        let before = stored_id_token(&world).await;
        // The next attempts are due 5 and 15 seconds after the first one.
        let start = tokio::time::Instant::now();
        while start.elapsed() < Duration::from_secs(12) {
            world.browser.resume().await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        assert_eq!(world.stack.refreshes(), 2);

        // When the network is back, the page does not wait.
        world.stack.set_fault(None);
        world.browser.set_offline(true).await;
        world.browser.set_offline(false).await;
        is_renewed(&world, &before).await;
        assert!(start.elapsed() < Duration::from_secs(15));
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn redirects_are_not_followed_with_a_code_or_a_token() {
    code_journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        // The code and its verifier.
        let message = "could not reach the sign-in service";
        world
            .sign_in_fails(Fault::TokenEndpointRedirect, message)
            .await;

        // The ID token.
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.stack.set_fault(Some(Fault::ApiRedirect));
        world.app().call_again().await;
        world.browser.warns_of("could not reach the server").await;
        world.stack.set_fault(None);
        world.app().call_again().await;
        world.app().greets(EMAIL).await;

        // The refresh token.
        let before = stored_id_token(&world).await;
        world.stack.set_fault(Some(Fault::TokenEndpointRedirect));
        world.browser.press("Renew now").await;
        world.browser.warns_of(NOT_RENEWED).await;
        world.stack.set_fault(None);
        world.browser.press("Renew now").await;
        is_renewed(&world, &before).await;
        world.app().greets(EMAIL).await;
        assert!(world.stack.requests_elsewhere().is_empty());
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn a_renewed_session_keeps_the_email_address_from_user_info() {
    code_journey(async |world| {
        world.stack.set_fault(Some(Fault::NoEmail));
        world.sign_in().await;
        let signed_in = format!("Signed in as {EMAIL}");
        world.browser.sees(&signed_in).await;
        let before = stored_id_token(&world).await;
        world.browser.press("Renew now").await;
        is_renewed(&world, &before).await;
        world.browser.sees(&signed_in).await;
        world.browser.reload().await;
        world.browser.sees(&signed_in).await;
    })
    .await;
}
