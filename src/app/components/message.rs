//! Something that went otherwise than expected.

use leptos::prelude::*;

use crate::app::words::Words;

/// What happened and what can be done, read out at once by a screen reader. All of it is inert text.
#[component]
pub fn Message(
    /// What to say.
    #[prop(into)]
    words: Words,
) -> impl IntoView {
    view! {
        <div class="message" role="alert">
            <p>{words.happened}</p>
            {words.quoted.map(|text| view! { <blockquote>{text}</blockquote> })}
            <p>{words.remedy}</p>
        </div>
    }
}
