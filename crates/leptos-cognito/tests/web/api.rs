//! The API client: what is sent, what a response means, and when a request ends without one.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use futures::channel::oneshot;
use futures::future::{abortable, join, select};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_cognito::cognito_hosted_ui::{AuthorizationCallback, SecureUrl, Session};
use leptos_cognito::{
    ApiClient, ApiError, ApiToken, AuthConfig, AuthState, AuthorizationScheme, Method, Notice,
    SessionEnd, testing, use_api,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::fixtures::{
    ADA, API, BOB, claims, clear_storage, config, key, local_storage, refreshable, session,
    session_since, session_storage, settle, shared_config, store, until,
};
use crate::network::{Call, Network, Reply};
use crate::page::{AuthPage, Page, dispatch};
use crate::user_pool::UserPool;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Order {
    id: u32,
    item: String,
}

fn tea() -> Order {
    Order {
        id: 1,
        item: "Tea".to_owned(),
    }
}

/// A page on which this session is the current one.
async fn signed_in(session: &Session) -> AuthPage {
    signed_in_with(config(), session).await
}

async fn signed_in_with(config: AuthConfig, session: &Session) -> AuthPage {
    clear_storage();
    AuthPage::with_state(config, AuthState::SignedIn(session.clone())).await
}

fn always(status: u16, body: &str) -> Network {
    let body = body.to_owned();
    Network::new(move |_| Reply::Response(status, body.clone()))
}

fn bearer_of(session: &Session) -> Option<&str> {
    Some(session.id_token().authorization())
}

#[test]
async fn each_method_sends_the_token_and_reads_json() {
    let ada = session(ADA);
    let page = signed_in(&ada).await;
    let network = Network::new(|_| Reply::json(200, json!({ "id": 1, "item": "Tea" })));
    let api = page.api;
    let order = json!({ "item": "Tea" });
    let sent = order.to_string();
    for (result, method, body) in [
        (api.get::<Order>("/orders/1").await, "GET", ""),
        (api.post("/orders/1", &order).await, "POST", sent.as_str()),
        (api.put("/orders/1", &order).await, "PUT", &sent),
        (api.patch("/orders/1", &order).await, "PATCH", &sent),
        (api.delete("/orders/1").await, "DELETE", ""),
    ] {
        assert_eq!(result, Ok(tea()), "{method}");
        let calls = network.calls(API);
        let call = calls.iter().find(|call| call.method == method).unwrap();
        assert_eq!(call.url, format!("{API}/orders/1"));
        assert_eq!(call.header("authorization"), bearer_of(&ada));
        assert_eq!(call.body, body);
        let json = (!body.is_empty()).then_some("application/json");
        assert_eq!(call.header("content-type"), json);
    }
    assert_eq!(network.calls("").len(), 5);
}

#[test]
async fn the_token_and_its_form_are_those_of_the_configuration() {
    let ada = refreshable(&session(ADA));
    let id_token = ada.id_token().authorization();
    for (token, scheme, expected) in [
        (ApiToken::Id, AuthorizationScheme::Bare, id_token.to_owned()),
        (
            ApiToken::Id,
            AuthorizationScheme::Bearer,
            format!("Bearer {id_token}"),
        ),
        (
            ApiToken::Access,
            AuthorizationScheme::Bare,
            "access-token".to_owned(),
        ),
        (
            ApiToken::Access,
            AuthorizationScheme::Bearer,
            "Bearer access-token".to_owned(),
        ),
    ] {
        let mut config = config();
        config.api.token = token;
        config.api.scheme = scheme;
        let page = signed_in_with(config, &ada).await;
        let network = always(200, "null");
        page.api.get::<()>("/").await.unwrap();
        let call = &network.calls(API)[0];
        assert_eq!(call.header("authorization"), Some(expected.as_str()));
    }
}

#[test]
async fn the_path_is_appended_to_the_url() {
    for (url, path, expected) in [
        (
            "https://api.example.com",
            "/a?b=c d",
            "https://api.example.com/a?b=c%20d",
        ),
        (
            "https://api.example.com/prod",
            "/a",
            "https://api.example.com/prod/a",
        ),
        // However the path is written, the request stays with the host.
        (
            "https://api.example.com",
            "//other.example.com/a",
            "https://api.example.com//other.example.com/a",
        ),
        (
            "https://api.example.com",
            "/@other.example.com",
            "https://api.example.com/@other.example.com",
        ),
    ] {
        let mut config = config();
        config.api.url = SecureUrl::parse(url).unwrap();
        let page = signed_in_with(config, &session(ADA)).await;
        let network = always(200, "null");
        page.api.get::<()>(path).await.unwrap();
        assert_eq!(network.calls("")[0].url, expected);
    }
}

#[test]
async fn custom_headers_are_sent_except_authorization() {
    let ada = session(ADA);
    let page = signed_in(&ada).await;
    let network = always(200, "null");
    let request = page
        .api
        .request(Method::PATCH, "/orders/1")
        .header("If-Match", "\"1\"")
        .header("Authorization", "other");
    let request = request.json(&tea());
    let request = request.header("Content-Type", "application/merge-patch+json");
    request.send::<()>().await.unwrap();
    let call = &network.calls(API)[0];
    assert_eq!(call.method, "PATCH");
    assert_eq!(call.header("if-match"), Some("\"1\""));
    assert_eq!(call.header("authorization"), bearer_of(&ada));
    assert_eq!(
        call.header("content-type"),
        Some("application/merge-patch+json")
    );
    assert_eq!(call.body, r#"{"id":1,"item":"Tea"}"#);
}

#[test]
async fn an_empty_body_is_read_as_null() {
    let page = signed_in(&session(ADA)).await;
    for status in [200, 201, 204] {
        let _network = always(status, "");
        assert_eq!(page.api.delete::<()>("/orders/1").await, Ok(()));
        assert_eq!(page.api.get::<Option<Order>>("/orders/1").await, Ok(None));
        let missing = page.api.get::<Order>("/orders/1").await;
        assert!(
            matches!(missing, Err(ApiError::InvalidResponse(_))),
            "{missing:?}"
        );
    }
}

#[test]
async fn text_is_returned_as_it_is() {
    let page = signed_in(&session(ADA)).await;
    let _network = always(200, "Hello, <b>you</b>");
    let text = page.api.request(Method::GET, "/").send_for_text().await;
    assert_eq!(text.as_deref(), Ok("Hello, <b>you</b>"));
}

#[test]
async fn each_response_that_is_no_success_has_its_error() {
    let page = signed_in(&session(ADA)).await;
    let status = |status, body: &str| ApiError::Status {
        status,
        body: body.to_owned(),
    };
    let missing = r#"{"message":"Missing Authentication Token"}"#;
    for (code, body, error) in [
        (403, missing, ApiError::MissingAuthenticationToken),
        (
            403,
            r#"{"message":"Forbidden"}"#,
            status(403, r#"{"message":"Forbidden"}"#),
        ),
        (
            403,
            "Missing Authentication Token",
            status(403, "Missing Authentication Token"),
        ),
        (404, missing, status(404, missing)),
        (500, "Out of tea", status(500, "Out of tea")),
        (500, "", status(500, "")),
        (429, "{}", status(429, "{}")),
    ] {
        let _network = always(code, body);
        assert_eq!(page.api.get::<Order>("/").await, Err(error));
        assert_eq!(page.user().as_deref(), Some(ADA));
    }
    for body in [
        "<h1>Tea</h1>",
        "{}",
        "[]",
        r#"{"id":"1","item":"Tea"}"#,
        "null",
    ] {
        let _network = always(200, body);
        let error = page.api.get::<Order>("/").await.unwrap_err();
        assert!(matches!(error, ApiError::InvalidResponse(_)), "{error:?}");
    }
}

#[test]
async fn without_a_response_the_api_is_unreachable() {
    for (age, error) in [
        (0, ApiError::Unreachable),
        (3500, ApiError::Unreachable),
        (3545, ApiError::UnreachableNearExpiry),
    ] {
        let page = signed_in(&session_since(ADA, age)).await;
        let network = Network::new(|_| Reply::Unreachable);
        assert_eq!(page.api.get::<()>("/").await, Err(error));
        assert_eq!(network.calls(API).len(), 1);
        assert_eq!(page.user().as_deref(), Some(ADA));
    }
}

#[test]
async fn a_token_that_is_larger_than_api_gateway_accepts_explains_the_silence() {
    let padded = |length: usize| {
        let mut claims = claims(ADA, 0);
        claims["custom:groups"] = "x".repeat(length).into();
        testing::session_with_claims(&config().hosted_ui, &claims).unwrap()
    };
    for (length, error) in [
        (5_000, ApiError::Unreachable),
        (7_500, ApiError::TokenTooLarge),
    ] {
        let page = signed_in(&padded(length)).await;
        let _network = Network::new(|_| Reply::Unreachable);
        assert_eq!(page.api.get::<()>("/").await, Err(error), "{length}");
        assert_eq!(page.user().as_deref(), Some(ADA));
    }
    // What can be read says more.
    let page = signed_in(&padded(7_500)).await;
    let _network = always(200, "null");
    assert_eq!(page.api.get::<()>("/").await, Ok(()));
}

#[test]
async fn without_the_access_token_that_the_api_expects_nothing_is_sent() {
    let mut config = config();
    config.api.token = ApiToken::Access;
    let page = signed_in_with(config, &session(ADA)).await;
    let network = always(200, "null");
    let outcome = page.api.get::<()>("/").await;
    assert_eq!(outcome, Err(ApiError::NoAccessToken));
    assert!(network.calls(API).is_empty());
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn a_request_that_is_not_valid_is_not_sent() {
    let page = signed_in(&session(ADA)).await;
    let network = always(200, "null");
    let api = page.api;
    for path in [
        "",
        "orders",
        "?a=b",
        "https://other.example.com/",
        ".example.com/",
        "/orders/../admin",
        "/orders/%2e%2e/admin",
        "/orders\\..\\admin",
        "/orders\n",
        "/orders#top",
    ] {
        assert_eq!(
            api.get::<()>(path).await,
            Err(ApiError::InvalidPath),
            "{path}"
        );
    }
    let no_json = HashMap::from([((1, 2), 3)]);
    let error = api.post::<()>("/", &no_json).await.unwrap_err();
    assert!(matches!(error, ApiError::InvalidRequest(_)), "{error:?}");
    for (name, value) in [
        ("If Match", "1"),
        ("", "1"),
        ("X-Name", "a\nb"),
        ("X-Name", "茶"),
    ] {
        let request = api.request(Method::GET, "/").header(name, value);
        let error = request.send::<()>().await.unwrap_err();
        assert!(
            matches!(error, ApiError::InvalidRequest(_)),
            "{name} {value} {error:?}"
        );
    }
    // A GET request has no body (Fetch, section 5.3).
    let request = api.request(Method::GET, "/").json(&tea());
    let error = request.send::<()>().await.unwrap_err();
    assert!(matches!(error, ApiError::InvalidRequest(_)), "{error:?}");
    settle().await;
    assert!(network.calls("").is_empty());
}

#[test]
async fn without_a_user_nothing_is_sent() {
    for state in [
        AuthState::SignedOut,
        AuthState::SigningIn,
        AuthState::Redirecting { since: 0 },
    ] {
        clear_storage();
        let page = AuthPage::with_state(config(), state).await;
        let network = always(200, "null");
        assert_eq!(page.api.get::<()>("/").await, Err(ApiError::SignedOut));
        assert!(network.calls("").is_empty());
    }
}

#[test]
async fn a_token_that_is_refused_twice_ends_the_session() {
    let ada = session(ADA);
    let page = signed_in(&ada).await;
    let record = ada.to_stored();
    store("session", &record);
    let network = always(401, r#"{"message":"Unauthorized"}"#);
    assert_eq!(page.api.get::<()>("/").await, Err(ApiError::Unauthorized));
    leptos::task::tick().await;
    assert!(page.shows_signed_out());
    assert_eq!(page.notice(), Some(SessionEnd::Refused.into()));
    assert_eq!(session_storage().get_item(&key("session")).unwrap(), None);
    assert_eq!(network.calls(API).len(), 2);
}

#[test]
async fn a_single_refusal_ends_nothing() {
    let ada = session(ADA);
    let page = signed_in(&ada).await;
    let refusals = Cell::new(1);
    let network = Network::new(move |_| match refusals.replace(0) {
        0 => Reply::json(200, json!({ "id": 1, "item": "Tea" })),
        _ => Reply::json(401, json!({ "message": "Unauthorized" })),
    });
    assert_eq!(page.api.post("/orders", &tea()).await, Ok(tea()));
    let calls = network.calls(API);
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.header("authorization"), bearer_of(&ada));
        assert_eq!(call.body, r#"{"id":1,"item":"Tea"}"#);
    }
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(page.notice(), None);
}

#[test]
async fn a_refusal_ends_the_session_that_was_refused_and_no_other() {
    let page = signed_in(&session(ADA)).await;
    let of_bob = session(BOB).to_stored();
    let stored_by_another_tab = of_bob.clone();
    let network = Network::new(move |_| {
        // This tab has not heard of it when the API refuses.
        store("session", &stored_by_another_tab);
        Reply::json(401, json!({ "message": "Unauthorized" }))
    });
    let refused = page.api.get::<()>("/").await;
    leptos::task::tick().await;
    // Ada's request is not repeated once Bob is signed in.
    assert_eq!(refused, Err(ApiError::SignedOut));
    assert_eq!(network.calls(API).len(), 1);
    let stored = session_storage().get_item(&key("session")).unwrap();
    assert_eq!(stored, Some(of_bob));
    assert_eq!(page.user().as_deref(), Some(BOB));
}

// --- Refresh ---

/// A pool whose API accepts the refreshed token alone.
struct Refreshing {
    network: Network,
    token: String,
}

impl Refreshing {
    async fn new() -> Self {
        Self::with(|_, _| ()).await
    }

    /// `on_call` runs before each response; it gets the request and the refreshed token.
    async fn with(on_call: impl Fn(&Call, &str) + 'static) -> Self {
        let pool = UserPool::new().await;
        let token = pool.sign(&claims(ADA, 0)).await;
        let jwks = pool.jwks();
        let accepted = token.clone();
        let network = Network::new(move |call| {
            on_call(call, &accepted);
            match &call.url {
                url if url.ends_with("/oauth2/token") => Reply::json(
                    200,
                    json!({ "id_token": accepted, "refresh_token": "refresh-token-2" }),
                ),
                url if url.ends_with("/.well-known/jwks.json") => Reply::json(200, jwks.clone()),
                _ if call.header("authorization") == Some(&accepted) => {
                    Reply::json(200, json!({ "id": 1, "item": "Tea" }))
                }
                _ => Reply::json(401, json!({ "message": "Unauthorized" })),
            }
        });
        Self { network, token }
    }

    fn tokens_sent(&self) -> Vec<Option<String>> {
        let calls = self.network.calls(API);
        let token = |call: &Call| call.header("authorization").map(str::to_owned);
        calls.iter().map(token).collect()
    }

    fn refreshes(&self) -> usize {
        self.network.calls("/oauth2/token").len()
    }
}

fn stored_refresh_token() -> Option<Value> {
    let record = session_storage().get_item(&key("session")).unwrap()?;
    let record: Value = serde_json::from_str(&record).unwrap();
    Some(record["refresh_token"].clone())
}

#[test]
async fn a_401_refreshes_once_and_repeats_once() {
    let ada = refreshable(&session_since(ADA, 60));
    let page = signed_in(&ada).await;
    page.input().set_value("Ada's draft");
    let pool = Refreshing::new().await;
    assert_eq!(page.api.post("/orders", &tea()).await, Ok(tea()));
    let old = Some(ada.id_token().authorization().to_owned());
    assert_eq!(pool.tokens_sent(), [old, Some(pool.token.clone())]);
    assert_eq!(pool.refreshes(), 1);
    for call in pool.network.calls(API) {
        assert_eq!(call.body, r#"{"id":1,"item":"Tea"}"#);
    }
    assert_eq!(stored_refresh_token(), Some("refresh-token-2".into()));
    assert_eq!(page.input().value(), "Ada's draft");
    assert_eq!(page.notice(), None);
}

#[test]
async fn a_token_that_is_about_to_expire_is_refreshed_before_it_is_sent() {
    let page = signed_in(&refreshable(&session_since(ADA, 3570))).await;
    let pool = Refreshing::new().await;
    assert_eq!(page.api.get("/orders/1").await, Ok(tea()));
    assert_eq!(pool.tokens_sent(), [Some(pool.token.clone())]);
    assert_eq!(pool.refreshes(), 1);
}

#[test]
async fn parallel_requests_refresh_once() {
    let page = signed_in(&refreshable(&session_since(ADA, 60))).await;
    let pool = Refreshing::new().await;
    let (one, other) = join(page.api.get("/orders/1"), page.api.get("/orders/2")).await;
    assert_eq!((one, other), (Ok(tea()), Ok(tea())));
    assert_eq!(pool.refreshes(), 1);
    assert_eq!(pool.tokens_sent().len(), 4);
    until(|| !page.auth.is_refreshing().get_untracked()).await;
}

#[test]
async fn a_second_401_ends_the_session() {
    let page = signed_in(&refreshable(&session_since(ADA, 60))).await;
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let jwks = pool.jwks();
    let network = Network::new(move |call| match &call.url {
        url if url.ends_with("/oauth2/token") => Reply::json(200, json!({ "id_token": token })),
        url if url.ends_with("/.well-known/jwks.json") => Reply::json(200, jwks.clone()),
        _ => Reply::json(401, json!({ "message": "Unauthorized" })),
    });
    assert_eq!(page.api.get::<()>("/").await, Err(ApiError::Unauthorized));
    assert_eq!(network.calls(API).len(), 2);
    assert_eq!(network.calls("/oauth2/token").len(), 1);
    assert_eq!(page.notice(), Some(SessionEnd::Refused.into()));
    network.until_called("/oauth2/revoke", 1).await;
}

#[test]
async fn a_401_for_an_older_token_does_not_end_the_session() {
    let page = shared_page(&refreshable(&session_since(ADA, 60))).await;
    let pool = UserPool::new().await;
    let token = pool.sign(&claims(ADA, 0)).await;
    let jwks = pool.jwks();
    let newest = refreshable(&session_since(ADA, 1)).to_stored();
    let signed_in_anew = newest.clone();
    let network = Network::new(move |call| match &call.url {
        url if url.ends_with("/oauth2/token") => Reply::json(200, json!({ "id_token": token })),
        url if url.ends_with("jwks.json") => Reply::json(200, jwks.clone()),
        _ => {
            // While the repeated request is in flight, the user signs in anew in another tab.
            if call.header("authorization") == Some(&token) {
                let storage = local_storage();
                storage.set_item(&key("session"), &signed_in_anew).unwrap();
                let event = web_sys::Event::new("storage").unwrap();
                window().dispatch_event(&event).unwrap();
            }
            Reply::json(401, json!({ "message": "Unauthorized" }))
        }
    });
    assert_eq!(page.api.get::<()>("/").await, Err(ApiError::Unauthorized));
    assert_eq!(network.calls(API).len(), 2);
    settle().await;
    assert!(network.calls("/oauth2/revoke").is_empty());
    let stored = local_storage().get_item(&key("session")).unwrap();
    assert_eq!(stored, Some(newest));
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn a_401_during_an_outage_of_the_token_endpoint_keeps_the_session() {
    let page = signed_in(&refreshable(&session_since(ADA, 60))).await;
    let network = Network::new(|call| match &call.url {
        url if url.ends_with("/oauth2/token") => Reply::json(503, json!({})),
        _ => Reply::json(401, json!({ "message": "Unauthorized" })),
    });
    assert_eq!(page.api.get::<()>("/").await, Err(ApiError::Unreachable));
    assert_eq!(page.notice(), Some(Notice::NotRefreshed));
    assert_eq!(page.user().as_deref(), Some(ADA));
    assert_eq!(network.calls(API).len(), 1);
}

#[test]
async fn a_401_during_an_outage_keeps_the_session_also_below_another_notice() {
    clear_storage();
    let record = refreshable(&session_since(ADA, 60)).to_stored();
    store("session", &record);
    let _network = Network::new(|call| match &call.url {
        url if url.ends_with("/oauth2/token") => Reply::json(503, json!({})),
        _ => Reply::json(401, json!({ "message": "Unauthorized" })),
    });
    // Anyone can make such a link.
    let callback = AuthorizationCallback::find("error=access_denied", "");
    let page = AuthPage::open_with(config(), callback).await;
    assert!(matches!(page.notice(), Some(Notice::SignInFailed(_))));
    assert_eq!(page.api.get::<()>("/").await, Err(ApiError::Unreachable));
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn a_refresh_that_is_refused_signs_the_user_out() {
    let page = signed_in(&refreshable(&session_since(ADA, 60))).await;
    let network = Network::new(|call| match &call.url {
        url if url.ends_with("/oauth2/token") => {
            Reply::json(400, json!({ "error": "invalid_grant" }))
        }
        _ => Reply::json(401, json!({ "message": "Unauthorized" })),
    });
    assert_eq!(page.api.get::<()>("/").await, Err(ApiError::SignedOut));
    assert_eq!(page.notice(), Some(SessionEnd::Expired.into()));
    assert_eq!(network.calls(API).len(), 1);
}

// --- Another user ---

/// Another tab signs in as this user.
fn other_tab_signs_in(email: &str) {
    let record = session(email).to_stored();
    local_storage().set_item(&key("session"), &record).unwrap();
}

/// A page of the real provider whose session all tabs share.
async fn shared_page(ada: &Session) -> AuthPage {
    clear_storage();
    let record = ada.to_stored();
    local_storage().set_item(&key("session"), &record).unwrap();
    AuthPage::open(shared_config()).await
}

#[test]
async fn a_response_does_not_reach_another_user() {
    let page = shared_page(&session(ADA)).await;
    let network = Network::new(|_| {
        other_tab_signs_in(BOB);
        window()
            .dispatch_event(&web_sys::Event::new("storage").unwrap())
            .unwrap();
        Reply::json(200, json!({ "id": 1, "item": "Tea" }))
    });
    assert_eq!(
        page.api.get::<Order>("/orders/1").await,
        Err(ApiError::SignedOut)
    );
    leptos::task::tick().await;
    assert_eq!(page.user().as_deref(), Some(BOB));
    assert_eq!(network.calls(API).len(), 1);
}

#[test]
async fn a_response_after_a_sign_out_is_not_delivered() {
    let page = signed_in(&session(ADA)).await;
    let auth = page.auth;
    let _network = Network::new(move |_| {
        auth.sign_out();
        Reply::json(401, json!({ "message": "Unauthorized" }))
    });
    assert_eq!(
        page.api.get::<Order>("/orders/1").await,
        Err(ApiError::SignedOut)
    );
    assert_eq!(page.notice(), None);
}

#[test]
async fn a_request_is_not_repeated_with_another_user_s_token() {
    let page = shared_page(&refreshable(&session(ADA))).await;
    let network = Network::new(|_| {
        // This tab has not heard of it when it looks at the storage for the refresh.
        other_tab_signs_in(BOB);
        Reply::json(401, json!({ "message": "Unauthorized" }))
    });
    let result = page.api.post::<()>("/orders", &tea()).await;
    assert_eq!(result, Err(ApiError::SignedOut));
    assert_eq!(network.calls(API).len(), 1);
    assert_eq!(page.user().as_deref(), Some(BOB));
    assert_eq!(page.notice(), Some(Notice::UserChanged));
}

#[test]
async fn a_request_is_not_sent_with_another_user_s_token_after_a_refresh() {
    let page = shared_page(&refreshable(&session_since(ADA, 3570))).await;
    let network = always(200, "null");
    other_tab_signs_in(BOB);
    let result = page.api.post::<()>("/orders", &tea()).await;
    assert_eq!(result, Err(ApiError::SignedOut));
    assert!(network.calls(API).is_empty());
    dispatch("storage").await;
    assert_eq!(page.user().as_deref(), Some(BOB));
}

// --- Removal ---

/// A component with an API client, which can be removed while the provider stays.
struct Removable {
    page: Page,
    api: ApiClient,
    is_shown: ArcRwSignal<bool>,
}

impl Removable {
    async fn new(session: Session) -> Self {
        clear_storage();
        let is_shown = ArcRwSignal::new(true);
        let slot = Arc::new(OnceLock::new());
        let (shown, given) = (is_shown.clone(), Arc::clone(&slot));
        let page = Page::mount(move || {
            let orders = move || {
                shown
                    .get()
                    .then(|| view! { <Orders api=Arc::clone(&given)/> })
            };
            view! {
                <testing::AuthProvider config=config() state=AuthState::SignedIn(session)>
                    {orders}
                </testing::AuthProvider>
            }
        });
        leptos::task::tick().await;
        let api = *slot.get().unwrap();
        Self {
            page,
            api,
            is_shown,
        }
    }

    async fn remove(&self) {
        self.is_shown.set(false);
        leptos::task::tick().await;
        assert_eq!(self.page.text(), "");
    }
}

#[component]
fn Orders(api: Arc<OnceLock<ApiClient>>) -> impl IntoView {
    let _ = api.set(use_api());
    "Orders"
}

/// Sends a GET request in a task of its own.
fn spawn_get(api: ApiClient) -> oneshot::Receiver<Result<Order, ApiError>> {
    let (done, result) = oneshot::channel();
    spawn_local(async move {
        let _ = done.send(api.get("/orders/1").await);
    });
    result
}

#[test]
async fn the_removal_of_the_component_aborts_its_requests() {
    let orders = Removable::new(session(ADA)).await;
    let network = Network::new(|_| Reply::Silence);
    let (one, other) = (spawn_get(orders.api), spawn_get(orders.api));
    network.until_called(API, 2).await;
    let calls = network.calls(API);
    assert!(calls.iter().all(|call| !call.signal.aborted()));
    orders.remove().await;
    assert_eq!(one.await, Ok(Err(ApiError::Aborted)));
    assert_eq!(other.await, Ok(Err(ApiError::Aborted)));
    assert!(calls.iter().all(|call| call.signal.aborted()));

    // A request that is made later is not sent.
    assert_eq!(orders.api.get::<()>("/").await, Err(ApiError::Aborted));
    settle().await;
    assert_eq!(network.calls("").len(), 2);
}

#[test]
async fn the_removal_of_the_provider_aborts_every_request() {
    let orders = Removable::new(session(ADA)).await;
    let network = Network::new(|_| Reply::Silence);
    let result = spawn_get(orders.api);
    network.until_called(API, 1).await;
    drop(orders.page);
    assert_eq!(result.await, Ok(Err(ApiError::Aborted)));
    assert!(network.calls(API)[0].signal.aborted());
    assert_eq!(orders.api.get::<()>("/").await, Err(ApiError::Aborted));
}

/// A list of orders, as the README has it.
#[component]
fn OrderList() -> impl IntoView {
    let api = use_api();
    let orders = LocalResource::new(move || api.get::<Vec<Order>>("/orders"));
    let list = move || {
        Suspend::new(async move {
            let orders = orders.await?;
            let rows = orders
                .into_iter()
                .map(|order| view! { <li>{order.item}</li> });
            Ok::<_, ApiError>(view! { <ul>{rows.collect_view()}</ul> })
        })
    };
    view! {
        <ErrorBoundary fallback=|_| "No list.">
            <Suspense fallback=|| "Loading…">{list}</Suspense>
        </ErrorBoundary>
        <button on:click=move |_| orders.refetch()>"Again"</button>
    }
}

fn order_list() -> Page {
    clear_storage();
    Page::mount(|| {
        let state = AuthState::SignedIn(session(ADA));
        view! {
            <testing::AuthProvider config=config() state>
                <OrderList/>
            </testing::AuthProvider>
        }
    })
}

#[test]
async fn a_resource_shows_what_the_api_responds() {
    let network = Network::new(|_| Reply::json(200, json!([{ "id": 1, "item": "Tea" }])));
    let page = order_list();
    leptos::task::tick().await;
    assert!(page.text().contains("Loading…"), "{}", page.text());
    until(|| page.text().contains("Tea")).await;
    page.press("Again").await;
    network.until_called(API, 2).await;
    drop((page, network));

    let _network = always(500, "");
    let page = order_list();
    until(|| page.text().contains("No list.")).await;
}

#[test]
async fn the_removal_of_a_resource_aborts_its_request() {
    let network = Network::new(|_| Reply::Silence);
    let page = order_list();
    network.until_called(API, 1).await;
    drop(page);
    until(|| network.calls(API)[0].signal.aborted()).await;
}

#[test]
async fn dropping_the_future_aborts_the_request() {
    let page = signed_in(&session(ADA)).await;
    let network = Network::new(|_| Reply::Silence);
    let request = Box::pin(page.api.get::<Order>("/orders/1"));
    // `select` returns the request that is still pending.
    drop(select(request, Box::pin(network.until_called(API, 1))).await);
    let calls = network.calls(API);
    assert!(calls.len() == 1 && calls[0].signal.aborted());
    assert_eq!(page.user().as_deref(), Some(ADA));
}

#[test]
async fn a_refresh_outlives_the_request_that_asked_for_it() {
    let orders = Rc::new(RefCell::new(None));
    let to_remove = Rc::clone(&orders);
    let times = Cell::new(0);
    let pool = Refreshing::with(move |call, _| {
        if call.url.ends_with("/oauth2/token") {
            times.set(times.get() + 1);
            // The component goes while the token endpoint is about to respond.
            let orders: &RefCell<Option<Removable>> = &to_remove;
            orders.borrow().as_ref().unwrap().is_shown.set(false);
        }
    })
    .await;
    let ada = refreshable(&session_since(ADA, 60));
    *orders.borrow_mut() = Some(Removable::new(ada).await);
    let api = orders.borrow().as_ref().unwrap().api;
    assert_eq!(spawn_get(api).await, Ok(Err(ApiError::Aborted)));
    // The old refresh token is used up: the new one must not be lost.
    until(|| stored_refresh_token() == Some("refresh-token-2".into())).await;
    assert_eq!(pool.refreshes(), 1);
    assert_eq!(pool.network.calls(API).len(), 1);
}

#[test]
async fn after_a_request_was_aborted_the_session_can_still_be_refreshed() {
    let page = signed_in(&refreshable(&session_since(ADA, 60))).await;
    let (request, abort) = abortable(page.api.get::<Order>("/orders/1"));
    let pool = Refreshing::with(move |call, _| {
        if call.url.ends_with("/oauth2/token") {
            abort.abort();
        }
    })
    .await;
    assert!(request.await.is_err());
    assert!(page.auth.is_refreshing().get_untracked());
    until(|| !page.auth.is_refreshing().get_untracked()).await;
    assert_eq!(stored_refresh_token(), Some("refresh-token-2".into()));
    assert_eq!(pool.refreshes(), 1);
}
