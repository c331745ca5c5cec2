//! The token endpoint's forms and responses.

use cognito_hosted_ui::token_endpoint::{exchange, read};
use cognito_hosted_ui::{
    AuthorizationCallback, AuthorizationResponse, TokenEndpointError, sign_in,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{NOW, code_grant};

fn response() -> Value {
    json!({
        "id_token": "a.b.c",
        "access_token": "d.e.f",
        "refresh_token": "r",
        "expires_in": 3600,
        "token_type": "Bearer",
    })
}

fn with(name: &str, value: Value) -> String {
    let mut response = response();
    match value {
        Value::Null => drop(response.as_object_mut().unwrap().remove(name)),
        value => response[name] = value,
    }
    response.to_string()
}

#[wasm_bindgen_test(unsupported = test)]
fn an_exchange_names_the_code_its_verifier_and_the_redirect_uri() {
    let hosted_ui = code_grant();
    let pending = sign_in::begin(&hosted_ui, || [0; 32], None, None, None, NOW);
    let callback = AuthorizationCallback::find("code=a%26b&state=s", "").unwrap();
    let AuthorizationResponse::Code(code) = callback.response else {
        panic!("{callback:?}");
    };
    assert!(!format!("{code:?}").contains("a&b"));
    assert_eq!(
        exchange(&hosted_ui.client, &code, &pending.code_verifier.unwrap()),
        format!(
            "grant_type=authorization_code&client_id=1example23456789\
             &redirect_uri=https%3A%2F%2Fapp.example.com%2F&code=a%26b&code_verifier={}",
            "A".repeat(43)
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn tokens_are_read_by_name() {
    let tokens = read(200, &response().to_string()).unwrap();
    assert_eq!(tokens.id_token.authorization(), "a.b.c");
    assert_eq!(tokens.access_token.unwrap().authorization(), "d.e.f");
    assert_eq!(tokens.refresh_token.unwrap().as_parameter(), "r");
    // The response to a refresh has a refresh token only if the pool rotates them.
    let tokens = read(200, &with("refresh_token", Value::Null)).unwrap();
    assert_eq!(tokens.refresh_token, None);
    assert!(read(200, &with("expires_in", Value::Null)).is_ok());
    assert!(read(200, &with("token_type", json!("bearer"))).is_ok());
}

#[wasm_bindgen_test(unsupported = test)]
fn every_other_response_has_its_own_error() {
    #[track_caller]
    fn check(status: u16, body: &str, expected: TokenEndpointError) {
        assert_eq!(read(status, body), Err(expected));
    }
    let refused = |code: &str| TokenEndpointError::Refused(code.to_owned());
    check(
        400,
        r#"{"error":"invalid_grant"}"#,
        refused("invalid_grant"),
    );
    check(
        401,
        r#"{"error":"invalid_client"}"#,
        refused("invalid_client"),
    );
    check(400, "", TokenEndpointError::InvalidResponse);
    check(400, r#"{"error":1}"#, TokenEndpointError::InvalidResponse);
    check(500, r#"{"error":"x"}"#, TokenEndpointError::Unreachable);
    check(503, "<html>", TokenEndpointError::Unreachable);
    check(429, "", TokenEndpointError::Unreachable);
    check(200, "<html>", TokenEndpointError::InvalidResponse);
    check(200, "[]", TokenEndpointError::InvalidResponse);
    for (name, value) in [
        ("id_token", Value::Null),
        ("id_token", json!(1)),
        ("token_type", json!("mac")),
    ] {
        check(200, &with(name, value), TokenEndpointError::InvalidResponse);
    }
}
