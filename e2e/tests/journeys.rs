//! The journeys of people who sign in, and of those who try to trick them. Names are what has to hold.
#![allow(clippy::unwrap_used)]

use dev_stack::faults::Fault;
use e2e::{EMAIL, PASSWORD, journey, journey_with_preferences};
use serde_json::json;

#[tokio::test]
async fn somebody_new_signs_up_is_greeted_reloads_and_signs_out() {
    journey(async |world| {
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world.app().sign_in().await;
        let email = "grace@example.com";
        world.hosted_ui().sign_up_as(email, "short").await;
        world.browser.warns_of("not long enough").await;
        world.hosted_ui().submit_sign_up(email, "Hopper1906").await;
        world.hosted_ui().confirm("000000x").await;
        world.browser.warns_of("Invalid verification code").await;
        world.hosted_ui().confirm(&world.mailed_code(email)).await;
        world.app().greets(email).await;
        assert_eq!(world.browser.address().await, world.app_url);
        world.no_token_is_left_in_sight().await;

        world.browser.reload().await;
        world.app().greets(email).await;

        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        world.no_token_is_left_in_sight().await;

        // Cognito's own session is over as well: it asks again.
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(email, "Hopper1906").await;
        world.app().greets(email).await;
    })
    .await;
}

#[tokio::test]
async fn whoever_comes_back_within_the_hour_is_not_asked_again() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        // Another tab has a session of its own, and starts without one.
        world.browser.open_tab().await;
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn with_local_storage_another_tab_is_signed_in_already() {
    journey(async |world| {
        world.set_setting("storage", "local");
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open_tab().await;
        world.app().open().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_a_forgotten_one_replaced() {
    journey(async |world| {
        world.app().open().await;
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, "Lovelace2").await;
        world
            .browser
            .warns_of("Incorrect username or password.")
            .await;
        world.hosted_ui().forget_password_of(EMAIL).await;
        let code = world.mailed_code(EMAIL);
        world.hosted_ui().change_password(&code, "Byron1815").await;
        world.hosted_ui().sign_in_as(EMAIL, "Byron1815").await;
        world.app().greets(EMAIL).await;
        world.no_token_is_left_in_sight().await;
    })
    .await;
}

#[tokio::test]
async fn an_unconfirmed_user_is_asked_to_confirm() {
    journey(async |world| {
        world.app().open().await;
        world.app().sign_in().await;
        world
            .hosted_ui()
            .sign_up_as("grace@example.com", "Hopper1906")
            .await;
        world.browser.sees("Confirm your account").await;
        world.app().open().await;
        world.app().sign_in().await;
        world
            .hosted_ui()
            .sign_in_as("grace@example.com", "Hopper1906")
            .await;
        world.browser.warns_of("User is not confirmed.").await;
        let code = world.mailed_code("grace@example.com");
        world.hosted_ui().confirm(&code).await;
        world.app().greets("grace@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn a_forged_answer_is_refused_in_words_and_a_second_try_works() {
    forged_answers("implicit").await;
}

#[tokio::test]
async fn a_forged_answer_is_refused_in_the_code_grant_as_well() {
    forged_answers("code").await;
}

async fn forged_answers(grant: &'static str) {
    journey(async move |world| {
        world.set_setting("grant", grant);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        for (fault, words) in [
            (Fault::State, "does not belong to a sign-in"),
            (Fault::Nonce, "belongs to another sign-in (nonce)"),
            (Fault::Issuer, "another user pool issued it (iss)"),
            (Fault::Audience, "issued for another app (aud)"),
            (Fault::ExtraAudience, "issued for other apps as well (aud)"),
            (Fault::Expired, "already expired when it arrived (exp)"),
            (Fault::Future, "comes from the future (iat)"),
            (Fault::TokenUse, "another kind of token (token_use)"),
            (Fault::Signature, "its signature is not the user pool’s"),
            (Fault::AlgNone, "not signed by the method RS256 (alg)"),
            (Fault::AlgHs256, "not signed by the method RS256 (alg)"),
            (Fault::UnknownKey, "has no key like the one it names (kid)"),
            (Fault::AccessTokenHash, "is not its own (at_hash)"),
            (Fault::CutOff, "cut off or damaged"),
            (Fault::UserInfo, "about somebody else (sub)"),
            (Fault::Denied, "cancelled or not allowed"),
        ] {
            world.fails_to_sign_in(fault, words).await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_refused() {
    journey(async |world| {
        let fragment =
            "#id_token=eyJh.eyJz.c2ln&access_token=eyJh.eyJz.c2ln&token_type=Bearer&state=x";
        world.app().open_with(fragment).await;
        world.browser.warns_of("does not belong to a sign-in").await;
        world.no_token_is_left_in_sight().await;
        world.no_token_is_stored().await;

        // Put into the address bar of the open page, which loads nothing by itself.
        let script = format!("location.hash = '{fragment}'");
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world
            .browser
            .client
            .execute(&script, Vec::new())
            .await
            .unwrap();
        world.browser.warns_of("does not belong to a sign-in").await;
        world.no_token_is_left_in_sight().await;
        world.no_token_is_stored().await;

        // Whoever is signed in stays so.
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
        world.app().open_with(fragment).await;
        world.app().greets(EMAIL).await;
        world.browser.warns_of("does not belong to a sign-in").await;
        world.no_token_is_left_in_sight().await;
    })
    .await;
}

#[tokio::test]
async fn without_the_pools_keys_nobody_is_signed_in() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::NoKeys));
        world.sign_in().await;
        world.browser.warns_of("keys could not be loaded").await;
        world.no_token_is_stored().await;
        world.no_token_is_left_in_sight().await;
        world.stack.set_fault(None);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_pool_may_change_its_keys_at_any_time() {
    journey(async |world| {
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world.stack.rotate_keys();
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn an_answer_serves_once() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        let stored = world.browser.stored().await;
        assert!(!stored.contains("pending"), "{stored}");
    })
    .await;
}

#[tokio::test]
async fn an_error_is_shown_in_words_as_inert_text() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::Denied));
        world.sign_in().await;
        world.browser.warns_of("cancelled or not allowed").await;
        world
            .browser
            .warns_of("User cancelled the sign-in & went away")
            .await;
        world.no_token_is_left_in_sight().await;
        world.stack.set_fault(None);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;

        let error = "error=invalid_request&error_description=%3Cimg+src%3Dx%3EPreSignUp+failed";
        for rest in [format!("?page=2&{error}"), format!("?page=2#{error}")] {
            world.app().open_with(&rest).await;
            world.browser.warns_of("<img src=x>PreSignUp failed").await;
            let address = world.browser.address().await;
            assert_eq!(address, format!("{}?page=2", world.app_url));
            world.no_token_is_left_in_sight().await;
        }
    })
    .await;
}

#[tokio::test]
async fn each_failure_of_the_api_is_explained_and_can_be_tried_again() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        for (fault, words) in [
            (Fault::ServerError, "answered with status 500"),
            (Fault::NotJson, "could not be understood"),
            (Fault::NoCors, "could not be reached"),
        ] {
            world.stack.set_fault(Some(fault));
            world.browser.reload().await;
            world.browser.warns_of(words).await;
            world.stack.set_fault(None);
            world.app().call_again().await;
            world.app().greets(EMAIL).await;
            world.no_token_is_left_in_sight().await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_api_that_is_down_is_said_to_be_so() {
    journey(async |world| {
        // Nobody listens on port 1.
        world.set_setting("apiUrl", "http://127.0.0.1:1/dev");
        world.sign_in().await;
        world.browser.warns_of("could not be reached").await;
        world.no_token_is_left_in_sight().await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_the_api_refuses_is_over() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::Unauthorized));
        world.sign_in().await;
        world.browser.warns_of("does not accept your session").await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        world.no_token_is_left_in_sight().await;
        world.stack.set_fault(None);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn every_broken_setting_is_named() {
    journey(async |world| {
        for (key, value) in [
            ("userPoolDomain", json!("http://example.com")),
            ("userPoolId", json!("AbCdEfGhI")),
            ("issuer", json!("example.com")),
            ("clientId", json!("")),
            ("apiUrl", json!("/prod")),
            ("grant", json!("password")),
            ("scopes", json!("openid")),
            ("redirectUri", json!("/callback")),
            ("logoutUri", json!(7)),
            ("storage", json!("cookie")),
            ("clientID", json!("x")),
        ] {
            world.set_setting(key, value);
            world.app().open().await;
            world.browser.sees("This app is not set up yet").await;
            world.browser.warns_of(key).await;
        }
        for key in ["userPoolDomain", "userPoolId", "clientId", "apiUrl"] {
            let mut settings = world.settings();
            settings.as_object_mut().unwrap().remove(key);
            world.set_config_file(Some(&settings.to_string()));
            world.app().open().await;
            world.browser.warns_of(&format!("no “{key}”")).await;
        }
    })
    .await;
}

#[tokio::test]
async fn without_settings_the_token_still_leaves_the_address() {
    journey(async |world| {
        for (text, words) in [
            (None, "There is no config.json"),
            (Some("{ \"clientId\": "), "not valid JSON"),
            (Some("[]"), "should be an object"),
        ] {
            world.set_config_file(text);
            world
                .app()
                .open_with("#id_token=eyJh.eyJz.c2ln&state=x")
                .await;
            world.browser.warns_of(words).await;
            world.no_token_is_left_in_sight().await;
        }
        // Mended, the button that the page offers leads on.
        world.set_config_file(Some(&world.settings().to_string()));
        world.browser.press("Load again").await;
        world.app().offers_to_sign_in().await;
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_stores_nothing_is_told_so() {
    let block_site_data = json!({ "profile.default_content_setting_values.cookies": 2 });
    journey_with_preferences(block_site_data, async |world| {
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world.app().sign_in().await;
        world
            .browser
            .warns_of("does not let the page store anything")
            .await;
    })
    .await;
}

#[tokio::test]
async fn an_unregistered_address_never_gets_an_answer() {
    journey(async |world| {
        world.set_setting("redirectUri", format!("{}other", world.app_url));
        world.app().open().await;
        world.app().sign_in().await;
        world.browser.sees("redirect_mismatch").await;
    })
    .await;
}

#[tokio::test]
async fn nothing_jumps_when_the_app_takes_its_place() {
    journey(async |world| {
        for width in [390, 1100] {
            world.browser.set_width(width).await;
            world.app().open().await;
            world.app().offers_to_sign_in().await;
            assert_eq!(world.browser.layout_shift().await, 0.0, "signed out");
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            world.browser.reload().await;
            world.app().greets(EMAIL).await;
            assert_eq!(world.browser.layout_shift().await, 0.0, "signed in");
            world.app().sign_out().await;
        }
        // It is measured: something that jumps is seen.
        world.app().offers_to_sign_in().await;
        let jump = "await new Promise(done => setTimeout(done, 1000));
            document.querySelector('main').style.marginTop = '20rem'";
        world.browser.run(jump).await;
        assert!(world.browser.layout_shift().await > 0.0);
    })
    .await;
}
