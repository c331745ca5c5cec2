//! The page's URL, how the user has come to it, and navigation.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Location, NavigationType, PerformanceNavigationTiming, Url};

use super::{document, window};
use crate::platform::Arrival;

/// The query and the fragment, without `?` and `#`.
pub fn query_and_fragment() -> (String, String) {
    let location = location();
    let query = location.search().unwrap_or_default();
    let fragment = location.hash().unwrap_or_default();
    (
        query.trim_start_matches('?').to_owned(),
        fragment.trim_start_matches('#').to_owned(),
    )
}

/// The path, the query and the fragment. Starts with a slash.
pub fn place() -> String {
    let location = location();
    let path = location.pathname().unwrap_or_default();
    let query = location.search().unwrap_or_default();
    path + &query + &location.hash().unwrap_or_default()
}

/// The query and the fragment, if a script at the top of the page has taken them out of the URL. See
/// [`take_callback`](crate::take_callback).
pub fn take_saved_query_and_fragment() -> Option<(String, String)> {
    let (window, name) = (window(), JsValue::from("cognitoCallback"));
    let saved = Reflect::get(&window, &name).ok()?.as_string()?;
    let _ = Reflect::delete_property(&window, &name);
    let (query, fragment) = saved.split_once('#').unwrap_or((&saved, ""));
    Some((
        query.trim_start_matches('?').to_owned(),
        fragment.to_owned(),
    ))
}

/// Replaces the query and the fragment in the address bar and in the history.
pub fn replace_query_and_fragment(query: &str, fragment: &str) {
    let path = location().pathname().unwrap_or_default();
    let question_mark = if query.is_empty() { "" } else { "?" };
    let hash = if fragment.is_empty() { "" } else { "#" };
    replace_place(&format!("{path}{question_mark}{query}{hash}{fragment}"));
}

/// Replaces path, query and fragment in the address bar and in the history, within this origin.
pub fn replace_place(place: &str) {
    // Without the origin, a place like `//host` would point to another origin.
    let url = location().origin().unwrap_or_default() + place;
    let replaced = window()
        .history()
        .and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&url)));
    if replaced.is_err() {
        // Reloading the page is better than leaving the old URL in the address bar.
        let _ = location().replace(&url);
    }
}

/// The app's own URL and its path, both with a trailing slash: `<base href>`, or else the root of the origin.
pub fn base() -> (String, String) {
    let has_base =
        |document: &Document| matches!(document.query_selector("base[href]"), Ok(Some(_)));
    let uri = match document().filter(has_base) {
        Some(document) => document.base_uri().ok().flatten(),
        None => location().origin().ok(),
    };
    let uri = uri.unwrap_or_default();
    // Without query, fragment and file name.
    Url::new_with_base(".", &uri).map_or_else(
        |_| Default::default(),
        |folder| (folder.origin() + &folder.pathname(), folder.pathname()),
    )
}

/// The language of the page, `<html lang>`.
pub fn language() -> String {
    let root = document().and_then(|document| document.document_element());
    root.and_then(|root| root.get_attribute("lang"))
        .unwrap_or_default()
}

/// How the user has come to the page. It stays the same when the browser restores the page from its back/forward cache.
pub fn arrival() -> Arrival {
    let timing = window().performance().and_then(|performance| {
        let entries = performance.get_entries_by_type("navigation");
        entries
            .get(0)
            .dyn_into::<PerformanceNavigationTiming>()
            .ok()
    });
    match timing.map(|timing| timing.type_()) {
        Some(NavigationType::Reload) => Arrival::Reload,
        Some(NavigationType::BackForward) => Arrival::History,
        _ => Arrival::Navigation,
    }
}

/// Navigates to another page. The current page stays in the history.
pub fn assign(url: &str) {
    // This fails only if `url` is not a URL, and then the page stays.
    let _ = location().assign(url);
}

/// Reloads the page.
pub fn reload() {
    let _ = location().reload();
}

fn location() -> Location {
    window().location()
}
