//! What another tab does with the session that all tabs share.

use leptos_cognito::cognito_hosted_ui::Session;
use leptos_cognito::{Notice, SessionEnd};
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::Storage;

use crate::fixtures::{
    ADA, BOB, CLIENT_ID, claims, clear_storage, config, key, local_storage, refreshable, session,
    session_since, session_storage, settle, shared_config, sign_out, store, until,
};
use crate::network::Network;
use crate::page::{AuthPage, dispatch};

/// Stores a session as another tab does. This tab learns of it by the event.
async fn other_tab_stores(session: &Session) {
    let record = session.to_stored();
    local_storage().set_item(&key("session"), &record).unwrap();
    dispatch("storage").await;
}

async fn other_tab_removes() {
    local_storage().remove_item(&key("session")).unwrap();
    dispatch("storage").await;
}

async fn open_signed_in() -> AuthPage {
    clear_storage();
    let record = session_since(ADA, 60).to_stored();
    local_storage().set_item(&key("session"), &record).unwrap();
    let page = AuthPage::open(shared_config()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    page
}

#[test]
async fn a_sign_in_in_another_tab_signs_in_here() {
    clear_storage();
    let _network = Network::quiet();
    let page = AuthPage::open(shared_config()).await;
    assert!(page.shows_signed_out());
    other_tab_stores(&session(ADA)).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert!(!page.shows_signed_out());
}

#[test]
async fn a_sign_out_in_another_tab_ends_the_session_here() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    other_tab_removes().await;
    assert_eq!(page.user(), None);
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), Some(SessionEnd::EndedInAnotherTab.into()));
}

#[test]
async fn garbage_from_another_tab_ends_the_session() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    local_storage().set_item(&key("session"), "x").unwrap();
    dispatch("storage").await;
    assert!(page.shows_signed_out());
    // It may be the session of a newer version of the app. The next page removes it if it cannot read it, either.
    let stored = || local_storage().get_item(&key("session")).unwrap();
    assert_eq!(stored().as_deref(), Some("x"));
    drop(page);
    let _page = AuthPage::open(shared_config()).await;
    assert_eq!(stored(), None);
}

#[test]
async fn a_failed_check_of_the_clock_does_not_refresh_the_next_session() {
    clear_storage();
    let network = Network::quiet();
    let page = AuthPage::open(shared_config()).await;
    other_tab_stores(&session_since(ADA, 3601)).await;
    until(|| page.notice() == Some(Notice::PerhapsExpired)).await;
    other_tab_stores(&refreshable(&session(ADA))).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    dispatch("storage").await;
    settle().await;
    assert!(network.calls("/oauth2/token").is_empty());
}

#[test]
async fn an_expired_session_from_another_tab_signs_no_one_in() {
    clear_storage();
    let _network = Network::quiet();
    let page = AuthPage::open(shared_config()).await;
    other_tab_stores(&session_since(ADA, 3601)).await;
    assert!(page.shows_signed_out());
}

/// Stores that another tab has signed out. This tab learns of it by the event.
async fn other_tab_signs_out(client_id: &str) {
    let key = format!("cognito-spa.{client_id}.sign-out");
    local_storage().set_item(&key, &sign_out(1)).unwrap();
    dispatch("storage").await;
}

/// A tab with its own session.
async fn open_with_own_session() -> AuthPage {
    clear_storage();
    let record = refreshable(&session(ADA)).to_stored();
    store("session", &record);
    let page = AuthPage::open(config()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    page
}

#[test]
async fn a_sign_out_reaches_the_tabs_that_have_their_own_session() {
    let network = Network::quiet();
    let page = open_with_own_session().await;
    other_tab_signs_out("another-client").await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    // The browser has lost the identifier of a sign-out before this session.
    store("seen-sign-out", "0");
    dispatch("storage").await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    // What only keeps room for a sign-out is none.
    let room = "0".repeat(16) + "." + &"0".repeat(10);
    local_storage().set_item(&key("sign-out"), &room).unwrap();
    dispatch("storage").await;
    assert_eq!(page.user().as_deref(), Some(ADA));

    other_tab_signs_out(CLIENT_ID).await;
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), Some(SessionEnd::EndedInAnotherTab.into()));
    assert_eq!(session_storage().get_item(&key("session")).unwrap(), None);
    network.until_called("/oauth2/revoke", 1).await;
    settle().await;
    assert_eq!(network.calls("/oauth2/revoke").len(), 1);
}

