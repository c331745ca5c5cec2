//! The refresh of a session by the provider, with real signatures.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use leptos::prelude::*;
use leptos_cognito::cognito_hosted_ui::{Session, SignInError, TokenError};
use leptos_cognito::{AuthState, Notice, SessionEnd, testing};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::fixtures::{
    ADA, BOB, CLIENT_ID, NothingStored, claims, clear_storage, config, key, now, refreshable,
    session_since, session_storage, settle, store, until,
};
use crate::network::{Network, Reply};
use crate::page::{AuthPage, dispatch};
use crate::user_pool::UserPool;

/// A session with a refresh token that expires in 30 seconds.
fn near_expiry() -> Session {
    refreshable(&session_since(ADA, 3570))
}

fn stored() -> Option<String> {
    session_storage().get_item(&key("session")).unwrap()
}

/// Mounts the provider with this session, and lets it look at the time.
async fn open_with(session: &Session) -> AuthPage {
    store("session", &session.to_stored());
    let page = AuthPage::open(config()).await;
    page.input().set_value("Ada's draft");
    dispatch("storage").await;
    page
}

/// A network with this pool's keys and this response of the token endpoint.
fn responding(pool: &UserPool, status: u16, response: Value) -> Network {
    network_of(pool, move || Reply::json(status, response.clone()))
}

fn network_of(pool: &UserPool, token_endpoint: impl Fn() -> Reply + 'static) -> Network {
    let jwks = pool.jwks();
    Network::new(move |call| match &call.url {
        url if url.ends_with("/.well-known/jwks.json") => Reply::json(200, jwks.clone()),
        url if url.ends_with("/oauth2/token") => token_endpoint(),
        _ => Reply::Unreachable,
    })
}

#[test]
async fn a_session_near_its_end_is_refreshed_in_place() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let network = responding(
        &pool,
        200,
        json!({ "id_token": token, "refresh_token": "r2" }),
    );
    let page = open_with(&near_expiry()).await;
    assert!(page.auth.is_refreshing().get_untracked());
    until(|| stored().is_some_and(|stored| stored.contains(&token))).await;
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    // A pool that rotates refresh tokens accepts only the new one.
    assert!(stored().unwrap().contains("\"r2\""));
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), None);
    assert_eq!(page.input().value(), "Ada's draft");

    let refresh = &network.calls("/oauth2/token")[0];
    for parameter in [
        "grant_type=refresh_token",
        &format!("client_id={CLIENT_ID}"),
        "refresh_token=refresh-token-1",
    ] {
        let mut parameters = refresh.body.split('&');
        assert!(parameters.any(|it| it == parameter), "{}", refresh.body);
    }
    dispatch("storage").await;
    settle().await;
    assert_eq!(network.calls("/oauth2/token").len(), 1);
}

#[test]
async fn a_refresh_token_that_the_response_leaves_out_is_kept() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let _network = responding(&pool, 200, json!({ "id_token": token }));
    let _page = open_with(&near_expiry()).await;
    until(|| stored().is_some_and(|stored| stored.contains(&token))).await;
    assert!(stored().unwrap().contains("\"refresh-token-1\""));
}

#[test]
async fn a_refresh_that_is_refused_ends_the_session() {
    clear_storage();
    let pool = UserPool::new().await;
    let _network = responding(&pool, 400, json!({ "error": "invalid_grant" }));
    let page = open_with(&near_expiry()).await;
    until(|| page.shows_signed_out()).await;
    assert_eq!(page.notice(), Some(SessionEnd::Expired.into()));
    assert_eq!(stored(), None);
}

