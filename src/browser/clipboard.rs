//! What is copied, for the person to paste elsewhere.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// Copies a text, and says whether the browser let it. It lets a page that came by `https://` or from this computer,
/// while the person presses something.
pub async fn copy(text: &str) -> bool {
    // On an insecure page there is no such property, whatever its type promises.
    let clipboard = web_sys::window()
        .and_then(|window| Reflect::get(&window.navigator(), &"clipboard".into()).ok());
    let copied = clipboard.and_then(|clipboard| {
        let write: Function = Reflect::get(&clipboard, &"writeText".into())
            .ok()?
            .dyn_into()
            .ok()?;
        write
            .call1(&clipboard, &text.into())
            .ok()?
            .dyn_into::<Promise>()
            .ok()
    });
    match copied {
        Some(copied) => JsFuture::from(copied).await.is_ok(),
        None => false,
    }
}
