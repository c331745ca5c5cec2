//! What a user sees and can do on each page, for every state of the session.

use cognito_hosted_ui::{AuthorizationError, SignInError, TokenError};
use cognito_spa::language::date_and_time;
use cognito_spa::locales::{LOCALES, es};
use cognito_spa::messages;
use cognito_spa::settings::SettingsError;
use js_sys::{Array, Date, Function};
use leptos::prelude::document;
use leptos_cognito::{ApiError, AuthState, Notice, Session, SessionEnd, base_url};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::HtmlElement;

use crate::browser::{
    Browser, LANGUAGE, dispatch, href, key, local_storage, set_address, settle, stored_keys, until,
};
use crate::fixtures::{API, NOW, claims, claims_with, refreshable, session};
use crate::network::{Network, Reply, reply};
use crate::page::{Page, T, name, settings, settings_with};

const GREETING: &str = "Hi, ada@example.com!";
const WAYS_IN: [&str; 3] = ["Sign in", "Create account", "Forgot password"];

/// A session that began this many seconds ago and lasts an hour.
fn session_since(age: u64) -> Session {
    let mut claims = claims();
    for (claim, value) in [
        ("iat", NOW - age),
        ("auth_time", NOW - age),
        ("exp", NOW - age + 3600),
    ] {
        claims[claim] = value.into();
    }
    session(&claims)
}

// Signed out

#[test]
async fn a_signed_out_user_can_sign_in_and_sign_up() {
    let _browser = Browser::new();
    for way_in in WAYS_IN {
        let page = Page::open_signed_out(None).await;
        assert_eq!(page.heading(), "Welcome");
        assert_eq!(page.buttons(), WAYS_IN);
        assert!(page.is_primary("Sign in"));
        assert_eq!(page.alert(), None);

        let pending = stored_keys("pending.").len();
        page.press(way_in).await;
        page.assert_shows("Redirecting to the sign-in service…");
        until(|| stored_keys("pending.").len() == pending + 1).await;
    }
}

#[test]
async fn each_identity_provider_has_a_button_with_its_display_name() {
    let _browser = Browser::new();
    let providers = json!(["Google", "SignInWithApple", "LoginWithAmazon", "My OIDC"]);
    let settings = settings_with("identityProviders", providers);
    let page = Page::open(settings, AuthState::SignedOut, None).await;
    let buttons = [
        "Sign in",
        "Sign in with Google",
        "Sign in with Apple",
        "Sign in with Amazon",
        "Sign in with My OIDC",
        "Create account",
        "Forgot password",
    ];
    assert_eq!(page.buttons(), buttons);
    page.press("Sign in with Apple").await;
    page.assert_shows("Redirecting");
    until(|| stored_keys("pending.").len() == 1).await;
}

#[test]
async fn no_one_is_greeted_without_a_session() {
    let _browser = Browser::new();
    let network = Network::greeting();
    for state in [
        AuthState::SignedOut,
        AuthState::SigningIn,
        AuthState::Redirecting { since: NOW },
    ] {
        let page = Page::open(settings(), state, None).await;
        settle().await;
        assert!(!page.has_button("Sign out"));
        page.assert_hides("Signed in as");
        page.assert_hides("Hi, ");
    }
    assert!(network.calls("").is_empty());
}

#[test]
async fn nothing_can_be_pressed_while_a_sign_in_is_under_way() {
    let _browser = Browser::new();
    for (state, text) in [
        (AuthState::SigningIn, "Verifying your sign-in…"),
        (AuthState::Redirecting { since: NOW }, "Redirecting"),
    ] {
        let page = Page::open(settings(), state, None).await;
        assert_eq!(page.heading(), "One moment…");
        page.assert_shows(text);
        assert!(page.buttons().is_empty());
        let is_busy = page.only("main").get_attribute("aria-busy");
        assert_eq!(is_busy.as_deref(), Some("true"));
    }
}

#[test]
async fn a_failed_sign_in_is_explained_and_can_be_repeated() {
    let _browser = Browser::new();
    for notice in [
        Notice::SignInFailed(TokenError::Nonce.into()),
        Notice::SignInFailed(SignInError::JwksUnavailable),
        Notice::SessionEnded(SessionEnd::Expired),
        Notice::SessionEnded(SessionEnd::SignedOut),
        Notice::StorageUnavailable,
    ] {
        let message = messages::notice(&notice, T);
        let page = Page::open_signed_out(Some(notice)).await;
        let alert = page.alert().unwrap();
        assert!(alert.contains(&message.happened), "{alert}");
        assert!(alert.contains(message.remedy), "{alert}");
        assert_eq!(page.buttons(), WAYS_IN);
    }
}

