//! The routes: the URL's fragment selects the page.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::components::header::app_name;
use crate::language::use_language;

/// A page of the app. Add yours here and in `app.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `#`: the greeting, or the sign-in page.
    Home,
    /// `#setup`: the page for administrators.
    Setup,
}

impl Route {
    /// The route for a fragment, which includes the `#`.
    #[must_use]
    pub fn from_fragment(fragment: &str) -> Self {
        match fragment {
            "#setup" => Self::Setup,
            _ => Self::Home,
        }
    }

    /// The link to this page.
    #[must_use]
    pub fn href(self) -> &'static str {
        match self {
            Self::Home => "#",
            Self::Setup => "#setup",
        }
    }
}

/// The current page. When it changes, the window scrolls to the top and the focus moves to the new page's heading. The
/// document's title follows it.
#[must_use]
pub fn use_route() -> ReadSignal<Route> {
    let language = use_language();
    let current = || Route::from_fragment(&location().hash().unwrap_or_default());
    let route = RwSignal::new(current());
    let listener = window_event_listener(ev::hashchange, move |_| {
        if route.get_untracked() != current() {
            route.set(current());
            spawn_local(async {
                // By then, the new page has rendered.
                tick().await;
                window().scroll_to_with_x_and_y(0.0, 0.0);
                focus_heading();
            });
        }
    });
    on_cleanup(move || listener.remove());
    Effect::new(move || {
        document().set_title(&match route.get() {
            Route::Setup => format!("{} · {}", language.texts().setup, app_name()),
            _ => app_name(),
        });
    });
    route.read_only()
}

fn focus_heading() {
    let heading = document().query_selector("h1").ok().flatten();
    if let Some(heading) = heading.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
        let _ = heading.focus();
    }
}