#[test]
async fn only_what_cognito_says_of_the_refresh_token_ends_the_session() {
    let pool = UserPool::new().await;
    for (error, ends) in [
        ("invalid_grant", true),
        ("invalid_client", true),
        ("unauthorized_client", true),
        ("invalid_request", false),
        ("temporarily_unavailable", false),
    ] {
        clear_storage();
        let _network = responding(&pool, 400, json!({ "error": error }));
        let page = open_with(&near_expiry()).await;
        until(|| page.notice().is_some()).await;
        let notice = if ends {
            SessionEnd::Expired.into()
        } else {
            Notice::NotRefreshed
        };
        assert_eq!(page.notice(), Some(notice), "{error}");
        assert_eq!(stored().is_none(), ends, "{error}");
        assert_eq!(page.user().is_none(), ends, "{error}");
    }
}

#[test]
async fn a_failure_that_says_nothing_of_the_session_keeps_it() {
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let good = json!({ "id_token": token });
    let mut hashed = claims(ADA, 0);
    hashed["at_hash"] = "another".into();
    let hashed = json!({ "id_token": pool.sign(&hashed).await, "access_token": "a" });
    let keys = pool.jwks();
    let no_keys = json!({ "keys": [] });
    for (what, status, tokens, keys) in [
        ("a stale key set", 200, good, no_keys),
        ("another access token", 200, hashed, keys.clone()),
        ("no token", 200, json!({}), keys.clone()),
        ("no service", 503, json!({}), keys),
    ] {
        clear_storage();
        let network = Network::new(move |call| match &call.url {
            url if url.ends_with("/oauth2/token") => Reply::json(status, tokens.clone()),
            url if url.ends_with("jwks.json") => Reply::json(200, keys.clone()),
            _ => Reply::Unreachable,
        });
        let before = near_expiry();
        let page = open_with(&before).await;
        until(|| page.notice().is_some()).await;
        assert_eq!(page.notice(), Some(Notice::NotRefreshed), "{what}");
        until(|| !page.auth.is_refreshing().get_untracked()).await;
        settle().await;
        assert_eq!(stored(), Some(before.to_stored()), "{what}");
        assert_eq!(page.user().as_deref(), Some(ADA), "{what}");
        assert!(network.calls("/oauth2/revoke").is_empty(), "{what}");
    }
}

#[test]
async fn claims_that_change_with_time_are_not_compared() {
    let pool = UserPool::new().await;
    for (claim, value) in [
        // The user has signed in a second time.
        ("auth_time", json!(now())),
        ("auth_time", json!(1)),
        ("nonce", json!("another")),
    ] {
        clear_storage();
        let mut claims = claims(ADA, 0);
        claims[claim] = value;
        let token = pool.sign(&claims).await;
        let _network = responding(&pool, 200, json!({ "id_token": token }));
        let page = open_with(&near_expiry()).await;
        until(|| stored().is_some_and(|stored| stored.contains(&token))).await;
        assert_eq!(page.user().as_deref(), Some(ADA), "{claim}");
        assert_eq!(page.notice(), None, "{claim}");
    }
}

#[test]
async fn a_refreshed_token_tells_cognito_s_time() {
    let pool = UserPool::new().await;
    // This device's clock is ahead, or behind.
    for issued_at in [now() - 7200, now() + 600] {
        clear_storage();
        let mut claims = claims(ADA, 0);
        claims["iat"] = issued_at.into();
        claims["exp"] = (issued_at + 3600).into();
        let token = pool.sign(&claims).await;
        let network = responding(&pool, 200, json!({ "id_token": token }));
        let page = open_with(&near_expiry()).await;
        until(|| stored().is_some_and(|stored| stored.contains(&token))).await;
        assert_eq!(page.user().as_deref(), Some(ADA));
        assert_eq!(page.notice(), Some(Notice::ClockWrong));
        // By Cognito's clock, it is new.
        until(|| !page.auth.is_refreshing().get_untracked()).await;
        dispatch("storage").await;
        settle().await;
        assert_eq!(network.calls("/oauth2/token").len(), 1);
        assert!(network.calls("/oauth2/revoke").is_empty());
    }
}

