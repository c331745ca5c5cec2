//! Storing and restoring a session, and what its time asks for.

use cognito_hosted_ui::{Expiry, Fate, RestoreError, Session, TokenError, clock};
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
    // The token was issued at `NOW`, so Cognito's time is not before that: the clock has been set back since the offset was
    // measured, and its own time is the best guess.
    check(0, NOW - 600, 3600);
    check(7200, NOW + 7199, 0);
    check(7200, NOW + 600, 3000);
    check(i64::MAX, NOW + 600, 3000);
    check(i64::MIN, NOW, 0);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_clock_is_wrong_if_it_differs_by_more_than_the_tolerance() {
    for (clock_offset, expected) in [
        (0, false),
        (120, false),
        (-120, false),
        (121, true),
        (-121, true),
    ] {
        let session = restored(&implicit(clock_offset));
        assert_eq!(session.is_clock_wrong(120), expected, "{clock_offset}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_clock_was_set_back_if_it_is_earlier_than_the_token() {
    for (clock_offset, now, expected) in [
        (0, NOW, false),
        (0, NOW - 1, true),
        (3900, NOW + 3900, false),
        (3900, NOW + 60, true),
        (-600, NOW - 600, false),
        (-600, NOW, false),
    ] {
        let session = restored(&implicit(clock_offset));
        assert_eq!(
            session.was_clock_set_back(now),
            expected,
            "{clock_offset} {now}"
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_restored_session_compares_the_clocks_again_only_if_they_differed() {
    const TOLERANCE: u64 = 60;
    // (is it refreshable, the offset, the time at which it is restored, needs another comparison)
    for (is_refreshable, offset, now, expected) in [
        (false, 0, NOW, false),
        (false, 60, NOW + 60, false),
        (false, 61, NOW + 61, true),
        (false, -61, NOW, true),
        (true, 61, NOW + 61, false),
        // The clock has been corrected.
        (true, 61, NOW, true),
        (true, 60, NOW, false),
    ] {
        let stored = if is_refreshable {
            refreshable(offset)
        } else {
            implicit(offset)
        };
        let needs = restored(&stored).needs_clock_check(TOLERANCE, now);
        assert_eq!(needs, expected, "{is_refreshable}, {offset}, {now}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_clock_has_jumped_if_no_timer_is_delayed_that_long() {
    for (before, now, expected) in [
        (NOW, NOW, false),
        (NOW, NOW + 90, false),
        (NOW, NOW + 91, true),
        (NOW, NOW - 90, false),
        (NOW, NOW - 91, true),
        (0, u64::MAX, true),
    ] {
        assert_eq!(clock::has_jumped(before, now), expected, "{before}, {now}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn another_clock_corrects_the_offset_and_nothing_else() {
    #[track_caller]
    fn check(time: u64, now: u64, expected: i64) {
        let corrected = restored(&refreshable(-7)).with_time(time, now);
        assert_eq!(corrected, restored(&refreshable(expected)));
    }
    check(NOW, NOW, 0);
    check(NOW, NOW + 3900, 3900);
    check(NOW, NOW - 600, -600);
    check(NOW + 100, NOW + 100, 0);
    // That clock is slow: the token was issued at `NOW`.
    check(NOW - 46, NOW + 3900, 3900);
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

/// The same record with one member changed.
fn with(mut stored: Value, member: &str, value: &str) -> Session {
    stored[member] = value.into();
    restored(&stored)
}

#[wasm_bindgen_test(unsupported = test)]
fn a_sign_in_is_recognized_by_its_user_and_its_request() {
    let session = restored(&implicit(0));
    let with_claim = |claim, value| restored(&stored_session(&claims_with(claim, value)));
    assert!(session.is_same_sign_in(&with_claim("iat", json!(NOW + 1))));
    // Cognito changes it when the user signs in again elsewhere.
    assert!(session.is_same_sign_in(&with_claim("auth_time", json!(NOW + 1))));
    assert!(!session.is_same_sign_in(&with_claim("sub", "another".into())));
    assert!(!session.is_same_sign_in(&with(implicit(0), "sign_in", "another")));
}

#[wasm_bindgen_test(unsupported = test)]
fn what_has_become_of_a_session_is_what_there_is_now() {
    let session = restored(&refreshable(0));
    #[track_caller]
    fn check(session: &Session, found: Option<Session>, expected: Fate) {
        assert_eq!(session.fate(found.as_ref()), expected);
    }
    check(&session, Some(session.clone()), Fate::Current);
    // Another tab has corrected the clock or learned the address.
    check(&session, Some(restored(&refreshable(3900))), Fate::Current);
    let rotated = with(refreshable(0), "refresh_token", "s");
    check(&session, Some(rotated), Fate::Refreshed);
    let mut refreshed = stored_session(&claims_with("iat", json!(NOW + 1)));
    refreshed["refresh_token"] = "r".into();
    check(&session, Some(restored(&refreshed)), Fate::Refreshed);
    let replaced = with(refreshed, "sign_in", "another");
    check(&session, Some(replaced), Fate::Ended);
    check(&session, None, Fate::Ended);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_session_of_a_former_client_can_be_revoked() {
    #[track_caller]
    fn check(stored: &str, expected: Option<&str>) {
        let issuer = implicit_grant().issuer;
        let form = Session::revocation_form_of_record(stored, "former&client", &issuer);
        assert_eq!(form.as_deref(), expected, "{stored}");
    }
    let form = Some("client_id=former%26client&token=r");
    check(&refreshable(0).to_string(), form);
    check(&implicit(0).to_string(), None);
    // A token of another pool must not be sent to this one.
    let other = claims_with(
        "iss",
        json!("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Other"),
    );
    let mut other = stored_session(&other);
    other["refresh_token"] = "r".into();
    check(&other.to_string(), None);
    check("", None);
    check("{}", None);
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
        r#"{"id_token":"a.b.c","clock_offset":"0","sign_in":"s"}"#,
        r#"{"id_token":"a.b.c","clock_offset":0,"sign_in":"s","access_token":1}"#,
        r#"{"id_token":"a.b.c","clock_offset":0,"sign_in":"s","email_verified":"true"}"#,
        r#"{"id_token":"a.b.c","clock_offset":0,"sign_in":1}"#,
        r#"{"id_token":"a.b.c","clock_offset":0}"#,
        r#"{"id_token":"a.b.c","sign_in":"s"}"#,
    ] {
        check(stored, RestoreError::NotASession);
    }
    // These are records, but their token is not a JWT.
    check(
        r#"{"id_token":"a.b.c","clock_offset":0,"sign_in":"s"}"#,
        RestoreError::Token(TokenError::NotBase64Url),
    );
    check(
        r#"{"id_token":"","clock_offset":0,"sign_in":"s"}"#,
        RestoreError::Token(TokenError::NotAJwt),
    );
}
