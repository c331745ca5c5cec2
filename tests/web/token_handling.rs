//! The token handling from end to end, through the app's real parts: the button that leaves for the Hosted UI, the address
//! bar, the storage, and the sign-out. The signatures are real.

use leptos_cognito::{base_url, take_callback};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::browser::{
    Browser, history_length, href, set_address, settle, store, stored, stored_keys, until,
};
use crate::fixtures::{CLIENT_ID, DOMAIN, NOW, claims_with, session};
use crate::network::{Network, Reply, greeting, reply};
use crate::page::{Page, T, settings, settings_with};
use crate::user_pool::UserPool;

const STATE: &str = "the-state";
const NONCE: &str = "the-nonce";

/// A network with the API and this pool's keys.
fn network_of(pool: &UserPool) -> Network {
    let jwks = pool.jwks();
    Network::new(move |call| match &call.url {
        url if url.ends_with("/hiUsers") => reply(200, greeting()),
        url if url.ends_with("/jwks.json") => reply(200, &jwks),
        _ => Reply::Unreachable,
    })
}

/// Stores the request that a response answers.
fn store_pending(code_verifier: Option<&str>) {
    let pending = json!({
        "state": STATE, "nonce": NONCE, "code_verifier": code_verifier, "started_at": NOW,
    });
    store(&format!("pending.{STATE}"), &pending.to_string());
}

/// The Hosted UI's response in the implicit grant.
fn fragment(id_token: &str, state: &str) -> String {
    format!(
        "id_token={id_token}&access_token=d.e.f&expires_in=3600&token_type=Bearer&state={state}"
    )
}

/// Opens the app as `main` does, at the app's URL with this at its end.
async fn open_at(rest: &str) -> Page {
    set_address(&(base_url() + rest));
    let callback = take_callback();
    Page::open_app(Ok(settings()), callback).await
}

/// Ada's claims with a nonce.
fn claims_for(nonce: &str) -> Value {
    claims_with("nonce", json!(nonce))
}

#[test]
fn a_response_leaves_the_address_bar_and_the_history() {
    let _browser = Browser::new();
    let length = history_length();
    for (rest, remaining) in [
        ("#id_token=a.b.c&state=s", ""),
        (
            "#id_token=a.b.c&access_token=d&token_type=Bearer&state=s",
            "",
        ),
        ("#access_token=d&state=s", ""),
        ("?page=2#id_token=a.b.c&state=s", "?page=2"),
        ("?id_token=a.b.c&page=2&state=s", "?page=2"),
        ("?code=c&state=s", ""),
        ("?page=2&code=c&state=s&lang=es", "?page=2&lang=es"),
        ("?error=access_denied&error_description=no&state=s", ""),
        ("#error=access_denied", ""),
    ] {
        set_address(&(base_url() + rest));
        assert!(take_callback().is_some(), "{rest}");
        assert_eq!(href(), base_url() + remaining);
        assert_eq!(history_length(), length);
        assert!(take_callback().is_none(), "{rest}");
    }
}

#[test]
fn an_ordinary_address_stays() {
    let _browser = Browser::new();
    for rest in [
        "",
        "?page=2",
        "#setup",
        "?page=2#setup",
        "?code=",
        "?state=s",
    ] {
        set_address(&(base_url() + rest));
        assert!(take_callback().is_none(), "{rest}");
        assert_eq!(href(), base_url() + rest);
    }
}

#[test]
async fn a_user_signs_in_comes_back_later_and_signs_out() {
    let browser = Browser::new();
    let pool = UserPool::new().await;
    let network = network_of(&pool);

    // To the Hosted UI
    let page = open_at("").await;
    page.press("Sign in").await;
    until(|| !browser.exits().is_empty()).await;
    let pending = stored_keys("pending.");
    assert_eq!(pending.len(), 1);
    let pending: Value = serde_json::from_str(&stored(&pending[0]).unwrap()).unwrap();
    let url = browser.exits()[0].clone();
    assert!(url.starts_with(&format!("{DOMAIN}/login?")), "{url}");
    let parameter = |name: &str| {
        let value = pending[name].as_str().unwrap().to_owned();
        assert!(url.contains(&format!("&{name}={value}&")), "{url}");
        value
    };
    let (state, nonce) = (parameter("state"), parameter("nonce"));
    drop(page);

    // And back
    browser.set_clock(NOW + 60);
    let mut claims = claims_for(&nonce);
    claims["iat"] = (NOW + 60).into();
    let token = pool.sign(&claims).await;
    let length = history_length();
    let page = open_at(&format!("#{}", fragment(&token, &state))).await;
    assert_eq!((href(), history_length()), (base_url(), length));
    page.until_titled("Hi, ada@example.com!").await;
    page.assert_shows("Signed in as ada@example.com");
    assert_eq!(page.alert(), None);
    page.assert_hides(&token);
    let session: Value = serde_json::from_str(&stored("session").unwrap()).unwrap();
    assert_eq!(session["id_token"], token);
    assert!(stored_keys("pending.").is_empty());
    let authorization = network.calls("/hiUsers")[0].authorization.clone();
    assert_eq!(authorization, Some(token));
    drop(page);

    // The page is opened again
    let page = open_at("").await;
    page.assert_shows("Signed in as ada@example.com");
    page.until_titled("Hi, ada@example.com!").await;

    // Signed out
    page.press("Sign out").await;
    assert_eq!(stored("session"), None);
    page.assert_hides("ada@example.com");
    until(|| browser.exits().len() == 2).await;
    let url = &browser.exits()[1];
    let start = format!("{DOMAIN}/logout?client_id={CLIENT_ID}&logout_uri=");
    assert!(url.starts_with(&start), "{url}");
    drop(page);
    let page = open_at("").await;
    assert!(page.alert().unwrap().contains("You have signed out."));
    assert!(!page.has_button("Sign out"));
}

