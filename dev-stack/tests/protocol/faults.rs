//! The faults of the endpoints. The conformance and end-to-end tests cover those of a sign-in's tokens.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use dev_stack::faults::Fault;
use dev_stack::{CLIENT_ID, DevStack, USER_POOL_ID};
use serde_json::{Value, json};

use crate::fixtures::{get, refresh, refresh_token, send, stack, tokens, verify};

#[tokio::test]
async fn a_held_refresh_has_used_up_its_refresh_token() {
    let stack = stack();
    stack.set_refresh_token_rotation(true);
    let first = refresh_token(&stack).await;
    stack.set_fault(Some(Fault::TokenEndpointHeld));
    let held = tokio::spawn({
        let (stack, first) = (stack.clone(), first.clone());
        async move { refresh(&stack, &first).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!held.is_finished());
    assert_eq!((stack.refreshes(), stack.refresh_tokens()), (1, 1));

    stack.set_fault(None);
    let second = held.await.unwrap()["refresh_token"].clone();
    let invalid_grant = json!({ "error": "invalid_grant" });
    assert_eq!(refresh(&stack, &first).await, invalid_grant);
    let response = refresh(&stack, second.as_str().unwrap()).await;
    assert!(response["id_token"].is_string());
}

#[tokio::test]
async fn a_client_that_follows_redirects_is_found_out() {
    let stack = stack();
    let id_token = tokens(&stack).await["id_token"].clone();
    let authorization = [("authorization", id_token.as_str())];
    let form = [("client_id", CLIENT_ID), ("code", "a-code")];
    for (fault, method, path, headers, form) in [
        (
            Fault::TokenEndpointRedirect,
            Method::POST,
            "/oauth2/token",
            [].as_slice(),
            form.as_slice(),
        ),
        (
            Fault::ApiRedirect,
            Method::GET,
            "/dev/hiUsers",
            &authorization,
            &[],
        ),
    ] {
        stack.set_fault(Some(fault));
        let redirect = send(&stack, method.clone(), path, headers, form).await;
        assert_eq!(redirect.status, StatusCode::TEMPORARY_REDIRECT);
        assert!(!redirect.header("access-control-allow-origin").is_empty());
        let place = redirect.header("location");
        // Browsers send this before a request with a token.
        let preflight = [
            ("access-control-request-headers", "authorization"),
            ("access-control-request-method", "GET"),
        ];
        let allowed = send(&stack, Method::OPTIONS, place, &preflight, &[]).await;
        assert_eq!(
            allowed.header("access-control-allow-headers"),
            "authorization"
        );
        let followed = send(&stack, method, place, headers, form).await;
        assert_eq!(followed.header("access-control-allow-origin"), "*");
    }
    let code = format!("client_id={CLIENT_ID}&code=a-code");
    assert_eq!(stack.requests_elsewhere(), [code, id_token]);
}

#[tokio::test]
async fn a_refused_refresh_leaves_its_refresh_token_valid() {
    let stack = stack();
    stack.set_refresh_token_rotation(true);
    let token = refresh_token(&stack).await;
    stack.set_fault(Some(Fault::InvalidRequestOnce));
    let refused = refresh(&stack, &token).await;
    assert_eq!(refused, json!({ "error": "invalid_request" }));
    assert!(refresh(&stack, &token).await["id_token"].is_string());
}

/// The claims of the ID token of the next refresh.
async fn refreshed_claims(stack: &DevStack, token: &str) -> Value {
    let response = refresh(stack, token).await;
    verify(stack, response["id_token"].as_str().unwrap()).await
}

#[tokio::test]
async fn a_refreshed_id_token_can_have_other_times_than_the_one_before() {
    let stack = stack();
    let token = refresh_token(&stack).await;
    let first = refreshed_claims(&stack, &token).await;
    stack.set_fault(Some(Fault::AuthTime));
    let newer = refreshed_claims(&stack, &token).await;
    assert!(newer["auth_time"].as_u64() > first["auth_time"].as_u64());
    stack.set_fault(Some(Fault::IssuedEarlier));
    let earlier = refreshed_claims(&stack, &token).await;
    let expected = newer["iat"].as_u64().unwrap() - 1;
    assert_eq!(earlier["iat"], expected);
    assert_eq!(earlier["auth_time"], first["auth_time"]);

    // The faults do not affect the tokens of a sign-in.
    let again = verify(&stack, &tokens(&stack).await["id_token"]).await;
    assert!(again["iat"].as_u64() >= newer["iat"].as_u64());
}

#[tokio::test]
async fn stale_keys_are_those_from_before_the_last_rotation() {
    let stack = stack();
    let path = format!("/{USER_POOL_ID}/.well-known/jwks.json");
    let before = get(&stack, &path).await.json();
    stack.rotate_keys();
    stack.set_fault(Some(Fault::StaleKeys));
    let stale = get(&stack, &path).await;
    assert_eq!(
        (stale.status, stale.json()),
        (StatusCode::OK, before.clone())
    );
    let fresh = get(&stack, &path).await.json();
    assert_eq!(fresh["keys"].as_array().unwrap().len(), 2);
    assert_ne!(fresh, before);
}

#[tokio::test]
async fn a_held_revocation_is_carried_out_when_the_fault_has_ended() {
    let stack = stack();
    let token = refresh_token(&stack).await;
    stack.set_fault(Some(Fault::RevocationHeld));
    let held = tokio::spawn({
        let stack = stack.clone();
        async move {
            let form = [("token", token.as_str()), ("client_id", CLIENT_ID)];
            send(&stack, Method::POST, "/oauth2/revoke", &[], &form).await
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!held.is_finished());
    assert_eq!(stack.refresh_tokens(), 1);
    stack.set_fault(None);
    assert_eq!(held.await.unwrap().status, StatusCode::OK);
    assert_eq!(stack.refresh_tokens(), 0);
}
