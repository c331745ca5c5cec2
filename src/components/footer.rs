//! The footer of every page: the status, the link to the other page, and the languages.

use leptos::ev;
use leptos::prelude::*;

use crate::components::copy_button::use_copied;
use crate::language::use_language;
use crate::locales::LOCALES;
use crate::route::Route;

/// The footer.
#[component]
pub fn Footer(
    /// The current route.
    route: ReadSignal<Route>,
) -> impl IntoView {
    let language = use_language();
    let copied = use_copied();
    let is_online = use_online();
    move || {
        let t = language.texts();
        let status = match (is_online.get(), copied.get()) {
            (false, _) => t.offline,
            (true, Some(true)) => t.copied,
            (true, Some(false)) => t.not_copied,
            (true, None) => "",
        };
        let (target, link) = match route.get() {
            Route::Setup => (Route::Home, t.home),
            _ => (Route::Setup, t.setup),
        };
        let languages = LOCALES.map(|texts| {
            let is_current = if texts.tag == t.tag { "true" } else { "false" };
            view! {
                <button
                    type="button"
                    lang=texts.tag
                    aria-pressed=is_current
                    on:click=move |_| language.choose(texts)
                >
                    {texts.name}
                </button>
            }
        });
        view! {
            <footer>
                <p role="status">{status}</p>
                <a href=target.href()>{link}</a>
                {languages}
            </footer>
        }
    }
}

/// Whether the browser is online.
pub fn use_online() -> ReadSignal<bool> {
    let is_online = RwSignal::new(window().navigator().on_line());
    let online = window_event_listener(ev::online, move |_| is_online.set(true));
    let offline = window_event_listener(ev::offline, move |_| is_online.set(false));
    on_cleanup(move || {
        online.remove();
        offline.remove();
    });
    is_online.read_only()
}
