//! The API call that returns the greeting.

use leptos::prelude::*;

use super::Call;
use crate::api::HI_USERS;
use crate::components::busy_button::BusyButton;
use crate::components::row::{Mark, Row};
use crate::locales::Texts;

/// The section about the API call.
#[component]
pub fn ApiCall(
    /// The API's URL.
    url: String,
    /// The call.
    call: Call,
    /// Calls the API again.
    send_again: Callback<()>,
    /// The language.
    t: &'static Texts,
) -> impl IntoView {
    let (mark, response) = match &call {
        Call::Awaited { .. } => (Mark::None, t.one_moment.to_owned()),
        Call::Received { took, .. } => (Mark::Good, (t.answer_in)(200, *took)),
        Call::Failed { error, took } => (
            Mark::Bad,
            match error.status() {
                Some(status) => (t.answer_in)(status, *took),
                None => (t.no_answer_in)(*took),
            },
        ),
    };
    let is_busy = matches!(call, Call::Awaited { .. });
    let text = if is_busy { t.calling } else { t.call_again };
    view! {
        <section>
            <h2>{t.api}</h2>
            <table>
                <Row name=t.call value=format!("GET {url}{HI_USERS}")/>
                <Row name=t.answer value=response mark/>
            </table>
            <div class="buttons">
                <BusyButton text is_busy is_primary=mark == Mark::Bad on_press=send_again/>
            </div>
        </section>
    }
}
