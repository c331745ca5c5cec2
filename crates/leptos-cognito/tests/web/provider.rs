//! What `<AuthProvider>` makes of the browser's storage when it is mounted.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;
use leptos_cognito::cognito_hosted_ui::{AuthorizationCallback, SignInError};
use leptos_cognito::{Notice, SessionEnd};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::Event;

use crate::fixtures::{
    ADA, BOB, claims, clear_storage, config, key, local_storage, now, refreshable, session,
    session_since, session_storage, settle, store, stored_keys, unfinished_sign_out, until,
};
use crate::network::{Network, Reply};
use crate::page::{AuthPage, dispatch};
use crate::user_pool::UserPool;

fn stored(record: &str) -> Option<String> {
    session_storage().get_item(&key(record)).unwrap()
}

#[test]
async fn without_a_session_the_user_is_signed_out_and_the_keys_are_fetched() {
    clear_storage();
    let jwks = UserPool::new().await.jwks();
    let keys = jwks.to_string();
    let network = Network::new(move |_| Reply::json(200, jwks.clone()));
    let page = AuthPage::open(config()).await;
    assert!(page.shows_signed_out());
    assert!(page.text().contains("No user."));
    assert_eq!((page.user(), page.notice()), (None, None));

    network.until_called("/.well-known/jwks.json", 1).await;
    until(|| stored("keys").as_ref() == Some(&keys)).await;

    let element = page.unmount();
    assert_eq!(element.inner_html(), "");
}

#[test]
async fn a_stored_session_is_restored() {
    clear_storage();
    let network = Network::quiet();
    let record = session(ADA).to_stored();
    store("session", &record);
    let page = AuthPage::open(config()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), None);
    assert!(!page.shows_signed_out() && !page.text().contains("No user."));
    settle().await;
    assert!(network.calls("").is_empty());
    assert_eq!(stored("session"), Some(record));

    let element = page.unmount();
    assert_eq!(element.inner_html(), "");
}

#[test]
async fn a_record_that_is_no_session_is_removed_and_reported() {
    let record = session(ADA).to_stored();
    let without = |field: &str| record.replace(field, "another");
    for garbage in [
        "",
        "x",
        "{}",
        "[]",
        r#"{"id_token":"a.b.c","clock_offset":0,"sign_in":"s"}"#,
        &without("id_token"),
        &without("clock_offset"),
        &without("sign_in"),
    ] {
        clear_storage();
        let _network = Network::quiet();
        store("session", garbage);
        let page = AuthPage::open(config()).await;
        assert!(page.shows_signed_out(), "{garbage}");
        assert_eq!(page.notice(), Some(SessionEnd::Unreadable.into()));
        assert_eq!(stored("session"), None);
    }
}

#[test]
async fn a_session_of_another_app_client_or_pool_is_removed_and_reported() {
    for (claim, value) in [
        ("aud", "2another23456789"),
        (
            "iss",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Another",
        ),
        ("token_use", "access"),
    ] {
        clear_storage();
        let _network = Network::quiet();
        let mut claims = claims(ADA, 0);
        claims[claim] = value.into();
        store("session", &record_with(&claims));
        let page = AuthPage::open(config()).await;
        assert!(page.shows_signed_out(), "{claim}");
        assert_eq!(page.notice(), Some(SessionEnd::Unreadable.into()));
        assert_eq!(stored("session"), None);
    }
}

#[test]
async fn an_expired_session_ends_once_the_app_s_server_confirms_it() {
    clear_storage();
    let network = Network::new(|call| match call.method.as_str() {
        "HEAD" => Reply::At(now()),
        _ => Reply::Unreachable,
    });
    store("session", &session_since(ADA, 3601).to_stored());
    let page = AuthPage::open(config()).await;
    assert!(page.shows_signed_out());
    until(|| page.notice().is_some()).await;
    assert_eq!(page.notice(), Some(SessionEnd::Expired.into()));
    assert_eq!(stored("session"), None);
    assert!(page.shows_signed_out());
    let calls = network.calls(&leptos_cognito::base_url());
    assert_eq!(calls.len(), 1);
}

