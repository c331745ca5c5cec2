//! A sign-out: what leaves the page, what other tabs learn of it, and what it needs to be finished at Cognito.

use js_sys::{Function, Object, Reflect};
use leptos::prelude::*;
use leptos_cognito::cognito_hosted_ui::{AuthorizationCallback, HostedUiPage};
use leptos_cognito::{AuthConfig, AuthState, Grant, Notice, SecureUrl, SessionEnd, StorageArea};
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test as test;
use web_sys::Storage;

use crate::exits::Exits;
use crate::fixtures::{
    ADA, API, BOB, CLIENT_ID, DOMAIN, claims, clear_storage, config, key, local_storage, now,
    refreshable, session, session_storage, settle, shared_config, sign_out, store, stored_keys,
    unfinished_sign_out, until,
};
use crate::network::{Network, Reply};
use crate::page::{AuthPage, dispatch};
use crate::user_pool::UserPool;

fn stored(storage: &Storage, record: &str) -> Option<String> {
    storage.get_item(&key(record)).unwrap()
}

/// A page with a session that can be revoked.
async fn open_signed_in() -> AuthPage {
    clear_storage();
    store("session", &refreshable(&session(ADA)).to_stored());
    let page = AuthPage::open(config()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    page
}

fn is_redirecting(page: &AuthPage) -> bool {
    matches!(
        page.auth.state().get_untracked(),
        AuthState::Redirecting { .. }
    )
}

/// While this exists, the device is offline.
struct Offline;

impl Offline {
    async fn begin() -> Self {
        let descriptor = Object::new();
        Reflect::set(&descriptor, &"value".into(), &JsValue::FALSE).unwrap();
        Reflect::set(&descriptor, &"configurable".into(), &JsValue::TRUE).unwrap();
        Object::define_property(&window().navigator(), &"onLine".into(), &descriptor);
        dispatch("offline").await;
        Self
    }
}

impl Drop for Offline {
    fn drop(&mut self) {
        Reflect::delete_property(&window().navigator(), &"onLine".into()).unwrap();
    }
}

#[test]
async fn a_sign_out_leaves_at_once_and_its_revocation_outlives_the_page() {
    let page = open_signed_in().await;
    let network = Network::new(|_| Reply::Silence);
    let exits = Exits::begin();
    page.auth.sign_out();
    exits.until_left_for("/logout").await;
    assert!(is_redirecting(&page));
    assert_eq!(stored(&session_storage(), "session"), None);
    network.until_called("/oauth2/revoke", 1).await;
    let revocation = &network.calls("/oauth2/revoke")[0];
    assert!(revocation.keepalive);
    assert!(revocation.body.ends_with("token=refresh-token-1"));
    drop(page);
    settle().await;
    assert!(!revocation.signal.aborted());
}

#[test]
async fn other_requests_end_with_the_page() {
    let network = Network::new(|_| Reply::Silence);
    let page = open_signed_in().await;
    page.auth.refresh();
    network.until_called("/oauth2/token", 1).await;
    assert!(!network.calls("/oauth2/token")[0].keepalive);
}

#[test]
async fn a_sign_out_ends_every_request_that_is_still_open() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    let exits = Exits::begin();
    page.auth.sign_in_at(HostedUiPage::SignUp);
    assert_eq!(stored_keys(&session_storage(), "pending.").len(), 1);
    page.auth.sign_out();
    assert!(stored_keys(&session_storage(), "pending.").is_empty());
    exits.until_left_for("/logout").await;
}

#[test]
async fn without_a_network_the_sign_out_stays_and_is_finished_later() {
    for by_button in [false, true] {
        let page = open_signed_in().await;
        let network = Network::new(|_| Reply::Unreachable);
        let exits = Exits::begin();
        let offline = Offline::begin().await;
        page.auth.sign_out();
        leptos::task::tick().await;
        assert!(page.shows_signed_out());
        assert_eq!(page.notice(), Some(Notice::SignOutUnfinished));
        assert_eq!(stored(&session_storage(), "session"), None);
        settle().await;
        assert_eq!(network.calls("/oauth2/revoke").len(), 1);
        // Neither does the button help now, nor is the user sent to sign in without a password.
        page.auth.finish_sign_out();
        page.auth.sign_in();
        leptos::task::tick().await;
        assert!(page.shows_signed_out());
        assert_eq!(page.notice(), Some(Notice::SignOutUnfinished));
        assert!(exits.urls().is_empty());

        drop(offline);
        if by_button {
            page.auth.finish_sign_out();
        } else {
            dispatch("online").await;
            // The revocation is sent again.
            network.until_called("/oauth2/revoke", 2).await;
        }
        exits.until_left_for("/logout").await;
        assert!(is_redirecting(&page));
    }
}

