//! The top section of every page: the heading, a message if something went wrong, a line of text, and the buttons.

use leptos::either::Either;
use leptos::prelude::*;

use crate::components::alert::Alert;
use crate::messages::Message;

/// The top section of a page.
#[component]
pub fn Hero(
    /// The heading.
    #[prop(into)]
    title: String,
    /// Whether the heading is what the user waits with.
    #[prop(optional)]
    is_waiting: bool,
    /// The line below the heading.
    #[prop(into, optional)]
    text: String,
    /// The message, if something went wrong.
    #[prop(optional_no_strip)]
    message: Option<Message>,
    /// The buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    // Two text nodes: browsers count a text node whose text changes as a layout shift.
    let title = match is_waiting {
        true => Either::Left(title),
        false => Either::Right(title),
    };
    view! {
        <section class="hero">
            // Gets the focus when the page changes; screen readers announce a new heading.
            <h1 tabindex="-1" aria-live="polite">{title}</h1>
            {message.map(|message| view! { <Alert message/> })}
            <p>{text}</p>
            <div class="buttons">{children.map(|children| children())}</div>
        </section>
    }
}
