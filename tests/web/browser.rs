//! The browser's powers, each through its door.

use std::cell::RefCell;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_spa::browser::elements::{self, Element};
use cognito_spa::browser::storage::Storage;
use cognito_spa::browser::{clock, crypto, locale, location, locks, random};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::{HtmlElement, window};

#[test]
fn what_is_stored_is_found_and_taken_once() {
    for storage in [Storage::Session, Storage::Local] {
        storage.set("test.taken", "text").unwrap();
        assert_eq!(storage.get("test.taken").as_deref(), Some("text"));
        assert_eq!(storage.take("test.taken").as_deref(), Some("text"));
        assert_eq!(storage.take("test.taken"), None);
    }
}

#[test]
fn the_two_storages_are_apart() {
    Storage::Session.set("test.apart", "1").unwrap();
    assert_eq!(Storage::Local.get("test.apart"), None);
    Storage::Session.remove("test.apart");
    assert_eq!(Storage::Session.get("test.apart"), None);
}

#[test]
fn keys_are_found_by_their_start() {
    for key in ["test.keys.a", "test.keys.b", "test.other"] {
        Storage::Session.set(key, "").unwrap();
    }
    let mut found = Storage::Session.keys("test.keys.");
    found.sort();
    assert_eq!(found, ["test.keys.a", "test.keys.b"]);
    for key in ["test.keys.a", "test.keys.b", "test.other"] {
        Storage::Session.remove(key);
    }
    assert!(Storage::Session.keys("test.").is_empty());
}

#[test]
async fn work_of_one_name_is_done_one_at_a_time() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let work = |name: &'static str| {
        let log = Rc::clone(&log);
        let work = async move {
            log.borrow_mut().push(format!("{name} begins"));
            crypto::sha_256(b"takes a while").await;
            crypto::sha_256(b"takes a while").await;
            log.borrow_mut().push(format!("{name} ends"));
        };
        locks::exclusively("test.lock", Box::pin(work))
    };
    let second = work("second");
    wasm_bindgen_futures::spawn_local(work("first"));
    // Whoever was spawned last asks for the lock at once.
    second.await;
    locks::exclusively("test.lock", Box::pin(async {})).await;
    let log = log.borrow();
    assert_eq!(log.len(), 4);
    for pair in log.chunks(2) {
        assert_eq!(pair[0].replace("begins", "ends"), pair[1], "{log:?}");
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
    assert_ne!(random::bytes(), [0; 32]);
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
    let (base, path) = location::base();
    assert!(
        base.starts_with("http://") && base.ends_with(&path),
        "{base}"
    );
    assert!(path.starts_with('/') && path.ends_with('/'), "{path}");
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
        crypto::is_rs256_signature(jwk, signature, signed.as_bytes()).await
    };
    let good = jwk(MODULUS);
    assert!(verify(&good, &signature, SIGNED).await);

    assert!(!verify(&good, &signature, &SIGNED.replace("eyJpc3Mi", "eyJpc3Mj")).await);
    assert!(!verify(&good, &signature[1..], SIGNED).await);
    assert!(!verify(&good, &[], SIGNED).await);
    let mut flipped = signature.clone();
    flipped[100] ^= 1;
    assert!(!verify(&good, &flipped, SIGNED).await);
    assert!(
        !verify(
            &jwk(&MODULUS.replacen("ofgW", "ofgX", 1)),
            &signature,
            SIGNED
        )
        .await
    );
    assert!(!verify("{}", &signature, SIGNED).await);
    assert!(!verify("not JSON", &signature, SIGNED).await);
}

#[test]
async fn a_hash_is_sha_256() {
    let hash = crypto::sha_256(b"abc").await.unwrap();
    assert_eq!(
        URL_SAFE_NO_PAD.encode(hash),
        "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
    );
}

/// `<div>` with a paragraph for each of these texts, and buttons with these names behind them.
fn page(texts: &[&str], names: &[&str]) -> Element {
    let mut page = Element::new("div", "");
    for text in texts {
        page.add("p", "").say(text);
    }
    for name in names {
        page.add("button", "").say(name).set("value", "7");
    }
    page
}

#[test]
fn an_element_changes_into_another_and_what_stays_stays_the_same() {
    let document = window().unwrap().document().unwrap();
    let states = [
        page(&["a"], &["x"]),
        page(&["a", "b"], &["x", "y"]),
        page(&[], &["x"]),
        page(&["<b>a</b>"], &["x", "z", "w"]),
        page(&["c"], &["x"]),
        page(&["a", "b", "c"], &["x"]),
    ];
    let mut old = page(&[], &["x"]);
    let made = old.make();
    document.body().unwrap().append_child(&made).unwrap();
    let button = made.query_selector("button").unwrap().unwrap();
    button.unchecked_ref::<HtmlElement>().focus().unwrap();
    for state in states {
        state.change(&old, &made);
        assert!(
            made.is_equal_node(Some(&state.make())),
            "{}",
            made.outer_html()
        );
        // In front of it, others come and go; the focus stays where it was.
        assert_eq!(document.active_element().as_ref(), Some(&button));
        old = state;
    }
    assert_eq!(made.query_selector_all("b").unwrap().length(), 0);
    made.remove();
}

#[test]
fn attributes_come_change_and_go() {
    let mut first = Element::new("button", "");
    first.set("class", "primary").set("value", "1");
    let mut second = Element::new("button", "");
    second.set("value", "2");
    let made = first.make();
    assert_eq!(made.class_name(), "primary");
    second.change(&first, &made);
    assert_eq!(made.get_attribute("value").as_deref(), Some("2"));
    assert_eq!(made.get_attribute("class"), None);
    first.change(&second, &made);
    assert_eq!(made.class_name(), "primary");
}

#[test]
fn a_press_tells_the_button_s_value() {
    let place: HtmlElement = page(&["a"], &["x"]).make().unchecked_into();
    let pressed = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&pressed);
    elements::on_press(&place, move |value| log.borrow_mut().push(value.to_owned()));
    for selector in ["p", "button"] {
        let element = place.query_selector(selector).unwrap().unwrap();
        element.unchecked_ref::<HtmlElement>().click();
    }
    assert_eq!(*pressed.borrow(), ["7"]);
}

#[test]
fn times_are_written_in_the_persons_language() {
    // In whichever time zone.
    assert!(locale::time("en", 1_800_000_000).contains("2027"));
    assert!(locale::time("es", 1_800_000_000).contains("2027"));
    assert!(!locale::languages().is_empty());
}
