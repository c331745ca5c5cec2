//! The stored forms: what is written now, and the records of the version before, which stored numbers and booleans as
//! text.

use cognito_hosted_ui::{PendingSignIn, RestoreError, ReturnTo, Session, sign_in};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{
    NOW, claims, claims_with, code_grant, implicit_grant, restored, stored_session, token,
};

fn parsed(stored: &str) -> Value {
    serde_json::from_str(stored).unwrap()
}

/// A session whose ID token has no e-mail address, as the version before stored it.
fn session_before() -> Value {
    let mut claims = claims_with("email", Value::Null);
    claims.as_object_mut().unwrap().remove("email_verified");
    json!({
        "id_token": token(&claims).authorization(),
        "access_token": "d.e.f",
        "refresh_token": "r",
        "email": "ada@example.com",
        "email_verified": "true",
        "clock_ahead": "-7",
    })
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_of_the_version_before_is_restored() {
    let session = restored(&session_before());
    assert_eq!(
        session.id_token().authorization(),
        session_before()["id_token"]
    );
    let access_token = session.access_token().unwrap();
    assert_eq!(access_token.authorization(), "d.e.f");
    let form = session.revocation_form(&code_grant().client);
    assert_eq!(form.unwrap(), "client_id=1example23456789&token=r");
    assert_eq!(session.claims().email.as_deref(), Some("ada@example.com"));
    assert_eq!(session.claims().email_verified, Some(true));
    assert_eq!(session.clock_offset(), -7);
    assert_eq!(session.cognito_time(NOW), NOW + 7);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_texts_of_the_version_before_are_understood() {
    for (text, expected) in [("true", Some(true)), ("false", Some(false))] {
        let mut stored = session_before();
        stored["email_verified"] = text.into();
        assert_eq!(restored(&stored).claims().email_verified, expected);
    }
    for (text, expected) in [
        ("0", 0),
        ("7", 7),
        ("-7", -7),
        ("999999999999999999", 999_999_999_999_999_999),
        ("-999999999999999999", -999_999_999_999_999_999),
    ] {
        let mut stored = session_before();
        stored["clock_ahead"] = text.into();
        assert_eq!(restored(&stored).clock_offset(), expected, "{text}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_of_the_version_before_without_optional_members_is_restored() {
    let mut stored = session_before();
    for name in ["access_token", "refresh_token", "email", "email_verified"] {
        stored.as_object_mut().unwrap().remove(name);
    }
    let session = restored(&stored);
    assert_eq!(session.access_token(), None);
    assert!(!session.is_refreshable());
    assert_eq!(session.claims().email, None);
    assert_eq!(session.claims().email_verified, None);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_is_written_with_numbers_and_booleans() {
    let mut expected = session_before();
    let members = expected.as_object_mut().unwrap();
    members.remove("clock_ahead");
    members.insert("clock_offset".to_owned(), json!(-7));
    members.insert("email_verified".to_owned(), json!(true));
    let session = restored(&session_before());
    assert_eq!(parsed(&session.to_stored()), expected);
    assert_eq!(restored(&expected), session);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_is_written_without_absent_members() {
    let mut stored = stored_session(&claims());
    stored.as_object_mut().unwrap().remove("access_token");
    assert_eq!(
        parsed(&restored(&stored).to_stored()),
        json!({ "id_token": stored["id_token"], "clock_offset": 0 })
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn an_altered_session_of_the_version_before_is_refused() {
    #[track_caller]
    fn check(name: &str, value: Value) {
        let mut stored = session_before();
        match value {
            Value::Null => drop(stored.as_object_mut().unwrap().remove(name)),
            value => stored[name] = value,
        }
        let refused = Session::restore(&stored.to_string(), &implicit_grant());
        assert_eq!(refused, Err(RestoreError::NotASession), "{stored}");
    }
    check("id_token", Value::Null);
    check("id_token", json!(["a.b.c"]));
    check("access_token", json!(1));
    check("refresh_token", json!({}));
    check("email", json!(true));
    check("clock_ahead", Value::Null);
    check("clock_ahead", json!("seven"));
    check("clock_ahead", json!("1.5"));
    check("clock_ahead", json!("true"));
    check("clock_ahead", json!("\"7\""));
    check("clock_ahead", json!(["7"]));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pending_sign_in_of_the_version_before_is_understood() {
    let stored = r#"{
        "state": "the-state",
        "nonce": "the-nonce",
        "code_verifier": "the-verifier",
        "return_to": "/orders?page=2",
        "started_at": "1800000000"
    }"#;
    let pending = PendingSignIn::from_stored(stored, "/").unwrap();
    assert_eq!(pending.state.as_str(), "the-state");
    assert_eq!(pending.nonce.as_str(), "the-nonce");
    assert_eq!(pending.code_verifier.unwrap().as_str(), "the-verifier");
    assert_eq!(pending.return_to.unwrap().as_str(), "/orders?page=2");
    assert_eq!(pending.started_at, NOW);

    let stored = r#"{"state":"the-state","nonce":"the-nonce","started_at":"1800000000"}"#;
    let pending = PendingSignIn::from_stored(stored, "/").unwrap();
    assert_eq!((pending.code_verifier, pending.return_to), (None, None));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pending_sign_in_is_written_with_a_number() {
    let return_to = ReturnTo::parse("/orders?page=2", "/");
    let pending = sign_in::begin(&code_grant(), || [0; 32], return_to, None, NOW);
    assert_eq!(
        parsed(&pending.to_stored()),
        json!({
            "state": "A".repeat(22),
            "nonce": "A".repeat(22),
            "code_verifier": "A".repeat(43),
            "return_to": "/orders?page=2",
            "started_at": NOW,
        })
    );
    let pending = sign_in::begin(&implicit_grant(), || [0; 32], None, None, NOW);
    assert_eq!(
        parsed(&pending.to_stored()),
        json!({ "state": "A".repeat(22), "nonce": "A".repeat(22), "started_at": NOW })
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stored_place_outside_of_the_app_is_dropped() {
    for place in ["", "https://evil.example", "//evil.example", "/../"] {
        let stored = json!({ "state": "s", "nonce": "n", "return_to": place, "started_at": NOW });
        let pending = PendingSignIn::from_stored(&stored.to_string(), "/");
        assert_eq!(pending.unwrap().return_to, None, "{place}");
    }
}
