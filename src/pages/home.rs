//! The page for signed-in users: the greeting, their account, the session, the API call, and details for developers.

use cognito_hosted_ui::Session;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_cognito::{ApiError, Notice, use_api, use_auth};

use crate::api::{Greeting, hi_users};
use crate::components::footer::use_online;
use crate::components::hero::Hero;
use crate::language::use_language;
use crate::locales::Texts;
use crate::messages;
use crate::settings::Settings;

mod account;

mod call;

mod developer;

mod session;

use account::Account;
use call::ApiCall;
use developer::{Developer, Shown};
use session::SessionCard;

/// The API call for the greeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Call {
    /// There is no response yet.
    Awaited {
        /// When it was sent, by [`milliseconds`].
        since: u64,
    },
    /// The response is a greeting.
    Received {
        /// The greeting.
        greeting: Greeting,
        /// How long it took, in milliseconds.
        took: u64,
    },
    /// The call failed.
    Failed {
        /// The reason.
        error: ApiError,
        /// How long it took, in milliseconds.
        took: u64,
    },
}

/// The page for signed-in users.
#[component]
pub fn Home(
    /// The user's session.
    session: Signal<Session>,
    /// The settings.
    settings: StoredValue<Settings>,
) -> impl IntoView {
    let auth = use_auth();
    let api = use_api();
    let language = use_language();
    let is_online = use_online();
    let shown = RwSignal::new(Shown::Nothing);
    let call = RwSignal::new(Call::Awaited {
        since: milliseconds(),
    });
    let send = move || {
        let start = milliseconds();
        call.set(Call::Awaited { since: start });
        spawn_local(async move {
            let response = hi_users(api).await;
            let took = milliseconds().saturating_sub(start);
            match response {
                Ok(greeting) => call.set(Call::Received { greeting, took }),
                // The page has been removed.
                Err(ApiError::Aborted | ApiError::SignedOut) => {}
                Err(error) => call.set(Call::Failed { error, took }),
            }
        });
    };
    send();
    let send_again = Callback::new(move |()| send());
    // Repeats a failed call when there is a new token, and when the network is back.
    let error = move || {
        call.with_untracked(|call| match call {
            Call::Failed { error, .. } => Some(error.clone()),
            _ => None,
        })
    };
    Effect::new(move |first: Option<()>| {
        session.track();
        if first.is_some() && error().is_some() {
            send_again.run(());
        }
    });
    Effect::new(move || {
        if is_online.get() && error() == Some(ApiError::Unreachable) {
            send_again.run(());
        }
    });
    // One closure, and none inside: Leptos would replace the elements of an inner one each time that this one runs, and with
    // them the focus.
    move || {
        let t = language.texts();
        let now = auth.now().get();
        let notice = auth.notice().get();
        let call = call.get();
        let session = session.get();
        let message = match (&call, &notice) {
            (Call::Failed { error, .. }, _) => Some(messages::api(error, t)),
            (_, notice) => notice.as_ref().map(|notice| messages::notice(notice, t)),
        };
        let ends_soon = notice == Some(Notice::ExpiringSoon)
            || matches!(&call, Call::Failed { error, .. } if *error == ApiError::UnreachableNearExpiry);
        let is_waiting = matches!(call, Call::Awaited { .. });
        let is_refreshing = auth.is_refreshing().get();
        let (title, text) = heading(&call, &session, t);
        let config = settings.with_value(|settings| settings.auth.api.clone());
        view! {
            <main>
                <Hero title is_waiting text message/>
                <Account claims=session.claims().clone() t/>
                <SessionCard session=session.clone() now is_refreshing ends_soon t/>
                <ApiCall url=config.url.as_str().to_owned() call send_again t/>
                <Developer session config level=shown.get() show=shown.write_only() t/>
            </main>
        }
    }
}

/// The heading and the line below it.
fn heading(call: &Call, session: &Session, t: &Texts) -> (String, String) {
    /// The number of milliseconds after which a response counts as slow.
    const SLOW: u64 = 4_000;
    let user = (t.signed_in_as)(session.claims().display_name());
    match call {
        Call::Awaited { since } if milliseconds() >= since + SLOW => {
            (t.one_moment.to_owned(), t.slow.to_owned())
        }
        Call::Awaited { .. } => (t.one_moment.to_owned(), user),
        Call::Received { greeting, .. } => (greeting.message.clone(), user),
        Call::Failed { .. } => (t.no_greeting.to_owned(), user),
    }
}

/// A monotonic clock, for durations.
fn milliseconds() -> u64 {
    let clock = window().performance();
    clock.map_or(0.0, |clock| clock.now()) as u64
}