#[test]
async fn an_unfinished_sign_out_can_only_be_finished() {
    let _browser = Browser::new();
    let sign_out = format!("abababababababab.{NOW}");
    local_storage()
        .set_item(&key("sign-out"), &sign_out)
        .unwrap();
    let page = Page::open_signed_out(Some(Notice::SignOutUnfinished)).await;
    page.assert_shows("not at Cognito yet");
    page.assert_hides(T.invitation);
    assert_eq!(page.buttons(), ["Finish signing out"]);
    assert!(page.is_primary("Finish signing out"));
    page.press("Finish signing out").await;
    page.assert_shows("Redirecting to the sign-in service…");
}

#[test]
async fn the_text_of_someone_else_is_inert() {
    let _browser = Browser::new();
    let text = "<img src=x><b>hello";
    let error = AuthorizationError {
        error: "access_denied".to_owned(),
        description: Some(text.to_owned()),
    };
    let page = Page::open_signed_out(Some(SignInError::from(error).into())).await;
    assert_eq!(page.only("[role=alert] blockquote").inner_text(), text);
    assert!(page.all("img, b").is_empty());

    let network = Network::with_api(200, json!({ "message": text }));
    let claims = claims_with("email", json!(text));
    let page = Page::open_signed_in(session(&claims)).await;
    page.until_titled(text).await;
    page.press(T.show_claims).await;
    assert_eq!(page.row("email")[0], text);
    assert!(page.all("img, b").is_empty());
    drop(network);
}

// Signed in

#[test]
async fn a_signed_in_user_is_greeted_and_can_sign_out() {
    let browser = Browser::new();
    let network = Network::greeting();
    let session = session(&claims());
    let token = session.id_token().authorization().to_owned();
    let page = Page::open_signed_in(session).await;
    page.until_titled(GREETING).await;
    page.assert_shows("Signed in as ada@example.com");
    assert_eq!(page.only("header .user").inner_text(), "ada@example.com");
    assert_eq!(page.alert(), None);
    assert_eq!(page.row("Request"), [format!("GET {API}/hiUsers")]);
    assert_eq!(page.row("Response"), ["200 in 0 ms"]);
    assert_eq!(page.mark("Response"), "good");
    let calls = network.calls("/hiUsers");
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].authorization.as_ref(), Some(&token));

    page.press("Sign out").await;
    assert_eq!(page.heading(), "One moment…");
    page.assert_hides("ada@example.com");
    assert!(!page.has_button("Sign out"));
    assert!(browser.exits().is_empty());
}

#[test]
async fn the_account_is_shown() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let open = async |name: &str, value: Value| {
        Page::open_signed_in(session(&claims_with(name, value))).await
    };
    for (value, row, mark) in [
        (json!(true), &["ada@example.com", "verified"][..], "good"),
        (json!("true"), &["ada@example.com", "verified"], "good"),
        (json!(false), &["ada@example.com", "not verified"], "bad"),
        (json!("yes"), &["ada@example.com", "not verified"], "bad"),
        (Value::Null, &["ada@example.com"], ""),
    ] {
        let page = open("email_verified", value).await;
        assert_eq!(page.row("Email"), row);
        assert_eq!(page.mark("Email"), mark);
    }
    let page = open("cognito:groups", json!(["a", "b"])).await;
    assert_eq!(page.row("Groups"), ["a, b"]);
    let page = open("cognito:groups", Value::Null).await;
    assert_eq!(page.row("Groups"), ["None"]);

    let page = open("email", Value::Null).await;
    assert!(!page.has_row("Email"));
    assert_eq!(page.row("Name")[0], "ada");
    page.assert_shows("Signed in as ada");
}

#[test]
async fn the_session_is_shown_as_a_bar_and_as_durations() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let page = Page::open_signed_in(session_since(900)).await;
    assert_eq!(page.row("Time left"), ["45 min"]);
    assert_eq!(page.row("Signed in"), ["15 min ago"]);
    let bar = page.only("progress");
    assert_eq!(name(&bar), "Time left");
    assert_eq!(bar.get_attribute("value").as_deref(), Some("2700"));
    assert_eq!(bar.get_attribute("max").as_deref(), Some("3600"));

    let page = Page::open_signed_in(session(&claims_with("auth_time", Value::Null))).await;
    assert!(!page.has_row("Signed in"));
}

