//! The page's own elements.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, window};

/// The element with this `id`, with nothing left in it.
#[must_use]
pub fn emptied(id: &str) -> Option<HtmlElement> {
    let element = window()?.document()?.get_element_by_id(id)?;
    element.set_text_content(None);
    element.dyn_into().ok()
}
