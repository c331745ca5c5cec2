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
struct Copied {
    result: RwSignal<Option<bool>>,
    timeout: StoredValue<Option<TimeoutHandle>>,
}

/// Provides what [`use_copied`] returns.
pub fn provide_copied() {
    provide_context(Copied {
        result: RwSignal::new(None),
        timeout: StoredValue::new(None),
    });
}

/// Whether the last copy succeeded, or `None` if the last copy is more than a few seconds ago.
#[must_use]
pub fn use_copied() -> ReadSignal<Option<bool>> {
    expect_context::<Copied>().result.read_only()
}

impl Copied {
    /// Displays a result, for as long after an earlier one as after none.
    fn show(self, result: bool) {
        /// How long the footer displays the result.
        const SHOWN: Duration = Duration::from_secs(5);
        self.result.set(Some(result));
        let timeout = set_timeout_with_handle(move || self.result.set(None), SHOWN);
        let earlier = self
            .timeout
            .try_update_value(|it| it.replace(timeout.ok()?));
        if let Some(earlier) = earlier.flatten() {
            earlier.clear();
        }
    }
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
    let copied = expect_context::<Copied>();
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move { copied.show(copy(&text).await) });
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