#[test]
async fn a_sign_in_finishes_an_unfinished_sign_out_first() {
    clear_storage();
    let _network = Network::quiet();
    let record = unfinished_sign_out(60);
    local_storage().set_item(&key("sign-out"), &record).unwrap();
    let page = AuthPage::open(config()).await;
    assert_eq!(page.notice(), Some(Notice::SignOutUnfinished));
    let exits = Exits::begin();
    page.auth.sign_in();
    exits.until_left_for("/logout").await;
    assert!(stored_keys(&session_storage(), "pending.").is_empty());
}

#[test]
async fn only_a_sign_out_that_is_stuck_is_unfinished_for_other_tabs() {
    let _network = Network::quiet();
    for (record, notice) in [
        (sign_out(1), None),
        // Another tab is on its way to Cognito.
        (unfinished_sign_out(10), None),
        (unfinished_sign_out(60), Some(Notice::SignOutUnfinished)),
        // Cognito's own session has ended by itself.
        (unfinished_sign_out(3700), None),
    ] {
        clear_storage();
        local_storage().set_item(&key("sign-out"), &record).unwrap();
        let page = AuthPage::open(config()).await;
        assert!(page.shows_signed_out());
        assert_eq!(page.notice(), notice, "{record}");
    }
}

#[test]
async fn the_return_from_cognito_finishes_the_sign_out() {
    let _network = Network::quiet();
    let page = open_signed_in().await;
    let exits = Exits::begin();
    page.auth.sign_out();
    exits.until_left_for("/logout").await;
    let unfinished = stored(&local_storage(), "sign-out").unwrap();
    drop(page);
    let page = AuthPage::open(config()).await;
    assert_eq!(page.notice(), Some(SessionEnd::SignedOut.into()));
    let finished = stored(&local_storage(), "sign-out").unwrap();
    assert_eq!(finished.len(), unfinished.len());
    assert_eq!(finished[..16], unfinished[..16]);
    assert!(finished.ends_with(".0000000000"), "{finished}");
}

#[test]
async fn a_reload_is_no_return_from_cognito() {
    let _network = Network::quiet();
    for (kind, notice) in [
        ("navigate", SessionEnd::SignedOut.into()),
        ("reload", Notice::SignOutUnfinished),
        ("back_forward", Notice::SignOutUnfinished),
    ] {
        let page = open_signed_in().await;
        let _exits = Exits::begin();
        page.auth.sign_out();
        drop(page);
        let _arrival = Arrival::by(kind);
        let page = AuthPage::open(config()).await;
        assert!(page.shows_signed_out());
        assert_eq!(page.notice(), Some(notice), "{kind}");
    }
}

/// While this exists, the user has come to the page in this way.
struct Arrival(JsValue);

impl Arrival {
    fn by(kind: &str) -> Self {
        let performance = window().performance().unwrap();
        let name = "getEntriesByType".into();
        let original = Reflect::get(&performance, &name).unwrap();
        let entries = Function::new_no_args(&format!(
            "return [Object.create(PerformanceNavigationTiming.prototype, {{ type: {{ value: '{kind}' }} }})]"
        ));
        Reflect::set(&performance, &name, &entries).unwrap();
        Self(original)
    }
}

impl Drop for Arrival {
    fn drop(&mut self) {
        let performance = window().performance().unwrap();
        Reflect::set(&performance, &"getEntriesByType".into(), &self.0).unwrap();
    }
}

#[test]
async fn room_for_a_sign_out_is_kept_by_the_sign_in() {
    clear_storage();
    let _network = Network::quiet();
    let page = AuthPage::open(config()).await;
    let exits = Exits::begin();
    page.auth.sign_in();
    exits.until_left_for("/oauth2/authorize").await;
    let room = stored(&local_storage(), "sign-out").unwrap();
    assert_eq!(room.len(), sign_out(1).len());
    drop(page);
    // With that, the other tabs learn of the sign-out even if the storage is full.
    store("session", &session(ADA).to_stored());
    let page = AuthPage::open(config()).await;
    fill(&local_storage());
    page.auth.sign_out();
    assert!(stored(&local_storage(), "sign-out").unwrap() > room);
    drop(page);
    let page = AuthPage::open(config()).await;
    assert_eq!(page.notice(), Some(SessionEnd::SignedOut.into()));
    clear_storage();
}

