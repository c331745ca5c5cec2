//! Signing up, signing in and out, forged responses, a failing API, and wrong settings.

use dev_stack::faults::Fault;
use e2e::{EMAIL, Engine, PASSWORD, Preferences, World, journey, journey_with};
use serde_json::json;
use url::Url;

#[tokio::test]
async fn a_new_user_signs_up_is_greeted_reloads_and_signs_out() {
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
        world.hosted_ui().confirm(&world.emailed_code(email)).await;
        world.app().greets(email).await;
        assert_eq!(world.browser.address().await, world.app_url);
        world.no_token_leaks().await;

        world.browser.reload().await;
        world.app().greets(email).await;

        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        world.no_token_leaks().await;

        // Cognito's own session has ended too: it asks for the password.
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(email, "Hopper1906").await;
        world.app().greets(email).await;
    })
    .await;
}

#[tokio::test]
async fn back_and_forward_reveal_no_token_and_keep_the_user_signed_in() {
    for grant in ["implicit", "code"] {
        journey(async move |world| {
            world.set_setting("grant", grant);
            world.app().open().await;
            world.app().offers_to_sign_in().await;
            let before = world.browser.history_length().await;
            world.app().sign_in().await;
            world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
            world.app().greets(EMAIL).await;
            world.no_token_leaks().await;
            world.no_warning_is_logged().await;

            // Back to Cognito's page, which may redirect to the app, then back to the app.
            for _ in 0..2 {
                world.browser.go_back().await;
                world.no_token_leaks().await;
            }
            for _ in 0..2 {
                world.browser.go_forward().await;
                world.no_token_leaks().await;
            }
            world.app().greets(EMAIL).await;
            assert_eq!(world.browser.history_length().await, before + 2);
        })
        .await;
    }
}