#[test]
async fn a_sign_out_reaches_a_tab_that_was_not_open_at_the_time() {
    let network = Network::quiet();
    drop(open_with_own_session().await);
    other_tab_signs_out(CLIENT_ID).await;
    let page = AuthPage::open(config()).await;
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), Some(SessionEnd::EndedInAnotherTab.into()));
    assert_eq!(session_storage().get_item(&key("session")).unwrap(), None);
    network.until_called("/oauth2/revoke", 1).await;
}

#[test]
async fn a_shared_session_is_revoked_by_the_tab_that_signs_out() {
    let network = Network::quiet();
    let page = open_signed_in().await;
    other_tab_stores(&refreshable(&session(ADA))).await;
    local_storage().remove_item(&key("session")).unwrap();
    other_tab_signs_out(CLIENT_ID).await;
    assert!(page.shows_signed_out());
    settle().await;
    assert!(network.calls("/oauth2/revoke").is_empty());
}

#[test]
async fn the_page_says_when_someone_else_is_signed_in() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    other_tab_stores(&session(BOB)).await;
    assert_eq!(page.notice(), Some(Notice::UserChanged));
    other_tab_stores(&session_since(BOB, 30)).await;
    assert_eq!(page.notice(), None);
}

#[test]
async fn the_same_record_changes_nothing() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    let heading = page.role("heading");
    let text = page.text();
    dispatch("storage").await;
    assert_eq!(page.role("heading"), heading);
    assert_eq!(page.text(), text);
}

#[test]
async fn the_children_of_another_user_are_created_anew() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    for user in [BOB, ADA, BOB] {
        let input = page.input();
        input.set_value("a draft");
        other_tab_stores(&session(user)).await;
        assert_eq!(page.user().as_deref(), Some(user));
        assert_ne!(page.input(), input);
        assert_eq!(page.input().value(), "");
        assert!(!input.is_connected());
    }
}

#[test]
async fn a_sign_out_between_two_users_keeps_no_draft() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    let input = page.input();
    input.set_value("a draft");
    local_storage().remove_item(&key("session")).unwrap();
    // Effects have not run when the next user is there.
    let event = web_sys::Event::new("storage").unwrap();
    leptos::prelude::window().dispatch_event(&event).unwrap();
    other_tab_stores(&session(BOB)).await;
    assert_eq!(page.user().as_deref(), Some(BOB));
    assert_eq!(page.input().value(), "");
    assert!(!input.is_connected());
}

#[test]
async fn the_children_survive_a_new_token_of_the_same_user() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    let (heading, input) = (page.role("heading"), page.input());
    input.set_value("Ada's draft");
    let before = page.text();

    let refreshed = session_since(ADA, 10);
    other_tab_stores(&refreshed).await;
    assert_ne!(page.text(), before);
    let until = format!("Until {}", refreshed.claims().exp);
    assert!(page.text().contains(&until), "{}", page.text());
    assert_eq!(page.role("heading"), heading);
    assert_eq!(page.input(), input);
    assert_eq!(input.value(), "Ada's draft");
}

#[test]
async fn a_new_name_of_the_same_user_is_shown_in_place() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    let input = page.input();
    let mut claims = claims(BOB, 0);
    claims["sub"] = format!("sub-of-{ADA}").into();
    let hosted_ui = config().hosted_ui;
    let renamed = leptos_cognito::testing::session_with_claims(&hosted_ui, &claims).unwrap();
    other_tab_stores(&renamed).await;
    assert_eq!(page.user().as_deref(), Some(BOB));
    assert_eq!(page.input(), input);
}

#[test]
async fn each_event_that_may_follow_a_change_looks_at_the_storage() {
    let _network = Network::quiet();
    for event in ["storage", "visibilitychange", "online", "offline"] {
        let page = open_signed_in().await;
        local_storage().remove_item(&key("session")).unwrap();
        dispatch(event).await;
        assert!(page.shows_signed_out(), "{event}");
    }
}

#[test]
async fn after_an_unmount_no_event_is_heard() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    drop(page);
    local_storage().set_item(&key("session"), "x").unwrap();
    dispatch("storage").await;
    let stored = |storage: Storage| storage.get_item(&key("session")).unwrap();
    assert_eq!(stored(local_storage()).as_deref(), Some("x"));
    assert_eq!(stored(session_storage()), None);
}

#[test]
async fn the_record_of_a_refresh_in_another_tab_is_not_written_again() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    let refreshed = refreshable(&session_since(ADA, 5));
    other_tab_stores(&refreshed).await;
    dispatch("visibilitychange").await;
    let stored = local_storage().get_item(&key("session")).unwrap();
    assert_eq!(stored, Some(refreshed.to_stored()));
    assert_eq!(page.user().as_deref(), Some(ADA));
}
