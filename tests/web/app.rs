//! The whole app as it starts: with and without settings, with a stored session, and with a response of the Hosted UI.

use cognito_hosted_ui::{AuthorizationCallback, Session};
use cognito_spa::loading;
use cognito_spa::settings::{Settings, SettingsError};
use js_sys::Function;
use leptos::prelude::{document, location, window};
use leptos_cognito::{AuthState, SessionEnd, base_url};
use serde_json::json;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::HtmlElement;

use crate::browser::{
    Browser, dispatch, key, local_storage, session_storage, set_address, settle, store, stored,
    stored_keys, until,
};
use crate::fixtures::{API, CLIENT_ID, DOMAIN, NOW, claims, claims_with, refreshable, session};
use crate::network::{Network, Reply, reply};
use crate::page::{Page, T, settings, settings_with};

const WAYS_IN: [&str; 3] = ["Sign in", "Create account", "Forgot password"];

/// The app with good settings.
async fn open() -> Page {
    Page::open_app(Ok(settings()), None).await
}

/// Ada's session.
fn ada() -> Session {
    session(&claims())
}

/// The session of another user.
fn bob() -> Session {
    let mut claims = claims_with("sub", json!("another-sub"));
    claims["email"] = json!("bob@example.com");
    session(&claims)
}

// Settings

#[test]
async fn broken_settings_are_named_and_can_be_loaded_again() {
    let browser = Browser::new();
    for (error, text) in [
        (SettingsError::NotFound, T.config_not_found),
        (
            Settings::read(200, "{}", &base_url()).unwrap_err(),
            "config.json has no “userPoolDomain”.",
        ),
    ] {
        let page = Page::open_app(Err(error), None).await;
        assert_eq!(page.heading(), T.not_set_up);
        let alert = page.alert().unwrap();
        assert!(alert.contains(text), "{alert}");
        assert_eq!(page.buttons(), ["Load again"]);
        assert!(!page.has_row("Allowed callback URL"));
        assert!(page.all("header").len() == 1 && page.all("footer").len() == 1);
    }
    let page = Page::open_app(Err(SettingsError::Unreachable), None).await;
    page.press("Load again").await;
    // WebKit announces a reload later, in a task.
    until(|| !browser.exits().is_empty()).await;
    assert_eq!(browser.exits(), [location().href().unwrap()]);
}

#[test]
async fn setup_has_the_urls_to_register_also_without_settings() {
    let _browser = Browser::new();
    set_address("#setup");
    let page = Page::open_app(Err(SettingsError::NotFound), None).await;
    page.assert_shows(T.config_not_found);
    assert_eq!(page.row("Allowed callback URL"), [base_url()]);
    assert_eq!(page.row("Allowed sign-out URL"), [base_url()]);
    assert_eq!(page.buttons()[0], "Load again");
}

// The stored session

#[test]
async fn without_a_session_the_user_can_sign_in() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let page = open().await;
    assert_eq!(page.heading(), "Welcome");
    assert_eq!(page.buttons(), WAYS_IN);
    assert_eq!(page.alert(), None);
}

#[test]
async fn a_stored_session_is_signed_in() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    store("session", &ada().to_stored());
    let page = open().await;
    page.assert_shows("Signed in as ada@example.com");
    page.until_titled("Hi, ada@example.com!").await;
    assert_eq!(page.alert(), None);
}

#[test]
async fn garbage_in_place_of_a_session_is_removed_and_reported() {
    for garbage in ["", "x", "{}", r#"{"id_token":"a.b.c","clock_ahead":"0"}"#] {
        let _browser = Browser::new();
        let _network = Network::greeting();
        store("session", garbage);
        let page = open().await;
        assert_eq!(page.buttons(), WAYS_IN);
        assert!(page.alert().unwrap().contains("could not be read"));
        assert_eq!(stored("session"), None);
    }
}

#[test]
async fn an_expired_session_is_reported() {
    let browser = Browser::new();
    let _network = Network::greeting();
    store("session", &ada().to_stored());
    browser.set_clock(NOW + 3601);
    let page = open().await;
    // Not before the app's server has confirmed it.
    until(|| page.alert().is_some()).await;
    assert!(page.alert().unwrap().contains("Your session has expired."));
    assert_eq!(page.buttons(), WAYS_IN);
}

