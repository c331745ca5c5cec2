//! The language of the page: the user's choice, or else the browser's preferred language.

use gloo_storage::{LocalStorage, Storage};
use leptos::prelude::*;
use leptos_cognito::unsubscribe_on_cleanup;

use crate::locales::{self, Texts};

/// The handle in the context; see [`use_language`].
#[derive(Clone, Copy)]
pub struct Language(RwSignal<&'static Texts>);

/// The storage key of the user's choice. index.html reads it too.
const KEY: &str = "cognito-spa.lang";

/// Provides the language, and keeps `<html lang>` and `<html dir>` up to date.
pub fn provide_language() -> Language {
    let asked_for = window().navigator().languages();
    let asked_for = asked_for.iter().filter_map(|tag| tag.as_string());
    let wanted: Vec<String> = stored().into_iter().chain(asked_for).collect();
    let texts = locales::choose(wanted.iter().map(String::as_str));
    let language = Language(RwSignal::new(texts));
    provide_context(language);
    Effect::new(move || {
        let texts = language.texts();
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", texts.tag);
            let _ = root.set_attribute("dir", texts.direction);
        }
    });
    language
}

/// The language of this page.
#[track_caller]
#[must_use]
pub fn use_language() -> Language {
    expect_context()
}

impl Language {
    /// The texts in this language. Tracks the language when called in a reactive context.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        // Each page's view calls this in its closure, and the page is removed before what it reads: the language, and the
        // signals of the sign-in.
        unsubscribe_on_cleanup();
        self.0.get()
    }

    /// Switches to this language, and stores the choice.
    pub fn choose(self, texts: &'static Texts) {
        if can_store() {
            // If storing fails, the user chooses again on the next visit.
            let _ = LocalStorage::raw().set_item(KEY, texts.tag);
        }
        self.0.set(texts);
    }
}

fn stored() -> Option<String> {
    can_store().then(|| LocalStorage::raw().get_item(KEY).ok().flatten())?
}

/// Whether the browser allows storage. If it does not, gloo's accessors panic.
fn can_store() -> bool {
    matches!(window().local_storage(), Ok(Some(_)))
}

/// Formats a time, in seconds since 1970, in this language and in the device's time zone.
#[must_use]
pub fn date_and_time(texts: &Texts, seconds: u64) -> String {
    let date = js_sys::Date::new(&(seconds as f64 * 1000.0).into());
    let options = js_sys::JSON::parse(r#"{"dateStyle":"medium","timeStyle":"short"}"#);
    date.to_locale_string(texts.tag, &options.unwrap_or_default())
        .into()
}
