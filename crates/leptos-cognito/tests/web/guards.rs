//! The components for what depends on who is signed in, with the provider of `testing`.

use leptos::prelude::*;
use leptos_cognito::cognito_hosted_ui::HostedUiPage;
use leptos_cognito::{
    AuthState, Notice, SignInButton, SignOutButton, SignedIn, SignedOut, testing, use_auth,
};
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::fixtures::{
    ADA, BOB, clear_storage, config, key, refreshable, session, session_storage, store,
    stored_keys, until,
};
use crate::network::Network;
use crate::page::{AuthPage, Page};

fn redirecting() -> AuthState {
    AuthState::Redirecting { since: 0 }
}

fn is_redirecting(state: &AuthState) -> bool {
    matches!(state, AuthState::Redirecting { .. })
}

/// The name of the state, as text.
#[component]
fn State() -> impl IntoView {
    let state = use_auth().state();
    let is_away = move || state.with(is_redirecting).then_some("Redirecting.");
    view! { <output>{is_away}</output> }
}

#[test]
async fn each_guard_shows_its_children_in_its_states_alone() {
    clear_storage();
    for (state, expected) in [
        (AuthState::SignedOut, "Fallback. Signed out."),
        (AuthState::SigningIn, "Fallback. "),
        (redirecting(), "Fallback. "),
        (
            AuthState::SignedIn(session(ADA)),
            "Hello, ada@example.com. ",
        ),
    ] {
        let page = Page::mount(move || {
            view! {
                <testing::AuthProvider config=config() state>
                    <SignedIn fallback=|| "Fallback. " let:session>
                        "Hello, "
                        {move || session.with(|session| session.claims().email.clone())}
                        ". "
                    </SignedIn>
                    <SignedOut>"Signed out."</SignedOut>
                </testing::AuthProvider>
            }
        });
        leptos::task::tick().await;
        assert_eq!(page.text(), expected);
        assert_eq!(page.unmount().inner_html(), "");
    }
}

#[test]
async fn without_a_fallback_nothing_is_shown() {
    clear_storage();
    let page = Page::mount(|| {
        view! {
            <testing::AuthProvider config=config() state=AuthState::SignedOut>
                <SignedIn let:session>{session.get_untracked().claims().sub.clone()}</SignedIn>
            </testing::AuthProvider>
        }
    });
    leptos::task::tick().await;
    assert_eq!(page.text(), "");
}

#[component]
fn Fallback() -> impl IntoView {
    view! { <SignInButton class="primary">"Sign in"</SignInButton> }
}

#[component]
fn Home(session: Signal<leptos_cognito::Session>) -> impl IntoView {
    view! {
        <h1>{move || session.with(|session| session.claims().display_name().to_owned())}</h1>
        <SignOutButton class="quiet">"Sign out"</SignOutButton>
    }
}

/// An app as the README has it: components, and no closures around them.
fn mount(state: AuthState) -> Page {
    Page::mount(move || {
        view! {
            <testing::AuthProvider config=config() state>
                <SignedIn fallback=Fallback let:session>
                    <Home session/>
                </SignedIn>
                <State/>
            </testing::AuthProvider>
        }
    })
}

#[test]
async fn the_sign_in_button_stores_a_request_and_leaves() {
    clear_storage();
    let page = mount(AuthState::SignedOut);
    let button = page.role("button").unwrap();
    assert_eq!(button.get_attribute("type").as_deref(), Some("button"));
    assert_eq!(button.class_name(), "primary");
    assert_eq!(page.text_of("status").as_deref(), Some(""));
    page.press("Sign in").await;
    assert_eq!(page.text_of("status").as_deref(), Some("Redirecting."));
    // Its response can only be accepted if the request is there.
    until(|| stored_keys(&session_storage(), "pending.").len() == 1).await;
}

#[test]
async fn a_request_remembers_the_user_who_is_signed_in() {
    clear_storage();
    let ada = session(ADA);
    let page = AuthPage::with_state(config(), AuthState::SignedIn(ada.clone())).await;
    page.auth.sign_in();
    let pending = || stored_keys(&session_storage(), "pending.").pop();
    until(|| pending().is_some()).await;
    let record = session_storage().get_item(&pending().unwrap()).unwrap();
    assert!(record.unwrap().contains(&ada.claims().sub));
}