#[test]
async fn a_session_runs_down_while_the_page_is_open() {
    let browser = Browser::new();
    let _network = Network::greeting();
    store("session", &ada().to_stored());
    let page = open().await;
    page.until_titled("Hi, ada@example.com!").await;
    assert_eq!(page.row("Time left"), ["60 min"]);
    let look_again = async |seconds| {
        browser.set_clock(NOW + seconds);
        dispatch("storage").await;
        // The app asks its server for the time after such a jump.
        settle().await;
    };
    look_again(2700).await;
    assert_eq!(page.row("Time left"), ["15 min"]);
    let bar = page.only("progress").get_attribute("value");
    assert_eq!(bar.as_deref(), Some("900"));
    assert_eq!(page.alert(), None);
    assert!(!page.is_primary("Stay signed in"));

    look_again(3300).await;
    assert!(page.alert().unwrap().contains(T.ends_soon));
    assert!(page.is_primary("Stay signed in"));

    look_again(3600).await;
    until(|| page.heading() == "Welcome").await;
    assert!(page.alert().unwrap().contains(T.ended_expired));
    assert_eq!(stored("session"), None);
}

#[test]
async fn an_api_that_takes_long_is_reported() {
    let browser = Browser::new();
    let _network = Network::new(|_| Reply::Silence);
    store("session", &ada().to_stored());
    let page = open().await;
    for (seconds, is_slow) in [(0, false), (3, false), (4, true), (60, true)] {
        browser.set_clock(NOW + seconds);
        dispatch("storage").await;
        assert_eq!(page.heading(), "One moment…");
        assert_eq!(page.text().contains(T.slow), is_slow, "{seconds}");
    }
}

#[test]
async fn a_call_that_failed_is_repeated_with_a_new_token() {
    let _browser = Browser::new();
    let network = Network::with_api(500, "");
    store("session", &refreshable(&ada()).to_stored());
    let page = open().await;
    page.until_titled(T.no_greeting).await;
    drop(network);
    let network = Network::greeting();
    let renewed = refreshable(&session(&claims_with("iat", json!(NOW + 1))));
    store("session", &renewed.to_stored());
    dispatch("storage").await;
    page.until_titled("Hi, ada@example.com!").await;
    let authorization = network.calls("/hiUsers")[0].authorization.clone();
    assert_eq!(
        authorization.as_deref(),
        Some(renewed.id_token().authorization())
    );
}

#[test]
async fn another_user_does_not_see_what_was_opened_before() {
    let _browser = Browser::new();
    let _network = Network::with_api(200, json!({ "message": "Hi, you!" }));
    let tokens = [ada(), bob()].map(|session| session.id_token().authorization().to_owned());
    store("session", &ada().to_stored());
    let page = open().await;
    page.until_titled("Hi, you!").await;
    for button in [T.show_claims, T.with_token, T.show_token] {
        page.press(button).await;
    }
    page.assert_shows(&tokens[0]);

    store("session", &bob().to_stored());
    dispatch("storage").await;
    page.assert_shows("Signed in as bob@example.com");
    page.assert_hides("ada@example.com");
    assert!(page.has_button(T.show_claims) && !page.has_row("sub"));
    for token in &tokens {
        page.assert_hides(token);
    }
}

#[test]
async fn a_renewal_leaves_open_what_the_user_has_opened() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    store("session", &refreshable(&ada()).to_stored());
    let page = open().await;
    page.until_titled("Hi, ada@example.com!").await;
    page.press(T.show_claims).await;
    let heading = page.only("h1");
    let renewed = session(&claims_with("jti", json!("another")));
    store("session", &refreshable(&renewed).to_stored());
    dispatch("storage").await;
    assert_eq!(page.row("jti")[0], "another");
    assert!(page.only("h1").is_same_node(Some(&heading)));
}

// Responses and records of a sign-in

#[test]
async fn an_unsolicited_response_neither_signs_in_nor_out() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let forged = || {
        let fragment = format!("id_token={}&state=x", bob().id_token().authorization());
        AuthorizationCallback::find("", &fragment)
    };
    let page = Page::open_app(Ok(settings()), forged()).await;
    assert!(page.alert().unwrap().contains(T.state_mismatch));
    assert_eq!(page.buttons(), WAYS_IN);
    assert_eq!(stored("session"), None);
    drop(page);

    let record = ada().to_stored();
    store("session", &record);
    let page = Page::open_app(Ok(settings()), forged()).await;
    page.assert_shows("Signed in as ada@example.com");
    assert!(page.alert().unwrap().contains(T.state_mismatch));
    settle().await;
    assert_eq!(stored("session"), Some(record));
    page.assert_hides("bob@example.com");
}

