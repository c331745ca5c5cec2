//! The app in the page: asked for by what a person sees.

use cognito_spa::app;
use cognito_spa::app::guarded::{Page, SignedIn};
use cognito_spa::browser::storage::Storage;
use cognito_spa::browser::{clock, location};
use cognito_spa::cognito::authorization::Callback;
use cognito_spa::config::{Config, ConfigError};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::HtmlElement;

use crate::given::{CLIENT_ID, claims, config, stored, token, words};

/// An element of its own for each test, gone with it.
struct Place(HtmlElement);

impl Place {
    fn with(config: Result<Config, ConfigError>, callback: Option<Callback>) -> Self {
        Self::with_pages(config, callback, &[])
    }

    fn with_pages(
        config: Result<Config, ConfigError>,
        callback: Option<Callback>,
        pages: &'static [Page],
    ) -> Self {
        let document = web_sys::window().unwrap().document().unwrap();
        let element = document.create_element("section").unwrap();
        document.body().unwrap().append_child(&element).unwrap();
        let place: HtmlElement = element.unchecked_into();
        app::mount_to(place.clone(), config, callback, words(), pages);
        Self(place)
    }

    fn text(&self) -> String {
        self.0.text_content().unwrap_or_default()
    }

    fn count(&self, selector: &str) -> u32 {
        self.0.query_selector_all(selector).unwrap().length()
    }

    fn buttons(&self) -> Vec<String> {
        let buttons = self.0.query_selector_all("main button").unwrap();
        (0..buttons.length())
            .filter_map(|index| buttons.item(index)?.text_content())
            .collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.remove();
    }
}

const DOORS: [&str; 3] = ["Sign in", "Create account", "Forgot password"];

/// What is stored of a session that began so many seconds ago and lasts an hour.
fn session_since(seconds: u64) -> String {
    let mut claims = claims();
    claims["iat"] = (clock::now() - seconds).into();
    claims["exp"] = (clock::now() - seconds + 3600).into();
    stored(&claims).to_string()
}

fn session_key() -> String {
    format!("cognito-spa.{CLIENT_ID}.session")
}

#[test]
fn signed_out_offers_to_sign_in() {
    let place = Place::with(Ok(config()), None);
    assert_eq!(place.buttons(), DOORS);
    assert_eq!(place.count("h1"), 1);
    assert_eq!(place.count("[role=alert]"), 0);
}

#[test]
fn a_foreign_text_is_inert() {
    let text = "error=access_denied&error_description=%3Cimg+src%3Dx%3E%3Cb%3Ehello";
    let place = Place::with(Ok(config()), Callback::find("", text));
    assert!(place.text().contains("<img src=x><b>hello"));
    assert_eq!(place.count("img") + place.count("b"), 0);
    assert_eq!(place.count("[role=alert]"), 1);
}

#[test]
fn broken_settings_are_named() {
    let place = Place::with(Config::read(200, "{}", "https://app.example.com/"), None);
    assert!(
        place.text().contains("“userPoolDomain”"),
        "{}",
        place.text()
    );
    assert_eq!(place.buttons(), ["Load again"]);
}

#[test]
fn a_stored_session_is_signed_in_and_garbage_is_signed_out() {
    Storage::Session
        .set(&session_key(), &session_since(0))
        .unwrap();
    assert!(
        Place::with(Ok(config()), None)
            .text()
            .contains("ada@example.com")
    );

    for garbage in ["", "x", "{}", r#"{"id_token":"a.b.c","clock_ahead":"0"}"#] {
        Storage::Session.set(&session_key(), garbage).unwrap();
        let place = Place::with(Ok(config()), None);
        assert_eq!(place.buttons(), DOORS);
        assert!(place.text().contains("could not be read"));
        assert_eq!(Storage::Session.get(&session_key()), None);
    }
}

#[test]
fn an_expired_session_is_said_to_be_expired() {
    Storage::Session
        .set(&session_key(), &session_since(3601))
        .unwrap();
    let place = Place::with(Ok(config()), None);
    assert!(place.text().contains("Your session has expired."));
    assert_eq!(place.buttons(), DOORS);
}

#[test]
fn an_unsolicited_answer_neither_signs_in_nor_out() {
    let forged = format!("id_token={}&state=x", token(&claims()).authorization());
    let place = Place::with(Ok(config()), Callback::find("", &forged));
    assert!(place.text().contains("does not belong to a sign-in"));
    assert_eq!(place.buttons(), DOORS);

    let stored = session_since(0);
    Storage::Session.set(&session_key(), &stored).unwrap();
    let place = Place::with(Ok(config()), Callback::find("", &forged));
    assert!(place.text().contains("Signed in as ada@example.com"));
    assert!(place.text().contains("does not belong to a sign-in"));
    assert_eq!(Storage::Session.take(&session_key()), Some(stored));
}

#[test]
fn sign_ins_that_nobody_came_back_from_are_swept() {
    let key = |state: &str| format!("cognito-spa.{CLIENT_ID}.pending.{state}");
    let record = |state: &str, started_at: u64| {
        format!(r#"{{"state":"{state}","nonce":"n","started_at":"{started_at}"}}"#)
    };
    let store = |state: &str, text: &str| Storage::Session.set(&key(state), text).unwrap();
    store("old", &record("old", clock::now() - 3602));
    store("garbage", "{");
    store("young", &record("young", clock::now() - 3000));
    drop(Place::with(Ok(config()), None));
    assert_eq!(Storage::Session.keys(&key("")), [key("young")]);
    Storage::Session.remove(&key("young"));
}

#[test]
fn a_farewell_is_said_once() {
    let key = format!("cognito-spa.{CLIENT_ID}.farewell");
    Storage::Session.set(&key, "").unwrap();
    let text = Place::with(Ok(config()), None).text();
    assert!(text.contains("You have signed out."), "{text}");
    let text = Place::with(Ok(config()), None).text();
    assert!(!text.contains("You have signed out."), "{text}");
}

/// A page of somebody's own, as the README has it.
fn orders(me: SignedIn) -> AnyView {
    let who = me.session().claims().display_name().to_owned();
    view! { <h1>"Orders of " {who}</h1> }.into_any()
}

#[test]
async fn a_page_of_ones_own_is_shown_to_whoever_is_signed_in_and_to_nobody_else() {
    let pages: &[Page] = &[("orders", orders)];
    location::replace_place("/#orders");
    let place = Place::with_pages(Ok(config()), None, pages);
    assert_eq!(place.buttons(), DOORS);
    assert!(!place.text().contains("Orders"), "{}", place.text());
    drop(place);

    Storage::Session
        .set(&session_key(), &session_since(0))
        .unwrap();
    let place = Place::with_pages(Ok(config()), None, pages);
    // What Leptos has drawn is there after this.
    leptos::task::tick().await;
    let text = place.text();
    assert!(text.contains("Orders of ada@example.com"), "{text}");
    assert!(text.contains("Setup"), "{text}");
    assert_eq!((place.count("h1"), place.count("main")), (1, 1));
    location::replace_query_and_fragment("");
    Storage::Session.remove(&session_key());
}