#[test]
async fn a_sign_out_that_no_storage_takes_reaches_the_other_tabs_by_a_message() {
    let network = Network::quiet();
    // Another tab with its own session. In these tests, the two have to use different storage areas for that.
    let other_tab = open_signed_in().await;
    let of_this_tab = refreshable(&session(ADA)).to_stored();
    let of_this_tab = of_this_tab.replace("refresh-token-1", "refresh-token-2");
    let local = local_storage();
    local.set_item(&key("session"), &of_this_tab).unwrap();
    let here = AuthPage::open(shared_config()).await;
    assert_eq!(here.user().as_deref(), Some(ADA));
    fill(&local);
    let exits = Exits::begin();
    here.auth.sign_out();
    exits.until_left_for("/logout").await;
    assert_eq!(stored(&local, "sign-out"), None);

    until(|| other_tab.shows_signed_out()).await;
    let notice = Some(SessionEnd::EndedInAnotherTab.into());
    assert_eq!(other_tab.notice(), notice);
    assert_eq!(stored(&session_storage(), "session"), None);
    network.until_called("/oauth2/revoke", 2).await;
    let calls = network.calls("/oauth2/revoke");
    for token in ["refresh-token-1", "refresh-token-2"] {
        assert!(calls.iter().any(|call| call.body.ends_with(token)));
    }
    // A tab that was closed at the time has not heard of it.
    drop((here, other_tab));
    let returned = AuthPage::open(config()).await;
    assert_eq!(returned.notice(), Some(Notice::SignOutNotShared));
    clear_storage();
}

/// Leaves a few bytes in a storage area, less than the record of a sign-out needs.
fn fill(storage: &Storage) {
    let mut length = 4 << 20;
    for number in 0.. {
        if length < 8 {
            return;
        }
        let name = format!("filling.{number}");
        if storage.set_item(&name, &"x".repeat(length)).is_err() {
            length /= 2;
        }
    }
}

// --- Sessions that a changed configuration leaves behind ---

/// Signs in with this configuration, as an earlier deployment of the app did. The refresh token is `refresh-token-1`.
async fn sign_in_with(config: AuthConfig, email: &str) {
    let pool = UserPool::new().await;
    let mut claims = claims(email, 0);
    claims["aud"] = config.hosted_ui.client.client_id.as_str().into();
    claims["nonce"] = "n".into();
    let (token, jwks) = (pool.sign(&claims).await, pool.jwks());
    let tokens = json!({ "id_token": token, "refresh_token": "refresh-token-1" });
    let _network = Network::new(move |call| {
        let is_token_endpoint = call.url.ends_with("/oauth2/token");
        Reply::json(200, if is_token_endpoint { &tokens } else { &jwks }.clone())
    });
    let pending = json!({ "state": "s", "nonce": "n", "started_at": now(), "code_verifier": "v" });
    let client_id = config.hosted_ui.client.client_id.as_str();
    let storage = match config.storage {
        StorageArea::Session => session_storage(),
        StorageArea::Local => local_storage(),
    };
    let key = format!("cognito-spa.{client_id}.pending.s");
    storage.set_item(&key, &pending.to_string()).unwrap();
    let callback = AuthorizationCallback::find("code=c&state=s", "");
    let page = AuthPage::open_with(config, callback).await;
    until(|| page.user().is_some()).await;
}

/// A configuration with another app client.
fn with_former_client(mut config: AuthConfig) -> AuthConfig {
    let pool = "eu-west-1_AbCdEfGhI";
    let former = AuthConfig::new(DOMAIN, pool, FORMER_CLIENT_ID, Grant::Code, API);
    config.hosted_ui.client = former.unwrap().hosted_ui.client;
    config
}

const FORMER_CLIENT_ID: &str = "2former23456789";

#[test]
async fn sessions_that_an_app_no_longer_reads_are_revoked_and_removed() {
    for (former, client_id) in [
        (shared_config(), CLIENT_ID),
        (with_former_client(config()), FORMER_CLIENT_ID),
        (with_former_client(shared_config()), FORMER_CLIENT_ID),
    ] {
        clear_storage();
        sign_in_with(former, ADA).await;
        let network = Network::quiet();
        let page = AuthPage::open(config()).await;
        assert!(page.shows_signed_out());
        network.until_called("/oauth2/revoke", 1).await;
        let revoked = network.calls("/oauth2/revoke");
        assert_eq!(revoked.len(), 1);
        assert!(revoked[0].body.contains(&format!("client_id={client_id}")));
        assert!(revoked[0].body.contains("token=refresh-token-1"));
        for storage in [session_storage(), local_storage()] {
            let key = format!("cognito-spa.{client_id}.session");
            assert_eq!(storage.get_item(&key).unwrap(), None);
        }
    }
}

#[test]
async fn sessions_of_other_apps_and_of_this_configuration_stay() {
    clear_storage();
    let mut another_app = with_former_client(config());
    let its_url = SecureUrl::parse("https://another.example.com/");
    another_app.hosted_ui.client.redirect_uri = its_url.unwrap();
    sign_in_with(another_app, BOB).await;
    sign_in_with(config(), ADA).await;
    let network = Network::quiet();
    let page = AuthPage::open(config()).await;
    assert_eq!(page.user().as_deref(), Some(ADA));
    settle().await;
    assert!(network.calls("").is_empty());
    let of_another_app = format!("cognito-spa.{FORMER_CLIENT_ID}.session");
    let of_another_app = session_storage().get_item(&of_another_app);
    assert!(of_another_app.unwrap().is_some());
}
