//! An [`AuthProvider`] with a state of your choice, for component tests of your app (feature `testing`).
//!
//! The provider does not restore or refresh a session by itself, and never navigates: `sign_in` and `sign_out` only change the
//! state to [`AuthState::Redirecting`]. Requests use the browser's `fetch`, which your test can replace.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_session::cognito_hosted_ui::{HostedUi, Session};
use cognito_session::web::Browser;
use cognito_session::{AuthConfig, AuthState, Notice, Platform, SessionClient};
use leptos::prelude::*;
use serde_json::json;

use crate::provider::provide;

/// Replaces [`crate::AuthProvider`] in tests, with a state of your choice.
#[component]
pub fn AuthProvider<C: IntoView + 'static>(
    /// Your configuration.
    config: AuthConfig,
    /// The state, or a signal that contains it.
    #[prop(into)]
    state: Signal<AuthState>,
    /// The initial notice.
    #[prop(optional_no_strip)]
    notice: Option<Notice>,
    /// The components under test.
    children: TypedChildren<C>,
) -> impl IntoView {
    provide(children, move |signals| {
        let show = signals.clone();
        let client = SessionClient::with_state(
            config,
            Browser::without_navigation(),
            move |it| show.show(it),
            state.get_untracked(),
            notice,
        );
        let watching = client.clone();
        // Skips the initial value: the test may already have changed the state before the effect first runs.
        Effect::watch(
            move || state.get(),
            move |state, _, _| watching.set_state(state.clone()),
            false,
        );
        client
    })
}

/// A session for a user with this email address that starts now and lasts one hour. Its ID token has no valid signature, so no
/// API accepts it.
///
/// # Panics
/// Never, because the claims are valid for this app client.
#[must_use]
#[allow(clippy::expect_used)]
pub fn session(hosted_ui: &HostedUi, email: &str) -> Session {
    let now = Browser::new().now();
    session_with_claims(
        hosted_ui,
        &json!({
            "iss": hosted_ui.issuer.as_str(),
            "aud": hosted_ui.client.client_id.as_str(),
            "sub": format!("sub-of-{email}"),
            "email": email,
            "email_verified": true,
            "token_use": "id",
            "iat": now,
            "exp": now + 3600,
            "auth_time": now,
        }),
    )
    .expect("a session of this app client")
}

/// A session with these claims. Returns `None` if they are not valid claims for this app client.
#[must_use]
pub fn session_with_claims(hosted_ui: &HostedUi, claims: &serde_json::Value) -> Option<Session> {
    let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = json!({ "alg": "RS256", "kid": "testing" });
    let id_token = format!("{}.{}.c2lnbmF0dXJl", part(&header), part(claims));
    let stored = json!({ "id_token": id_token, "clock_offset": 0, "sign_in": "testing" });
    Session::restore(&stored.to_string(), hosted_ui).ok()
}
