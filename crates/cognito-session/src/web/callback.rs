//! (D) The Hosted UI's response in the page's URL, and the URL that it is sent to.

use cognito_hosted_ui::AuthorizationCallback;

use super::location;

/// (D) Takes the Hosted UI's response out of the page's URL and the browser's history.
///
/// Call it first in `main`, before anything can fail or send a request, and pass the result to your framework's provider or to
/// [`SessionClient::start`](crate::SessionClient::start). Returns `None` if the URL contains no response.
///
/// Until the WebAssembly module runs, and if it cannot be loaded, the response stays in the URL. To prevent that, put
/// this script at the top of the page's `<head>`. It removes the response before the page requests anything, and this function
/// finds the response in `window.cognitoCallback`:
///
/// ```html
/// <script>
///   if (/[?#&](id_token|access_token|code|error)=/.test(location.search + location.hash)) {
///     window.cognitoCallback = location.search + location.hash;
///     history.replaceState(null, "", location.origin + location.pathname);
///   }
/// </script>
/// ```
#[must_use = "it contains the Hosted UI's response: the session begins with it"]
pub fn take_callback() -> Option<AuthorizationCallback> {
    let saved = location::take_saved_query_and_fragment();
    let is_saved = saved.is_some();
    let (query, fragment) = saved.unwrap_or_else(location::query_and_fragment);
    let callback = AuthorizationCallback::find(&query, &fragment);
    match &callback {
        Some(callback) => location::replace_query_and_fragment(&callback.remaining_query, ""),
        // The page's script removed it, but it is not a response.
        None if is_saved => location::replace_query_and_fragment(&query, &fragment),
        None => {}
    }
    callback
}

/// Whether a response of the Hosted UI is in the page's URL.
pub(super) fn has_callback() -> bool {
    let (query, fragment) = location::query_and_fragment();
    AuthorizationCallback::find(&query, &fragment).is_some()
}

/// The app's own URL, with a trailing slash: `<base href>`, or else the root of the origin.
/// [`AuthConfig::new`](crate::AuthConfig::new) uses it as the callback URL and the sign-out URL.
#[must_use]
pub fn base_url() -> String {
    location::base().0
}
