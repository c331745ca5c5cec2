//! Finding the key that signed a token.

use cognito_hosted_ui::JsonWebKeySet;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

fn key(kid: &str) -> Value {
    json!({
        "alg": "RS256", "e": "AQAB", "kid": kid, "kty": "RSA", "n": "n".repeat(342), "use": "sig",
    })
}

fn set(keys: &[Value]) -> JsonWebKeySet {
    JsonWebKeySet::read(&json!({ "keys": keys }).to_string())
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_is_found_by_its_identifier() {
    let mut other = key("b");
    other["n"] = "m".repeat(342).into();
    let keys = set(&[key("a"), other]);
    assert!(keys.find(Some("a")).unwrap().to_json().contains("nnn"));
    assert!(keys.find(Some("b")).unwrap().to_json().contains("mmm"));
    assert_eq!(keys.find(Some("c")), None);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_usable_keys_are_counted() {
    let mut unusable = key("c");
    unusable["kty"] = "EC".into();
    let keys = set(&[key("a"), key("b"), unusable.clone()]);
    assert_eq!((keys.len(), keys.is_empty()), (2, false));
    let keys = set(&[unusable]);
    assert_eq!((keys.len(), keys.is_empty()), (0, true));
}

#[wasm_bindgen_test(unsupported = test)]
fn kid_absent_is_accepted_with_a_single_key_and_refused_with_several() {
    assert!(set(&[key("a")]).find(None).is_some());
    assert_eq!(set(&[key("a"), key("b")]).find(None), None);
    assert_eq!(set(&[]).find(None), None);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_key_that_cannot_verify_rs256_is_skipped() {
    #[track_caller]
    fn check(name: &str, value: Value) {
        let mut unusable = key("a");
        unusable[name] = value;
        assert_eq!(set(&[unusable]).find(Some("a")), None, "{name}");
    }
    assert!(set(&[key("a")]).find(Some("a")).is_some());
    check("kty", json!("EC"));
    check("kty", json!("oct"));
    check("use", json!("enc"));
    check("alg", json!("RS512"));
    check("alg", json!("HS256"));
    check("n", json!("n".repeat(341)));
    check("n", json!(format!("{}\",\"d\":\"", "n".repeat(342))));
    check("n", json!(7));
    check("e", json!(""));
    check("e", Value::Null);
}

#[wasm_bindgen_test(unsupported = test)]
fn use_and_alg_are_optional() {
    let mut plain = key("a");
    plain.as_object_mut().unwrap().remove("use");
    plain.as_object_mut().unwrap().remove("alg");
    assert!(set(&[plain]).find(Some("a")).is_some());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_document_that_is_not_a_key_set_has_no_keys() {
    let empty = set(&[]);
    for document in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[1,null,[]]}"#,
        "<html>",
    ] {
        assert_eq!(JsonWebKeySet::read(document), empty, "{document}");
    }
}
