//! The navigations to other documents, which are cancelled: a page that leaves would take the tests with it.

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;

use crate::fixtures::{DOMAIN, until};

/// Records where the page wants to go.
pub struct Exits(Array);

impl Exits {
    pub fn begin() -> Self {
        // web-sys does not have the Navigation API. The listener stays, because a navigation may begin after the test.
        let begin = Function::new_with_args(
            "urls",
            "navigation.addEventListener('navigate', event => {
                if (event.destination.sameDocument) return;
                urls.push(event.destination.url);
                event.preventDefault();
            })",
        );
        let urls = Array::new();
        begin.call1(&JsValue::NULL, &urls).unwrap();
        Self(urls)
    }

    /// The URLs so far.
    pub fn urls(&self) -> Vec<String> {
        let urls = self.0.iter();
        urls.filter_map(|url| url.as_string()).collect()
    }

    /// Waits until the page wants to go to this page of the Hosted UI.
    #[track_caller]
    pub fn until_left_for(&self, path: &str) -> impl Future<Output = ()> {
        let url = format!("{DOMAIN}{path}?");
        until(move || {
            self.urls()
                .last()
                .is_some_and(|last| last.starts_with(&url))
        })
    }
}
