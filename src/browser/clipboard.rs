//! What is copied, for the person to paste elsewhere.

use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::of_navigator;

/// Copies a text, and says whether the browser let it. It lets a page that came by `https://` or from this computer,
/// while the person presses something.
pub async fn copy(text: &str) -> bool {
    let copied = of_navigator("clipboard", "writeText").and_then(|(clipboard, write)| {
        let copied = write.call1(&clipboard, &text.into()).ok()?;
        copied.dyn_into::<Promise>().ok()
    });
    match copied {
        Some(copied) => JsFuture::from(copied).await.is_ok(),
        None => false,
    }
}
