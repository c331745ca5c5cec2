//! What happened, and what the user can do about it.

use leptos::prelude::*;

use crate::messages::Message;

/// A message. The quotation does not come from the app, so it is shown as text and never as markup.
#[component]
pub fn Alert(
    /// The message.
    message: Message,
) -> impl IntoView {
    view! {
        <div class="message" role="alert">
            <p>{message.happened}</p>
            {message.quoted.map(|quoted| view! { <blockquote>{quoted}</blockquote> })}
            <p>{message.remedy}</p>
        </div>
    }
}
