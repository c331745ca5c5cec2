//! A page that is leaving, or that the browser keeps in its back/forward cache, does nothing until it is shown again.

use leptos::prelude::*;
use leptos_cognito::{AuthState, Notice, SessionEnd};
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::exits::Exits;
use crate::fixtures::{
    ADA, BOB, clear_storage, config, key, refreshable, session, session_since, session_storage,
    settle, store,
};
use crate::network::Network;
use crate::page::{AuthPage, dispatch};

/// What a browser tells a page that leaves.
async fn leave() {
    for event in ["pagehide", "visibilitychange"] {
        dispatch(event).await;
    }
}

#[test]
async fn a_page_on_its_way_to_cognito_stays_as_it_is_until_it_is_shown_again() {
    clear_storage();
    let (exits, network) = (Exits::begin(), Network::quiet());
    store("session", &session(ADA).to_stored());
    let page = AuthPage::open(config()).await;
    page.auth.sign_in();
    exits.until_left_for("/oauth2/authorize").await;
    leave().await;
    for event in ["storage", "online", "visibilitychange"] {
        dispatch(event).await;
    }
    settle().await;
    let state = page.auth.state().get_untracked();
    assert!(matches!(state, AuthState::Redirecting { .. }), "{state:?}");
    assert_eq!(page.user(), None);
    assert!(!page.shows_signed_out());
    assert!(network.calls("").is_empty());

    // The user has come back without an answer.
    dispatch("pageshow").await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), None);
}

#[test]
async fn a_page_that_leaves_refreshes_nothing() {
    clear_storage();
    let network = Network::quiet();
    store("session", &refreshable(&session(ADA)).to_stored());
    let page = AuthPage::open(config()).await;
    leave().await;
    // Due for a refresh.
    store(
        "session",
        &refreshable(&session_since(ADA, 3570)).to_stored(),
    );
    dispatch("storage").await;
    page.auth.refresh();
    settle().await;
    assert!(network.calls("").is_empty());
    assert!(!page.auth.is_refreshing().get_untracked());
    assert_eq!(page.user().as_deref(), Some(ADA));

    dispatch("pageshow").await;
    network.until_called("/oauth2/token", 1).await;
}

#[test]
async fn a_page_that_is_shown_again_follows_what_has_happened_meanwhile() {
    let _network = Network::quiet();
    for (record, user, notice) in [
        (None, None, Some(SessionEnd::EndedInAnotherTab.into())),
        (Some(session(BOB)), Some(BOB), Some(Notice::UserChanged)),
    ] {
        clear_storage();
        store("session", &session(ADA).to_stored());
        let page = AuthPage::open(config()).await;
        leave().await;
        match record {
            None => session_storage().remove_item(&key("session")).unwrap(),
            Some(session) => store("session", &session.to_stored()),
        }
        for event in ["storage", "visibilitychange"] {
            dispatch(event).await;
        }
        assert_eq!(page.user().as_deref(), Some(ADA));
        assert_eq!(page.notice(), None);

        dispatch("pageshow").await;
        assert_eq!(page.user().as_deref(), user);
        assert_eq!(page.notice(), notice);
    }
}
