//! The dev-stack's responses, request by request, compared with the documentation of Cognito and API Gateway.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dev_stack::faults::Fault;
use dev_stack::{CLIENT_ID, DevStack, USER_POOL_ID};
use http_body_util::BodyExt;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

const APP: &str = "http://localhost:8080/";
/// The origin that may read the API's responses.
const APP_ORIGIN: &str = "http://localhost:8080";
const ORIGIN: &str = "http://127.0.0.1:8081";
const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "Lovelace1";

fn stack() -> DevStack {
    let address: SocketAddr = ORIGIN.trim_start_matches("http://").parse().unwrap();
    let stack = DevStack::new(address, APP, |_, _| {});
    stack.add_user(EMAIL, PASSWORD).unwrap();
    stack
}

struct TestResponse {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl TestResponse {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The parameters that a redirect to `url` carries after `separator`.
    #[track_caller]
    fn parameters(&self, url: &str, separator: char) -> HashMap<String, String> {
        assert_eq!(self.status, StatusCode::FOUND);
        let parameters = self.header("location").strip_prefix(url).unwrap();
        let parameters = parameters.strip_prefix(separator).unwrap();
        form_urlencoded::parse(parameters.as_bytes())
            .into_owned()
            .collect()
    }
}

async fn send(
    stack: &DevStack,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    form: &[(&str, &str)],
) -> TestResponse {
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let mut headers = headers.to_vec();
    if !form.is_empty() {
        headers.push(("content-type", "application/x-www-form-urlencoded"));
    }
    send_body(stack, method, path, &headers, body).await
}

async fn send_body(
    stack: &DevStack,
    method: Method,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> TestResponse {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.into()).unwrap();
    let response = stack.clone().routes().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    TestResponse {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn get(stack: &DevStack, path: &str) -> TestResponse {
    send(stack, Method::GET, path, &[], &[]).await
}

/// The URL of a valid authorization request with these parameters changed. The value "" removes a parameter.
fn request(path: &str, changes: &[(&str, &str)]) -> String {
    let mut parameters = vec![
        ("response_type", "token"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", APP),
        ("scope", "openid email"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
    ];
    for change in changes {
        parameters.retain(|(name, _)| name != &change.0);
        parameters.push(*change);
    }
    parameters.retain(|(_, value)| !value.is_empty());
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{path}?{query}")
}

async fn sign_in(stack: &DevStack, changes: &[(&str, &str)]) -> TestResponse {
    let form = [("username", EMAIL), ("password", PASSWORD)];
    send(stack, Method::POST, &request("/login", changes), &[], &form).await
}

async fn tokens(stack: &DevStack) -> HashMap<String, String> {
    sign_in(stack, &[]).await.parameters(APP, '#')
}

/// Verifies the signature with the pool's published key and returns the claims.
async fn verify(stack: &DevStack, token: &str) -> Value {
    let jwks = get(stack, &format!("/{USER_POOL_ID}/.well-known/jwks.json")).await;
    assert_eq!(jwks.header("access-control-allow-origin"), "*");
    let jwks: JwkSet = serde_json::from_str(&jwks.body).unwrap();
    let header = jsonwebtoken::decode_header(token).unwrap();
    assert_eq!((header.alg, header.typ), (Algorithm::RS256, None));
    let key = jwks.find(&header.kid.unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::RS256);
    rules.validate_aud = false;
    let key = DecodingKey::from_jwk(key).unwrap();
    jsonwebtoken::decode(token, &key, &rules).unwrap().claims
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text).to_vec()
}

#[tokio::test]
async fn implicit_grant_returns_cognitos_tokens_in_the_fragment() {
    let stack = stack();
    let response = tokens(&stack).await;
    assert_eq!(response["expires_in"], "3600");
    assert_eq!(response["token_type"], "Bearer");
    assert_eq!(response["state"], "the-state");

    let id = verify(&stack, &response["id_token"]).await;
    assert_eq!(id["iss"], format!("{ORIGIN}/{USER_POOL_ID}"));
    assert_eq!(id["aud"], CLIENT_ID);
    assert_eq!(id["token_use"], "id");
    assert_eq!(id["nonce"], "the-nonce");
    assert_eq!(
        (&id["email"], &id["email_verified"]),
        (&json!(EMAIL), &json!(true))
    );
    assert_eq!(
        id["exp"].as_u64().unwrap() - id["iat"].as_u64().unwrap(),
        3600
    );
    let at_hash = URL_SAFE_NO_PAD.encode(&hash(&response["access_token"])[..16]);
    assert_eq!(id["at_hash"], at_hash);
    for claim in [
        "sub",
        "auth_time",
        "jti",
        "origin_jti",
        "event_id",
        "cognito:username",
    ] {
        assert!(!id[claim].is_null(), "{claim}");
    }

    let access = verify(&stack, &response["access_token"]).await;
    assert_eq!(
        (&access["token_use"], &access["client_id"]),
        (&json!("access"), &json!(CLIENT_ID))
    );
    assert_eq!(
        (&access["scope"], &access["aud"]),
        (&json!("openid email"), &Value::Null)
    );
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_ne!(kid(&response["id_token"]), kid(&response["access_token"]));
    assert!(kid(&response["id_token"]).ends_with('='));
}

#[tokio::test]
async fn email_claims_need_the_email_scope() {
    let stack = stack();
    let response = sign_in(&stack, &[("scope", "openid")]).await;
    let claims = verify(&stack, &response.parameters(APP, '#')["id_token"]).await;
    assert!(claims["email"].is_null());
}

#[tokio::test]
async fn wrong_client_or_redirect_uri_never_redirects_to_the_app() {
    let stack = stack();
    for path in ["/login", "/signup", "/forgotPassword"] {
        for (change, error) in [
            (
                ("redirect_uri", "http://localhost:8080"),
                "redirect_mismatch",
            ),
            (
                ("redirect_uri", "http://localhost:8080/x"),
                "redirect_mismatch",
            ),
            (
                ("redirect_uri", "https://evil.example/"),
                "redirect_mismatch",
            ),
            (("redirect_uri", ""), "redirect_mismatch"),
            (("client_id", "another"), "invalid_request"),
            (("client_id", ""), "invalid_request"),
        ] {
            let response = get(&stack, &request(path, &[change])).await;
            assert_eq!(response.parameters("/error", '?')["error"], error);
        }
    }
    let page = get(&stack, "/error?error=redirect_mismatch").await;
    assert!(page.body.contains(APP));
}

#[tokio::test]
async fn other_errors_redirect_to_the_app_with_the_state() {
    let stack = stack();
    for (change, separator, error) in [
        (("scope", "openid nonsense"), '#', "invalid_scope"),
        (("response_type", "id_token"), '#', "invalid_request"),
        (("prompt", "none"), '#', "login_required"),
    ] {
        let response = get(&stack, &request("/login", &[change])).await;
        let parameters = response.parameters(APP, separator);
        assert_eq!(
            (parameters["error"].as_str(), parameters["state"].as_str()),
            (error, "the-state")
        );
    }
    let code = [("response_type", "code"), ("scope", "nonsense")];
    let response = get(&stack, &request("/login", &code)).await;
    assert_eq!(response.parameters(APP, '?')["error"], "invalid_scope");
}

#[tokio::test]
async fn authorize_endpoint_redirects_to_the_login_page() {
    let stack = stack();
    let response = get(&stack, &request("/oauth2/authorize", &[])).await;
    assert_eq!(response.header("location"), request("/login", &[]));
    let page = get(&stack, &request("/login", &[])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(r#"type="password""#));
}

#[tokio::test]
async fn session_cookie_signs_in_without_a_form_until_sign_out() {
    let stack = stack();
    let cookie = sign_in(&stack, &[]).await.header("set-cookie").to_owned();
    assert!(
        cookie.contains("Max-Age=3600") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    let cookie = [("cookie", cookie.split(';').next().unwrap())];

    let open_login =
        || async { send(&stack, Method::GET, &request("/login", &[]), &cookie, &[]).await };
    assert!(
        open_login()
            .await
            .parameters(APP, '#')
            .contains_key("id_token")
    );
    let path = request("/login", &[("prompt", "login")]);
    let page = send(&stack, Method::GET, &path, &cookie, &[]).await;
    assert_eq!(page.status, StatusCode::OK);

    let logout = |uri: &str| format!("/logout?client_id={CLIENT_ID}&logout_uri={uri}");
    let wrong_logout_uri = send(
        &stack,
        Method::GET,
        &logout("http://localhost:8080"),
        &cookie,
        &[],
    )
    .await;
    assert_eq!(
        wrong_logout_uri.parameters("/error", '?')["error"],
        "redirect_mismatch"
    );
    assert_eq!(open_login().await.status, StatusCode::FOUND);

    let signed_out = send(&stack, Method::GET, &logout(APP), &cookie, &[]).await;
    assert_eq!(signed_out.header("location"), APP);
    assert_eq!(open_login().await.status, StatusCode::OK);
}

#[tokio::test]
async fn authorizer_accepts_only_valid_id_tokens() {
    let stack = stack();
    let response = tokens(&stack).await;
    let (id_token, access_token) = (&response["id_token"], &response["access_token"]);
    let call = |authorization: String| {
        let stack = stack.clone();
        async move {
            let headers = [("authorization", authorization.as_str())];
            send(&stack, Method::GET, "/dev/hiUsers", &headers, &[]).await
        }
    };
    for valid in [id_token.clone(), format!("Bearer {id_token}")] {
        let response = call(valid).await;
        assert_eq!(response.status, StatusCode::OK);
        assert_eq!(
            response.json(),
            json!({ "message": "Hi, ada@example.com!" })
        );
        assert_eq!(response.header("access-control-allow-origin"), APP_ORIGIN);
    }
    let mut forged = id_token.clone();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    for invalid in [
        access_token.clone(),
        forged,
        format!("Bearer  {id_token}"),
        String::new(),
        "garbage".to_owned(),
    ] {
        let response = call(invalid).await;
        assert_eq!(response.status, StatusCode::UNAUTHORIZED);
        assert_eq!(response.json(), json!({ "message": "Unauthorized" }));
        assert_eq!(response.header("access-control-allow-origin"), APP_ORIGIN);
    }
    let without_token = get(&stack, "/dev/hiUsers").await;
    assert_eq!(without_token.json(), json!({ "message": "Unauthorized" }));

    let other_pool = self::stack();
    let foreign = call(tokens(&other_pool).await["id_token"].clone()).await;
    assert_eq!(foreign.status, StatusCode::UNAUTHORIZED);

    stack.set_fault(Some(Fault::Expired));
    let expired = call(tokens(&stack).await["id_token"].clone()).await;
    assert_eq!(expired.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        expired.json(),
        json!({ "message": "The incoming token has expired" })
    );
}

#[tokio::test]
async fn api_gateway_reports_a_missing_token_for_unknown_routes() {
    let stack = stack();
    for (method, path) in [
        (Method::GET, "/dev/other"),
        (Method::POST, "/dev/hiUsers"),
        (Method::DELETE, "/dev/orders"),
    ] {
        let response = send(&stack, method, path, &[], &[]).await;
        assert_eq!(response.status, StatusCode::FORBIDDEN);
        assert_eq!(
            response.json(),
            json!({ "message": "Missing Authentication Token" })
        );
    }
    let preflight = send(&stack, Method::OPTIONS, "/dev/hiUsers", &[], &[]).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    assert_eq!(
        preflight.header("access-control-allow-headers"),
        "Authorization"
    );
    assert_eq!(preflight.header("access-control-allow-origin"), APP_ORIGIN);
}

#[tokio::test]
async fn code_can_be_redeemed_once_with_its_verifier() {
    let stack = stack();
    let verifier = "a-verifier-of-at-least-forty-three-characters-in-all";
    let challenge = URL_SAFE_NO_PAD.encode(hash(verifier));
    let code = || async {
        let changes = [
            ("response_type", "code"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let response = sign_in(&stack, &changes).await.parameters(APP, '?');
        assert_eq!(response["state"], "the-state");
        response["code"].clone()
    };
    let redeem = |code: String, verifier: &'static str, redirect_uri: &'static str| {
        let stack = stack.clone();
        async move {
            let form = [
                ("grant_type", "authorization_code"),
                ("client_id", CLIENT_ID),
                ("code", code.as_str()),
                ("code_verifier", verifier),
                ("redirect_uri", redirect_uri),
            ];
            send(
                &stack,
                Method::POST,
                "/oauth2/token",
                &[("origin", "http://localhost:8080")],
                &form,
            )
            .await
        }
    };
    let issued = code().await;
    let response = redeem(issued.clone(), verifier, APP).await;
    assert_eq!(response.status, StatusCode::OK);
    assert_eq!(response.header("access-control-allow-origin"), "*");
    assert_eq!(response.json()["expires_in"], 3600);
    let claims = verify(&stack, response.json()["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["nonce"], "the-nonce");

    let invalid_grant = json!({ "error": "invalid_grant" });
    assert_eq!(redeem(issued, verifier, APP).await.json(), invalid_grant);
    assert_eq!(
        redeem(code().await, "another", APP).await.json(),
        invalid_grant
    );
    assert_eq!(
        redeem(code().await, verifier, "http://localhost:8080")
            .await
            .json(),
        invalid_grant
    );
    assert_eq!(
        redeem("another".to_owned(), verifier, APP).await.json(),
        invalid_grant
    );

    // The refresh token gives new tokens, but no new refresh token, until it is revoked.
    let refresh_token = response.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let refresh = || async {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", CLIENT_ID),
            ("refresh_token", refresh_token.as_str()),
        ];
        send(&stack, Method::POST, "/oauth2/token", &[], &form).await
    };
    let refreshed = refresh().await;
    assert!(
        refreshed.json()["id_token"].is_string() && refreshed.json()["refresh_token"].is_null()
    );
    let revoke = |token: String| {
        let stack = stack.clone();
        async move {
            let form = [("token", token.as_str()), ("client_id", CLIENT_ID)];
            send(&stack, Method::POST, "/oauth2/revoke", &[], &form).await
        }
    };
    let access_token = response.json()["access_token"].as_str().unwrap().to_owned();
    let unsupported = json!({ "error": "unsupported_token_type" });
    assert_eq!(revoke(access_token.clone()).await.json(), unsupported);
    assert_eq!(revoke(refresh_token.clone()).await.status, StatusCode::OK);
    assert_eq!(revoke(refresh_token.clone()).await.status, StatusCode::OK);
    assert_eq!(refresh().await.json(), invalid_grant);

    let bearer = format!("Bearer {access_token}");
    let info = send(
        &stack,
        Method::GET,
        "/oauth2/userInfo",
        &[("authorization", &bearer)],
        &[],
    )
    .await;
    assert_eq!(info.json()["email"], EMAIL);
    assert_eq!(info.json()["sub"], claims["sub"]);
    assert_eq!(
        get(&stack, "/oauth2/userInfo").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn discovery_describes_the_pool() {
    let stack = stack();
    let path = format!("/{USER_POOL_ID}/.well-known/openid-configuration");
    let document = get(&stack, &path).await.json();
    let issuer = format!("{ORIGIN}/{USER_POOL_ID}");
    assert_eq!(document["issuer"], issuer);
    assert_eq!(
        document["jwks_uri"],
        format!("{issuer}/.well-known/jwks.json")
    );
    let keys = get(&stack, &format!("/{USER_POOL_ID}/.well-known/jwks.json")).await;
    assert_eq!(keys.header("cache-control"), "public, max-age=86400");
    let unknown = get(&stack, "/eu-west-1_Unknown/.well-known/jwks.json").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn pages_escape_user_input() {
    let stack = stack();
    let form = [("username", "\"><script>"), ("password", "x")];
    let page = send(&stack, Method::POST, &request("/login", &[]), &[], &form).await;
    assert!(!page.body.contains("<script>"), "{}", page.body);
}

async fn refresh_token(stack: &DevStack) -> String {
    let response = sign_in(stack, &[("response_type", "code")]).await;
    let code = response.parameters(APP, '?')["code"].clone();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("code", code.as_str()),
        ("redirect_uri", APP),
    ];
    let response = send(stack, Method::POST, "/oauth2/token", &[], &form).await;
    response.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn refresh(stack: &DevStack, token: &str) -> Value {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", token),
    ];
    let response = send(stack, Method::POST, "/oauth2/token", &[], &form).await;
    response.json()
}

#[tokio::test]
async fn with_rotation_a_refresh_token_works_once() {
    let stack = stack();
    let first = refresh_token(&stack).await;
    assert_eq!(refresh(&stack, &first).await["refresh_token"], Value::Null);
    assert_eq!(refresh(&stack, &first).await["refresh_token"], Value::Null);

    stack.set_refresh_token_rotation(true);
    let response = refresh(&stack, &first).await;
    let second = response["refresh_token"].as_str().unwrap();
    let invalid_grant = json!({ "error": "invalid_grant" });
    assert_eq!(refresh(&stack, &first).await, invalid_grant);
    assert!(refresh(&stack, second).await["id_token"].is_string());
    assert_eq!((stack.refreshes(), stack.refresh_tokens()), (5, 1));
}

#[tokio::test]
async fn a_held_refresh_has_used_up_its_refresh_token() {
    let stack = stack();
    stack.set_refresh_token_rotation(true);
    let first = refresh_token(&stack).await;
    stack.set_fault(Some(Fault::TokenEndpointHeld));
    let held = tokio::spawn({
        let (stack, first) = (stack.clone(), first.clone());
        async move { refresh(&stack, &first).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!held.is_finished());
    assert_eq!((stack.refreshes(), stack.refresh_tokens()), (1, 1));

    stack.set_fault(None);
    let second = held.await.unwrap()["refresh_token"].clone();
    let invalid_grant = json!({ "error": "invalid_grant" });
    assert_eq!(refresh(&stack, &first).await, invalid_grant);
    let response = refresh(&stack, second.as_str().unwrap()).await;
    assert!(response["id_token"].is_string());
}

#[tokio::test]
async fn a_client_that_follows_redirects_is_found_out() {
    let stack = stack();
    let id_token = tokens(&stack).await["id_token"].clone();
    let authorization = [("authorization", id_token.as_str())];
    let form = [("client_id", CLIENT_ID), ("code", "a-code")];
    for (fault, method, path, headers, form) in [
        (
            Fault::TokenEndpointRedirect,
            Method::POST,
            "/oauth2/token",
            [].as_slice(),
            form.as_slice(),
        ),
        (
            Fault::ApiRedirect,
            Method::GET,
            "/dev/hiUsers",
            &authorization,
            &[],
        ),
    ] {
        stack.set_fault(Some(fault));
        let redirect = send(&stack, method.clone(), path, headers, form).await;
        assert_eq!(redirect.status, StatusCode::TEMPORARY_REDIRECT);
        assert!(!redirect.header("access-control-allow-origin").is_empty());
        let place = redirect.header("location");
        // Browsers send this before a request with a token.
        let preflight = [
            ("access-control-request-headers", "authorization"),
            ("access-control-request-method", "GET"),
        ];
        let allowed = send(&stack, Method::OPTIONS, place, &preflight, &[]).await;
        assert_eq!(
            allowed.header("access-control-allow-headers"),
            "authorization"
        );
        let followed = send(&stack, method, place, headers, form).await;
        assert_eq!(followed.header("access-control-allow-origin"), "*");
    }
    let code = format!("client_id={CLIENT_ID}&code=a-code");
    assert_eq!(stack.requests_elsewhere(), [code, id_token]);
}

#[tokio::test]
async fn refreshed_id_token_keeps_sub_and_nonce() {
    let stack = stack();
    let first = tokens(&stack).await;
    let first = verify(&stack, &first["id_token"]).await;
    let token = refresh_token(&stack).await;
    let claims = async || {
        let response = refresh(&stack, &token).await;
        verify(&stack, response["id_token"].as_str().unwrap()).await
    };
    assert_eq!(claims().await["sub"], first["sub"]);
    assert_eq!(claims().await["nonce"], "the-nonce");
    stack.set_fault(Some(Fault::Subject));
    assert_eq!(claims().await["sub"], "another-user");
    // The fault does not affect the tokens of a sign-in.
    let again = verify(&stack, &tokens(&stack).await["id_token"]).await;
    assert_eq!(again["sub"], first["sub"]);
}

#[tokio::test]
async fn token_lifetime_is_configurable() {
    let stack = stack();
    stack.set_token_lifetime(300);
    let tokens = tokens(&stack).await;
    assert_eq!(tokens["expires_in"], "300");
    let claims = verify(&stack, &tokens["id_token"]).await;
    assert_eq!(
        claims["exp"].as_u64(),
        claims["iat"].as_u64().map(|iat| iat + 300)
    );
}

#[tokio::test]
async fn identity_provider_parameter_skips_the_login_form() {
    let stack = stack();
    let provider = |name| request("/login", &[("identity_provider", name)]);
    assert!(
        get(&stack, &provider("Google"))
            .await
            .body
            .contains("Sign in with Google")
    );
    let unknown = get(&stack, &provider("Unknown")).await;
    assert!(unknown.header("location").starts_with("/error?"));
    let form = [("username", "joan@example.com")];
    let path = request("/provider", &[]);
    let response = send(&stack, Method::POST, &path, &[], &form).await;
    let claims = verify(&stack, &response.parameters(APP, '#')["id_token"]).await;
    assert_eq!(claims["email"], "joan@example.com");
}

#[tokio::test]
async fn login_hint_is_filled_in() {
    let page = get(
        &stack(),
        &request("/login", &[("login_hint", "joan@example.com")]),
    )
    .await;
    assert!(page.body.contains("value=\"joan@example.com\""));
}

#[tokio::test]
async fn authorizer_with_scopes_accepts_only_access_tokens() {
    let stack = stack();
    let tokens = tokens(&stack).await;
    let call = async |token: &str| {
        let headers = [("authorization", token)];
        send(&stack, Method::GET, "/scoped/hiUsers", &headers, &[])
            .await
            .status
    };
    assert_eq!(call(&tokens["access_token"]).await, StatusCode::OK);
    let bearer = format!("Bearer {}", tokens["access_token"]);
    assert_eq!(call(&bearer).await, StatusCode::OK);
    assert_eq!(call(&tokens["id_token"]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(call("").await, StatusCode::UNAUTHORIZED);
}

/// The ID token of a user who signs in through the identity provider.
async fn id_token_of(stack: &DevStack, email: &str) -> String {
    let path = request("/provider", &[]);
    let response = send(stack, Method::POST, &path, &[], &[("username", email)]).await;
    response.parameters(APP, '#')["id_token"].clone()
}

async fn get_orders(stack: &DevStack, token: &str) -> TestResponse {
    let headers = [("authorization", token)];
    send(stack, Method::GET, "/dev/orders", &headers, &[]).await
}

async fn post_order(stack: &DevStack, token: &str, body: &'static str) -> TestResponse {
    let headers = [
        ("authorization", token),
        ("content-type", "application/json"),
    ];
    send_body(stack, Method::POST, "/dev/orders", &headers, body).await
}

const TEA: &str = r#"{"item":"Tea"}"#;

#[tokio::test]
async fn orders_belong_to_the_user_of_the_token() {
    let stack = stack();
    let ada = id_token_of(&stack, EMAIL).await;
    let joan = id_token_of(&stack, "joan@example.com").await;
    assert_eq!(get_orders(&stack, &ada).await.json(), json!([]));

    let created = post_order(&stack, &ada, TEA).await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.json(), json!({ "id": 1, "item": "Tea" }));
    assert_eq!(created.header("content-type"), "application/json");
    assert_eq!(created.header("access-control-allow-origin"), APP_ORIGIN);
    let created = post_order(&stack, &ada, r#"{"item":"Scones","quantity":2}"#).await;
    assert_eq!(created.json(), json!({ "id": 2, "item": "Scones" }));

    let listed = get_orders(&stack, &ada).await;
    assert_eq!(listed.status, StatusCode::OK);
    assert_eq!(
        listed.json(),
        json!([{ "id": 1, "item": "Tea" }, { "id": 2, "item": "Scones" }])
    );
    assert_eq!(listed.header("access-control-allow-origin"), APP_ORIGIN);
    assert_eq!(listed.header("cache-control"), "no-store");
    assert_eq!(get_orders(&stack, &joan).await.json(), json!([]));

    // The list belongs to the user, not to the token or the stage.
    let access_token = tokens(&stack).await["access_token"].clone();
    let headers = [("authorization", access_token.as_str())];
    let scoped = send(&stack, Method::GET, "/scoped/orders", &headers, &[]).await;
    assert_eq!(scoped.json(), listed.json());
}

#[tokio::test]
async fn an_order_needs_an_item() {
    let stack = stack();
    let token = id_token_of(&stack, EMAIL).await;
    for body in [
        "",
        "Tea",
        "{}",
        r#"{"item":""}"#,
        r#"{"item":" "}"#,
        r#"{"item":7}"#,
        r#"{"item":null}"#,
        r#"{"name":"Tea"}"#,
        r#""Tea""#,
    ] {
        let response = post_order(&stack, &token, body).await;
        assert_eq!(response.status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(response.json(), json!({ "message": "item is required" }));
        assert_eq!(response.header("access-control-allow-origin"), APP_ORIGIN);
    }
    assert_eq!(get_orders(&stack, &token).await.json(), json!([]));
}

#[tokio::test]
async fn orders_need_a_valid_id_token() {
    let stack = stack();
    let access_token = tokens(&stack).await["access_token"].clone();
    for token in ["", "garbage", &access_token] {
        for response in [
            get_orders(&stack, token).await,
            post_order(&stack, token, TEA).await,
        ] {
            assert_eq!(response.status, StatusCode::UNAUTHORIZED);
            assert_eq!(response.json(), json!({ "message": "Unauthorized" }));
            assert_eq!(response.header("access-control-allow-origin"), APP_ORIGIN);
        }
    }
    let token = id_token_of(&stack, EMAIL).await;
    assert_eq!(get_orders(&stack, &token).await.json(), json!([]));
}

#[tokio::test]
async fn api_faults_apply_to_orders() {
    let stack = stack();
    let token = id_token_of(&stack, EMAIL).await;
    for (fault, status, body) in [
        (Fault::Unauthorized, 401, r#"{"message":"Unauthorized"}"#),
        (
            Fault::ServerError,
            500,
            r#"{"message":"Internal server error"}"#,
        ),
        (Fault::NotJson, 200, "<h1>Welcome</h1>"),
    ] {
        stack.set_fault(Some(fault));
        for response in [
            get_orders(&stack, &token).await,
            post_order(&stack, &token, TEA).await,
        ] {
            assert_eq!(response.status, status, "{fault:?}");
            assert_eq!(response.body, body);
            assert_eq!(response.header("access-control-allow-origin"), APP_ORIGIN);
        }
    }

    // A rejected request creates no order, and its repetition creates one.
    stack.set_fault(Some(Fault::UnauthorizedOnce));
    let rejected = post_order(&stack, &token, TEA).await;
    assert_eq!(rejected.status, StatusCode::UNAUTHORIZED);
    let repeated = post_order(&stack, &token, TEA).await;
    assert_eq!(repeated.json(), json!({ "id": 1, "item": "Tea" }));

    // Without the CORS header, the browser hides the response, but the order exists.
    stack.set_fault(Some(Fault::NoCors));
    let hidden = post_order(&stack, &token, TEA).await;
    assert_eq!(hidden.status, StatusCode::CREATED);
    assert_eq!(hidden.header("access-control-allow-origin"), "");
    stack.set_fault(None);
    let orders = get_orders(&stack, &token).await.json();
    assert_eq!(orders.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn orders_preflight_allows_json_and_all_methods() {
    let stack = stack();
    for path in ["/dev/orders", "/scoped/orders"] {
        let preflight = send(&stack, Method::OPTIONS, path, &[], &[]).await;
        assert_eq!(preflight.status, StatusCode::NO_CONTENT);
        for (name, value) in [
            ("access-control-allow-origin", APP_ORIGIN),
            (
                "access-control-allow-methods",
                "GET, POST, PUT, PATCH, DELETE",
            ),
            (
                "access-control-allow-headers",
                "Authorization, Content-Type",
            ),
        ] {
            assert_eq!(preflight.header(name), value, "{path}");
        }
    }
}
