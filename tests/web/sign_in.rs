//! The whole journey, from the request to the session.

use std::cell::Cell;

use cognito_spa::cognito::authorization::{Callback, Malformed, PendingSignIn};
use cognito_spa::cognito::id_token::TokenError;
use cognito_spa::cognito::session::Session;
use cognito_spa::cognito::sign_in::{self, SignInError};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{CLIENT_ID, NOW, claims_with, hosted_ui, token};

/// What the access token's SHA-256 would have to be for the claims' `at_hash`.
const HASH: [u8; 32] = [0; 32];

fn begin() -> (PendingSignIn, String) {
    let count = Cell::new(0);
    sign_in::begin(&hosted_ui(), || {
        count.set(count.get() + 1);
        [count.get(); 16]
    })
}

/// The answer to `pending`'s request, with one claim set otherwise.
fn answer(pending: &PendingSignIn, claim: &str, value: Value) -> String {
    let mut claims = claims_with(claim, value);
    claims["at_hash"] = "AAAAAAAAAAAAAAAAAAAAAA".into();
    if claim != "nonce" {
        claims["nonce"] = pending.nonce.as_str().into();
    }
    format!(
        "id_token={}&access_token=d.e.f&expires_in=3600&token_type=Bearer&state={}",
        token(&claims).authorization(),
        pending.state.as_str(),
    )
}

fn complete(fragment: &str, pending: Option<PendingSignIn>) -> Result<Session, SignInError> {
    let callback = Callback::find("", fragment).unwrap();
    // As if the signature and the access token's hash had been found good.
    sign_in::complete(&hosted_ui(), callback, pending, NOW)?.verified(true, &HASH)
}

#[wasm_bindgen_test(unsupported = test)]
fn state_and_nonce_are_fresh_and_differ() {
    let (pending, url) = begin();
    assert_ne!(pending.state.as_str(), pending.nonce.as_str());
    assert_eq!(pending.state.as_str().len(), 22);
    assert!(url.contains(&format!(
        "state={}&nonce={}",
        pending.state.as_str(),
        pending.nonce.as_str()
    )));
}

#[wasm_bindgen_test(unsupported = test)]
fn an_answer_to_our_request_signs_in() {
    let (pending, _) = begin();
    let session = complete(&answer(&pending, "x", json!(1)), Some(pending)).unwrap();
    assert_eq!(session.claims().display_name(), "ada@example.com");
}

#[wasm_bindgen_test(unsupported = test)]
fn an_answer_to_no_request_of_ours_is_refused() {
    let (pending, _) = begin();
    let good = answer(&pending, "x", json!(1));
    assert!(complete(&good, Some(pending.clone())).is_ok());

    // Nothing stored under its state: never asked for, or used before.
    assert_eq!(complete(&good, None), Err(SignInError::Unsolicited));
    // Another request's record.
    let other = json!({ "state": "another", "nonce": pending.nonce.as_str() });
    let other = PendingSignIn::from_stored(&other);
    assert_eq!(complete(&good, other), Err(SignInError::Unsolicited));
    // No state at all, and another one.
    let stateless = good.split("&state=").next().unwrap().to_owned();
    let refused = complete(&stateless, Some(pending.clone()));
    assert_eq!(refused, Err(SignInError::Unsolicited));
    let refused = complete(&format!("{stateless}&state=another"), Some(pending));
    assert_eq!(refused, Err(SignInError::Unsolicited));
}

#[wasm_bindgen_test(unsupported = test)]
fn an_id_token_that_breaks_a_rule_is_refused() {
    #[track_caller]
    fn check(claim: &str, value: Value, expected: TokenError) {
        let (pending, _) = begin();
        let refused = complete(&answer(&pending, claim, value), Some(pending));
        assert_eq!(refused, Err(SignInError::Token(expected)));
    }
    check("nonce", json!("another"), TokenError::Nonce);
    check("nonce", Value::Null, TokenError::Nonce);
    check("iss", json!("https://evil.example"), TokenError::Issuer);
    check("aud", json!("another"), TokenError::Audience);
    check(
        "aud",
        json!([CLIENT_ID, "another"]),
        TokenError::ExtraAudience,
    );
    check("exp", json!(NOW - 3600), TokenError::Expired);
    check("iat", json!(NOW + 3600), TokenError::IssuedInTheFuture);
    check("token_use", json!("access"), TokenError::TokenUse);
    check("sub", Value::Null, TokenError::Claim("sub"));
}

#[wasm_bindgen_test(unsupported = test)]
fn without_a_good_signature_there_is_no_session() {
    let checked = || {
        let (pending, _) = begin();
        let callback = Callback::find("", &answer(&pending, "x", json!(1))).unwrap();
        sign_in::complete(&hosted_ui(), callback, Some(pending), NOW).unwrap()
    };
    assert!(checked().verified(true, &HASH).is_ok());
    let refused = checked().verified(false, &HASH);
    assert_eq!(refused, Err(SignInError::Token(TokenError::Signature)));
    let refused = checked().verified(true, &[1; 32]);
    assert_eq!(
        refused,
        Err(SignInError::Token(TokenError::AccessTokenHash))
    );
    assert_eq!(checked().access_token(), b"d.e.f");
    assert_eq!(checked().signature(), b"signature");
}

#[wasm_bindgen_test(unsupported = test)]
fn an_error_or_a_broken_answer_is_no_session_even_for_our_request() {
    let (pending, _) = begin();
    let state = pending.state.as_str().to_owned();
    let refused = complete(
        &format!("error=access_denied&state={state}"),
        Some(pending.clone()),
    );
    assert!(matches!(refused, Err(SignInError::Refused(_))));
    let refused = complete(&format!("access_token=d.e.f&state={state}"), Some(pending));
    assert_eq!(refused, Err(SignInError::Malformed(Malformed::NoIdToken)));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pending_record_that_does_not_parse_is_none() {
    for stored in [
        json!(null),
        json!("x"),
        json!({}),
        json!({ "state": "s" }),
        json!({ "state": 1, "nonce": 2 }),
    ] {
        assert_eq!(PendingSignIn::from_stored(&stored), None, "{stored}");
    }
}