#[test]
async fn a_refresh_that_does_not_arrive_is_tried_again() {
    clear_storage();
    let pool = UserPool::new().await;
    let network = responding(&pool, 503, json!({}));
    let page = open_with(&near_expiry()).await;
    until(|| page.notice().is_some()).await;
    assert_eq!(page.notice(), Some(Notice::NotRefreshed));
    assert_eq!(page.user().as_deref(), Some(ADA));
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    dispatch("online").await;
    network.until_called("/oauth2/token", 2).await;
}

#[test]
async fn tokens_that_cognito_did_not_issue_for_this_user_and_app_end_the_session() {
    let pool = UserPool::new().await;
    let impostor = pool.impostor().await;
    let of_bob = pool.sign(&claims(BOB, 0)).await;
    let with = async |claim: &str, value: &str| {
        let mut claims = claims(ADA, 0);
        claims[claim] = value.into();
        pool.sign(&claims).await
    };
    for (token, error) in [
        (impostor.sign(&claims(ADA, 0)).await, TokenError::Signature),
        (of_bob, TokenError::Subject),
        (with("iss", "https://x").await, TokenError::Issuer),
        (with("aud", "another").await, TokenError::Audience),
        (with("token_use", "access").await, TokenError::TokenUse),
    ] {
        clear_storage();
        let network = responding(&pool, 200, json!({ "id_token": token }));
        let page = open_with(&near_expiry()).await;
        until(|| page.shows_signed_out()).await;
        network.until_called("/oauth2/revoke", 1).await;
        let notice = Notice::SignInFailed(SignInError::Token(error));
        assert_eq!(page.notice(), Some(notice));
        assert_eq!(stored(), None);
    }
}

#[test]
async fn a_session_without_a_refresh_token_is_not_refreshed() {
    clear_storage();
    let network = Network::quiet();
    let page = open_with(&session_since(ADA, 3570)).await;
    page.auth.refresh();
    settle().await;
    assert!(network.calls("").is_empty());
    assert!(!page.auth.is_refreshing().get_untracked());
    assert_eq!(page.notice(), Some(Notice::ExpiringSoon));
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn a_refresh_is_completed_after_an_unmount() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let network = responding(
        &pool,
        200,
        json!({ "id_token": token, "refresh_token": "r2" }),
    );
    let page = open_with(&near_expiry()).await;
    drop(page);
    network.until_called("/oauth2/token", 1).await;
    until(|| stored().is_some_and(|stored| stored.contains("\"r2\""))).await;
}

#[test]
async fn the_newest_refresh_token_is_kept_before_anything_else_can_fail() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let response = json!({ "id_token": token, "refresh_token": "r2" });
    let jwks = pool.jwks();
    let has_keys = Arc::new(AtomicBool::new(false));
    let keys = Arc::clone(&has_keys);
    let network = Network::new(move |call| match &call.url {
        url if url.ends_with("/oauth2/token") => Reply::json(200, response.clone()),
        _ if keys.load(Relaxed) => Reply::json(200, jwks.clone()),
        _ => Reply::json(500, json!({})),
    });
    let before = near_expiry();
    let page = open_with(&before).await;
    until(|| page.notice() == Some(Notice::NotRefreshed)).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.input().value(), "Ada's draft");
    let kept = stored().unwrap();
    assert!(kept.contains("\"r2\""), "{kept}");
    assert!(kept.contains(before.id_token().authorization()), "{kept}");

    until(|| !page.auth.is_refreshing().get_untracked()).await;
    has_keys.store(true, Relaxed);
    dispatch("online").await;
    until(|| stored().is_some_and(|stored| stored.contains(&token))).await;
    let refresh = &network.calls("/oauth2/token")[1];
    assert!(
        refresh.body.ends_with("refresh_token=r2"),
        "{}",
        refresh.body
    );
}

