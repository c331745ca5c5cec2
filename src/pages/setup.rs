//! The page for administrators: the URLs to register in Cognito, the effective settings, and the checks.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_cognito::use_auth;

use crate::checks::{Check, Finding};
use crate::components::busy_button::BusyButton;
use crate::components::copy_button::CopyButton;
use crate::components::hero::Hero;
use crate::components::row::Row;
use crate::language::use_language;
use crate::locales::Texts;
use crate::settings::Settings;

/// The setup page.
#[component]
pub fn Setup(
    /// The settings.
    settings: StoredValue<Settings>,
) -> impl IntoView {
    let auth = use_auth();
    let language = use_language();
    let findings = Check::ALL.map(|_| RwSignal::new(Finding::Checking));
    let check = Callback::new(move |()| {
        for (check, finding) in Check::ALL.into_iter().zip(findings) {
            finding.set(Finding::Checking);
            let config = settings.with_value(|settings| settings.auth.clone());
            spawn_local(async move { finding.set(check.run(&config, auth).await) });
        }
    });
    check.run(());
    move || {
        let t = language.texts();
        let settings = settings.get_value();
        let client = &settings.auth.hosted_ui.client;
        let effective = settings
            .effective
            .into_iter()
            .map(|(key, value)| {
                let value = if value.is_empty() {
                    "–".to_owned()
                } else {
                    value
                };
                view! { <Row name=key value/> }
            })
            .collect_view();
        view! {
            <main>
                <Hero title=t.setup_title text=t.setup_text/>
                <Register
                    callback_url=client.redirect_uri.as_str().to_owned()
                    sign_out_url=client.logout_uri.as_str().to_owned()
                    t
                />
                <Checks findings=findings.map(|finding| finding.get()) check t/>
                <section>
                    <h2>{t.settings}</h2>
                    <p>{t.settings_text}</p>
                    <table>{effective}</table>
                </section>
            </main>
        }
    }
}

/// The URLs to register in Cognito.
#[component]
pub fn Register(
    /// The callback URL.
    callback_url: String,
    /// The sign-out URL.
    sign_out_url: String,
    /// The language.
    t: &'static Texts,
) -> impl IntoView {
    let page = leptos_cognito::base_url();
    let row = |name: &'static str, url: String| {
        let note = match url == page {
            true => String::new(),
            false => (t.elsewhere)(&page),
        };
        view! {
            <Row name value=url.clone() note>
                <CopyButton what=name text=url t/>
            </Row>
        }
    };
    view! {
        <section>
            <h2>{t.register}</h2>
            <p>{t.register_text}</p>
            <table>
                {row(t.callback_url, callback_url)}
                {row(t.sign_out_url, sign_out_url)}
            </table>
        </section>
    }
}

/// The checks and their results.
#[component]
fn Checks(
    findings: [Finding; Check::ALL.len()],
    check: Callback<()>,
    t: &'static Texts,
) -> impl IntoView {
    let is_busy = findings.contains(&Finding::Checking);
    let text = if is_busy { t.checking } else { t.check_again };
    let rows = Check::ALL
        .into_iter()
        .zip(findings)
        .map(|(check, finding)| {
            view! { <Row name=check.name(t) value=finding.text(t) mark=finding.mark()/> }
        })
        .collect_view();
    view! {
        <section>
            <h2>{t.checks}</h2>
            <p>{t.checks_text}</p>
            <table>{rows}</table>
            <div class="buttons">
                <BusyButton text is_busy on_press=check/>
            </div>
        </section>
    }
}