#[test]
async fn a_session_that_only_this_device_s_clock_calls_expired_is_kept() {
    clear_storage();
    let network = Network::quiet();
    let record = session_since(ADA, 3601).to_stored();
    store("session", &record);
    let page = AuthPage::open(config()).await;
    assert!(page.shows_signed_out());
    until(|| page.notice().is_some()).await;
    assert_eq!(page.notice(), Some(Notice::PerhapsExpired));
    // Nothing answers, so it is not asked again at once.
    for _ in 0..3 {
        dispatch("storage").await;
        settle().await;
    }
    assert_eq!(stored("session"), Some(record));
    let app = leptos_cognito::base_url();
    assert_eq!(network.calls(&app).len(), 1);
    dispatch("online").await;
    network.until_called(&app, 2).await;
}

#[test]
async fn a_session_that_the_app_s_server_calls_valid_is_shown_and_the_clock_is_called_wrong() {
    clear_storage();
    let _network = Network::new(|call| match call.method.as_str() {
        "HEAD" => Reply::At(now() - 7200),
        _ => Reply::Unreachable,
    });
    // By this device's clock, which is two hours ahead, it has expired an hour and a half ago.
    store("session", &session_since(ADA, 9000).to_stored());
    let page = AuthPage::open(config()).await;
    until(|| page.user().is_some()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), Some(Notice::ClockWrong));
    // The correction is stored.
    drop(page);
    let page = AuthPage::open(config()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), Some(Notice::ClockWrong));
}

#[test]
async fn an_expired_session_that_can_be_refreshed_is_restored() {
    clear_storage();
    let _network = Network::quiet();
    let expired = refreshable(&session_since(ADA, 3601));
    store("session", &expired.to_stored());
    let page = AuthPage::open(config()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), None);
}

#[test]
async fn a_session_that_expires_soon_says_so() {
    clear_storage();
    let _network = Network::quiet();
    store("session", &session_since(ADA, 3600 - 200).to_stored());
    let page = AuthPage::open(config()).await;
    assert_eq!(page.notice(), Some(Notice::ExpiringSoon));
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn an_unsolicited_response_neither_signs_in_nor_out() {
    clear_storage();
    let network = Network::quiet();
    let forged = format!(
        "id_token={}&state=x",
        session(BOB).id_token().authorization()
    );
    let notice = Some(Notice::SignInFailed(SignInError::StateMismatch));

    let page = AuthPage::open_with(config(), AuthorizationCallback::find("", &forged)).await;
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), notice);
    drop(page);

    let record = session(ADA).to_stored();
    store("session", &record);
    let page = AuthPage::open_with(config(), AuthorizationCallback::find("", &forged)).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), notice);
    assert_eq!(stored("session"), Some(record));
    settle().await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert!(network.calls("/oauth2/token").is_empty());
}

#[test]
async fn the_text_of_an_error_is_shown_as_text_if_the_response_belongs_to_a_request() {
    let _network = Network::quiet();
    for (state, is_shown) in [("s", true), ("another", false)] {
        clear_storage();
        let pending = json!({ "state": "s", "nonce": "n", "started_at": now() });
        store("pending.s", &pending.to_string());
        let error =
            format!("error=access_denied&error_description=%3Cimg+src%3Dx%3E&state={state}");
        let page = AuthPage::open_with(config(), AuthorizationCallback::find(&error, "")).await;
        assert!(page.shows_signed_out());
        let said = page.text_of("status").unwrap();
        assert_eq!(said.contains("<img src=x>"), is_shown, "{said}");
        assert!(is_shown || said.contains("access_denied"), "{said}");
    }
}