#[test]
async fn a_session_with_a_refresh_token_can_be_renewed_and_another_can_be_continued() {
    let _browser = Browser::new();
    let network = Network::greeting();
    let implicit = Page::open_signed_in(session(&claims())).await;
    assert!(!implicit.has_button("Renew now"));
    assert_eq!(implicit.row("Grant type"), [T.grant_implicit]);
    implicit.press("Stay signed in").await;
    implicit.assert_shows("Redirecting");
    until(|| stored_keys("pending.").len() == 1).await;
    drop(implicit);

    let code = Page::open_signed_in(refreshable(&session(&claims()))).await;
    assert!(!code.has_button("Stay signed in"));
    assert_eq!(code.row("Grant type"), [T.grant_code]);
    code.press("Renew now").await;
    until(|| network.calls("/oauth2/token").len() == 1).await;
    // No one responds.
    until(|| code.alert().is_some()).await;
    code.assert_shows(T.not_renewed);
    assert!(code.has_button("Renew now"));
}

#[test]
async fn a_busy_button_cannot_be_pressed_again() {
    let _browser = Browser::new();
    let network = Network::new(|_| Reply::Silence);
    let page = Page::open_signed_in(refreshable(&session(&claims()))).await;
    page.press("Renew now").await;
    until(|| network.calls("/oauth2/token").len() == 1).await;
    for (text, url) in [("Calling…", "/hiUsers"), ("Renewing…", "/oauth2/token")] {
        assert!(page.is_busy(text));
        page.press(text).await;
        settle().await;
        assert_eq!(network.calls(url).len(), 1);
    }
}

#[test]
async fn a_session_that_expires_soon_can_be_continued() {
    let _browser = Browser::new();
    let network = Network::greeting();
    let state = AuthState::SignedIn(session_since(3400));
    let page = Page::open(settings(), state, Some(Notice::ExpiringSoon)).await;
    page.until_titled(GREETING).await;
    let alert = page.alert().unwrap();
    assert!(alert.contains("will expire in a few minutes"), "{alert}");
    assert!(page.is_primary("Stay signed in"));
    drop((page, network));

    // API Gateway's refusal of a token that is about to expire may be a response that the page cannot read.
    let _network = Network::with(|| Reply::Unreachable);
    let implicit = session_since(3590);
    for session in [implicit.clone(), refreshable(&implicit)] {
        let page = Page::open_signed_in(session).await;
        page.until_titled(T.no_greeting).await;
        page.assert_shows(T.api_unreachable_near_expiry);
        assert!(page.is_primary("Stay signed in"));
    }
}

#[test]
async fn a_user_who_waits_for_the_greeting_is_told_so() {
    let _browser = Browser::new();
    let _network = Network::new(|_| Reply::Silence);
    let page = Page::open_signed_in(session(&claims())).await;
    assert_eq!(page.heading(), "One moment…");
    assert_eq!(page.row("Response"), ["One moment…"]);
    page.assert_shows("Signed in as ada@example.com");
    page.assert_hides(T.slow);
}

#[test]
async fn each_failure_of_the_api_has_words_a_status_and_a_way_on() {
    let missing = json!({ "message": "Missing Authentication Token" });
    let status = |status, body: &str| ApiError::Status {
        status,
        body: body.to_owned(),
    };
    let invalid = ApiError::InvalidResponse(String::new());
    for (response, error) in [
        (Some((500, json!(""))), status(500, "\"\"")),
        (Some((403, json!({}))), status(403, "{}")),
        (Some((403, missing)), ApiError::MissingAuthenticationToken),
        (Some((200, json!({ "message": 1 }))), invalid),
        (None, ApiError::Unreachable),
    ] {
        let _browser = Browser::new();
        let network = Network::with(move || match &response {
            Some((status, body)) => reply(*status, body),
            None => Reply::Unreachable,
        });
        let page = Page::open_signed_in(session(&claims())).await;
        page.until_titled("No greeting this time").await;
        let message = messages::api(&error, T);
        let alert = page.alert().unwrap();
        assert!(alert.contains(&message.happened), "{alert}");
        assert!(alert.contains(message.remedy), "{alert}");
        page.assert_shows("Signed in as ada@example.com");
        let response = match error.status() {
            Some(status) => format!("{status} in 0 ms"),
            None => "No response after 0 ms".to_owned(),
        };
        assert_eq!(page.row("Response"), [response]);
        assert_eq!(page.mark("Response"), "bad");
        assert!(page.is_primary("Call the API again"));

        drop(network);
        let _network = Network::greeting();
        page.press("Call the API again").await;
        page.until_titled(GREETING).await;
        assert_eq!(page.alert(), None);
    }
}