#[test]
async fn an_error_of_the_hosted_ui_is_inert_text() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let pending = json!({ "state": "s", "nonce": "n", "started_at": NOW });
    store("pending.s", &pending.to_string());
    let text = "error=access_denied&error_description=%3Cimg+src%3Dx%3E%3Cb%3Ehello&state=s";
    let page = Page::open_app(Ok(settings()), AuthorizationCallback::find("", text)).await;
    assert!(page.alert().unwrap().contains("<img src=x><b>hello"));
    assert!(page.all("img, b").is_empty());
}

#[test]
async fn a_link_cannot_put_its_own_text_on_the_page() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    store("session", &ada().to_stored());
    for (link, expected) in [
        (
            "error=access_denied&error_description=Call+555-0100",
            T.denied,
        ),
        ("error=Call+555-0100&state=x", T.state_mismatch),
    ] {
        let page = Page::open_app(Ok(settings()), AuthorizationCallback::find("", link)).await;
        page.assert_shows("Signed in as ada@example.com");
        assert!(page.alert().unwrap().contains(expected));
        page.assert_hides("555-0100");
    }
}

#[test]
async fn sign_ins_whose_response_is_no_longer_awaited_are_removed() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let record = |state: &str, started_at: u64| {
        json!({ "state": state, "nonce": "n", "started_at": started_at }).to_string()
    };
    store("pending.old", &record("old", NOW - 3602));
    store("pending.garbage", "{");
    store("pending.young", &record("young", NOW - 3000));
    let of_another_client = "cognito-spa.2another23456789.pending.old";
    session_storage().set_item(of_another_client, "{").unwrap();
    drop(open().await);
    assert_eq!(stored_keys("pending."), ["pending.young"]);
    let other = session_storage().get_item(of_another_client).unwrap();
    assert!(other.is_some());
}

#[test]
async fn that_the_user_has_signed_out_is_reported_once() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let sign_out = format!("abababababababab.{NOW}");
    local_storage()
        .set_item(&key("sign-out"), &sign_out)
        .unwrap();
    store("signed-out", &format!("{sign_out}.1"));
    let page = open().await;
    assert!(page.alert().unwrap().contains("You have signed out."));
    drop(page);
    assert_eq!(open().await.alert(), None);
}

// The ways out

#[test]
async fn each_way_in_leads_to_its_page_of_the_hosted_ui() {
    for (button, start, end) in [
        ("Sign in", "/login?", ""),
        (
            "Sign in with Google",
            "/oauth2/authorize?",
            "&identity_provider=Google",
        ),
        (
            "Sign in with Apple",
            "/oauth2/authorize?",
            "&identity_provider=SignInWithApple",
        ),
        ("Create account", "/signup?", ""),
        ("Forgot password", "/forgotPassword?", ""),
    ] {
        let browser = Browser::new();
        let _network = Network::greeting();
        let providers = json!(["Google", "SignInWithApple"]);
        let settings = settings_with("identityProviders", providers);
        let page = Page::open_app(Ok(settings), None).await;
        page.press(button).await;
        until(|| !browser.exits().is_empty()).await;
        let url = &browser.exits()[0];
        let start = format!("{DOMAIN}{start}response_type=token&client_id={CLIENT_ID}&");
        assert!(url.starts_with(&start), "{url}");
        assert!(url.ends_with(&format!("&lang=en{end}")), "{url}");
    }
}

#[test]
async fn to_stay_signed_in_is_a_sign_in_without_a_page() {
    let browser = Browser::new();
    let _network = Network::greeting();
    store("session", &ada().to_stored());
    let page = open().await;
    page.press("Stay signed in").await;
    until(|| !browser.exits().is_empty()).await;
    let url = &browser.exits()[0];
    assert!(
        url.starts_with(&format!("{DOMAIN}/oauth2/authorize?")),
        "{url}"
    );
    // The session is still there if the user comes back without a response.
    browser.set_clock(NOW + 30);
    dispatch("storage").await;
    page.assert_shows("Signed in as ada@example.com");
}

