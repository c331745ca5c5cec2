//! A button for an action that takes time.

use leptos::prelude::*;

/// A button that cannot be pressed while it is busy. It uses `aria-disabled`, because `disabled` would remove the focus.
#[component]
pub fn BusyButton(
    /// The button's text.
    text: &'static str,
    /// Whether the action is in progress.
    is_busy: bool,
    /// Whether the button is highlighted as the next step.
    #[prop(optional)]
    is_primary: bool,
    /// The action.
    on_press: Callback<()>,
) -> impl IntoView {
    let press = move |_| {
        if !is_busy {
            on_press.run(());
        }
    };
    view! {
        <button
            type="button"
            class=if is_primary { "primary" } else { "" }
            aria-disabled=is_busy.then_some("true")
            on:click=press
        >
            {text}
        </button>
    }
}
