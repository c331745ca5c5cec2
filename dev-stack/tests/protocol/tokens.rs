//! The tokens, the endpoints that issue and revoke them, and the discovery documents.

use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dev_stack::faults::Fault;
use dev_stack::{CLIENT_ID, USER_POOL_ID};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::fixtures::{
    APP, EMAIL, ORIGIN, get, refresh, refresh_token, send, sign_in, stack, tokens, verify,
};

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

#[tokio::test]
async fn implicit_grant_returns_cognitos_tokens_in_the_fragment() {
    let stack = stack();
    let response = tokens(&stack).await;
    assert_eq!(response["expires_in"], "3600");
    assert_eq!(response["token_type"], "Bearer");
    assert_eq!(response["state"], "the-state");

    let id = verify(&stack, &response["id_token"]).await;
    assert_eq!(id["iss"], format!("{ORIGIN}/{USER_POOL_ID}"));
    assert_eq!(id["aud"], CLIENT_ID);
    assert_eq!(id["token_use"], "id");
    assert_eq!(id["nonce"], "the-nonce");
    assert_eq!(
        (&id["email"], &id["email_verified"]),
        (&json!(EMAIL), &json!(true))
    );
    assert_eq!(
        id["exp"].as_u64().unwrap() - id["iat"].as_u64().unwrap(),
        3600
    );
    let at_hash = URL_SAFE_NO_PAD.encode(&hash(&response["access_token"])[..16]);
    assert_eq!(id["at_hash"], at_hash);
    for claim in [
        "sub",
        "auth_time",
        "jti",
        "origin_jti",
        "event_id",
        "cognito:username",
    ] {
        assert!(!id[claim].is_null(), "{claim}");
    }

    let access = verify(&stack, &response["access_token"]).await;
    assert_eq!(
        (&access["token_use"], &access["client_id"]),
        (&json!("access"), &json!(CLIENT_ID))
    );
    assert_eq!(
        (&access["scope"], &access["aud"]),
        (&json!("openid email"), &Value::Null)
    );
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_ne!(kid(&response["id_token"]), kid(&response["access_token"]));
    assert!(kid(&response["id_token"]).ends_with('='));
}

#[tokio::test]
async fn email_claims_need_the_email_scope() {
    let stack = stack();
    let response = sign_in(&stack, &[("scope", "openid")]).await;
    let claims = verify(&stack, &response.parameters(APP, '#')["id_token"]).await;
    assert!(claims["email"].is_null());
}

