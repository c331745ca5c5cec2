//! The whole way from a response of the Hosted UI to a session, with real signatures.

use leptos::prelude::{location, window};
use leptos_cognito::cognito_hosted_ui::{
    AuthorizationCallback, MalformedResponse, SignInError, TokenEndpointError, TokenError,
};
use leptos_cognito::{Grant, Notice, SessionEnd};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::{RequestCache, RequestRedirect};

use crate::fixtures::{
    ADA, BOB, CLIENT_ID, NothingStored, claims, clear_storage, config, config_for, key,
    local_storage, now, refreshable, session, session_storage, settle, sign_out, store,
    stored_keys, until,
};
use crate::network::{Network, Reply};
use crate::page::{AuthPage, dispatch};
use crate::user_pool::UserPool;

const STATE: &str = "the-state";
const NONCE: &str = "the-nonce";

/// Stores the request that the response answers.
fn store_pending(grant: Grant, return_to: &str) {
    store_pending_with(grant, "return_to", return_to);
}

fn store_pending_with(grant: Grant, field: &str, value: &str) {
    let mut pending = json!({ "state": STATE, "nonce": NONCE, "started_at": now() });
    pending[field] = value.into();
    if grant == Grant::Code {
        pending["code_verifier"] = "the-verifier".into();
    }
    let key = key(&format!("pending.{STATE}"));
    session_storage()
        .set_item(&key, &pending.to_string())
        .unwrap();
}

fn claims_with_nonce(email: &str) -> Value {
    let mut claims = claims(email, 0);
    claims["nonce"] = NONCE.into();
    claims
}

/// The response of the implicit grant.
fn tokens(id_token: &str) -> Option<AuthorizationCallback> {
    let fragment = format!("id_token={id_token}&token_type=Bearer&state={STATE}");
    AuthorizationCallback::find("", &fragment)
}

/// The response of the authorization code grant.
fn code() -> Option<AuthorizationCallback> {
    AuthorizationCallback::find(&format!("code=the-code&state={STATE}"), "")
}

/// A network with this pool's keys and a token endpoint that issues this token.
fn issuing(pool: &UserPool, id_token: &str) -> Network {
    let jwks = pool.jwks();
    let response = json!({
        "id_token": id_token,
        "access_token": "access-token",
        "refresh_token": "refresh-token-1",
        "token_type": "Bearer",
    });
    Network::new(move |call| match &call.url {
        url if url.ends_with("/.well-known/jwks.json") => Reply::json(200, jwks.clone()),
        url if url.ends_with("/oauth2/token") => Reply::json(200, response.clone()),
        _ => Reply::Unreachable,
    })
}

fn stored_session() -> Option<String> {
    session_storage().get_item(&key("session")).unwrap()
}

fn failed(error: impl Into<SignInError>) -> Option<Notice> {
    Some(Notice::SignInFailed(error.into()))
}

#[test]
async fn tokens_with_a_valid_signature_sign_in() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    let network = issuing(&pool, &token);
    store_pending(Grant::Implicit, "/");
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    // While the response is being verified, the user is neither signed in nor signed out.
    assert!(!page.shows_signed_out());
    assert_eq!(page.user(), None);

    until(|| page.user().is_some()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), None);
    assert!(stored_session().unwrap().contains(&token));
    assert!(stored_keys(&session_storage(), "pending.").is_empty());
    assert_eq!(network.calls("/.well-known/jwks.json").len(), 1);
    assert!(network.calls("/oauth2/token").is_empty());
}

