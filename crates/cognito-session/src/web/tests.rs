//! The browser's APIs in a real browser.

use std::cell::RefCell;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures::future::{Either, join3, select};
use js_sys::{Function, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::{wasm_bindgen_test as test, wasm_bindgen_test_configure};

use super::{Browser, clock, crypto, location, locks, random, window};
use crate::AuthConfig;
use crate::platform::{Arrival, Platform, StorageArea};

wasm_bindgen_test_configure!(run_in_browser);

mod callback;

mod http;

mod listeners;

const AREAS: [StorageArea; 2] = [StorageArea::Session, StorageArea::Local];

#[test]
fn what_is_stored_is_found_until_it_is_removed() {
    let browser = Browser::new();
    for area in AREAS {
        browser.set(area, "test.found", "text").unwrap();
        assert_eq!(browser.get(area, "test.found").as_deref(), Some("text"));
        browser.remove(area, "test.found");
        assert_eq!(browser.get(area, "test.found"), None);
    }
}

#[test]
fn the_two_storage_areas_are_separate() {
    let browser = Browser::new();
    let [session, local] = AREAS;
    browser.set(session, "test.apart", "1").unwrap();
    assert_eq!(browser.get(local, "test.apart"), None);
    browser.remove(session, "test.apart");
}

#[test]
fn keys_are_found_by_their_prefix() {
    let browser = Browser::new();
    for area in AREAS {
        for key in ["test.keys.a", "test.keys.b", "test.other"] {
            browser.set(area, key, "").unwrap();
        }
        let mut found = browser.keys(area, "test.keys.");
        found.sort();
        assert_eq!(found, ["test.keys.a", "test.keys.b"]);
        for key in ["test.keys.a", "test.keys.b", "test.other"] {
            browser.remove(area, key);
        }
        assert!(browser.keys(area, "test.").is_empty());
    }
}

#[test]
fn a_full_storage_area_is_an_error() {
    let browser = Browser::new();
    let too_much = "x".repeat(20_000_000);
    for area in AREAS {
        assert!(browser.set(area, "test.full", &too_much).is_err());
        assert_eq!(browser.get(area, "test.full"), None);
    }
}

#[test]
async fn tasks_with_one_lock_run_one_at_a_time() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let run = |name: &'static str| {
        let log = Rc::clone(&log);
        async move {
            let _lock = locks::lock("test.lock", 10_000).await;
            log.borrow_mut().push(format!("{name} begins"));
            clock::sleep(5).await;
            log.borrow_mut().push(format!("{name} ends"));
        }
    };
    let second = run("second");
    spawn_local(run("first"));
    // The spawned task asks for the lock in a later microtask.
    second.await;
    drop(locks::lock("test.lock", 10_000).await);
    let log = log.borrow();
    assert_eq!(log.len(), 4);
    for pair in log.chunks(2) {
        assert_eq!(pair[0].replace("begins", "ends"), pair[1], "{log:?}");
    }
}

#[test]
async fn a_lock_is_stolen_from_a_tab_that_does_not_release_it() {
    let suspended = locks::lock("test.stolen", 10_000).await;
    assert!(suspended.is_some());
    let taken = lock_with_patience("test.stolen").await;
    assert!(taken.is_some());
    // What the suspended tab then does with its lock does not release this one.
    drop(suspended);
    assert!(lock_with_patience("test.stolen").await.is_some());
}

#[test]
async fn a_lock_is_taken_by_one_tab_at_a_time() {
    let _suspended = locks::lock("test.thieves", 10_000).await;
    let at_work = Rc::new(RefCell::new(0));
    let steal = || {
        let at_work = Rc::clone(&at_work);
        async move {
            let _lock = locks::lock("test.thieves", 200).await;
            *at_work.borrow_mut() += 1;
            assert_eq!(*at_work.borrow(), 1);
            clock::sleep(50).await;
            *at_work.borrow_mut() -= 1;
        }
    };
    join3(steal(), steal(), steal()).await;
}

/// Waits 200 milliseconds for a lock. Panics if it is granted in less than 100.
async fn lock_with_patience(name: &str) -> Option<locks::Lock> {
    let lock = Box::pin(locks::lock(name, 200));
    match select(lock, Box::pin(clock::sleep(100))).await {
        Either::Left(_) => panic!("the lock was not held"),
        Either::Right(((), lock)) => lock.await,
    }
}

#[test]
fn random_bytes_differ() {
    assert_ne!(random::bytes(), random::bytes());
    assert_ne!(random::bytes(), [0; 32]);
}

#[test]
fn the_clock_counts_seconds_since_1970() {
    // Between 2025 and 2100.
    assert!((1_735_689_600..4_102_444_800).contains(&clock::now()));
}