#[test]
async fn tokens_with_a_valid_signature_sign_in_once() {
    let _browser = Browser::new();
    let pool = UserPool::new().await;
    let _network = network_of(&pool);
    store_pending(None);
    let token = pool.sign(&claims_for(NONCE)).await;
    let rest = format!("?page=2#{}", fragment(&token, STATE));
    let page = open_at(&rest).await;
    assert_eq!(href(), base_url() + "?page=2");
    // Until the signature is verified, no one is signed in.
    page.assert_shows("Verifying your sign-in…");
    assert_eq!(stored("session"), None);
    page.until_titled("Hi, ada@example.com!").await;
    assert!(stored("session").unwrap().contains(&token));
    assert!(stored("pending.the-state").is_none());
    page.press("Sign out").await;
    drop(page);

    // The same URL is opened again.
    let page = open_at(&rest).await;
    assert!(page.alert().unwrap().contains(T.state_mismatch));
    settle().await;
    page.assert_hides("ada@example.com");
    assert_eq!(stored("session"), None);
}

#[test]
async fn a_forged_response_is_refused_and_nothing_is_stored() {
    let pool = UserPool::new().await;
    let impostor = pool.impostor().await;
    let good = pool.sign(&claims_for(NONCE)).await;
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let other_payload = pool
        .sign(&claims_with("email", json!("bob@example.com")))
        .await;
    let other_payload = other_payload.split('.').nth(1).unwrap();
    let header = good.split('.').next().unwrap();
    let refused = |reason| (T.token_refused)(reason);
    for (token, state, expected) in [
        (good.clone(), "another-state", T.state_mismatch.to_owned()),
        (good.clone(), "", T.state_mismatch.to_owned()),
        (
            impostor.sign(&claims_for(NONCE)).await,
            STATE,
            refused(T.token_signature),
        ),
        (
            format!("{header}.{other_payload}.{signature}"),
            STATE,
            refused(T.token_signature),
        ),
        (format!("{signed}."), STATE, refused(T.token_signature)),
        (signed.to_owned(), STATE, refused(T.token_not_jwt)),
        (
            session(&claims_for(NONCE))
                .id_token()
                .authorization()
                .to_owned(),
            STATE,
            refused(T.token_unknown_key),
        ),
        (
            pool.sign(&claims_for("another-nonce")).await,
            STATE,
            refused(T.token_nonce),
        ),
        (
            pool.sign(&claims_with("aud", json!("another"))).await,
            STATE,
            refused(T.token_audience),
        ),
        (
            pool.sign(&claims_with("iss", json!("https://evil.example")))
                .await,
            STATE,
            refused(T.token_issuer),
        ),
    ] {
        let browser = Browser::new();
        let network = network_of(&pool);
        store_pending(None);
        let page = open_at(&format!("#{}", fragment(&token, state))).await;
        assert_eq!(href(), base_url());
        page.until_titled("Welcome").await;
        let alert = page.alert().unwrap();
        assert!(alert.contains(&expected), "{alert}");
        settle().await;
        page.assert_hides("@example.com");
        assert_eq!(stored("session"), None);
        assert!(network.calls("/hiUsers").is_empty());
        assert!(browser.exits().is_empty());
    }
}

#[test]
async fn a_code_is_exchanged_for_tokens() {
    let _browser = Browser::new();
    let pool = UserPool::new().await;
    let jwks = pool.jwks();
    let tokens = json!({
        "id_token": pool.sign(&claims_for(NONCE)).await,
        "refresh_token": "the-refresh-token",
        "token_type": "Bearer",
    });
    let network = Network::new(move |call| match &call.url {
        url if url.ends_with("/hiUsers") => reply(200, greeting()),
        url if url.ends_with("/jwks.json") => reply(200, &jwks),
        url if url.ends_with("/oauth2/token") => reply(200, &tokens),
        _ => Reply::Unreachable,
    });
    store_pending(Some("the-verifier"));
    set_address(&(base_url() + "?code=the-code&page=2&state=the-state"));
    let callback = take_callback();
    assert_eq!(href(), base_url() + "?page=2");
    let page = Page::open_app(Ok(settings_with("grant", "code")), callback).await;
    page.until_titled("Hi, ada@example.com!").await;
    assert_eq!(network.calls("/oauth2/token").len(), 1);
    assert!(stored("session").unwrap().contains("the-refresh-token"));
    assert!(page.has_button("Renew now"));
    page.assert_hides("the-refresh-token");
}
