//! The page itself: its elements, and its coming and going.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Document, HtmlElement, window};

/// The first element that matches; what a page is made of are elements of HTML.
#[must_use]
pub fn find(selector: &str) -> Option<HtmlElement> {
    let element = document()?.query_selector(selector).ok()??;
    Some(element.unchecked_into())
}

/// The text of the first element that matches.
#[must_use]
pub fn text(selector: &str) -> Option<String> {
    find(selector)?.text_content()
}

/// Tells the browser in which language the page is, and to which side that is written.
pub fn set_language(tag: &str, direction: &str) {
    let root = document().and_then(|document| document.document_element());
    if let Some(root) = root {
        // Both names are valid, so nothing can be refused.
        let _ = root.set_attribute("lang", tag);
        let _ = root.set_attribute("dir", direction);
    }
}

/// What the browser calls the page, in its tab and its history.
#[must_use]
pub fn title() -> String {
    document().map_or_else(String::new, |document| document.title())
}

/// Calls the page otherwise.
pub fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Brings the person's attention, the keyboard's and a screen reader's, to the first element that matches.
pub fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        let _ = element.focus();
    }
}

pub(super) fn document() -> Option<Document> {
    window()?.document()
}

/// Whether the browser believes that it is in a network.
#[must_use]
pub fn is_online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// Calls `look` whenever something may have happened without us: every few seconds, when another tab has stored
/// something, when the page comes back out of the background, the history or the computer's sleep, and when the network
/// comes or goes.
pub fn on_changes(look: impl Fn() + 'static) {
    /// In milliseconds. A timer that waits for the end itself would wait through a computer's sleep as well.
    const INTERVAL: i32 = 5000;
    let look = Closure::<dyn Fn()>::new(look).into_js_value();
    let look = look.unchecked_ref();
    if let Some(window) = window() {
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(look, INTERVAL);
        for event in [
            "storage",
            "visibilitychange",
            "pageshow",
            "online",
            "offline",
        ] {
            let _ = window.add_event_listener_with_callback(event, look);
        }
    }
}

/// Calls `tidy` when the page is left: the browser may keep it, as it then is, for its Back button.
pub fn on_leave(tidy: impl Fn() + 'static) {
    let tidy = Closure::<dyn Fn()>::new(tidy).into_js_value();
    if let Some(window) = window() {
        let _ = window.add_event_listener_with_callback("pagehide", tidy.unchecked_ref());
    }
}
