//! The stored forms: what is written, and what is read.

use cognito_hosted_ui::{PendingSignIn, ReturnTo, Session, SignOut, sign_in};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{
    NOW, claims, claims_with, code_grant, implicit_grant, restored, stored_session, token,
};

fn parsed(stored: &str) -> Value {
    serde_json::from_str(stored).unwrap()
}

/// A session with every member, whose ID token has no email address.
fn session() -> Value {
    let mut claims = claims_with("email", Value::Null);
    claims.as_object_mut().unwrap().remove("email_verified");
    json!({
        "id_token": token(&claims).authorization(),
        "access_token": "d.e.f",
        "refresh_token": "r",
        "email": "ada@example.com",
        "email_verified": true,
        "clock_offset": -7,
        "sign_in": "the-state",
    })
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_is_restored() {
    let stored = session();
    let session = restored(&stored);
    assert_eq!(session.id_token().authorization(), stored["id_token"]);
    let access_token = session.access_token().unwrap();
    assert_eq!(access_token.authorization(), "d.e.f");
    let form = session.revocation_form(&code_grant().client);
    assert_eq!(form.unwrap(), "client_id=1example23456789&token=r");
    assert_eq!(session.claims().email.as_deref(), Some("ada@example.com"));
    assert_eq!(session.claims().email_verified, Some(true));
    assert_eq!(session.clock_offset(), -7);
    assert_eq!(session.cognito_time(NOW), NOW + 7);
    assert_eq!(parsed(&session.to_stored()), stored);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_without_optional_members_is_restored() {
    let mut stored = session();
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
fn a_session_is_written_without_absent_members() {
    let mut stored = stored_session(&claims());
    stored.as_object_mut().unwrap().remove("access_token");
    assert_eq!(parsed(&restored(&stored).to_stored()), stored);
}

#[wasm_bindgen_test(unsupported = test)]
fn an_altered_session_is_refused() {
    #[track_caller]
    fn check(name: &str, value: Value) {
        let mut stored = session();
        match value {
            Value::Null => drop(stored.as_object_mut().unwrap().remove(name)),
            value => stored[name] = value,
        }
        let refused = Session::restore(&stored.to_string(), &implicit_grant());
        assert!(refused.is_err(), "{stored}");
    }
    check("id_token", Value::Null);
    check("id_token", json!(["a.b.c"]));
    check("access_token", json!(1));
    check("refresh_token", json!({}));
    check("email", json!(true));
    check("email_verified", json!("true"));
    check("clock_offset", Value::Null);
    check("clock_offset", json!("7"));
    check("clock_offset", json!(1.5));
    check("clock_offset", json!(["7"]));
    check("sign_in", Value::Null);
    check("sign_in", json!(1));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pending_sign_in_is_written() {
    let last = SignOut::begin([0xab; 32], NOW);
    let return_to = ReturnTo::parse("/orders?page=2", "/");
    let pending = sign_in::begin(&code_grant(), || [0; 32], return_to, None, Some(&last), NOW);
    assert_eq!(
        parsed(&pending.to_stored()),
        json!({
            "state": "A".repeat(22),
            "nonce": "A".repeat(22),
            "code_verifier": "A".repeat(43),
            "return_to": "/orders?page=2",
            "sign_out": "abababababababab",
            "started_at": NOW,
        })
    );
    let pending = sign_in::begin(&implicit_grant(), || [0; 32], None, None, None, NOW);
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