#[test]
async fn the_refresh_token_of_another_tab_is_used_once_it_is_newer() {
    clear_storage();
    let network = Network::quiet();
    let before = near_expiry();
    let page = open_with(&before).await;
    until(|| page.notice() == Some(Notice::NotRefreshed)).await;
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    // The other tab could not verify the ID token that it got with this one.
    let newer = before.to_stored().replace("refresh-token-1", "r2");
    store("session", &newer);
    page.auth.refresh();
    network.until_called("/oauth2/token", 2).await;
    let refresh = &network.calls("/oauth2/token")[1];
    assert!(
        refresh.body.ends_with("refresh_token=r2"),
        "{}",
        refresh.body
    );
}

/// A network whose token endpoint responds late, with this token and the refresh token `r2`.
fn responding_late(pool: &UserPool, token: &str) -> Network {
    let response = json!({ "id_token": token, "refresh_token": "r2" });
    network_of(pool, move || Reply::Late(200, response.to_string()))
}

#[test]
async fn a_refresh_that_comes_after_a_sign_out_is_revoked_and_forgotten() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let network = responding_late(&pool, &token);
    let page = open_with(&near_expiry()).await;
    network.until_called("/oauth2/token", 1).await;
    // Another tab signs out. This one has not heard of it when the response arrives.
    session_storage().remove_item(&key("session")).unwrap();
    network.until_called("/oauth2/revoke", 1).await;
    settle().await;
    let revoked = network.calls("/oauth2/revoke");
    assert_eq!(revoked.len(), 1);
    assert!(revoked[0].body.ends_with("token=r2"), "{}", revoked[0].body);
    dispatch("storage").await;
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), Some(SessionEnd::EndedInAnotherTab.into()));
    assert_eq!(stored(), None);
}

#[test]
async fn a_refresh_that_comes_after_another_tabs_is_forgotten_but_not_revoked() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let network = responding_late(&pool, &token);
    let page = open_with(&near_expiry()).await;
    network.until_called("/oauth2/token", 1).await;
    let refreshed = refreshable(&session_since(ADA, 1)).to_stored();
    let refreshed = refreshed.replace("refresh-token-1", "refresh-token-2");
    store("session", &refreshed);
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    settle().await;
    assert!(network.calls("/oauth2/revoke").is_empty());
    assert_eq!(stored(), Some(refreshed));
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn a_refresh_that_ends_while_the_page_leaves_for_cognito_is_kept() {
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let before = near_expiry();
    for (is_refused, kept) in [(false, "\"r2\""), (true, "\"refresh-token-1\"")] {
        clear_storage();
        store("session", &before.to_stored());
        let network = match is_refused {
            false => responding_late(&pool, &token),
            true => Network::new(|_| Reply::Late(400, r#"{"error":"invalid_grant"}"#.to_owned())),
        };
        let state = AuthState::SignedIn(before.clone());
        let page = AuthPage::with_state(config(), state).await;
        page.auth.refresh();
        network.until_called("/oauth2/token", 1).await;
        page.auth.sign_in();
        until(|| !page.auth.is_refreshing().get_untracked()).await;
        settle().await;
        let state = page.auth.state().get_untracked();
        assert!(matches!(state, AuthState::Redirecting { .. }), "{state:?}");
        assert!(stored().unwrap().contains(kept));
        assert!(network.calls("/oauth2/revoke").is_empty());
    }
}

#[test]
async fn a_refreshed_session_that_cannot_be_stored_is_not_refreshed_again() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let network = responding(
        &pool,
        200,
        json!({ "id_token": token, "refresh_token": "r2" }),
    );
    let page = open_with(&near_expiry()).await;
    let nothing_stored = NothingStored::begin();
    until(|| page.notice() == Some(Notice::SessionNotStored)).await;
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    for _ in 0..3 {
        dispatch("storage").await;
        settle().await;
    }
    drop(nothing_stored);
    assert_eq!(network.calls("/oauth2/token").len(), 1);
    assert_eq!(stored(), None);
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.input().value(), "Ada's draft");
}

