//! The [`Platform`] for browsers: small functions around their APIs, which make no decisions.

use std::future::Future;

use wasm_bindgen::JsCast;
use web_sys::{Document, Window};

use crate::platform::{
    Arrival, HttpError, HttpRequest, HttpResponse, Platform, StorageArea, StorageError,
};

use channel::Channel;

pub use callback::{base_url, take_callback};
pub use http::server_time;
pub use listeners::{Listeners, listen};

mod callback;

mod channel;

mod clock;

mod config;

mod crypto;

mod http;

mod listeners;

mod location;

mod locks;

mod random;

mod storage;

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::panic, clippy::unwrap_used)]
mod tests;

/// The page that the app runs in.
#[derive(Debug)]
pub struct Browser {
    navigate: fn(&str),
    channel: Channel,
}

impl Browser {
    /// The page.
    #[must_use]
    pub fn new() -> Self {
        Self {
            navigate: location::assign,
            channel: Channel::default(),
        }
    }

    /// The page, which never leaves for another one: for tests.
    #[must_use]
    pub fn without_navigation() -> Self {
        Self {
            navigate: |_| {},
            ..Self::new()
        }
    }
}

impl Default for Browser {
    fn default() -> Self {
        Self::new()
    }
}

impl Platform for Browser {
    type Lock = locks::Lock;

    fn now(&self) -> u64 {
        clock::now()
    }

    fn random(&self) -> [u8; 32] {
        random::bytes()
    }

    fn get(&self, area: StorageArea, key: &str) -> Option<String> {
        storage::get(area, key)
    }

    fn set(&self, area: StorageArea, key: &str, value: &str) -> Result<(), StorageError> {
        storage::set(area, key, value)
    }

    fn remove(&self, area: StorageArea, key: &str) {
        storage::remove(area, key);
    }

    fn keys(&self, area: StorageArea, prefix: &str) -> Vec<String> {
        storage::keys(area, prefix)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        http::send(&request).await
    }

    async fn server_time(&self) -> Option<u64> {
        server_time().await
    }

    async fn verify_rs256(&self, jwk: &str, signature: &[u8], signed: &[u8]) -> bool {
        crypto::verify_rs256(jwk, signature, signed).await
    }

    async fn lock(&self, name: &str, patience: u32) -> Option<Self::Lock> {
        locks::lock(name, patience).await
    }

    async fn sleep(&self, milliseconds: u32) {
        clock::sleep(milliseconds).await;
    }

    fn spawn(&self, task: impl Future<Output = ()> + 'static) {
        wasm_bindgen_futures::spawn_local(task);
    }

    fn broadcast(&self, channel: &str, message: &str) {
        self.channel.post(channel, message);
    }

    fn is_online(&self) -> bool {
        window().navigator().on_line()
    }

    fn arrival(&self) -> Arrival {
        location::arrival()
    }

    fn navigate(&self, url: &str) {
        (self.navigate)(url);
    }

    fn place(&self) -> String {
        location::place()
    }

    fn replace_place(&self, place: &str) {
        location::replace_place(place);
    }

    fn base_path(&self) -> String {
        location::base().1
    }

    fn language(&self) -> String {
        location::language()
    }
}

/// The page's window, as gloo-utils has it, but without its panic. Where there is none, the functions of the result fail.
fn window() -> Window {
    js_sys::global().unchecked_into()
}

fn document() -> Option<Document> {
    window().document()
}