#[test]
async fn a_code_is_exchanged_with_its_verifier() {
    clear_storage();
    let pool = UserPool::new().await;
    let network = issuing(&pool, &pool.sign(&claims_with_nonce(ADA)).await);
    store_pending(Grant::Code, "/");
    let page = AuthPage::open_with(config(), code()).await;
    until(|| page.user().is_some()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert!(stored_session().unwrap().contains("refresh-token-1"));

    let exchange = &network.calls("/oauth2/token")[0];
    assert_eq!(exchange.method, "POST");
    let form = Some("application/x-www-form-urlencoded");
    assert_eq!(exchange.header("content-type"), form);
    for parameter in [
        "grant_type=authorization_code",
        &format!("client_id={CLIENT_ID}"),
        "code=the-code",
        "code_verifier=the-verifier",
    ] {
        let mut parameters = exchange.body.split('&');
        assert!(parameters.any(|it| it == parameter), "{}", exchange.body);
    }
}

#[test]
async fn stored_keys_are_not_fetched_again() {
    clear_storage();
    let pool = UserPool::new().await;
    let jwks = pool.jwks().to_string();
    store("keys", &jwks);
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    let network = issuing(&pool, &token);
    store_pending(Grant::Implicit, "/");
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    until(|| page.user().is_some()).await;
    assert!(network.calls("").is_empty());
}

#[test]
async fn a_response_serves_once() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    let _network = issuing(&pool, &token);
    store_pending(Grant::Implicit, "/");
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    until(|| page.user().is_some()).await;
    drop(page);
    clear_storage();
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), failed(SignInError::StateMismatch));
}

#[test]
async fn the_user_returns_to_where_they_were() {
    clear_storage();
    let before = location().href().unwrap();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    let _network = issuing(&pool, &token);
    let base = location().pathname().unwrap();
    store_pending(Grant::Implicit, &format!("{base}?page=2#orders"));
    let history = window().history().unwrap();
    let length = history.length().unwrap();
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    assert_eq!(location().search().unwrap(), "?page=2");
    assert_eq!(location().hash().unwrap(), "#orders");
    assert_eq!(history.length().unwrap(), length);
    until(|| page.user().is_some()).await;
    history
        .replace_state_with_url(&JsValue::NULL, "", Some(&before))
        .unwrap();
}

#[test]
async fn a_token_that_breaks_a_rule_signs_no_one_in() {
    let pool = UserPool::new().await;
    let impostor = pool.impostor().await;
    let good = claims_with_nonce(ADA);
    let with = |claim: &str, value: Value| {
        let mut claims = good.clone();
        claims[claim] = value;
        claims
    };
    let signed = pool.sign(&good).await;
    let (text, signature) = signed.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { "B" } else { "A" };
    for (token, error) in [
        (impostor.sign(&good).await, TokenError::Signature),
        (
            format!("{text}.{flipped}{}", &signature[1..]),
            TokenError::Signature,
        ),
        (format!("{text}.{}", &signature[4..]), TokenError::Signature),
        (format!("{text}."), TokenError::Signature),
        (
            pool.sign(&with("nonce", "other".into())).await,
            TokenError::Nonce,
        ),
        (
            pool.sign(&with("aud", "other".into())).await,
            TokenError::Audience,
        ),
        (
            pool.sign(&with("iss", "https://x".into())).await,
            TokenError::Issuer,
        ),
        (
            pool.sign(&with("token_use", "access".into())).await,
            TokenError::TokenUse,
        ),
        (
            pool.sign(&with("exp", (now() - 200).into())).await,
            TokenError::Expired,
        ),
        (
            pool.sign(&with("iat", (now() + 200).into())).await,
            TokenError::IssuedInFuture,
        ),
        (
            pool.sign(&with("iat", (now() - 200).into())).await,
            TokenError::IssuedTooEarly,
        ),
    ] {
        clear_storage();
        let _network = issuing(&pool, &token);
        store_pending(Grant::Implicit, "/");
        let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
        until(|| page.shows_signed_out()).await;
        assert_eq!(page.notice(), failed(error));
        assert_eq!((page.user(), stored_session()), (None, None));
    }
}

#[test]
async fn a_key_that_the_pool_does_not_have_signs_no_one_in() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    let _network = Network::quiet();
    store_pending(Grant::Implicit, "/");
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    until(|| page.shows_signed_out()).await;
    assert_eq!(page.notice(), failed(TokenError::UnknownKey));
}

