//! Storing and restoring a session, and what its time asks for.

use cognito_hosted_ui::{
    Expiry, IdToken, RefreshToken, RestoreError, Session, TokenError, TokenResponse,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{NOW, claims, claims_with, implicit_grant, restored, stored_session};

/// The record of a session in the code grant, on a device whose clock is ahead by so many seconds.
fn refreshable(clock_offset: i64) -> Value {
    let mut stored = implicit(clock_offset);
    stored["refresh_token"] = "r".into();
    stored
}

fn implicit(clock_offset: i64) -> Value {
    let mut stored = stored_session(&claims());
    stored["clock_offset"] = clock_offset.into();
    stored
}

/// A response to a refresh.
fn response(refresh_token: Option<&str>) -> TokenResponse {
    TokenResponse {
        id_token: IdToken::new("not verified".to_owned()),
        access_token: None,
        refresh_token: refresh_token.map(|text| RefreshToken::new(text.to_owned())),
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_survives_being_stored() {
    for stored in [refreshable(-7), implicit(0)] {
        let written = restored(&stored).to_stored();
        assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), stored);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_implicit_session_warns_and_expires_to_the_second() {
    let session = restored(&implicit(0));
    assert!(!session.is_refreshable());
    assert_eq!(session.expiry(NOW), Expiry::Valid);
    assert_eq!(session.expiry(NOW + 3299), Expiry::Valid);
    assert_eq!(session.expiry(NOW + 3300), Expiry::ExpiringSoon);
    assert_eq!(session.expiry(NOW + 3599), Expiry::ExpiringSoon);
    assert_eq!(session.expiry(NOW + 3600), Expiry::Expired);
    assert_eq!(session.expiry(u64::MAX), Expiry::Expired);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_with_a_refresh_token_is_refreshed_and_never_just_expires() {
    let session = restored(&refreshable(0));
    assert!(session.is_refreshable());
    assert_eq!(session.expiry(NOW + 3539), Expiry::Valid);
    assert_eq!(session.expiry(NOW + 3540), Expiry::NeedsRefresh);
    assert_eq!(session.expiry(NOW + 360_000), Expiry::NeedsRefresh);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_shortest_tokens_do_not_expire_soon_at_once() {
    let short = stored_session(&claims_with("exp", json!(NOW + 300)));
    let session = restored(&short);
    assert_eq!(session.lifetime(), 300);
    assert_eq!(session.expiry(NOW + 224), Expiry::Valid);
    assert_eq!(session.expiry(NOW + 225), Expiry::ExpiringSoon);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_time_left_is_by_cognitos_clock() {
    #[track_caller]
    fn check(clock_offset: i64, now: u64, expected: u64) {
        let session = restored(&implicit(clock_offset));
        assert_eq!(session.clock_offset(), clock_offset);
        assert_eq!(session.time_left(now), expected);
    }
    check(0, NOW, 3600);
    check(100, NOW + 100, 3600);
    check(-100, NOW - 100, 3600);
    check(100, NOW + 3700, 0);
    check(100, NOW + 3699, 1);
    check(-100, NOW + 3500, 0);
    // The limits of the version before, and those of the type.
    check(999_999_999_999_999_999, NOW, NOW + 3600);
    check(-999_999_999_999_999_999, NOW, 0);
    check(i64::MAX, NOW, NOW + 3600);
    check(i64::MIN, NOW, 0);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_refresh_token_is_kept_unless_there_is_a_new_one() {
    let session = restored(&refreshable(0));
    let kept = session.keep_refresh_token(response(None)).refresh_token;
    assert_eq!(kept.unwrap().as_parameter(), "r");
    let replaced = session
        .keep_refresh_token(response(Some("s")))
        .refresh_token;
    assert_eq!(replaced.unwrap().as_parameter(), "s");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_new_refresh_token_replaces_the_previous_one_at_once() {
    let session = restored(&refreshable(0));
    assert_eq!(session.with_refresh_token_of(&response(None)), None);
    let kept = session.with_refresh_token_of(&response(Some("s"))).unwrap();
    let mut expected = refreshable(0);
    expected["refresh_token"] = "s".into();
    assert_eq!(kept, restored(&expected));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_email_address_from_user_info_outlives_a_refresh() {
    let nameless = || restored(&stored_session(&claims_with("email", Value::Null)));
    let sub = nameless().claims().sub.clone();
    let user_info = json!({ "sub": sub, "email": "ada@example.com", "email_verified": "true" });
    let before = nameless().with_user_info(&user_info.to_string()).unwrap();
    let refreshed = nameless().keep_user_info(&before);
    assert_eq!(refreshed.claims().email.as_deref(), Some("ada@example.com"));
    assert_eq!(refreshed.claims().email_verified, Some(true));
    // It is stored, too.
    assert_eq!(refreshed, before);
    // The new ID token's own address is newer, and without one there is nothing to keep.
    let renamed = claims_with("email", "lovelace@example.com".into());
    let renamed = restored(&stored_session(&renamed)).keep_user_info(&before);
    assert_eq!(renamed.claims().display_name(), "lovelace@example.com");
    let unknown = nameless().keep_user_info(&nameless());
    assert_eq!(unknown.claims().display_name(), "ada");
    let mut other = claims_with("email", Value::Null);
    other["sub"] = "another".into();
    let other = restored(&stored_session(&other)).keep_user_info(&before);
    assert_eq!(other.claims().email, None);
}

#[wasm_bindgen_test(unsupported = test)]
fn user_info_is_needed_only_without_an_email_and_has_to_be_about_the_same_user() {
    assert_eq!(restored(&implicit(0)).needs_user_info(), None);
    let nameless = || restored(&stored_session(&claims_with("email", Value::Null)));
    assert!(nameless().needs_user_info().is_some());
    let sub = nameless().claims().sub.clone();
    let own = json!({ "sub": sub, "email": "ada@example.com" }).to_string();
    let known = nameless().with_user_info(&own).unwrap();
    assert_eq!(known.claims().display_name(), "ada@example.com");
    let stored = serde_json::from_str(&known.to_stored()).unwrap();
    assert_eq!(restored(&stored), known);

    for other in [r#"{"sub":"another"}"#, "{}", r#"{"sub":1}"#] {
        let refused = nameless().with_user_info(other);
        assert_eq!(refused, Err(TokenError::Subject), "{other}");
    }
    // Without a JSON object, the name in the pool remains.
    let unknown = nameless().with_user_info("<html>").unwrap();
    assert_eq!(unknown.claims().display_name(), "ada");
}

#[wasm_bindgen_test(unsupported = test)]
fn only_the_code_grant_can_refresh_and_revoke() {
    let client = implicit_grant().client;
    let refreshable = restored(&refreshable(0));
    assert_eq!(
        refreshable.refresh_form(&client).unwrap(),
        "grant_type=refresh_token&client_id=1example23456789&refresh_token=r"
    );
    assert_eq!(
        refreshable.revocation_form(&client).unwrap(),
        "client_id=1example23456789&token=r"
    );
    let implicit = restored(&implicit(0));
    assert_eq!(implicit.refresh_form(&client), None);
    assert_eq!(implicit.revocation_form(&client), None);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_refresh_replaces_the_id_token() {
    let session = restored(&implicit(0));
    assert!(session.has_same_token(&restored(&refreshable(-7))));
    let refreshed = stored_session(&claims_with("iat", json!(NOW + 1)));
    assert!(!session.has_same_token(&restored(&refreshed)));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_sign_in_is_recognized_by_its_user_and_its_time() {
    let session = restored(&implicit(0));
    let with = |claim, value| restored(&stored_session(&claims_with(claim, value)));
    assert!(session.is_same_sign_in(&with("iat", json!(NOW + 1))));
    assert!(!session.is_same_sign_in(&with("auth_time", json!(NOW + 1))));
    assert!(!session.is_same_sign_in(&with("sub", "another".into())));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_of_another_client_or_pool_is_refused() {
    #[track_caller]
    fn check(claim: &str, value: Value, expected: TokenError) {
        let stored = stored_session(&claims_with(claim, value)).to_string();
        let refused = Session::restore(&stored, &implicit_grant());
        assert_eq!(refused, Err(RestoreError::Token(expected)));
    }
    check("aud", json!("another"), TokenError::Audience);
    check("iss", json!("https://evil.example"), TokenError::Issuer);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_record_that_does_not_parse_is_not_a_session() {
    #[track_caller]
    fn check(stored: &str, expected: RestoreError) {
        let refused = Session::restore(stored, &implicit_grant());
        assert_eq!(refused, Err(expected), "{stored}");
    }
    for stored in [
        "",
        "null",
        "[]",
        "\"x\"",
        "{}",
        r#"{"id_token":1,"clock_ahead":"0"}"#,
        r#"{"id_token":"a.b.c"}"#,
        r#"{"id_token":"a.b.c","clock_ahead":""}"#,
        r#"{"id_token":"a.b.c","clock_ahead":"-"}"#,
        r#"{"id_token":"a.b.c","clock_ahead":"--1"}"#,
        r#"{"id_token":"a.b.c","clock_ahead":"9223372036854775808"}"#,
        r#"{"id_token":"a.b.c","clock_offset":9223372036854775808}"#,
        r#"{"id_token":"a.b.c","clock_offset":1.5}"#,
        r#"{"id_token":"a.b.c","clock_offset":null}"#,
        r#"{"id_token":"a.b.c","clock_offset":"null"}"#,
        r#"{"id_token":"a.b.c","clock_offset":0,"access_token":1}"#,
        r#"{"id_token":"a.b.c","clock_offset":0,"clock_ahead":"0"}"#,
    ] {
        check(stored, RestoreError::NotASession);
    }
    // These are records, but their token is not a JWT.
    for stored in [
        r#"{"id_token":"a.b.c","clock_ahead":0}"#,
        r#"{"id_token":"a.b.c","clock_offset":0}"#,
    ] {
        check(stored, RestoreError::Token(TokenError::NotBase64Url));
    }
    check(
        r#"{"id_token":"","clock_offset":0}"#,
        RestoreError::Token(TokenError::NotAJwt),
    );
}
