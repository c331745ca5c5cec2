//! What Leptos does not clean up by itself.

use leptos::prelude::on_cleanup;
use leptos::reactive::graph::{Observer, Subscriber};

/// Unsubscribes the closure, memo or effect that calls this from all signals that it reads, once it is removed. Call it
/// directly in the closure, memo or effect, if that reads a signal which outlives it.
///
/// Leptos drops what is removed, but each signal that it has read keeps an entry for it, since 0.7.8
/// ([#3599](https://github.com/leptos-rs/leptos/pull/3599)) even after the signal changes. Without this call, a page grows with
/// every component that it removes, and each change takes longer.
///
/// ```
/// # use leptos::prelude::*;
/// # use leptos_cognito::{unsubscribe_on_cleanup, use_auth};
/// #[component]
/// fn Clock() -> impl IntoView {
///     let auth = use_auth();
///     move || {
///         unsubscribe_on_cleanup();
///         auth.now().get()
///     }
/// }
/// ```
pub fn unsubscribe_on_cleanup() {
    if let Some(subscriber) = Observer::get() {
        // Runs before the subscriber is dropped, because an owner cleans up its children first.
        on_cleanup(move || subscriber.clear_sources(&subscriber));
    }
}