#[test]
async fn without_the_pool_s_keys_no_one_is_signed_in() {
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    for status in [None, Some(500), Some(404)] {
        clear_storage();
        let _network = Network::new(move |_| match status {
            None => Reply::Unreachable,
            Some(status) => Reply::json(status, json!({ "keys": [] })),
        });
        store_pending(Grant::Implicit, "/");
        let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
        until(|| page.shows_signed_out()).await;
        assert_eq!(page.notice(), failed(SignInError::JwksUnavailable));
    }
}

#[test]
async fn an_exchange_that_fails_signs_no_one_in() {
    let refused = || TokenEndpointError::Refused("invalid_grant".to_owned());
    for (reply, error) in [
        (None, TokenEndpointError::Unreachable),
        (Some((503, json!({}))), TokenEndpointError::Unreachable),
        (Some((400, json!({ "error": "invalid_grant" }))), refused()),
        (Some((200, json!({}))), TokenEndpointError::InvalidResponse),
    ] {
        clear_storage();
        let _network = Network::new(move |_| match &reply {
            None => Reply::Unreachable,
            Some((status, body)) => Reply::json(*status, body.clone()),
        });
        store_pending(Grant::Code, "/");
        let page = AuthPage::open_with(config(), code()).await;
        until(|| page.shows_signed_out()).await;
        assert_eq!(page.notice(), failed(error));
    }
}

#[test]
async fn a_response_of_the_other_grant_is_refused() {
    clear_storage();
    let network = Network::quiet();
    store_pending(Grant::Implicit, "/");
    let page = AuthPage::open_with(config_for(Grant::Implicit), code()).await;
    assert_eq!(page.notice(), failed(MalformedResponse::WrongGrant));
    drop(page);
    store_pending(Grant::Code, "/");
    let token = session(ADA).id_token().authorization().to_owned();
    let page = AuthPage::open_with(config(), tokens(&token)).await;
    assert_eq!(page.notice(), failed(MalformedResponse::WrongGrant));
    assert!(network.calls("/oauth2/token").is_empty());
}

#[test]
async fn the_session_survives_a_sign_in_that_fails() {
    clear_storage();
    let record = session(BOB).to_stored();
    store("session", &record);
    let _network = Network::quiet();
    store_pending(Grant::Code, "/");
    let page = AuthPage::open_with(config(), code()).await;
    until(|| page.user().is_some()).await;
    assert_eq!(page.user().as_deref(), Some(BOB));
    assert_eq!(page.notice(), failed(TokenEndpointError::Unreachable));
}

#[test]
async fn a_sign_out_in_another_tab_outdoes_a_sign_in_that_is_being_verified() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    let jwks = pool.jwks();
    let tokens = json!({ "id_token": token, "refresh_token": "refresh-token-1" });
    let network = Network::new(move |call| match call.url.ends_with("/oauth2/token") {
        true => Reply::Late(200, tokens.to_string()),
        false => Reply::json(200, jwks.clone()),
    });
    store_pending(Grant::Code, "/");
    let page = AuthPage::open_with(config(), code()).await;
    network.until_called("/oauth2/token", 1).await;
    let record = sign_out(1);
    local_storage().set_item(&key("sign-out"), &record).unwrap();
    until(|| page.shows_signed_out()).await;
    network.until_called("/oauth2/revoke", 1).await;
    assert_eq!(page.notice(), Some(SessionEnd::EndedInAnotherTab.into()));
    assert_eq!((page.user(), stored_session()), (None, None));
}

