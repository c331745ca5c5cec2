//! What becomes of a stored session.

use cognito_spa::cognito::id_token::TokenError;
use cognito_spa::cognito::session::{Session, SessionTokens};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{NOW, claims, claims_with, hosted_ui, token};

fn stored(claims: &Value) -> Value {
    json!({ "id_token": token(claims).authorization(), "access_token": "d.e.f" })
}

fn restore(stored: &Value, now: u64) -> Result<Session, TokenError> {
    Session::restore(
        SessionTokens::from_stored(stored).unwrap(),
        &hosted_ui(),
        now,
    )
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_survives_being_stored() {
    let stored = stored(&claims());
    let session = restore(&stored, NOW).unwrap();
    assert_eq!(serde_json::to_value(session.tokens()).unwrap(), stored);
    assert_eq!(
        restore(&serde_json::to_value(session.tokens()).unwrap(), NOW),
        Ok(session)
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_ends_to_the_second() {
    let stored = stored(&claims());
    assert!(restore(&stored, NOW + 3599).is_ok());
    assert_eq!(restore(&stored, NOW + 3600), Err(TokenError::Expired));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_of_another_client_or_pool_is_none() {
    let other = stored(&claims_with("aud", json!("another")));
    assert_eq!(restore(&other, NOW), Err(TokenError::Audience));
    let other = stored(&claims_with("iss", json!("https://evil.example")));
    assert_eq!(restore(&other, NOW), Err(TokenError::Issuer));
}

#[wasm_bindgen_test(unsupported = test)]
fn what_does_not_parse_is_nothing_stored() {
    for stored in [
        json!(null),
        json!([]),
        json!("x"),
        json!({}),
        json!({ "id_token": 1 }),
    ] {
        assert_eq!(SessionTokens::from_stored(&stored), None, "{stored}");
    }
    let broken = json!({ "id_token": "a.b.c" });
    assert!(restore(&broken, NOW).is_err());
}
