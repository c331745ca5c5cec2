//! Sessions over time, in several tabs, and with failing storage; and where the browser goes for a sign-in and returns to.

use std::time::Duration;

use dev_stack::DevStack;
use dev_stack::faults::Fault;
use e2e::{EMAIL, PASSWORD, World, journey};
use serde_json::json;

/// Signs in for 40 seconds, and waits until the app warns that the session ends.
async fn sign_in_until_the_warning(world: &World) {
    world.stack.set_token_lifetime(40);
    world.sign_in().await;
    world.app().greets(EMAIL).await;
    assert!(!world.browser.text().await.contains("will expire"));
    world.browser.reload().await;
    world.stack.set_token_lifetime(3600);
    for _ in 0..45 {
        world.browser.resume().await;
        if world.browser.text().await.contains("will expire") {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    world.browser.warns_of("will expire in a few minutes").await;
    world.app().greets(EMAIL).await;
}

/// The notice after a sign-in with another account.
const OTHER_ACCOUNT: &str = "You are now signed in with a different account than before.";

#[tokio::test]
async fn an_expiring_session_can_be_extended_without_a_form() {
    journey(async |world| {
        sign_in_until_the_warning(&world).await;
        world.app().stay_signed_in().await;
        // Cognito still has its own session, and shows no form.
        world.app().greets(EMAIL).await;
        let text = world.browser.text().await;
        assert!(!text.contains("will expire"), "{text}");
        assert!(!text.contains(OTHER_ACCOUNT), "{text}");
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_another_account_takes_over_says_so() {
    journey(async |world| {
        let (email, password) = ("grace@example.com", "Hopper1906");
        world.stack.add_user(email, password).unwrap();
        // Cognito shows the form, although Ada is signed in there.
        world.set_setting("prompt", "login");
        sign_in_until_the_warning(&world).await;
        world.app().stay_signed_in().await;
        world.hosted_ui().sign_in_as(email, password).await;
        world.app().greets(email).await;
        world.browser.warns_of(OTHER_ACCOUNT).await;
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_when_it_expires_and_says_so() {
    journey(async |world| {
        world.stack.set_token_lifetime(8);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        // Without a click: the page itself looks at the clock.
        world.browser.sees("Your session has expired.").await;
        world.no_token_is_stored().await;
        world.stack.set_token_lifetime(3600);
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_sign_in_and_a_sign_out_reach_the_other_tabs() {
    journey(async |world| {
        world.set_setting("storage", "local");
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        world.browser.open_tab().await;
        world.sign_in().await;
        world.app().greets(EMAIL).await;

        world.browser.switch_to_tab(0).await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;

        world.browser.switch_to_tab(1).await;
        world
            .browser
            .sees("Your session ended in another tab.")
            .await;
        world.app().offers_to_sign_in().await;
        world.no_token_is_stored().await;
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn an_expired_session_ends_in_all_tabs() {
    journey(async |world| {
        world.set_setting("storage", "local");
        world.stack.set_token_lifetime(10);
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.browser.open_tab().await;
        world.app().open().await;
        world.app().greets(EMAIL).await;
        for tab in [1, 0] {
            world.browser.switch_to_tab(tab).await;
            world.browser.sees("Your session has expired.").await;
        }
        world.no_token_is_stored().await;
    })
    .await;
}

#[tokio::test]
async fn two_tabs_can_sign_in_at_once() {
    journey(async |world| {
        world.set_setting("storage", "local");
        world.app().open().await;
        world.app().sign_in().await;
        world.hosted_ui().asks_for_credentials().await;
        world.browser.open_tab().await;
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        // The first tab's request is still valid.
        world.browser.switch_to_tab(0).await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
        assert!(!world.browser.text().await.contains("does not belong"));
        let stored = world.browser.stored().await;
        assert!(!stored.contains("pending"), "{stored}");
    })
    .await;
}

#[tokio::test]
async fn a_user_returns_to_the_same_place_even_after_an_error() {
    journey(async |world| {
        let place = format!("{}orders/7?page=2&q=a%20b", world.app_url);
        for fault in [Some(Fault::Nonce), Some(Fault::Denied), None] {
            world.stack.set_fault(fault);
            world.app().open_with("orders/7?page=2&q=a%20b").await;
            world.app().sign_in().await;
            if fault == Some(Fault::Nonce) {
                world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
            }
            match fault {
                Some(_) => drop(world.browser.find("//*[@role='alert']").await),
                None => world.app().greets(EMAIL).await,
            }
            assert_eq!(world.browser.address().await, place);
            world.no_token_leaks().await;
        }
    })
    .await;
}

#[tokio::test]
async fn no_one_is_redirected_outside_the_app() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        for place in ["/evil.example/", "%2F%2Fevil.example/"] {
            world.browser.run("sessionStorage.clear()").await;
            world.app().open_with(place).await;
            world.app().sign_in().await;
            world.app().greets(EMAIL).await;
            assert_eq!(world.browser.address().await, world.app_url);
        }
        // A forged record in the storage does not help. The last place is inside the app and shows that the record is used.
        let inside = format!("{}orders/7", world.app_url);
        for (place, expected) in [
            ("//evil.example", &world.app_url),
            ("https://evil.example/", &world.app_url),
            ("/\\evil.example", &world.app_url),
            ("/..//evil.example", &world.app_url),
            ("/orders/7", &inside),
        ] {
            world.browser.run("sessionStorage.clear()").await;
            let key = format!("cognito-spa.{}.pending.s", dev_stack::CLIENT_ID);
            let record = json!({ "state": "s", "nonce": "n", "return_to": place });
            let script = format!(
                "const record = {{ ...{record}, started_at: Math.floor(Date.now() / 1000) }};
                sessionStorage.setItem('{key}', JSON.stringify(record))"
            );
            world.browser.run(&script).await;
            world.app().open_with("#error=access_denied&state=s").await;
            world.browser.warns_of("canceled or denied").await;
            assert_eq!(world.browser.address().await, *expected, "{place}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_user_returns_to_the_route_that_they_signed_in_from() {
    journey(async |world| {
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        let key = format!("cognito-spa.{}.pending.s", dev_stack::CLIENT_ID);
        let script = format!(
            "const record = {{ state: 's', nonce: 'n', return_to: '/#setup', started_at: Math.floor(Date.now() / 1000) }};
            sessionStorage.setItem('{key}', JSON.stringify(record))"
        );
        world.browser.run(&script).await;
        world.app().open_with("?error=access_denied&state=s").await;
        world.browser.sees("URLs to register in Cognito").await;
        let expected = format!("{}#setup", world.app_url);
        assert_eq!(world.browser.address().await, expected);
    })
    .await;
}

#[tokio::test]
async fn a_user_who_returns_without_signing_in_can_try_again() {
    journey(async |world| {
        world.app().open().await;
        world.app().sign_in().await;
        world.hosted_ui().asks_for_credentials().await;
        world.browser.go_back().await;
        world.app().offers_to_sign_in().await;
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn a_session_that_is_not_stored_lasts_as_long_as_the_page() {
    journey(async |world| {
        let full = "const set = Storage.prototype.setItem;
            Storage.prototype.setItem = function (key, value) {
                if (key.endsWith('.session')) throw new DOMException('full', 'QuotaExceededError');
                set.call(this, key, value);
            }";
        world.run_before_the_app(full);
        world.sign_in().await;
        world.browser.warns_of("did not store your session").await;
        world.app().greets(EMAIL).await;
        world.no_token_is_stored().await;
        world.browser.resume().await;
        world.app().greets(EMAIL).await;
        world.browser.reload().await;
        world.app().offers_to_sign_in().await;
    })
    .await;
}

#[tokio::test]
async fn full_storage_is_reported_before_the_redirect() {
    journey(async |world| {
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        let fill = "let size = 1 << 20; let count = 0;
            while (size) { try { sessionStorage.setItem('full' + count++, 'x'.repeat(size)) } catch { size >>= 1 } }";
        world.browser.run(fill).await;
        world.app().sign_in().await;
        world.browser.warns_of("does not let the page store anything").await;
        world.browser.run("sessionStorage.clear()").await;
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_stored_session_is_removed_and_reported() {
    journey(async |world| {
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        let key = format!("cognito-spa.{}.session", dev_stack::CLIENT_ID);
        let script = format!("sessionStorage.setItem('{key}', '{{ id_token: ')");
        world.browser.run(&script).await;
        world.browser.reload().await;
        world.browser.warns_of("could not be read").await;
        world.no_token_is_stored().await;
        world.app().sign_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn buttons_lead_directly_to_cognitos_other_pages() {
    journey(async |world| {
        world.set_settings(json!({
            "identityProviders": ["Google"], "lang": "es", "loginHint": EMAIL,
        }));
        world.app().open().await;
        world.browser.press("Create account").await;
        let email = "grace@example.com";
        world.hosted_ui().submit_sign_up(email, "Hopper1906").await;
        world.browser.sees("Confirm your account").await;
        world.hosted_ui().confirm(&world.emailed_code(email)).await;
        world.app().greets(email).await;
        world.app().sign_out().await;
        world.app().offers_to_sign_in().await;

        world.browser.press("Forgot password").await;
        world.browser.sees("reset your password").await;
        let address = world.browser.address().await;
        assert!(
            address.contains("&lang=es&login_hint=ada%40example.com"),
            "{address}"
        );
        world.app().open().await;

        world.browser.press("Sign in with Google").await;
        world.browser.sees("Sign in with Google").await;
        world.browser.fill_in("Email", "joan@example.com").await;
        world.browser.press("Continue").await;
        world.app().greets("joan@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn prompt_login_asks_again_and_prompt_none_never_loops() {
    journey(async |world| {
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        world.set_setting("prompt", "login");
        world.browser.run("sessionStorage.clear()").await;
        world.app().open().await;
        world.app().sign_in().await;
        world.hosted_ui().asks_for_credentials().await;

        world.set_setting("prompt", "none");
        world.app().open().await;
        world.app().sign_in().await;
        world.app().greets(EMAIL).await;
        world.app().sign_out().await;
        world.app().sign_in().await;
        world.browser.warns_of("no longer signed in").await;
        // The app does not try again by itself.
        tokio::time::sleep(Duration::from_secs(1)).await;
        world.browser.warns_of("no longer signed in").await;
    })
    .await;
}

#[tokio::test]
async fn an_api_with_scopes_gets_the_access_token_with_bearer() {
    journey(async |world| {
        let api = world.settings()["apiUrl"]
            .as_str()
            .unwrap()
            .replace("/dev", "/scoped");
        world.set_setting("apiUrl", api.clone());
        world.sign_in().await;
        world
            .browser
            .warns_of("no longer accepts your session")
            .await;
        world.set_settings(json!({
            "apiUrl": api, "apiToken": "access", "authorizationScheme": "Bearer",
        }));
        world.app().open().await;
        world.app().sign_in().await;
        world.browser.find("//h1[starts-with(., 'Hi, ')]").await;
        world.browser.sees("Signed in as ada@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn api_gateways_misleading_errors_are_explained() {
    journey(async |world| {
        // The app's own origin, because from another one the page could not read the response: an unknown path fails the
        // preflight request.
        world.set_setting("apiUrl", format!("{}api", world.app_url));
        world.sign_in().await;
        world.browser.warns_of("no such path").await;
        world.browser.warns_of("apiUrl").await;

        // A response without CORS headers, to a token that is about to expire.
        world.set_settings(json!({}));
        world.stack.set_token_lifetime(50);
        world.browser.run("sessionStorage.clear()").await;
        world.stack.set_fault(Some(Fault::NoCors));
        world.app().open().await;
        world.app().sign_in().await;
        world
            .browser
            .warns_of("your session is about to expire")
            .await;
        world.stack.set_fault(None);
        world.stack.set_token_lifetime(3600);
        world.app().stay_signed_in().await;
        world.app().greets(EMAIL).await;
    })
    .await;
}

#[tokio::test]
async fn user_info_provides_the_email_that_the_id_token_lacks() {
    journey(async |world| {
        world.stack.set_fault(Some(Fault::NoEmail));
        world.sign_in().await;
        world.browser.sees("Signed in as ada@example.com").await;
        world.browser.reload().await;
        world.browser.sees("Signed in as ada@example.com").await;
    })
    .await;
}

#[tokio::test]
async fn a_page_that_leaves_for_cognito_calls_no_api_and_back_shows_it_again() {
    journey(async |world| {
        // Cognito shows the form, although the user is signed in there.
        world.set_setting("prompt", "login");
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        assert_eq!(world.stack.api_requests(), 1);
        for _ in 0..2 {
            let before = world.stack.api_requests();
            world.app().stay_signed_in().await;
            world.hosted_ui().asks_for_credentials().await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            assert_eq!(world.stack.api_requests(), before);
            world.browser.go_back().await;
            world.app().greets(EMAIL).await;
        }
        world.app().stay_signed_in().await;
        world.hosted_ui().sign_in_as(EMAIL, PASSWORD).await;
        world.app().greets(EMAIL).await;
        world.no_token_leaks().await;
    })
    .await;
}

#[tokio::test]
async fn a_deploy_that_changes_where_sessions_are_stored_leaves_no_token_behind() {
    for (before, after) in [("local", "session"), ("session", "local")] {
        journey(async move |world| {
            world.set_settings(json!({ "grant": "code", "storage": before }));
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            world.set_settings(json!({ "grant": "code", "storage": after }));
            world.browser.reload().await;
            world.app().offers_to_sign_in().await;
            world.no_token_is_stored().await;
            let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
            world.wait_until("revoked", revoked).await;
            world.app().sign_in().await;
            world.app().greets(EMAIL).await;
            assert_eq!(world.stack.refresh_tokens(), 1);
        })
        .await;
    }
}

#[tokio::test]
async fn a_deploy_that_changes_the_app_client_leaves_no_token_behind() {
    for storage in ["session", "local"] {
        journey(async move |world| {
            world.set_settings(json!({ "grant": "code", "storage": storage }));
            world.sign_in().await;
            world.app().greets(EMAIL).await;
            let client = json!({ "grant": "code", "storage": storage, "clientId": "2another" });
            world.set_settings(client);
            world.browser.reload().await;
            world.app().offers_to_sign_in().await;
            world.no_token_is_stored().await;
            let revoked = |stack: &DevStack| stack.refresh_tokens() == 0;
            world.wait_until("revoked", revoked).await;

            // The former client has no session anymore, either.
            world.set_settings(json!({ "grant": "code", "storage": storage }));
            world.browser.reload().await;
            world.app().offers_to_sign_in().await;
        })
        .await;
    }
}
