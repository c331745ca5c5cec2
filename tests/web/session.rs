//! What becomes of a stored session, and what its time asks for.

use cognito_spa::cognito::id_token::TokenError;
use cognito_spa::cognito::session::{Due, Session, SessionTokens};
use cognito_spa::cognito::tokens::{IdToken, RefreshToken, TokenResponse};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{NOW, claims, claims_with, hosted_ui, session, stored};

/// What is stored in the code grant, by a clock that is ahead by so many seconds.
fn renewable(clock_ahead: i64) -> Value {
    let mut stored = stored(&claims());
    stored["refresh_token"] = "r".into();
    stored["clock_ahead"] = clock_ahead.to_string().into();
    stored
}

fn implicit(clock_ahead: i64) -> Value {
    let mut stored = stored(&claims());
    stored["clock_ahead"] = clock_ahead.to_string().into();
    stored
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_survives_being_stored() {
    for stored in [renewable(-7), implicit(0)] {
        let session = session(&stored);
        let written = session.tokens().to_stored();
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), stored);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_implicit_session_warns_and_ends_to_the_second() {
    let session = session(&implicit(0));
    assert_eq!(session.due(NOW), Due::Nothing);
    assert_eq!(session.due(NOW + 3299), Due::Nothing);
    assert_eq!(session.due(NOW + 3300), Due::Warning);
    assert_eq!(session.due(NOW + 3599), Due::Warning);
    assert_eq!(session.due(NOW + 3600), Due::End);
    assert_eq!(session.due(u64::MAX), Due::End);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_with_a_refresh_token_is_renewed_and_never_just_ends() {
    let session = session(&renewable(0));
    assert_eq!(session.due(NOW + 3539), Due::Nothing);
    assert_eq!(session.due(NOW + 3540), Due::Renewal);
    assert_eq!(session.due(NOW + 360_000), Due::Renewal);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_shortest_tokens_are_not_due_at_once() {
    let mut short = implicit(0);
    short["id_token"] = stored(&claims_with("exp", json!(NOW + 300)))["id_token"].clone();
    let session = session(&short);
    assert_eq!(session.due(NOW + 224), Due::Nothing);
    assert_eq!(session.due(NOW + 225), Due::Warning);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_end_is_told_by_cognitos_clock() {
    #[track_caller]
    fn check(clock_ahead: i64, now: u64, expected: u64) {
        assert_eq!(session(&implicit(clock_ahead)).time_left(now), expected);
    }
    check(0, NOW, 3600);
    check(100, NOW + 100, 3600);
    check(-100, NOW - 100, 3600);
    check(100, NOW + 3700, 0);
    check(100, NOW + 3699, 1);
    check(-100, NOW + 3500, 0);
    // As far as it can be stored.
    check(999_999_999_999_999_999, NOW, NOW + 3600);
    check(-999_999_999_999_999_999, NOW, 0);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refresh_token_stays_until_there_is_a_new_one() {
    let session = session(&renewable(0));
    let answer = |refresh_token: Option<&str>| TokenResponse {
        id_token: IdToken::new("a.b.c".to_owned()),
        access_token: None,
        refresh_token: refresh_token.map(|text| RefreshToken::new(text.to_owned())),
    };
    let kept = session.carried_over(answer(None)).refresh_token;
    assert_eq!(kept.unwrap().as_parameter(), "r");
    let replaced = session.carried_over(answer(Some("s"))).refresh_token;
    assert_eq!(replaced.unwrap().as_parameter(), "s");
}

#[wasm_bindgen_test(unsupported = test)]
fn user_info_is_asked_only_for_what_the_id_token_lacks_and_only_the_persons_own_is_taken() {
    assert_eq!(session(&implicit(0)).wants_user_info(), None);
    let nameless = || session(&stored(&claims_with("email", Value::Null)));
    assert!(nameless().wants_user_info().is_some());
    let sub = nameless().claims().sub.clone();
    let own = json!({ "sub": sub, "email": "ada@example.com" }).to_string();
    let known = nameless().with_user_info(&own).unwrap();
    assert_eq!(known.claims().display_name(), "ada@example.com");
    let restored = session(&serde_json::from_str(&known.tokens().to_stored()).unwrap());
    assert_eq!(restored.claims().display_name(), "ada@example.com");

    for other in [r#"{"sub":"another"}"#, "{}", r#"{"sub":1}"#] {
        let refused = nameless().with_user_info(other);
        assert_eq!(refused, Err(TokenError::Subject), "{other}");
    }
    // Not an answer at all: the person is known by the name in the pool.
    let unknown = nameless().with_user_info("<html>").unwrap();
    assert_eq!(unknown.claims().display_name(), "ada");
}

#[wasm_bindgen_test(unsupported = test)]
fn only_the_code_grant_can_renew_and_revoke() {
    let client = hosted_ui().client;
    let renewable = session(&renewable(0));
    assert_eq!(
        renewable.refresh(&client).unwrap(),
        "grant_type=refresh_token&client_id=1example23456789&refresh_token=r"
    );
    assert_eq!(
        renewable.revocation(&client).unwrap(),
        "client_id=1example23456789&token=r"
    );
    let implicit = session(&implicit(0));
    assert_eq!(implicit.refresh(&client), None);
    assert_eq!(implicit.revocation(&client), None);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_of_another_client_or_pool_is_none() {
    #[track_caller]
    fn check(claim: &str, value: Value, expected: TokenError) {
        let stored = stored(&claims_with(claim, value)).to_string();
        let tokens = SessionTokens::from_stored(&stored).unwrap();
        assert_eq!(Session::restore(tokens, &hosted_ui()), Err(expected));
    }
    check("aud", json!("another"), TokenError::Audience);
    check("iss", json!("https://evil.example"), TokenError::Issuer);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_does_not_parse_is_nothing_stored() {
    for stored in [
        "",
        "null",
        "[]",
        "\"x\"",
        "{}",
        r#"{"id_token":1,"clock_ahead":"0"}"#,
        r#"{"id_token":"a.b.c"}"#,
        r#"{"id_token":"a.b.c","clock_ahead":0}"#,
        r#"{"id_token":"a.b.c","clock_ahead":""}"#,
        r#"{"id_token":"a.b.c","clock_ahead":"-"}"#,
        r#"{"id_token":"a.b.c","clock_ahead":"--1"}"#,
        r#"{"id_token":"a.b.c","clock_ahead":"9223372036854775808"}"#,
    ] {
        assert_eq!(SessionTokens::from_stored(stored), None, "{stored}");
    }
}