#[test]
async fn a_session_that_the_api_refuses_ends() {
    let _browser = Browser::new();
    let _network = Network::with_api(401, json!({ "message": "Unauthorized" }));
    let page = Page::open_signed_in(session(&claims())).await;
    page.until_titled("Welcome").await;
    let alert = page.alert().unwrap();
    assert!(alert.contains("no longer accepts"), "{alert}");
    assert_eq!(page.buttons(), WAYS_IN);
    assert!(!page.has_button("Sign out"));
}

#[test]
async fn an_api_that_was_unreachable_is_called_again_when_the_network_is_back() {
    let _browser = Browser::new();
    let network = Network::with(|| Reply::Unreachable);
    let page = Page::open_signed_in(session(&claims())).await;
    page.until_titled(T.no_greeting).await;
    dispatch("offline").await;
    assert_eq!(page.status(), T.offline);
    drop(network);
    let network = Network::greeting();
    dispatch("online").await;
    page.until_titled(GREETING).await;
    assert_eq!(page.status(), "");
    // A greeting that is there is not fetched again.
    dispatch("offline").await;
    dispatch("online").await;
    settle().await;
    // Without a check that the page of an earlier test has still under way.
    let calls = network.calls("/hiUsers").into_iter();
    assert_eq!(calls.filter(|call| !call.is_opaque).count(), 1);
}

#[test]
async fn a_developer_sees_the_claims() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let mut claims = claims_with("custom:team", json!("blue"));
    claims["address"] = json!({ "formatted": "1 Main St" });
    let page = Page::open_signed_in(session(&claims)).await;
    page.until_titled(GREETING).await;
    page.assert_hides("cognito:username");
    assert_eq!(is_expanded(&page, T.show_claims), "false");

    page.press(T.show_claims).await;
    assert_eq!(is_expanded(&page, T.hide_claims), "true");
    for (claim, value, meaning) in [
        ("custom:team", "blue", T.claim_custom),
        ("cognito:username", "ada", T.claim_username),
        ("email_verified", "true", T.claim_email_verified),
        (
            "cognito:groups",
            "eu-west-1_AbCdEfGhI_Google",
            T.claim_groups,
        ),
        ("address", "formatted: 1 Main St", T.claim_other),
        ("exp", &date_and_time(T, NOW + 3600), T.claim_exp),
        ("auth_time", &date_and_time(T, NOW), T.claim_auth_time),
    ] {
        assert_eq!(page.row(claim), [value, meaning]);
    }
    // Every claim of the token is there.
    for claim in claims.as_object().unwrap().keys() {
        assert!(page.has_row(claim), "{claim}");
    }

    page.press(T.hide_claims).await;
    page.assert_hides("cognito:username");
    assert_eq!(is_expanded(&page, T.show_claims), "false");
}

fn is_expanded(page: &Page, text: &str) -> String {
    let is_expanded = page.button(text).get_attribute("aria-expanded");
    is_expanded.unwrap()
}

#[test]
async fn a_developer_sees_the_token_only_after_a_warning() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let session = session(&claims());
    let token = session.id_token().authorization().to_owned();
    let until = date_and_time(T, NOW + 3600);
    let warning = (T.token_warning)(&until);
    let page = Page::open_signed_in(session).await;
    page.until_titled(GREETING).await;

    page.press(T.show_claims).await;
    page.assert_shows("$TOKEN");
    page.assert_hides(&token);
    page.assert_hides(&warning);
    assert!(!page.has_button(T.show_token));

    page.press(T.with_token).await;
    page.assert_shows(&warning);
    page.assert_shows("$TOKEN");
    page.assert_hides(&token);

    page.press(T.hide_token).await;
    page.assert_hides(&warning);
    page.press(T.with_token).await;
    page.press(T.show_token).await;
    page.assert_shows(&warning);
    let command = format!("curl '{API}/hiUsers' -H \"Authorization: {token}\"");
    assert_eq!(page.row("curl"), [command]);

    page.press(T.hide_token).await;
    page.assert_hides(&token);
    page.assert_shows("$TOKEN");
    page.press(T.with_token).await;
    page.press(T.show_token).await;
    page.press(T.hide_claims).await;
    page.assert_hides(&token);
    page.press(T.show_claims).await;
    page.assert_hides(&token);
}