#[test]
async fn a_redirect_that_does_not_take_place_is_given_up() {
    let browser = Browser::new();
    let _network = Network::greeting();
    let page = open().await;
    page.press("Sign in").await;
    until(|| !browser.exits().is_empty()).await;
    for (seconds, heading) in [(19, "One moment…"), (20, "Welcome")] {
        browser.set_clock(NOW + seconds);
        dispatch("storage").await;
        assert_eq!(page.heading(), heading);
    }
}

// The app around the pages

#[test]
async fn a_link_leads_to_the_other_page_and_its_heading_has_the_focus() {
    let _browser = Browser::new();
    let _network = Network::new(|call| match call.url.starts_with(API) {
        true => reply(401, ""),
        false => reply(200, "{}"),
    });
    // As in index.html.
    let meta = document().create_element("meta").unwrap();
    meta.set_attribute("name", "application-name").unwrap();
    meta.set_attribute("content", "Hi Users").unwrap();
    document().head().unwrap().append_child(&meta).unwrap();
    let page = open().await;
    assert_eq!(page.only("header strong").inner_text(), "Hi Users");
    for (heading, title) in [("Setup", "Setup · Hi Users"), ("Welcome", "Hi Users")] {
        page.only("footer a").click();
        page.until_titled(heading).await;
        assert_eq!(document().title(), title);
        let is_focused = || document().active_element() == Some(page.only("h1").into());
        until(is_focused).await;
    }
    meta.remove();
}

#[test]
async fn a_new_page_is_seen_from_its_top() {
    let _browser = Browser::new();
    let _network = Network::new(|_| reply(401, ""));
    // As in WebKit, the focus does not scroll to the heading.
    let as_in_webkit = "const focus = HTMLElement.prototype.focus;
        HTMLElement.prototype.focus = function () { focus.call(this, { preventScroll: true }) };
        return () => HTMLElement.prototype.focus = focus";
    let restore: Function = Function::new_no_args(as_in_webkit)
        .call0(&JsValue::NULL)
        .unwrap()
        .unchecked_into();
    let page = open().await;
    let main: HtmlElement = page.only("main");
    main.style().set_property("min-height", "5000px").unwrap();
    window().scroll_to_with_x_and_y(0.0, 3000.0);
    assert_eq!(window().scroll_y(), Ok(3000.0));
    page.only("footer a").click();
    page.until_titled("Setup").await;
    until(|| window().scroll_y() == Ok(0.0)).await;
    restore.call0(&JsValue::NULL).unwrap();
}

#[test]
async fn a_press_before_the_app_was_there_is_carried_on() {
    let _browser = Browser::new();
    let root = document().document_element().unwrap();
    for (class, has_focus, heading) in [
        ("first", false, "Welcome"),
        ("first", true, "Welcome"),
        ("pressed", true, "One moment…"),
    ] {
        // As in index.html.
        let element = document().create_element("div").unwrap();
        element.set_id("loading");
        element.set_inner_html("<main><button class=enter>Sign in</button></main>");
        document().body().unwrap().append_child(&element).unwrap();
        root.set_class_name(class);
        let button = element.query_selector("button").unwrap().unwrap();
        if has_focus {
            button.unchecked_ref::<HtmlElement>().focus().unwrap();
        }

        let loading = loading::remove();
        assert!(!element.is_connected());
        let page = Page::open(settings(), AuthState::SignedOut, None).await;
        let button = page.button("Sign in");
        loading.carry_on();
        let focused = document().active_element();
        assert_eq!(focused == Some(button.into()), has_focus);
        leptos::task::tick().await;
        assert_eq!(page.heading(), heading);
        root.set_class_name("");
    }
    // Nothing was pressed.
    let loading = loading::remove();
    let page = Page::open_signed_out(Some(SessionEnd::Expired.into())).await;
    loading.carry_on();
    assert_eq!(page.heading(), "Welcome");
}

#[test]
async fn the_records_of_another_app_client_are_not_touched() {
    let _browser = Browser::new();
    let _network = Network::greeting();
    let other = key("session").replace(CLIENT_ID, "2another23456789");
    session_storage().set_item(&other, "{}").unwrap();
    let page = open().await;
    assert_eq!(page.alert(), None);
    let record = session_storage().get_item(&other).unwrap();
    assert_eq!(record.as_deref(), Some("{}"));
}