#[test]
async fn a_response_to_a_request_before_a_sign_out_signs_no_one_in() {
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    // The identifiers of the last sign-out: when the request began, and now.
    let id = |record: &str| record.split('.').next().unwrap().to_owned();
    for (before, last, is_accepted) in [
        (None, Some(sign_out(1)), false),
        (Some(sign_out(1)), Some(sign_out(2)), false),
        (Some(sign_out(1)), Some(sign_out(1)), true),
        // The browser has lost the record.
        (Some(sign_out(1)), None, true),
        (None, None, true),
    ] {
        clear_storage();
        let network = issuing(&pool, &token);
        if let Some(last) = &last {
            local_storage().set_item(&key("sign-out"), last).unwrap();
        }
        match before {
            Some(before) => store_pending_with(Grant::Code, "sign_out", &id(&before)),
            None => store_pending(Grant::Code, "/"),
        }
        let page = AuthPage::open_with(config(), code()).await;
        if is_accepted {
            until(|| page.user().is_some()).await;
            continue;
        }
        assert!(page.shows_signed_out());
        assert_eq!(page.notice(), failed(SignInError::SignedOut));
        settle().await;
        assert!(network.calls("/oauth2/token").is_empty());
        assert_eq!(stored_session(), None);
    }
}

#[test]
async fn tokens_that_break_a_rule_are_revoked() {
    clear_storage();
    let pool = UserPool::new().await;
    let mut claims = claims_with_nonce(ADA);
    claims["nonce"] = "another".into();
    let network = issuing(&pool, &pool.sign(&claims).await);
    store_pending(Grant::Code, "/");
    let page = AuthPage::open_with(config(), code()).await;
    until(|| page.shows_signed_out()).await;
    network.until_called("/oauth2/revoke", 1).await;
    let revoked = network.calls("/oauth2/revoke");
    assert_eq!(revoked.len(), 1);
    assert!(revoked[0].body.ends_with("token=refresh-token-1"));
}

#[test]
async fn an_email_address_that_the_token_lacks_comes_from_user_info() {
    clear_storage();
    let pool = UserPool::new().await;
    let mut claims = claims_with_nonce(ADA);
    claims.as_object_mut().unwrap().remove("email");
    let sub = claims["sub"].clone();
    let jwks = pool.jwks();
    let tokens = json!({ "id_token": pool.sign(&claims).await, "access_token": "access-token" });
    let network = Network::new(move |call| match &call.url {
        url if url.ends_with("/oauth2/token") => Reply::json(200, tokens.clone()),
        url if url.ends_with("/oauth2/userInfo") => {
            Reply::json(200, json!({ "sub": sub, "email": BOB }))
        }
        _ => Reply::json(200, jwks.clone()),
    });
    store_pending(Grant::Code, "/");
    let page = AuthPage::open_with(config(), code()).await;
    until(|| page.user().is_some()).await;
    assert_eq!(page.user().as_deref(), Some(BOB));
    let request = &network.calls("/oauth2/userInfo")[0];
    assert_eq!(request.header("authorization"), Some("Bearer access-token"));
}

#[test]
async fn a_sign_in_is_completed_after_an_unmount() {
    clear_storage();
    let pool = UserPool::new().await;
    let network = issuing(&pool, &pool.sign(&claims_with_nonce(ADA)).await);
    store_pending(Grant::Code, "/");
    drop(AuthPage::open_with(config(), code()).await);
    network.until_called("/oauth2/token", 1).await;
    until(|| stored_session().is_some()).await;
}

#[test]
async fn a_session_that_cannot_be_stored_lasts_until_the_page_is_closed() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(ADA)).await;
    let _network = issuing(&pool, &token);
    store_pending(Grant::Implicit, "/");
    let jwks = pool.jwks().to_string();
    store("keys", &jwks);
    fill(&session_storage());
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    until(|| page.user().is_some()).await;
    assert_eq!(page.notice(), Some(Notice::SessionNotStored));
    assert_eq!(stored_session(), None);
    // The storage does not say that no one is signed in.
    dispatch("storage").await;
    settle().await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    // A sign-out in another tab ends it, too.
    let record = sign_out(1);
    local_storage().set_item(&key("sign-out"), &record).unwrap();
    dispatch("storage").await;
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), Some(SessionEnd::EndedInAnotherTab.into()));
    clear_storage();
}

