//! The HTML layout that all pages share. Knows nothing of their content.

use axum::response::Html;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A complete page, without scripts and without requests to other hosts.
pub(crate) fn page(title: &str, body: Markup) -> Html<String> {
    const STYLE: &str = "
        :root { color-scheme: light dark }
        body { max-width: 24rem; margin: 10vh auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
        h1 { font-size: 1.4rem; line-height: 1.25 }
        label { display: block; margin-top: 1rem; font-weight: 600 }
        input, select, button { box-sizing: border-box; width: 100%; min-height: 2.75rem; padding: 0 .75rem; font: inherit;
            border: 1px solid GrayText; border-radius: .4rem }
        button { margin-top: 1.25rem; border: 0; background: #146c5c; color: #fff; font-weight: 600; cursor: pointer }
        .quiet { background: none; color: inherit; text-decoration: underline }
        [role=alert] { padding: .75rem 1rem; border-left: 4px solid #c33; background: rgb(200 50 50 / 12%) }
        code { overflow-wrap: anywhere }
        footer { margin-top: 3rem; font-size: .85rem; opacity: .7 }";
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    (body)
                }
                footer { "Local emulator of Amazon Cognito. Nothing you enter leaves this computer." }
            }
        }
    };
    Html(page.into_string())
}
