//! `take_callback` and the page's URL.

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::Location;

use crate::web::{base_url, take_callback, window};

fn location() -> Location {
    window().location()
}

fn replace_url(url: &str) {
    let history = window().history().unwrap();
    history
        .replace_state_with_url(&JsValue::NULL, "", Some(url))
        .unwrap();
}

fn query_and_fragment() -> (String, String) {
    (location().search().unwrap(), location().hash().unwrap())
}

#[test]
fn a_callback_leaves_the_address_and_the_history() {
    let before = location().href().unwrap();
    let history = window().history().unwrap();
    let length = history.length().unwrap();
    for (query, fragment, query_after) in [
        ("?page=2", "#id_token=a.b.c&state=s", "?page=2"),
        ("", "#id_token=a.b.c&access_token=d.e.f&expires_in=3600", ""),
        ("?page=2&code=c&state=s", "", "?page=2"),
        ("?code=c&state=s", "#tab", ""),
        ("?error=access_denied&error_description=x&state=s", "", ""),
        ("?id_token=a.b.c", "", ""),
        // No response of this app, but it may be a code.
        ("?page=2&code=c", "", "?page=2"),
    ] {
        replace_url(&format!(
            "{}{query}{fragment}",
            location().pathname().unwrap()
        ));
        let found = query_and_fragment();
        assert_eq!(found, (query.to_owned(), fragment.to_owned()));
        assert!(take_callback().is_some(), "{query}{fragment}");
        assert_eq!(
            query_and_fragment(),
            (query_after.to_owned(), String::new())
        );
        assert_eq!(history.length().unwrap(), length);
        // It is taken once.
        assert!(take_callback().is_none());
    }
    replace_url(&before);
}

#[test]
fn an_ordinary_url_stays_as_it_is() {
    let before = location().href().unwrap();
    for place in ["", "?page=2", "?code=", "#orders", "?page=2&state=s#orders"] {
        let url = format!(
            "{}{}{place}",
            location().origin().unwrap(),
            location().pathname().unwrap()
        );
        replace_url(&url);
        assert!(take_callback().is_none(), "{place}");
        assert_eq!(location().href().unwrap(), url);
    }
    replace_url(&before);
}

#[test]
fn a_response_that_a_script_has_taken_out_of_the_url_is_found() {
    let before = location().href().unwrap();
    let path = location().pathname().unwrap();
    for (saved, query_after) in [
        ("#id_token=a.b.c&state=s", ""),
        ("?page=2&code=c&state=s", "?page=2"),
        ("?page=2#error=access_denied&state=s", "?page=2"),
    ] {
        replace_url(&path);
        save_for_callback(saved);
        let callback = take_callback().unwrap();
        assert_eq!(callback.state.as_deref(), Some("s"));
        let found = query_and_fragment();
        assert_eq!(found, (query_after.to_owned(), String::new()));
        // It is taken once, and nothing of it is left.
        assert_eq!(take_callback(), None);
        assert!(
            js_sys::Reflect::get(&window(), &NAME.into())
                .unwrap()
                .is_undefined()
        );
    }
    // The script has been mistaken: the URL is as it was.
    replace_url(&path);
    save_for_callback("?q=a?code=b#orders");
    assert_eq!(take_callback(), None);
    assert_eq!(
        query_and_fragment(),
        ("?q=a?code=b".to_owned(), "#orders".to_owned())
    );
    replace_url(&before);
}

const NAME: &str = "cognitoCallback";

/// What the script at the top of the page does.
fn save_for_callback(query_and_fragment: &str) {
    js_sys::Reflect::set(&window(), &NAME.into(), &query_and_fragment.into()).unwrap();
}

#[test]
fn the_base_url_is_an_address_with_a_slash() {
    let origin = location().origin().unwrap();
    let base = base_url();
    assert!(base.starts_with(&origin) && base.ends_with('/'), "{base}");
    assert!(!base.contains(['?', '#']), "{base}");
}

#[test]
fn a_base_element_decides_the_base_url() {
    let document = window().document().unwrap();
    let element = document.create_element("base").unwrap();
    element
        .set_attribute("href", "/some/app/index.html?x#y")
        .unwrap();
    let origin = location().origin().unwrap();
    let head = document.query_selector("head").unwrap();
    head.unwrap().append_child(&element).unwrap();
    let base = base_url();
    element.remove();
    assert_eq!(base, format!("{origin}/some/app/"));
}