// Setup

/// Opens the setup page.
async fn open_setup(key: &str, value: &str) -> Page {
    set_address("#setup");
    let settings = settings_with(key, value);
    Page::open(settings, AuthState::SignedOut, None).await
}

#[test]
async fn setup_has_the_urls_to_register() {
    let _browser = Browser::new();
    let _network = Network::new(|_| Reply::Unreachable);
    let page = open_setup("grant", "code").await;
    assert_eq!(page.heading(), "Setup");
    for name in ["Allowed callback URL", "Allowed sign-out URL"] {
        assert_eq!(page.row(name), [base_url()]);
        assert!(page.has_button(&format!("Copy: {name}")));
    }
    let elsewhere = "https://other.example.com/";
    let page = open_setup("redirectUri", elsewhere).await;
    let note = (T.elsewhere)(&base_url());
    assert_eq!(page.row("Allowed callback URL"), [elsewhere, &note]);
    assert_eq!(page.row("Allowed sign-out URL"), [base_url()]);
}

#[test]
async fn setup_has_the_effective_settings() {
    let _browser = Browser::new();
    let _network = Network::new(|_| Reply::Unreachable);
    let page = open_setup("grant", "code").await;
    for (key, value) in settings_with("grant", "code").effective {
        let value = if value.is_empty() { "–" } else { &value };
        assert_eq!(page.row(key), [value]);
    }
    assert_eq!(page.row("grant"), ["code"]);
    assert_eq!(page.row("clockSkewSeconds"), ["120"]);
    assert_eq!(page.row("lang"), ["–"]);
}

/// The headers of a cached response: when the server sent it, and its age in seconds.
fn cached(seconds: u64, age: u64) -> Vec<(&'static str, String)> {
    let date = Date::new(&(seconds as f64 * 1000.0).into());
    let date = String::from(date.to_utc_string());
    vec![("date", date), ("age", age.to_string())]
}

#[test]
async fn setup_checks_whether_everything_responds() {
    let browser = Browser::new();
    let n = "n".repeat(342);
    let keys = json!({ "keys": [{ "kty": "RSA", "kid": "1", "n": n, "e": "AQAB" }] });
    let network = Network::new(move |call| match &call.url {
        url if url.ends_with("/jwks.json") => reply(200, &keys),
        url if url.ends_with("/hiUsers") => reply(401, "{}"),
        url if *url == base_url() => Reply::Response(200, String::new(), cached(NOW - 60, 50)),
        _ => reply(200, ""),
    });
    let page = open_setup("grant", "code").await;
    let names = [
        (T.check_storage, T.storage_good.to_owned()),
        (T.check_domain, T.domain_good.to_owned()),
        (T.check_keys, "Found: 1.".to_owned()),
        (T.check_clock, (T.clock_good)("10 s")),
        (T.check_api, T.api_good.to_owned()),
    ];
    until(|| page.has_button("Check again")).await;
    for (name, finding) in &names {
        assert_eq!(page.row(name), [finding.as_str()]);
        assert_eq!(page.mark(name), "good");
    }
    // Nothing secret is sent.
    let calls = network.calls("").into_iter();
    let sent: Vec<String> = calls.filter_map(|call| call.authorization).collect();
    assert_eq!(sent, ["none"]);

    browser.set_clock(NOW + 590);
    page.press("Check again").await;
    until(|| page.has_button("Check again")).await;
    assert_eq!(page.row(T.check_clock), [(T.clock_ahead)("10 min")]);
    assert_eq!(page.mark(T.check_clock), "bad");
}