#[tokio::test]
async fn code_can_be_redeemed_once_with_its_verifier() {
    let stack = stack();
    let verifier = "a-verifier-of-at-least-forty-three-characters-in-all";
    let challenge = URL_SAFE_NO_PAD.encode(hash(verifier));
    let code = || async {
        let changes = [
            ("response_type", "code"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let response = sign_in(&stack, &changes).await.parameters(APP, '?');
        assert_eq!(response["state"], "the-state");
        response["code"].clone()
    };
    let redeem = |code: String, verifier: &'static str, redirect_uri: &'static str| {
        let stack = stack.clone();
        async move {
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", CLIENT_ID),
                ("code", code.as_str()),
                ("code_verifier", verifier),
                ("redirect_uri", redirect_uri),
            ];
            send(
                &stack,
                Method::POST,
                "/oauth2/token",
                &[("origin", "http://localhost:8080")],
                &form,
            )
            .await
        }
    };
    let issued = code().await;
    let response = redeem(issued.clone(), verifier, APP).await;
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(response.header("access-control-allow-origin"), "*");
    assert_eq!(response.json()["expires_in"], 3600);
    let claims = verify(&stack, response.json()["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["nonce"], "the-nonce");

    let invalid_grant = json!({ "error": "invalid_grant" });
    assert_eq!(redeem(issued, verifier, APP).await.json(), invalid_grant);
    assert_eq!(
        redeem(code().await, "another", APP).await.json(),
        invalid_grant
    );
    assert_eq!(
        redeem(code().await, verifier, "http://localhost:8080")
            .await
            .json(),
        invalid_grant
    );
    assert_eq!(
        redeem("another".to_owned(), verifier, APP).await.json(),
        invalid_grant
    );

    // The refresh token gives new tokens, but no new refresh token, until it is revoked.
    let refresh_token = response.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let refresh = || async {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT_ID),
            ("refresh_token", refresh_token.as_str()),
        ];
        send(&stack, Method::POST, "/oauth2/token", &[], &form).await
    };
    let refreshed = refresh().await;
    assert!(
        refreshed.json()["id_token"].is_string() && refreshed.json()["refresh_token"].is_null()
    );
    let revoke = |token: String| {
        let stack = stack.clone();
        async move {
            let form = [("token", token.as_str()), ("client_id", CLIENT_ID)];
            send(&stack, Method::POST, "/oauth2/revoke", &[], &form).await
        }
    };
    let access_token = response.json()["access_token"].as_str().unwrap().to_owned();
    let unsupported = json!({ "error": "unsupported_token_type" });
    assert_eq!(revoke(access_token.clone()).await.json(), unsupported);
    assert_eq!(revoke(refresh_token.clone()).await.status, StatusCode::OK);
    assert_eq!(revoke(refresh_token.clone()).await.status, StatusCode::OK);
    assert_eq!(refresh().await.json(), invalid_grant);

    let bearer = format!("Bearer {access_token}");
    let info = send(
        &stack,
        Method::GET,
        "/oauth2/userInfo",
        &[("authorization", &bearer)],
        &[],
    )
    .await;
    assert_eq!(info.json()["email"], EMAIL);
    assert_eq!(info.json()["sub"], claims["sub"]);
    assert_eq!(
        get(&stack, "/oauth2/userInfo").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn discovery_describes_the_pool() {
    let stack = stack();
    let path = format!("/{USER_POOL_ID}/.well-known/openid-configuration");
    let document = get(&stack, &path).await.json();
    let issuer = format!("{ORIGIN}/{USER_POOL_ID}");
    assert_eq!(document["issuer"], issuer);
    assert_eq!(
        document["jwks_uri"],
        format!("{issuer}/.well-known/jwks.json")
    );
    let keys = get(&stack, &format!("/{USER_POOL_ID}/.well-known/jwks.json")).await;
    assert_eq!(keys.header("cache-control"), "public, max-age=86400");
    let unknown = get(&stack, "/eu-west-1_Unknown/.well-known/jwks.json").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn with_rotation_a_refresh_token_works_once() {
    let stack = stack();
    let first = refresh_token(&stack).await;
    assert_eq!(refresh(&stack, &first).await["refresh_token"], Value::Null);
    assert_eq!(refresh(&stack, &first).await["refresh_token"], Value::Null);

    stack.set_refresh_token_rotation(true);
    let response = refresh(&stack, &first).await;
    let second = response["refresh_token"].as_str().unwrap();
    let invalid_grant = json!({ "error": "invalid_grant" });
    assert_eq!(refresh(&stack, &first).await, invalid_grant);
    assert!(refresh(&stack, second).await["id_token"].is_string());
    assert_eq!((stack.refreshes(), stack.refresh_tokens()), (5, 1));
}

#[tokio::test]
async fn refreshed_id_token_keeps_sub_and_nonce() {
    let stack = stack();
    let first = tokens(&stack).await;
    let first = verify(&stack, &first["id_token"]).await;
    let token = refresh_token(&stack).await;
    let claims = async || {
        let response = refresh(&stack, &token).await;
        verify(&stack, response["id_token"].as_str().unwrap()).await
    };
    assert_eq!(claims().await["sub"], first["sub"]);
    assert_eq!(claims().await["nonce"], "the-nonce");
    stack.set_fault(Some(Fault::Subject));
    assert_eq!(claims().await["sub"], "another-user");
    // The fault does not affect the tokens of a sign-in.
    let again = verify(&stack, &tokens(&stack).await["id_token"]).await;
    assert_eq!(again["sub"], first["sub"]);
}

#[tokio::test]
async fn token_lifetime_is_configurable() {
    let stack = stack();
    stack.set_token_lifetime(300);
    let tokens = tokens(&stack).await;
    assert_eq!(tokens["expires_in"], "300");
    let claims = verify(&stack, &tokens["id_token"]).await;
    assert_eq!(
        claims["exp"].as_u64(),
        claims["iat"].as_u64().map(|iat| iat + 300)
    );
}
