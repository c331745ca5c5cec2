//! The browser's powers, each through its door.

use cognito_spa::browser::storage::Storage;
use cognito_spa::browser::{clock, location, random};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn what_is_stored_is_found_and_taken_once() {
    for storage in [Storage::Session, Storage::Local] {
        storage.set("test.taken", &json!({ "a": "b" })).unwrap();
        assert_eq!(storage.get("test.taken"), Some(json!({ "a": "b" })));
        assert_eq!(storage.take("test.taken"), Some(json!({ "a": "b" })));
        assert_eq!(storage.take("test.taken"), None);
    }
}

#[test]
fn the_two_storages_are_apart() {
    Storage::Session.set("test.apart", &1).unwrap();
    assert_eq!(Storage::Local.get("test.apart"), None);
    Storage::Session.remove("test.apart");
    assert_eq!(Storage::Session.get("test.apart"), None);
}

#[test]
fn what_does_not_parse_is_nothing_stored_and_goes_when_taken() {
    let raw = web_sys::window()
        .unwrap()
        .session_storage()
        .unwrap()
        .unwrap();
    for garbage in ["", "{", "\u{0}", "undefined"] {
        raw.set_item("test.garbage", garbage).unwrap();
        assert_eq!(Storage::Session.get("test.garbage"), None);
        assert_eq!(Storage::Session.take("test.garbage"), None);
        assert_eq!(raw.get_item("test.garbage").unwrap(), None);
    }
}

#[test]
fn a_full_storage_says_so() {
    let too_much = "x".repeat(20_000_000);
    assert!(Storage::Session.set("test.full", &too_much).is_err());
    assert_eq!(Storage::Session.get("test.full"), None);
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random::bytes(), random::bytes());
    assert_ne!(random::bytes(), [0; 16]);
}

#[test]
fn the_clock_counts_seconds_since_1970() {
    // Between 2025 and 2100.
    assert!((1_735_689_600..4_102_444_800).contains(&clock::now()));
}

#[test]
fn a_fragment_leaves_the_address_and_the_history() {
    let window = web_sys::window().unwrap();
    let before = window.location().href().unwrap();
    let length = window.history().unwrap().length().unwrap();
    let history = window.history().unwrap();
    let null = wasm_bindgen::JsValue::NULL;
    let address = "?page=2&error=x#id_token=a.b.c";
    history
        .replace_state_with_url(&null, "", Some(address))
        .unwrap();

    let found = location::query_and_fragment();
    assert_eq!(
        found,
        ("page=2&error=x".to_owned(), "id_token=a.b.c".to_owned())
    );
    location::replace_query_and_fragment("page=2");
    assert_eq!(
        location::query_and_fragment(),
        ("page=2".to_owned(), String::new())
    );
    location::replace_query_and_fragment("");
    assert!(!window.location().href().unwrap().contains(['?', '#']));
    assert_eq!(history.length().unwrap(), length);

    history
        .replace_state_with_url(&null, "", Some(&before))
        .unwrap();
}

#[test]
fn the_base_is_an_address_with_a_slash() {
    let base = location::base();
    assert!(base.starts_with("http://") && base.ends_with('/'), "{base}");
}