#[test]
async fn the_email_address_from_user_info_outlives_a_refresh() {
    clear_storage();
    let pool = UserPool::new().await;
    let mut nameless = claims(ADA, 0);
    nameless.as_object_mut().unwrap().remove("email");
    let token = pool.sign(&nameless).await;
    let _network = responding(&pool, 200, json!({ "id_token": token }));
    let mut before = claims(ADA, 3570);
    before.as_object_mut().unwrap().remove("email");
    let before = testing::session_with_claims(&config().hosted_ui, &before).unwrap();
    let user_info = json!({ "sub": before.claims().sub, "email": ADA }).to_string();
    let before = refreshable(&before.with_user_info(&user_info).unwrap());
    let page = open_with(&before).await;
    until(|| stored().is_some_and(|stored| stored.contains(&token))).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn calls_that_wait_for_a_refresh_share_its_failure() {
    clear_storage();
    let network = Network::new(|call| match call.url.ends_with("/oauth2/token") {
        true => Reply::json(503, json!({})),
        false => Reply::json(200, json!({})),
    });
    store("session", &near_expiry().to_stored());
    let page = AuthPage::open(config()).await;
    let call = || page.api.get::<Value>("/orders");
    let _ = futures::future::join3(call(), call(), call()).await;
    assert_eq!(network.calls("/oauth2/token").len(), 1);
    // Calls that follow soon do not repeat it.
    for _ in 0..3 {
        let _ = call().await;
    }
    assert_eq!(network.calls("/oauth2/token").len(), 1);
}

#[test]
async fn a_call_joins_a_refresh_also_after_failures() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let jwks = pool.jwks();
    let tokens = json!({ "id_token": token }).to_string();
    let is_down = Arc::new(AtomicBool::new(true));
    let down = Arc::clone(&is_down);
    let network = Network::new(move |call| match &call.url {
        url if url.ends_with("jwks.json") => Reply::json(200, jwks.clone()),
        url if !url.ends_with("/oauth2/token") => Reply::json(200, json!({})),
        _ if down.load(Relaxed) => Reply::json(503, json!({})),
        _ => Reply::Late(200, tokens.clone()),
    });
    let page = open_with(&near_expiry()).await;
    until(|| page.notice() == Some(Notice::NotRefreshed)).await;
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    is_down.store(false, Relaxed);
    page.auth.refresh();
    assert!(page.api.get::<Value>("/orders").await.is_ok());
    let sent = network.calls("/orders")[0]
        .header("authorization")
        .map(str::to_owned);
    assert!(stored().unwrap().contains(&sent.unwrap()));
    assert_eq!(network.calls("/oauth2/token").len(), 2);
}

#[test]
async fn a_refresh_that_fails_is_not_tried_again_at_once() {
    clear_storage();
    let pool = UserPool::new().await;
    let network = responding(&pool, 503, json!({}));
    let page = open_with(&near_expiry()).await;
    until(|| page.notice() == Some(Notice::NotRefreshed)).await;
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    for _ in 0..3 {
        dispatch("storage").await;
        settle().await;
    }
    assert_eq!(network.calls("/oauth2/token").len(), 1);
    // The user's own wish and a new network are reasons to try at once.
    page.auth.refresh();
    network.until_called("/oauth2/token", 2).await;
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    dispatch("online").await;
    network.until_called("/oauth2/token", 3).await;
}

#[test]
async fn a_session_that_another_tab_has_refreshed_is_taken_over() {
    clear_storage();
    let network = Network::quiet();
    let page = open_with(&refreshable(&session_since(ADA, 60))).await;
    let refreshed = refreshable(&session_since(ADA, 0));
    store("session", &refreshed.to_stored());
    page.auth.refresh();
    let until_text = format!("Until {}", refreshed.claims().exp);
    until(|| page.text().contains(&until_text)).await;
    settle().await;
    assert!(network.calls("/oauth2/token").is_empty());
    assert_eq!(page.input().value(), "Ada's draft");
}