#[tokio::test]
async fn a_user_who_returns_within_an_hour_is_not_asked_again() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        // With sessionStorage, another tab starts without a session.
        world.browser.open_tab().await;
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn with_local_storage_a_new_tab_is_already_signed_in() {
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
async fn a_wrong_password_is_rejected_and_a_forgotten_one_is_reset() {
    journey(async |world| {
        world.app().open().await;
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, "Lovelace2").await;
        world
            .browser
            .warns_of("Incorrect username or password.")
            .await;
        world.hosted_ui().request_password_reset(EMAIL).await;
        let code = world.emailed_code(EMAIL);
        world.hosted_ui().change_password(&code, "Byron1815").await;
        world.hosted_ui().sign_in_as(EMAIL, "Byron1815").await;
        world.app().greets(EMAIL).await;
        world.no_token_leaks().await;
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
        let code = world.emailed_code("grace@example.com");
        world.hosted_ui().confirm(&code).await;
        world.app().greets("grace@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn a_response_to_another_request_is_explained_and_the_next_sign_in_works() {
    each_is_explained(&[
        (Fault::State, "does not belong to a sign-in"),
        (Fault::Nonce, "belongs to another sign-in (nonce)"),
        (Fault::CutOff, "incomplete or damaged"),
        (Fault::Denied, "canceled or denied"),
    ])
    .await;
}

#[tokio::test]
async fn a_token_for_another_app_or_user_is_explained_and_the_next_sign_in_works() {
    each_is_explained(&[
        (Fault::Issuer, "another user pool issued it (iss)"),
        (Fault::Audience, "issued for another app (aud)"),
        (Fault::ExtraAudience, "also issued for other apps (aud)"),
        (Fault::UserInfo, "identifies a different user (sub)"),
    ])
    .await;
}

#[tokio::test]
async fn a_token_of_another_time_or_use_is_explained_and_the_next_sign_in_works() {
    each_is_explained(&[
        (Fault::Expired, "already expired when it arrived (exp)"),
        (Fault::Future, "was issued in the future (iat)"),
        (Fault::TokenUse, "is not an ID token (token_use)"),
        (
            Fault::AccessTokenHash,
            "does not match the access token that came with it (at_hash)",
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_token_that_is_not_signed_by_the_pool_is_explained_and_the_next_sign_in_works() {
    each_is_explained(&[
        (Fault::Signature, "its signature is not valid"),
        (Fault::AlgNone, "not signed with RS256 (alg)"),
        (Fault::AlgHs256, "not signed with RS256 (alg)"),
        (Fault::UnknownKey, "has no key with its key ID (kid)"),
    ])
    .await;
}

/// Each of these faults has its message, in both grants.
async fn each_is_explained(faults: &'static [(Fault, &'static str)]) {
    for grant in ["implicit", "code"] {
        journey(async move |world| {
            world.set_setting("grant", grant);
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            world.app().sign_out().await;
            for (fault, message) in faults {
                world.sign_in_fails(*fault, message).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn an_unsolicited_response_is_rejected() {
    journey(async |world| {
        let [fragment, _] = RESPONSES;
        world.app().open_with(fragment).await;
        world.browser.warns_of("does not belong to a sign-in").await;
        world.no_token_leaks().await;
        world.no_token_is_stored().await;

        // Entered in the address bar of the open page, a fragment does not load the page by itself.
        let script = format!("location.hash = '{fragment}'");
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world.browser.run(&script).await;
        world.browser.warns_of("does not belong to a sign-in").await;
        world.no_token_leaks().await;
        world.no_token_is_stored().await;

        // A signed-in user stays signed in.
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
        world.app().open_with(fragment).await;
        world.app().greets(EMAIL).await;
        world.browser.warns_of("does not belong to a sign-in").await;
        world.no_token_leaks().await;
    })
    .await;
}

/// A response with tokens, and one with a code, that belong to no sign-in.
const RESPONSES: [&str; 2] = [
    "#id_token=eyJh.eyJz.c2ln&access_token=eyJh.eyJz.c2ln&token_type=Bearer&state=x",
    "?code=secret&state=x&page=2",
];

#[tokio::test]
async fn a_response_leaves_the_address_even_if_the_app_does_not_load() {
    for refused in ["wasm", "js"] {
        for (grant, response) in ["implicit", "code"].into_iter().zip(RESPONSES) {
            journey(async move |world| {
                world.set_setting("grant", grant);
                world.refuse_files(Some(refused));
                world.app().open_with(response).await;
                if world.browser.engine == Engine::Chromium {
                    // A few seconds after the load, Chromium warns of unused preloads. The warning contains the page's URL.
                    world.browser.logs("was preloaded").await;
                }
                world.no_token_leaks().await;
                assert_eq!(world.browser.address().await, world.app_url);

                world.refuse_files(None);
                world.app().open_with("?page=2").await;
                world.app().sign_in().await;
                world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
                world.app().greets(EMAIL).await;
                let address = world.browser.address().await;
                assert_eq!(address, format!("{}?page=2", world.app_url));
                world.no_token_leaks().await;
            })
            .await;
        }
    }
}

#[tokio::test]
async fn a_code_without_a_state_belongs_to_no_sign_in() {
    journey(async |world| {
        for grant in ["implicit", "code"] {
            world.set_setting("grant", grant);
            world.app().open_with("?code=secret").await;
            world.browser.warns_of("does not belong to a sign-in").await;
            assert_eq!(world.browser.address().await, world.app_url);
            world.no_token_leaks().await;
            world.no_token_is_stored().await;
        }
    })
    .await;
}

#[tokio::test]
async fn without_the_pools_keys_no_one_is_signed_in() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::NoKeys));
        world.sign_in().await;
        world
            .browser
            .warns_of("could not load the user pool’s keys")
            .await;
        world.no_token_is_stored().await;
        world.no_token_leaks().await;
        world.stack.set_fault(None);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_works_after_the_pool_rotates_its_keys() {
    journey(async |world| {
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        // The previous keys are in the browser's storage, and for a day in its HTTP cache.
        world.browser.stores(".keys").await;
        world.stack.rotate_keys();
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_completed_sign_in_leaves_no_pending_record() {
    journey(async |world| {
        // Until the response arrives, there is a record.
        world.app().open().await;
        world.app().sign_in().await;
        world.hosted_ui().asks_for_credentials().await;
        world.browser.go_back().await;
        world.app().offers_to_sign_in().await;
        let stored = world.browser.stored().await;
        assert!(stored.contains("pending"), "{stored}");
        world.browser.run("sessionStorage.clear()").await;

        world.sign_in().await;
        world.app().greets(EMAIL).await;
        let stored = world.browser.stored().await;
        assert!(!stored.contains("pending"), "{stored}");
    })
    .await;
}

#[tokio::test]
async fn an_error_is_explained_and_its_description_is_inert_text() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::Denied));
        world.sign_in().await;
        world.browser.warns_of("canceled or denied").await;
        world
            .browser
            .warns_of("User cancelled the sign-in & went away")
            .await;
        world.no_token_leaks().await;
        world.stack.set_fault(None);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;

        for code in ["invalid_request", "unknown"] {
            for separator in ['&', '#'] {
                let state = begin_sign_in(&world).await;
                let response = format!(
                    "?page=2{separator}error={code}&error_description=%3Cimg+src%3Dx%3EPreSignUp+failed&state={state}"
                );
                world.app().open_with(&response).await;
                world.browser.warns_of("<img src=x>PreSignUp failed").await;
                world.no_token_leaks().await;
            }
        }
    })
    .await;
}

/// Leaves for the Hosted UI and returns the request's `state`.
async fn begin_sign_in(world: &World) -> String {
    world.app().open().await;
    world.app().sign_in().await;
    world.hosted_ui().asks_for_credentials().await;
    let request = Url::parse(&world.browser.address().await).unwrap();
    let mut parameters = request.query_pairs();
    let state = parameters.find(|(name, _)| name == "state").unwrap();
    state.1.into_owned()
}

#[tokio::test]
async fn an_error_in_a_foreign_link_is_explained_without_its_text() {
    journey(async |world| {
        for is_signed_in in [false, true] {
            if is_signed_in {
                world.sign_in().await;
                world.app().greets(EMAIL).await;
            }
            for (error, message) in [
                ("access_denied", "canceled or denied"),
                ("invalid_request", "did not complete the sign-in"),
                ("Call+555-0100", "does not belong to a sign-in"),
            ] {
                for link in ["?page=2#", "?page=2&", "?page=2&state=x&"] {
                    let link = format!("{link}error={error}&error_description=Call+555-0100");
                    world.app().open_with(&link).await;
                    world.browser.warns_of(message).await;
                    if is_signed_in {
                        world.app().greets(EMAIL).await;
                    }
                    let text = world.browser.text().await;
                    assert!(!text.contains("555-0100"), "{text}");
                    let address = world.browser.address().await;
                    assert_eq!(address, format!("{}?page=2", world.app_url));
                    world.no_token_leaks().await;
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn each_api_failure_is_explained_and_the_call_can_be_repeated() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        for (fault, message) in [
            (Fault::ServerError, "responded with status 500"),
            (Fault::NotJson, "could not understand the server’s response"),
            (Fault::NoCors, "could not reach the server"),
        ] {
            world.stack.set_fault(Some(fault));
            world.browser.reload().await;
            world.browser.warns_of(message).await;
            world.stack.set_fault(None);
            world.app().call_again().await;
            world.app().greets(EMAIL).await;
            world.no_token_leaks().await;
        }
    })
    .await;
}

#[tokio::test]
async fn an_unreachable_api_is_reported() {
    journey(async |world| {
        // No server listens on port 1.
        world.set_setting("apiUrl", "http://127.0.0.1:1/dev");
        world.sign_in().await;
        world.browser.warns_of("could not reach the server").await;
        world.no_token_leaks().await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_the_api_rejects_ends() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::Unauthorized));
        world.sign_in().await;
        world
            .browser
            .warns_of("no longer accepts your session")
            .await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        world.no_token_leaks().await;
        world.stack.set_fault(None);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn every_invalid_setting_is_named() {
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
async fn without_settings_the_token_still_leaves_the_address_bar() {
    journey(async |world| {
        for (text, message) in [
            (None, "There is no config.json"),
            (Some("{ \"clientId\": "), "not valid JSON"),
            (Some("[]"), "must be a JSON object"),
        ] {
            world.set_config_file(text);
            world
                .app()
                .open_with("#id_token=eyJh.eyJz.c2ln&state=x")
                .await;
            world.browser.warns_of(message).await;
            world.no_token_leaks().await;
        }
        // Once the file is correct, the page's own button loads it.
        world.set_config_file(Some(&world.settings().to_string()));
        world.browser.press("Load again").await;
        world.app().offers_to_sign_in().await;
    })
    .await;
}

#[tokio::test]
async fn blocked_storage_is_reported_on_sign_in() {
    let preferences = Preferences {
        blocks_storage: true,
        ..Preferences::default()
    };
    journey_with(preferences, async |world| {
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
async fn an_unregistered_redirect_uri_gets_no_response() {
    journey(async |world| {
        world.set_setting("redirectUri", format!("{}other", world.app_url));
        world.app().open().await;
        world.app().sign_in().await;
        world.browser.sees("redirect_mismatch").await;
    })
    .await;
}
