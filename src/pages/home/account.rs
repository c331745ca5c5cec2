//! The user's account.

use cognito_hosted_ui::Claims;
use leptos::prelude::*;

use crate::components::row::{Mark, Row};
use crate::locales::Texts;

/// The section about the user.
#[component]
pub fn Account(
    /// The user's claims.
    claims: Claims,
    /// The language.
    t: &'static Texts,
) -> impl IntoView {
    let label = match claims.email {
        Some(_) => t.email,
        None => t.name_label,
    };
    let (mark, note) = match claims.email_verified {
        Some(true) => (Mark::Good, t.verified),
        Some(false) => (Mark::Bad, t.not_verified),
        None => (Mark::None, ""),
    };
    let groups = match claims.groups.is_empty() {
        true => t.none.to_owned(),
        false => claims.groups.join(", "),
    };
    view! {
        <section>
            <h2>{t.person}</h2>
            <table>
                <Row name=label value=claims.display_name() mark note/>
                <Row name=t.groups value=groups/>
            </table>
        </section>
    }
}