#[test]
async fn a_session_that_cannot_be_stored_does_not_leave_its_predecessor() {
    clear_storage();
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(BOB)).await;
    let _network = issuing(&pool, &token);
    store_pending(Grant::Implicit, "/");
    let record = session(ADA).to_stored();
    store("session", &record);
    let nothing_stored = NothingStored::begin();
    let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
    until(|| page.user().is_some()).await;
    assert_eq!(stored_session(), None);
    for _ in 0..3 {
        dispatch("storage").await;
        assert_eq!(page.user().as_deref(), Some(BOB));
    }
    assert_eq!(page.notice(), Some(Notice::SessionNotStored));
    drop(nothing_stored);
}

#[test]
async fn a_sign_in_that_comes_back_as_someone_else_says_so() {
    let pool = UserPool::new().await;
    let token = pool.sign(&claims_with_nonce(BOB)).await;
    let sub_of = |user: &str| session(user).claims().sub.clone();
    for (before, notice) in [(ADA, Some(Notice::UserChanged)), (BOB, None)] {
        clear_storage();
        let _network = issuing(&pool, &token);
        store_pending_with(Grant::Implicit, "sub", &sub_of(before));
        let page = AuthPage::open_with(config_for(Grant::Implicit), tokens(&token)).await;
        until(|| page.user().is_some()).await;
        assert_eq!(page.notice(), notice, "{before}");
    }
}

#[test]
async fn a_new_sign_in_revokes_the_refresh_token_of_the_session_before() {
    clear_storage();
    let pool = UserPool::new().await;
    let network = issuing(&pool, &pool.sign(&claims_with_nonce(ADA)).await);
    store_pending(Grant::Code, "/");
    let record = refreshable(&session(ADA)).to_stored();
    let record = record.replace("refresh-token-1", "refresh-token-0");
    store("session", &record);
    let page = AuthPage::open_with(config(), code()).await;
    until(|| page.user().is_some()).await;
    network.until_called("/oauth2/revoke", 1).await;
    settle().await;
    let revoked = network.calls("/oauth2/revoke");
    assert_eq!(revoked.len(), 1);
    assert!(revoked[0].body.ends_with("token=refresh-token-0"));
    assert!(stored_session().unwrap().contains("refresh-token-1"));
}

#[test]
async fn no_request_follows_a_redirect_and_the_cache_keeps_nothing_of_a_user() {
    clear_storage();
    let pool = UserPool::new().await;
    let mut claims = claims_with_nonce(ADA);
    claims.as_object_mut().unwrap().remove("email");
    let network = issuing(&pool, &pool.sign(&claims).await);
    // Keys of a time before the pool got this one.
    let old_keys = UserPool::new().await.jwks().to_string();
    store("keys", &old_keys);
    store_pending(Grant::Code, "/");
    let page = AuthPage::open_with(config(), code()).await;
    until(|| page.user().is_some()).await;
    let _ = page.api.get::<Value>("/hiUsers").await;
    for url in ["/oauth2/token", "jwks.json", "/oauth2/userInfo", "/hiUsers"] {
        let calls = network.calls(url);
        assert_eq!(calls.len(), 1, "{url}");
        assert_eq!(calls[0].redirect, RequestRedirect::Error, "{url}");
    }
    // The pool has new keys.
    assert_eq!(network.calls("jwks.json")[0].cache, RequestCache::Reload);
    for url in ["/oauth2/userInfo", "/hiUsers"] {
        assert_eq!(network.calls(url)[0].cache, RequestCache::NoStore, "{url}");
    }
}

/// Leaves a few bytes in a storage area, less than a session needs.
fn fill(storage: &web_sys::Storage) {
    let mut length = 4 << 20;
    for number in 0.. {
        if length < 64 {
            return;
        }
        let name = format!("filling.{number}");
        if storage.set_item(&name, &"x".repeat(length)).is_err() {
            length /= 2;
        }
    }
}