#[test]
fn a_fragment_leaves_the_address_and_the_history() {
    let before = window().location().href().unwrap();
    let history = window().history().unwrap();
    let length = history.length().unwrap();
    let url = Some("?page=2&error=x#id_token=a.b.c");
    history
        .replace_state_with_url(&JsValue::NULL, "", url)
        .unwrap();

    let found = location::query_and_fragment();
    let expected = ("page=2&error=x".to_owned(), "id_token=a.b.c".to_owned());
    assert_eq!(found, expected);
    location::replace_query_and_fragment("page=2", "");
    let found = location::query_and_fragment();
    assert_eq!(found, ("page=2".to_owned(), String::new()));
    location::replace_query_and_fragment("", "");
    assert!(!window().location().href().unwrap().contains(['?', '#']));
    assert_eq!(history.length().unwrap(), length);

    history
        .replace_state_with_url(&JsValue::NULL, "", Some(&before))
        .unwrap();
}

#[test]
fn a_place_stays_within_the_origin() {
    let before = window().location().href().unwrap();
    let origin = window().location().origin().unwrap();
    for place in [
        "/",
        "/a?b=c#d",
        "//other.example.com/",
        "/@other.example.com",
    ] {
        location::replace_place(place);
        assert_eq!(
            window().location().href().unwrap(),
            format!("{origin}{place}")
        );
        assert_eq!(location::place(), place);
    }
    location::replace_place(before.strip_prefix(&origin).unwrap());
    assert_eq!(window().location().href().unwrap(), before);
}

#[test]
fn the_base_is_an_address_with_a_slash() {
    let (base, path) = location::base();
    assert!(
        base.starts_with("http://") && base.ends_with(&path),
        "{base}"
    );
    assert!(path.starts_with('/') && path.ends_with('/'), "{path}");
}

/// Replaces a property of `object`, and restores it on drop.
struct Replaced {
    object: JsValue,
    name: JsValue,
    original: JsValue,
}

impl Replaced {
    fn begin(object: impl Into<JsValue>, name: &str, value: &JsValue) -> Self {
        let (object, name) = (object.into(), JsValue::from(name));
        let original = Reflect::get(&object, &name).unwrap();
        Reflect::set(&object, &name, value).unwrap();
        Self {
            object,
            name,
            original,
        }
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        Reflect::set(&self.object, &self.name, &self.original).unwrap();
    }
}

#[test]
fn a_page_that_was_opened_by_its_address_was_navigated_to() {
    assert_eq!(Browser::new().arrival(), Arrival::Navigation);
}

#[test]
fn a_reload_and_the_history_are_other_ways_to_a_page() {
    let performance = window().performance().unwrap();
    for (kind, arrival) in [
        ("navigate", Arrival::Navigation),
        ("reload", Arrival::Reload),
        ("back_forward", Arrival::History),
        ("prerender", Arrival::Navigation),
        ("of the future", Arrival::Navigation),
    ] {
        let entries = Function::new_no_args(&format!(
            "return [Object.create(PerformanceNavigationTiming.prototype, {{ type: {{ value: '{kind}' }} }})]"
        ));
        let _entries = Replaced::begin(&performance, "getEntriesByType", &entries);
        assert_eq!(location::arrival(), arrival, "{kind}");
    }
    let none = Function::new_no_args("return []");
    let _none = Replaced::begin(&performance, "getEntriesByType", &none);
    assert_eq!(location::arrival(), Arrival::Navigation);
}

#[test]
async fn without_navigation_the_page_stays() {
    let browser = Browser::without_navigation();
    let before = browser.place();
    browser.navigate("/elsewhere");
    clock::sleep(50).await;
    assert_eq!(browser.place(), before);
}

#[test]
fn an_app_that_says_no_url_has_the_one_of_the_page() {
    let config = AuthConfig::new(
        "https://my-app.auth.eu-west-1.amazoncognito.com",
        "eu-west-1_AbCdEfGhI",
        "1example23456789",
        cognito_hosted_ui::Grant::Code,
        "https://api.example.com",
    );
    let client = config.unwrap().hosted_ui.client;
    assert_eq!(client.redirect_uri.as_str(), super::base_url());
    assert_eq!(client.logout_uri.as_str(), super::base_url());
}

/// RFC 7515, appendix A.2: an RS256 signature with its key.
const SIGNED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

#[test]
async fn a_signature_is_verified_by_its_own_key_alone() {
    let jwk =
        |modulus: &str| format!(r#"{{"kty":"RSA","alg":"RS256","n":"{modulus}","e":"AQAB"}}"#);
    let signature = URL_SAFE_NO_PAD.decode(SIGNATURE).unwrap();
    let verify = async |jwk: &str, signature: &[u8], signed: &str| {
        crypto::verify_rs256(jwk, signature, signed.as_bytes()).await
    };
    let good = jwk(MODULUS);
    assert!(verify(&good, &signature, SIGNED).await);

    let mut flipped = signature.clone();
    flipped[100] ^= 1;
    let other_text = SIGNED.replace("eyJpc3Mi", "eyJpc3Mj");
    let other_key = jwk(&MODULUS.replacen("ofgW", "ofgX", 1));
    for (jwk, signature, signed) in [
        (good.as_str(), signature.as_slice(), other_text.as_str()),
        (&good, &signature[1..], SIGNED),
        (&good, &[], SIGNED),
        (&good, &flipped, SIGNED),
        (&other_key, &signature, SIGNED),
        ("{}", &signature, SIGNED),
        ("not JSON", &signature, SIGNED),
    ] {
        assert!(!verify(jwk, signature, signed).await, "{jwk} {signed}");
    }
}
