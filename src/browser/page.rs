//! The page itself: its elements, and its coming and going.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, window};

/// The element with this `id`, with nothing left in it.
#[must_use]
pub fn emptied(id: &str) -> Option<HtmlElement> {
    let element = window()?.document()?.get_element_by_id(id)?;
    element.set_text_content(None);
    element.dyn_into().ok()
}

/// Calls `look` whenever something may have happened without us: every few seconds, when another tab has stored
/// something, and when the page comes back out of the background, the history or the computer's sleep.
pub fn on_changes(look: impl Fn() + 'static) {
    /// In milliseconds. A timer that waits for the end itself would wait through a computer's sleep as well.
    const INTERVAL: i32 = 5000;
    let look = Closure::<dyn Fn()>::new(look).into_js_value();
    let look = look.unchecked_ref();
    if let Some(window) = window() {
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(look, INTERVAL);
        for event in ["storage", "visibilitychange", "pageshow"] {
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