#[test]
async fn a_sign_out_of_a_page_that_is_about_to_leave_revokes_the_stored_session() {
    clear_storage();
    let record = refreshable(&session(ADA)).to_stored();
    store("session", &record);
    let network = Network::quiet();
    let page = AuthPage::with_state(config(), AuthState::Redirecting { since: 0 }).await;
    page.auth.sign_out();
    network.until_called("/oauth2/revoke", 1).await;
}

#[test]
async fn the_sign_out_button_forgets_the_session_and_leaves() {
    clear_storage();
    let stored = session_storage();
    let record = session(ADA).to_stored();
    stored.set_item(&key("session"), &record).unwrap();
    let network = Network::quiet();
    let page = mount(AuthState::SignedIn(session(ADA)));
    assert_eq!(page.text_of("heading").as_deref(), Some(ADA));
    assert_eq!(page.role("button").unwrap().class_name(), "quiet");
    page.press("Sign out").await;
    assert_eq!(page.role("heading"), None);
    assert_eq!(page.text_of("status").as_deref(), Some("Redirecting."));
    assert_eq!(stored.get_item(&key("session")).unwrap(), None);
    assert!(stored.get_item(&key("signed-out")).unwrap().is_some());
    assert!(network.calls("").is_empty());
}

#[test]
async fn a_sign_out_revokes_the_refresh_token() {
    clear_storage();
    let network = Network::quiet();
    let page = mount(AuthState::SignedIn(refreshable(&session(ADA))));
    page.press("Sign out").await;
    network.until_called("/oauth2/revoke", 1).await;
    let revocation = &network.calls("/oauth2/revoke")[0];
    assert_eq!(revocation.method, "POST");
    assert!(
        revocation.body.contains("token=refresh-token-1"),
        "{}",
        revocation.body
    );
}

#[test]
async fn each_page_of_the_hosted_ui_has_its_button() {
    for page in [
        HostedUiPage::SignUp,
        HostedUiPage::ForgotPassword,
        HostedUiPage::Reauthenticate,
        HostedUiPage::IdentityProvider("Google".to_owned()),
    ] {
        clear_storage();
        let mounted = Page::mount(move || {
            view! {
                <testing::AuthProvider config=config() state=AuthState::SignedOut>
                    <SignInButton page>"Go"</SignInButton>
                    <State/>
                </testing::AuthProvider>
            }
        });
        mounted.press("Go").await;
        assert_eq!(mounted.text_of("status").as_deref(), Some("Redirecting."));
        until(|| stored_keys(&session_storage(), "pending.").len() == 1).await;
    }
}

#[test]
async fn the_provider_of_the_tests_tells_its_notice() {
    clear_storage();
    let page = Page::mount(|| {
        view! {
            <testing::AuthProvider
                config=config()
                state=AuthState::SignedIn(session(BOB))
                notice=Some(Notice::ExpiringSoon)
            >
                <Notices/>
            </testing::AuthProvider>
        }
    });
    assert_eq!(page.text(), "the session expires soon");
}

#[test]
async fn a_notice_does_not_outlive_its_session() {
    clear_storage();
    let page = Page::mount(|| {
        let state = AuthState::SignedIn(session(ADA));
        view! {
            <testing::AuthProvider config=config() state notice=Some(Notice::ExpiringSoon)>
                <SignedIn let:session>
                    <Home session/>
                </SignedIn>
                <output><Notices/></output>
            </testing::AuthProvider>
        }
    });
    let notice = || page.text_of("status").unwrap();
    assert_eq!(notice(), "the session expires soon");
    page.press("Sign out").await;
    assert_eq!(notice(), "");
}

#[component]
fn Notices() -> impl IntoView {
    let notice = use_auth().notice();
    move || notice.get().map(|notice| notice.to_string())
}

#[test]
async fn only_what_is_below_the_provider_sees_it() {
    clear_storage();
    let page = Page::mount(|| {
        let siblings = || use_context::<leptos_cognito::Auth>().is_some().to_string();
        view! {
            <testing::AuthProvider config=config() state=AuthState::SignedOut>
                {siblings()}
            </testing::AuthProvider>
            " "
            {siblings()}
        }
    });
    assert_eq!(page.text(), "true false");
}
