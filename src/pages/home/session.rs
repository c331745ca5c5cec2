//! The session: the time left, and the buttons to renew it.

use cognito_hosted_ui::{HostedUiPage, Session};
use leptos::prelude::*;
use leptos_cognito::{SignInButton, use_auth};

use crate::components::busy_button::BusyButton;
use crate::components::row::Row;
use crate::locales::Texts;

/// The section about the session.
#[component]
pub fn SessionCard(
    /// The session.
    session: Session,
    /// The current time, in seconds since 1970.
    now: u64,
    /// Whether the session is being refreshed.
    is_refreshing: bool,
    /// Whether the session expires soon and the user should act.
    ends_soon: bool,
    /// The language.
    t: &'static Texts,
) -> impl IntoView {
    let auth = use_auth();
    let (left, lifetime) = (session.time_left(now), session.lifetime());
    let is_refreshable = session.is_refreshable();
    let grant = match is_refreshable {
        true => t.grant_code,
        false => t.grant_implicit,
    };
    // A duration, not a date: formatting a first date takes the browser tens of milliseconds and would delay the greeting.
    let signed_in_at = session.claims().auth_time.map(|auth_time| {
        let ago = session.cognito_time(now).saturating_sub(auth_time);
        let ago = (t.ago)(&t.duration(ago));
        view! { <Row name=t.signed_in_at value=ago/> }
    });
    let renew = is_refreshable.then(|| {
        let text = if is_refreshing { t.renewing } else { t.renew };
        let on_press = Callback::new(move |()| auth.refresh());
        view! { <BusyButton text is_busy=is_refreshing on_press/> }
    });
    let stay = (ends_soon || !is_refreshable).then(|| {
        let page = HostedUiPage::Reauthenticate;
        let class = if ends_soon { "primary" } else { "" };
        view! { <SignInButton page class>{t.stay_signed_in}</SignInButton> }
    });
    view! {
        <section>
            <h2>{t.session}</h2>
            <progress
                aria-label=t.time_left
                max=lifetime.to_string()
                value=left.min(lifetime).to_string()
            ></progress>
            <table>
                <Row name=t.time_left value=t.duration(left)/>
                {signed_in_at}
                <Row name=t.grant value=grant/>
            </table>
            <div class="buttons">{renew} {stay}</div>
        </section>
    }
}
