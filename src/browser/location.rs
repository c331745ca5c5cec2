//! The page's address and the ways to leave it.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Location, Url, Window, window};

/// The query and the fragment of the page's address, without `?` and `#`.
#[must_use]
pub fn query_and_fragment() -> (String, String) {
    let part = |read: fn(&Location) -> Result<String, JsValue>, mark| {
        let text = location().and_then(|location| read(&location).ok());
        text.unwrap_or_default().trim_start_matches(mark).to_owned()
    };
    (part(Location::search, '?'), part(Location::hash, '#'))
}

/// The path, the query and the fragment of the page's address, with a slash at its start.
#[must_use]
pub fn place() -> String {
    let part = |read: fn(&Location) -> Result<String, JsValue>| {
        location().and_then(|location| read(&location).ok())
    };
    let parts = [Location::pathname, Location::search, Location::hash].map(part);
    parts.map(Option::unwrap_or_default).concat()
}

/// Puts the same path with this query (without `?`) and no fragment in the address's place.
pub fn replace_query_and_fragment(query: &str) {
    let path = location().and_then(|location| location.pathname().ok());
    let mut address = path.unwrap_or_default();
    if !query.is_empty() {
        address.push('?');
        address.push_str(query);
    }
    replace_place(&address);
}

/// Puts this path of our own origin, with its query and fragment, in the address's place: in the address bar and in the
/// history, so that the old one is found in neither.
pub fn replace_place(place: &str) {
    // A path like `//host` would be taken for another origin, which the browser refuses; a full address is not.
    let address = origin() + place;
    let replaced = window()
        .and_then(|window| window.history().ok())
        .map(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(&address)));
    if !matches!(replaced, Some(Ok(()))) {
        // Better to load the page anew than to let the old address stand.
        if let Some(location) = location() {
            let _ = location.replace(&address);
        }
    }
}

/// This page's origin, as CORS headers name it.
#[must_use]
pub fn origin() -> String {
    let origin = location().and_then(|location| location.origin().ok());
    origin.unwrap_or_default()
}

/// The address that the app is served under, and its path: `<base href>`, or else the page's own folder, with a slash
/// at its end.
#[must_use]
pub fn base() -> (String, String) {
    let uri = window()
        .and_then(|window| window.document())
        .and_then(|document| document.base_uri().ok().flatten())
        .unwrap_or_default();
    // Without its query and fragment, and without a file's name.
    let folder = Url::new_with_base(".", &uri);
    folder.map_or_else(
        |_| Default::default(),
        |folder| (folder.origin() + &folder.pathname(), folder.pathname()),
    )
}

/// Goes to another page; this one stays in the history.
pub fn leave(url: &str) {
    if let Some(location) = location() {
        // The browser refuses only what is no URL, and then it stays here.
        let _ = location.assign(url);
    }
}

/// Loads the page again.
pub fn reload() {
    if let Some(location) = location() {
        let _ = location.reload();
    }
}

/// Calls `react` whenever the address changes in its fragment alone.
pub fn on_fragment_change(react: impl Fn() + 'static) {
    let react = Closure::<dyn Fn()>::new(react).into_js_value();
    if let Some(window) = window() {
        window.set_onhashchange(Some(react.unchecked_ref()));
    }
}

fn location() -> Option<Location> {
    window().as_ref().map(Window::location)
}
