//! Details for developers: the ID token's claims, the API call as a curl command, and the token.

use cognito_hosted_ui::Session;
use leptos::prelude::*;
use leptos_cognito::ApiConfig;
use serde_json::Value;

use crate::api::{HI_USERS, curl};
use crate::components::copy_button::CopyButton;
use crate::components::row::Row;
use crate::language::date_and_time;
use crate::locales::Texts;

/// How much the page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Nothing.
    Nothing,
    /// The claims, and the call without the token.
    Claims,
    /// Also a warning, because the user has asked for the token.
    Warning,
    /// Also the token.
    Token,
}

/// The sections for developers.
#[component]
pub fn Developer(
    /// The session.
    session: Session,
    /// The API.
    config: ApiConfig,
    /// How much is shown.
    level: Shown,
    /// Changes how much is shown.
    show: WriteSignal<Shown>,
    /// The language.
    t: &'static Texts,
) -> impl IntoView {
    let is_open = level != Shown::Nothing;
    let (next, text) = match is_open {
        false => (Shown::Claims, t.show_claims),
        true => (Shown::Nothing, t.hide_claims),
    };
    let expanded = if is_open { "true" } else { "false" };
    let details = is_open.then(|| {
        view! {
            <Claims session=session.clone() t/>
            <Curl session config level show t/>
        }
    });
    view! {
        <section>
            <h2>{t.developer}</h2>
            <div class="buttons">
                <button type="button" aria-expanded=expanded on:click=move |_| show.set(next)>
                    {text}
                </button>
            </div>
        </section>
        {details}
    }
}

/// The claims.
#[component]
fn Claims(session: Session, t: &'static Texts) -> impl IntoView {
    let claims = session.id_token().all_claims_unverified();
    let rows = claims
        .into_iter()
        .map(|(name, value)| {
            let value = match (name.as_str(), value.as_u64()) {
                ("exp" | "iat" | "auth_time", Some(seconds)) => date_and_time(t, seconds),
                _ => plain(&value),
            };
            let note = meaning(&name, t);
            view! { <Row name value note/> }
        })
        .collect_view();
    view! {
        <section>
            <h2>{t.claims}</h2>
            <p>{t.claims_text}</p>
            <table>{rows}</table>
        </section>
    }
}

/// The call as a curl command.
#[component]
fn Curl(
    session: Session,
    config: ApiConfig,
    level: Shown,
    show: WriteSignal<Shown>,
    t: &'static Texts,
) -> impl IntoView {
    let text = match level {
        Shown::Nothing | Shown::Claims => t.curl_text.to_owned(),
        Shown::Warning | Shown::Token => (t.token_warning)(&date_and_time(t, session.claims().exp)),
    };
    let command = curl(&config, HI_USERS, &session, level == Shown::Token);
    let button = |next, text| {
        view! { <button type="button" on:click=move |_| show.set(next)>{text}</button> }
    };
    let buttons = match level {
        Shown::Nothing | Shown::Claims => vec![button(Shown::Warning, t.with_token)],
        Shown::Warning => vec![
            button(Shown::Token, t.show_token),
            button(Shown::Claims, t.hide_token),
        ],
        Shown::Token => vec![button(Shown::Claims, t.hide_token)],
    };
    view! {
        <section>
            <h2>{t.curl}</h2>
            <p>{text}</p>
            <table>
                <Row name="curl" value=command.clone()>
                    <CopyButton what=t.curl text=command t/>
                </Row>
            </table>
            <div class="buttons">{buttons}</div>
        </section>
    }
}

/// A claim's value as text: a string without quotation marks, an array as a list, anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let member = |(name, value)| format!("{name}: {}", plain(value));
            members.iter().map(member).collect::<Vec<_>>().join(", ")
        }
        value => value.to_string(),
    }
}

/// What a claim means
/// ([AWS: ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)).
fn meaning(claim: &str, t: &Texts) -> &'static str {
    match claim {
        "iss" => t.claim_iss,
        "sub" => t.claim_sub,
        "aud" => t.claim_aud,
        "azp" => t.claim_azp,
        "exp" => t.claim_exp,
        "iat" => t.claim_iat,
        "auth_time" => t.claim_auth_time,
        "token_use" => t.claim_token_use,
        "nonce" => t.claim_nonce,
        "at_hash" => t.claim_at_hash,
        "jti" => t.claim_jti,
        "origin_jti" => t.claim_origin_jti,
        "event_id" => t.claim_event_id,
        "email" => t.claim_email,
        "email_verified" => t.claim_email_verified,
        "cognito:username" => t.claim_username,
        "cognito:groups" => t.claim_groups,
        "cognito:roles" => t.claim_roles,
        "cognito:preferred_role" => t.claim_preferred_role,
        "identities" => t.claim_identities,
        claim if claim.starts_with("custom:") => t.claim_custom,
        _ => t.claim_other,
    }
}