#[test]
async fn setup_says_what_does_not_respond() {
    let _browser = Browser::new();
    let network = Network::new(|_| Reply::Unreachable);
    let page = open_setup("grant", "code").await;
    until(|| page.has_button("Check again")).await;
    for (name, finding) in [
        (T.check_domain, T.domain_unreachable),
        (T.check_keys, T.keys_unreachable),
        (T.check_clock, T.clock_unknown),
        (T.check_api, T.api_unreachable),
    ] {
        assert_eq!(page.row(name), [finding]);
        assert_eq!(page.mark(name), "bad");
    }
    drop(network);

    let origin = document().location().unwrap().origin().unwrap();
    // The API refuses the preflight request, or sends no CORS headers.
    for (answers_plain_requests, finding) in [
        (true, (T.api_preflight)(&origin)),
        (false, (T.api_cors)(&origin)),
    ] {
        let _network = Network::new(move |call| {
            let is_plain = call.authorization.is_none() && answers_plain_requests;
            match call.is_opaque || is_plain {
                true => reply(200, ""),
                false => Reply::Unreachable,
            }
        });
        page.press("Check again").await;
        until(|| page.has_button("Check again")).await;
        assert_eq!(page.row(T.check_api), [finding]);
    }
}

#[test]
async fn checks_under_way_are_not_started_again() {
    let _browser = Browser::new();
    let network = Network::new(|_| Reply::Silence);
    let page = open_setup("grant", "code").await;
    settle().await;
    assert!(page.is_busy("Checking…"));
    for name in [T.check_domain, T.check_keys, T.check_clock, T.check_api] {
        assert_eq!(page.row(name), ["Checking…"]);
        assert_eq!(page.mark(name), "");
    }
    let calls = network.calls("").len();
    page.press("Checking…").await;
    settle().await;
    assert_eq!(network.calls("").len(), calls);
}

// Header and footer

#[test]
async fn below_every_page_are_the_status_a_link_and_the_languages() {
    let _browser = Browser::new();
    let _network = Network::new(|_| Reply::Unreachable);
    for (fragment, link, target) in [("#", "Setup", "#setup"), ("#setup", "Home", "#")] {
        set_address(fragment);
        let page = Page::open_signed_out(None).await;
        assert_eq!(page.status(), "");
        let found = page.only("footer a");
        assert_eq!(found.inner_text(), link);
        assert_eq!(found.get_attribute("href").as_deref(), Some(target));
        let languages = page.all("footer button");
        let names: Vec<String> = languages.iter().map(name).collect();
        assert_eq!(names, LOCALES.map(|texts| texts.name));
        for (button, texts) in languages.iter().zip(LOCALES) {
            let attribute = |name| button.get_attribute(name);
            assert_eq!(attribute("lang").as_deref(), Some(texts.tag));
            let is_pressed = (texts.tag == "en").to_string();
            assert_eq!(attribute("aria-pressed"), Some(is_pressed));
        }
    }
}

#[test]
async fn the_page_speaks_the_language_that_the_user_chooses() {
    let _browser = Browser::new();
    let page = Page::open_signed_out(Some(SessionEnd::Expired.into())).await;
    page.press("Español").await;
    assert_eq!(page.heading(), "Le damos la bienvenida");
    let alert = page.alert().unwrap();
    assert!(alert.contains(es::TEXTS.ended_expired), "{alert}");
    assert_eq!(page.buttons()[0], "Iniciar sesión");
    let is_pressed = |name| page.button(name).get_attribute("aria-pressed").unwrap();
    assert_eq!(is_pressed("Español"), "true");
    assert_eq!(is_pressed("English"), "false");
    assert_eq!(html("lang"), "es");
    assert_eq!(html("dir"), "ltr");
    let stored = || local_storage().get_item(LANGUAGE).unwrap();
    assert_eq!(stored().as_deref(), Some("es"));
    drop(page);

    let page = Page::open_signed_out(None).await;
    assert_eq!(page.heading(), "Le damos la bienvenida");
    page.press("English").await;
    assert_eq!(page.heading(), "Welcome");
    assert_eq!(html("lang"), "en");
    assert_eq!(stored().as_deref(), Some("en"));
}

fn html(attribute: &str) -> String {
    let root = document().document_element().unwrap();
    root.get_attribute(attribute).unwrap()
}

#[test]
fn dates_are_in_the_user_s_language() {
    // In any time zone.
    let english = date_and_time(T, NOW);
    let spanish = date_and_time(&es::TEXTS, NOW);
    assert!(
        english.contains("Jan") && english.contains("2027"),
        "{english}"
    );
    assert!(
        spanish.contains("ene") && spanish.contains("2027"),
        "{spanish}"
    );
}

