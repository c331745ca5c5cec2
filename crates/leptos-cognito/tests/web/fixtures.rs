//! The app client, the users and the records of the tests.

use std::time::Duration;

use gloo_timers::future::sleep;
use js_sys::{Function, Reflect};
use leptos::prelude::window;
use leptos_cognito::cognito_hosted_ui::Session;
use leptos_cognito::{AuthConfig, Grant, StorageArea, testing};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use web_sys::Storage;

pub const CLIENT_ID: &str = "1example23456789";
pub const DOMAIN: &str = "https://my-app.auth.eu-west-1.amazoncognito.com";
pub const API: &str = "https://api.example.com/prod";
pub const ADA: &str = "ada@example.com";
pub const BOB: &str = "bob@example.com";

pub fn config() -> AuthConfig {
    config_for(Grant::Code)
}

pub fn config_for(grant: Grant) -> AuthConfig {
    AuthConfig::new(DOMAIN, "eu-west-1_AbCdEfGhI", CLIENT_ID, grant, API).unwrap()
}

/// A configuration whose session all tabs share.
pub fn shared_config() -> AuthConfig {
    let mut config = config();
    config.storage = StorageArea::Local;
    config
}

/// Seconds since 1970.
pub fn now() -> u64 {
    (js_sys::Date::now() / 1000.0) as u64
}

/// The claims of an ID token that was issued this many seconds ago, for one hour.
pub fn claims(email: &str, age: u64) -> Value {
    let issued_at = now() - age;
    json!({
        "iss": config().hosted_ui.issuer.as_str(),
        "aud": CLIENT_ID,
        "sub": format!("sub-of-{email}"),
        "email": email,
        "email_verified": true,
        "token_use": "id",
        "iat": issued_at,
        "exp": issued_at + 3600,
    })
}

/// A session that began just now.
pub fn session(email: &str) -> Session {
    testing::session(&config().hosted_ui, email)
}

/// A session that began this many seconds ago and lasts an hour.
pub fn session_since(email: &str, age: u64) -> Session {
    testing::session_with_claims(&config().hosted_ui, &claims(email, age)).unwrap()
}

/// The same session with an access token and a refresh token.
pub fn refreshable(session: &Session) -> Session {
    let mut record: Value = serde_json::from_str(&session.to_stored()).unwrap();
    record["access_token"] = "access-token".into();
    record["refresh_token"] = "refresh-token-1".into();
    Session::restore(&record.to_string(), &config().hosted_ui).unwrap()
}

/// The record of a sign-out that is finished. Each number is another sign-out.
pub fn sign_out(number: u64) -> String {
    format!("{number:016x}.{:010}", 0)
}

/// The record of a sign-out that began this many seconds ago and is unfinished at Cognito.
pub fn unfinished_sign_out(age: u64) -> String {
    format!("{:016x}.{}", 7, now() - age)
}

/// The key of a record in the browser's storage.
pub fn key(record: &str) -> String {
    format!("cognito-spa.{CLIENT_ID}.{record}")
}

pub fn session_storage() -> Storage {
    window().session_storage().unwrap().unwrap()
}

/// Stores one of this tab's records.
pub fn store(record: &str, text: &str) {
    session_storage().set_item(&key(record), text).unwrap();
}

pub fn local_storage() -> Storage {
    window().local_storage().unwrap().unwrap()
}

/// Empties both storage areas, as for a new user of the browser.
pub fn clear_storage() {
    session_storage().clear().unwrap();
    local_storage().clear().unwrap();
}

/// The keys in a storage area that start with this record's key.
pub fn stored_keys(storage: &Storage, record: &str) -> Vec<String> {
    let mut keys: Vec<String> = (0..storage.length().unwrap())
        .filter_map(|index| storage.key(index).unwrap())
        .filter(|name| name.starts_with(&key(record)))
        .collect();
    keys.sort();
    keys
}

/// While this exists, the browser stores no session.
pub struct NothingStored(JsValue);

impl NothingStored {
    pub fn begin() -> Self {
        let prototype = Reflect::get_prototype_of(&session_storage()).unwrap();
        let original = Reflect::get(&prototype, &"setItem".into()).unwrap();
        let refuse = Function::new_with_args(
            "original",
            "return function (key, value) {
                if (key.endsWith('.session')) throw new DOMException('full', 'QuotaExceededError');
                original.call(this, key, value);
            }",
        );
        let refuse = refuse.call1(&JsValue::NULL, &original).unwrap();
        Reflect::set(&prototype, &"setItem".into(), &refuse).unwrap();
        Self(original)
    }
}

impl Drop for NothingStored {
    fn drop(&mut self) {
        let prototype = Reflect::get_prototype_of(&session_storage()).unwrap();
        Reflect::set(&prototype, &"setItem".into(), &self.0).unwrap();
    }
}

/// Waits until effects have run and stubbed responses have arrived: for what must not happen.
pub async fn settle() {
    for _ in 0..20 {
        sleep(Duration::from_millis(2)).await;
    }
}

/// Waits until the condition holds, for five seconds at most.
#[track_caller]
pub fn until(condition: impl Fn() -> bool) -> impl Future<Output = ()> {
    let caller = std::panic::Location::caller();
    async move {
        for _ in 0..1000 {
            if condition() {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
        panic!("the condition at {caller} does not come true");
    }
}
