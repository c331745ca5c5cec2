//! A button that copies text to the clipboard.

use std::time::Duration;

use js_sys::{Function, Promise, Reflect};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use crate::locales::Texts;

/// Whether the last copy succeeded. It is set for a few seconds, and the footer displays it.
#[derive(Clone, Copy)]
struct Copied(RwSignal<Option<bool>>);

/// Provides what [`use_copied`] returns.
pub fn provide_copied() {
    provide_context(Copied(RwSignal::new(None)));
}

/// Whether the last copy succeeded, or `None` if the last copy is more than a few seconds ago.
#[must_use]
pub fn use_copied() -> RwSignal<Option<bool>> {
    expect_context::<Copied>().0
}

/// The button.
#[component]
pub fn CopyButton(
    /// The name of the text, for screen readers.
    what: &'static str,
    /// The text.
    text: String,
    /// The language.
    t: &'static Texts,
) -> impl IntoView {
    /// How long the footer displays the result.
    const SHOWN: Duration = Duration::from_secs(5);
    let copied = use_copied();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            copied.set(Some(copy(&text).await));
            set_timeout(move || copied.set(None), SHOWN);
        });
    };
    view! {
        <button type="button" aria-label=(t.copy_what)(what) on:click=copy>
            {t.copy}
        </button>
    }
}

/// Copies a text, and returns whether the browser allowed it. Browsers require a secure context and a user gesture.
async fn copy(text: &str) -> bool {
    let Some(copying) = write_text(text) else {
        return false;
    };
    JsFuture::from(copying).await.is_ok()
}

/// `navigator.clipboard.writeText`. Outside of a secure context, `clipboard` is undefined despite its type in web-sys.
fn write_text(text: &str) -> Option<Promise> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into())
        .ok()?
        .dyn_into()
        .ok()?;
    write.call1(&clipboard, &text.into()).ok()?.dyn_into().ok()
}