#[test]
async fn a_text_is_copied_and_the_status_says_so() {
    let _browser = Browser::new();
    let _network = Network::new(|_| Reply::Unreachable);
    let page = open_setup("grant", "code").await;
    let clipboard = Clipboard::new("return Promise.resolve()");
    page.press("Copy: Allowed callback URL").await;
    until(|| page.status() == T.copied).await;
    assert_eq!(clipboard.texts(), [base_url()]);
    drop(clipboard);

    for refusal in ["return Promise.reject()", "throw 'not allowed'"] {
        let _clipboard = Clipboard::new(refusal);
        page.press("Copy: Allowed sign-out URL").await;
        until(|| page.status() == T.not_copied).await;
    }
}

/// `navigator.clipboard`, replaced by a stub that records the texts. It is restored on drop.
struct Clipboard(Array);

impl Clipboard {
    /// `then` is what the stub does after it has recorded a text.
    fn new(then: &str) -> Self {
        let texts = Array::new();
        let install = Function::new_with_args(
            "texts",
            &format!(
                "const value = {{ writeText(text) {{ texts.push(text); {then} }} }};
                Object.defineProperty(navigator, 'clipboard', {{ value, configurable: true }});"
            ),
        );
        install.call1(&JsValue::NULL, &texts).unwrap();
        Self(texts)
    }

    fn texts(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|text| text.as_string().unwrap())
            .collect()
    }
}

impl Drop for Clipboard {
    fn drop(&mut self) {
        let remove = Function::new_no_args("delete navigator.clipboard");
        remove.call0(&JsValue::NULL).unwrap();
    }
}

// Every page

#[test]
async fn a_click_on_anything_but_a_control_changes_nothing() {
    let browser = Browser::new();
    let network = Network::greeting();
    let providers = || settings_with("identityProviders", json!(["Google"]));
    let failed = || Some(Notice::SignInFailed(TokenError::Nonce.into()));
    let signed_in = || AuthState::SignedIn(refreshable(&session(&claims())));

    for (state, notice) in [
        (AuthState::SignedOut, None),
        (AuthState::SignedOut, failed()),
        (AuthState::SigningIn, None),
        (AuthState::Redirecting { since: NOW }, None),
    ] {
        let page = Page::open(providers(), state, notice).await;
        assert_inert(&page, &network).await;
    }

    let page = Page::open(settings(), signed_in(), Some(Notice::ExpiringSoon)).await;
    page.until_titled(GREETING).await;
    assert_inert(&page, &network).await;
    for button in [T.show_claims, T.with_token, T.show_token] {
        page.press(button).await;
        assert_inert(&page, &network).await;
    }
    drop(page);

    let page = open_setup("grant", "code").await;
    until(|| page.has_button("Check again")).await;
    assert_inert(&page, &network).await;
    drop(page);

    for fragment in ["#", "#setup"] {
        set_address(fragment);
        let error = SettingsError::NotFound;
        let page = Page::open_app(Err(error), None).await;
        assert_inert(&page, &network).await;
    }
    assert!(browser.exits().is_empty());

    drop(network);
    let network = Network::with_api(500, "");
    set_address("#");
    let page = Page::open_signed_in(session(&claims())).await;
    page.until_titled(T.no_greeting).await;
    assert_inert(&page, &network).await;
}

/// Clicks everything on the page that is not a control.
async fn assert_inert(page: &Page, network: &Network) {
    settle().await;
    let snapshot = || {
        let stored = [
            stored_keys("").join("\n"),
            local_storage().length().unwrap().to_string(),
        ];
        (page.snapshot(), stored, href(), network.calls("").len())
    };
    let before = snapshot();
    let elements = page.all("*");
    let is_control = |element: &HtmlElement| element.closest("a, button").unwrap().is_some();
    let inert: Vec<HtmlElement> = elements.into_iter().filter(|it| !is_control(it)).collect();
    assert!(inert.len() > 10);
    let click = Function::new_with_args(
        "element",
        "element.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))",
    );
    for element in inert {
        click
            .call1(&JsValue::NULL, element.unchecked_ref())
            .unwrap();
    }
    settle().await;
    assert_eq!(snapshot(), before);
}