#[test]
async fn a_tick_wakes_only_those_who_read_the_time() {
    clear_storage();
    let _network = Network::quiet();
    store("session", &session(ADA).to_stored());
    let page = AuthPage::open(config()).await;
    let auth = page.auth;
    let (ticks, others) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    let (count_ticks, count_others) = (Rc::clone(&ticks), Rc::clone(&others));
    let owner = Owner::new();
    owner.with(|| {
        Effect::new(move |_| {
            auth.now().track();
            count_ticks.set(count_ticks.get() + 1);
        });
        Effect::new(move |_| {
            auth.state().track();
            auth.notice().track();
            auth.is_refreshing().track();
            count_others.set(count_others.get() + 1);
        });
    });
    leptos::task::tick().await;
    assert_eq!((ticks.get(), others.get()), (1, 1));
    for _ in 0..3 {
        dispatch("storage").await;
    }
    let at_once = ticks.get();
    // Until the next second.
    until(|| {
        window()
            .dispatch_event(&Event::new("storage").unwrap())
            .unwrap();
        ticks.get() > at_once
    })
    .await;
    assert!(at_once <= 2);
    assert_eq!(others.get(), 1);
}

#[test]
async fn only_sign_ins_that_are_still_awaited_are_kept() {
    clear_storage();
    let _network = Network::quiet();
    let pending = |state: &str, age: u64| {
        json!({ "state": state, "nonce": "n", "started_at": now() - age }).to_string()
    };
    store("pending.old", &pending("old", 3602));
    store("pending.young", &pending("young", 3000));
    store("pending.garbage", "{");
    let of_another_client = "cognito-spa.2another23456789.pending.old";
    let other = session_storage();
    other.set_item(of_another_client, "{").unwrap();
    drop(AuthPage::open(config()).await);
    let kept = stored_keys(&session_storage(), "pending.");
    assert_eq!(kept, [key("pending.young")]);
    assert!(other.get_item(of_another_client).unwrap().is_some());
}

#[test]
async fn that_the_user_has_signed_out_is_reported_once() {
    clear_storage();
    let _network = Network::quiet();
    let record = unfinished_sign_out(5);
    local_storage().set_item(&key("sign-out"), &record).unwrap();
    // What a tab remembers while it is at Cognito.
    store("signed-out", &format!("{record}.1"));
    let page = AuthPage::open(config()).await;
    assert_eq!(page.notice(), Some(SessionEnd::SignedOut.into()));
    drop(page);
    let page = AuthPage::open(config()).await;
    assert_eq!(page.notice(), None);
}

#[test]
async fn a_late_return_from_cognito_counts_only_the_second_time() {
    for (ago, leaves, expected) in [
        (19, 1, Notice::SessionEnded(SessionEnd::SignedOut)),
        // The browser has more likely failed to reach Cognito.
        (22, 1, Notice::SignOutUnfinished),
        (3500, 1, Notice::SignOutUnfinished),
        // The user has tried to finish it, and it takes as long again.
        (22, 2, Notice::SessionEnded(SessionEnd::SignedOut)),
        (600, 3, Notice::SessionEnded(SessionEnd::SignedOut)),
        // Without a network, the tab has never left.
        (22, 0, Notice::SignOutUnfinished),
    ] {
        clear_storage();
        let _network = Network::quiet();
        let record = unfinished_sign_out(ago);
        local_storage().set_item(&key("sign-out"), &record).unwrap();
        store("signed-out", &format!("{record}.{leaves}"));
        let page = AuthPage::open(config()).await;
        assert_eq!(page.notice(), Some(expected), "{ago} s, {leaves}");
    }
}

/// A session's record, whatever its claims are.
fn record_with(claims: &Value) -> String {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = json!({ "alg": "RS256", "kid": "1" });
    let token = format!("{}.{}.c2ln", part(&header), part(claims));
    json!({ "id_token": token, "clock_offset": 0, "sign_in": "s" }).to_string()
}
