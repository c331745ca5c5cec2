//! The placeholder that index.html shows while the app loads. It is removed when the app mounts, and the app continues with
//! what the user did in the meantime.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What the user did while the app loaded.
#[must_use]
pub struct Loading {
    /// *Sign in* was pressed.
    was_pressed: bool,
    /// *Sign in* had the focus.
    had_focus: bool,
}

/// Removes the placeholder.
pub fn remove() -> Loading {
    let focused = document().active_element();
    let loading = Loading {
        was_pressed: find(".pressed").is_some(),
        had_focus: focused.is_some_and(|it| matches!(it.matches(".enter"), Ok(true))),
    };
    if let Some(element) = find("#loading") {
        element.remove();
    }
    loading
}

impl Loading {
    /// Focuses or presses the app's own *Sign in* button, if the page has one.
    pub fn carry_on(self) {
        let Some(button) = find("main .enter").and_then(|it| it.dyn_into::<HtmlElement>().ok())
        else {
            return;
        };
        if self.had_focus {
            let _ = button.focus();
        }
        if self.was_pressed {
            button.click();
        }
    }
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}
