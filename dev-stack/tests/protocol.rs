//! The stand-in's behaviour, request by request, as Cognito's and API Gateway's documentation has it.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::net::SocketAddr;

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
/// Whose pages may read the API's answers.
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

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The parameters of the address that it sends to, which starts with `to` and `mark`.
    #[track_caller]
    fn parameters(&self, to: &str, mark: char) -> HashMap<String, String> {
        assert_eq!(self.status, StatusCode::FOUND);
        let rest = self.header("location").strip_prefix(to).unwrap();
        let rest = rest.strip_prefix(mark).unwrap();
        form_urlencoded::parse(rest.as_bytes())
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
) -> Answer {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    if !form.is_empty() {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = request.body(Body::from(body)).unwrap();
    let response = stack.clone().routes().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

async fn get(stack: &DevStack, path: &str) -> Answer {
    send(stack, Method::GET, path, &[], &[]).await
}

/// The path with a good request's parameters, some of them set otherwise, or taken out by "".
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

async fn sign_in(stack: &DevStack, changes: &[(&str, &str)]) -> Answer {
    let form = [("username", EMAIL), ("password", PASSWORD)];
    send(stack, Method::POST, &request("/login", changes), &[], &form).await
}

async fn tokens(stack: &DevStack) -> HashMap<String, String> {
    sign_in(stack, &[]).await.parameters(APP, '#')
}

/// The claims, after a check of the signature with the key that the pool publishes.
async fn verified(stack: &DevStack, token: &str) -> Value {
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
async fn the_implicit_grant_answers_in_the_fragment_with_cognitos_claims() {
    let stack = stack();
    let answer = tokens(&stack).await;
    assert_eq!(answer["expires_in"], "3600");
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer["state"], "the-state");

    let id = verified(&stack, &answer["id_token"]).await;
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
    let at_hash = URL_SAFE_NO_PAD.encode(&hash(&answer["access_token"])[..16]);
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

    let access = verified(&stack, &answer["access_token"]).await;
    assert_eq!(
        (&access["token_use"], &access["client_id"]),
        (&json!("access"), &json!(CLIENT_ID))
    );
    assert_eq!(
        (&access["scope"], &access["aud"]),
        (&json!("openid email"), &Value::Null)
    );
    let kid = |token: &str| jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    assert_ne!(kid(&answer["id_token"]), kid(&answer["access_token"]));
    assert!(kid(&answer["id_token"]).ends_with('='));
}

#[tokio::test]
async fn without_the_scope_email_there_is_no_email() {
    let stack = stack();
    let answer = sign_in(&stack, &[("scope", "openid")]).await;
    let claims = verified(&stack, &answer.parameters(APP, '#')["id_token"]).await;
    assert!(claims["email"].is_null());
}

#[tokio::test]
async fn a_wrong_client_or_address_is_never_sent_back() {
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
            let answer = get(&stack, &request(path, &[change])).await;
            assert_eq!(answer.parameters("/error", '?')["error"], error);
        }
    }
    let page = get(&stack, "/error?error=redirect_mismatch").await;
    assert!(page.body.contains(APP));
}

#[tokio::test]
async fn other_errors_are_sent_back_with_the_state() {
    let stack = stack();
    for (change, mark, error) in [
        (("scope", "openid nonsense"), '#', "invalid_scope"),
        (("response_type", "id_token"), '#', "invalid_request"),
        (("prompt", "none"), '#', "login_required"),
    ] {
        let answer = get(&stack, &request("/login", &[change])).await;
        let parameters = answer.parameters(APP, mark);
        assert_eq!(
            (parameters["error"].as_str(), parameters["state"].as_str()),
            (error, "the-state")
        );
    }
    let code = [("response_type", "code"), ("scope", "nonsense")];
    let answer = get(&stack, &request("/login", &code)).await;
    assert_eq!(answer.parameters(APP, '?')["error"], "invalid_scope");
}

#[tokio::test]
async fn authorize_leads_to_the_login_page() {
    let stack = stack();
    let answer = get(&stack, &request("/oauth2/authorize", &[])).await;
    assert_eq!(answer.header("location"), request("/login", &[]));
    let page = get(&stack, &request("/login", &[])).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains(r#"type="password""#));
}

#[tokio::test]
async fn the_cookie_signs_in_without_asking_until_sign_out() {
    let stack = stack();
    let cookie = sign_in(&stack, &[]).await.header("set-cookie").to_owned();
    assert!(
        cookie.contains("Max-Age=3600") && cookie.contains("HttpOnly"),
        "{cookie}"
    );
    let cookie = [("cookie", cookie.split(';').next().unwrap())];

    let come_back =
        || async { send(&stack, Method::GET, &request("/login", &[]), &cookie, &[]).await };
    assert!(
        come_back()
            .await
            .parameters(APP, '#')
            .contains_key("id_token")
    );
    let asked = request("/login", &[("prompt", "login")]);
    let asked = send(&stack, Method::GET, &asked, &cookie, &[]).await;
    assert_eq!(asked.status, StatusCode::OK);

    let logout = |uri: &str| format!("/logout?client_id={CLIENT_ID}&logout_uri={uri}");
    let elsewhere = send(
        &stack,
        Method::GET,
        &logout("http://localhost:8080"),
        &cookie,
        &[],
    )
    .await;
    assert_eq!(
        elsewhere.parameters("/error", '?')["error"],
        "redirect_mismatch"
    );
    assert_eq!(come_back().await.status, StatusCode::FOUND);

    let out = send(&stack, Method::GET, &logout(APP), &cookie, &[]).await;
    assert_eq!(out.header("location"), APP);
    assert_eq!(come_back().await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_authorizer_lets_in_a_valid_id_token_and_nothing_else() {
    let stack = stack();
    let answer = tokens(&stack).await;
    let (id_token, access_token) = (&answer["id_token"], &answer["access_token"]);
    let call = |authorization: String| {
        let stack = stack.clone();
        async move {
            let headers = [("authorization", authorization.as_str())];
            send(&stack, Method::GET, "/dev/hiUsers", &headers, &[]).await
        }
    };
    for good in [id_token.clone(), format!("Bearer {id_token}")] {
        let answer = call(good).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.json(), json!({ "message": "Hi, ada@example.com!" }));
        assert_eq!(answer.header("access-control-allow-origin"), APP_ORIGIN);
    }
    let mut forged = id_token.clone();
    forged.replace_range(forged.len() - 8.., "AAAAAAAA");
    for bad in [
        access_token.clone(),
        forged,
        format!("Bearer  {id_token}"),
        String::new(),
        "garbage".to_owned(),
    ] {
        let answer = call(bad).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.json(), json!({ "message": "Unauthorized" }));
        assert_eq!(answer.header("access-control-allow-origin"), APP_ORIGIN);
    }
    let nothing = get(&stack, "/dev/hiUsers").await;
    assert_eq!(nothing.json(), json!({ "message": "Unauthorized" }));

    let other = self::stack();
    let foreign = call(tokens(&other).await["id_token"].clone()).await;
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
async fn the_api_speaks_of_tokens_where_it_means_the_path() {
    let stack = stack();
    for (method, path) in [(Method::GET, "/dev/other"), (Method::POST, "/dev/hiUsers")] {
        let answer = send(&stack, method, path, &[], &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(
            answer.json(),
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
async fn a_code_is_redeemed_once_by_its_verifier() {
    let stack = stack();
    let verifier = "a-verifier-of-at-least-forty-three-characters-in-all";
    let challenge = URL_SAFE_NO_PAD.encode(hash(verifier));
    let code = || async {
        let changes = [
            ("response_type", "code"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let answer = sign_in(&stack, &changes).await.parameters(APP, '?');
        assert_eq!(answer["state"], "the-state");
        answer["code"].clone()
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
    let good = code().await;
    let answer = redeem(good.clone(), verifier, APP).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.json()["expires_in"], 3600);
    let claims = verified(&stack, answer.json()["id_token"].as_str().unwrap()).await;
    assert_eq!(claims["nonce"], "the-nonce");

    let refused = json!({ "error": "invalid_grant" });
    assert_eq!(redeem(good, verifier, APP).await.json(), refused);
    assert_eq!(redeem(code().await, "another", APP).await.json(), refused);
    assert_eq!(
        redeem(code().await, verifier, "http://localhost:8080")
            .await
            .json(),
        refused
    );
    assert_eq!(
        redeem("another".to_owned(), verifier, APP).await.json(),
        refused
    );

    // The refresh token yields new tokens and no other refresh token, until it is revoked.
    let refresh_token = answer.json()["refresh_token"].as_str().unwrap().to_owned();
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
    let access_token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let unsupported = json!({ "error": "unsupported_token_type" });
    assert_eq!(revoke(access_token.clone()).await.json(), unsupported);
    assert_eq!(revoke(refresh_token.clone()).await.status, StatusCode::OK);
    assert_eq!(revoke(refresh_token.clone()).await.status, StatusCode::OK);
    assert_eq!(refresh().await.json(), refused);

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
    let unknown = get(&stack, "/eu-west-1_Nobody/.well-known/jwks.json").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_a_person_writes_is_shown_as_text() {
    let stack = stack();
    let form = [("username", "\"><script>"), ("password", "x")];
    let page = send(&stack, Method::POST, &request("/login", &[]), &[], &form).await;
    assert!(!page.body.contains("<script>"), "{}", page.body);
}

/// A refresh token, and what it is exchanged for.
async fn refresh_token(stack: &DevStack) -> String {
    let answer = sign_in(stack, &[("response_type", "code")]).await;
    let code = answer.parameters(APP, '?')["code"].clone();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", CLIENT_ID),
        ("code", code.as_str()),
        ("redirect_uri", APP),
    ];
    let answer = send(stack, Method::POST, "/oauth2/token", &[], &form).await;
    answer.json()["refresh_token"].as_str().unwrap().to_owned()
}

async fn refresh(stack: &DevStack, token: &str) -> Value {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", token),
    ];
    let answer = send(stack, Method::POST, "/oauth2/token", &[], &form).await;
    answer.json()
}

#[tokio::test]
async fn with_rotation_a_refresh_token_serves_once() {
    let stack = stack();
    let kept = refresh_token(&stack).await;
    assert_eq!(refresh(&stack, &kept).await["refresh_token"], Value::Null);
    assert_eq!(refresh(&stack, &kept).await["refresh_token"], Value::Null);

    stack.set_refresh_token_rotation(true);
    let answer = refresh(&stack, &kept).await;
    let new = answer["refresh_token"].as_str().unwrap();
    let refused = json!({ "error": "invalid_grant" });
    assert_eq!(refresh(&stack, &kept).await, refused);
    assert!(refresh(&stack, new).await["id_token"].is_string());
    assert_eq!((stack.refreshes(), stack.refresh_tokens()), (5, 1));
}

#[tokio::test]
async fn a_refreshed_token_is_about_the_same_sign_in() {
    let stack = stack();
    let first = tokens(&stack).await;
    let first = verified(&stack, &first["id_token"]).await;
    let token = refresh_token(&stack).await;
    let claims = async || {
        let answer = refresh(&stack, &token).await;
        verified(&stack, answer["id_token"].as_str().unwrap()).await
    };
    assert_eq!(claims().await["sub"], first["sub"]);
    assert_eq!(claims().await["nonce"], "the-nonce");
    stack.set_fault(Some(Fault::Subject));
    assert_eq!(claims().await["sub"], "somebody-else");
    // The tokens of the sign-in itself are none of this fault's.
    let again = verified(&stack, &tokens(&stack).await["id_token"]).await;
    assert_eq!(again["sub"], first["sub"]);
}

#[tokio::test]
async fn tokens_live_as_long_as_they_are_told_to() {
    let stack = stack();
    stack.set_token_lifetime(300);
    let tokens = tokens(&stack).await;
    assert_eq!(tokens["expires_in"], "300");
    let claims = verified(&stack, &tokens["id_token"]).await;
    assert_eq!(
        claims["exp"].as_u64(),
        claims["iat"].as_u64().map(|iat| iat + 300)
    );
}

#[tokio::test]
async fn an_identity_provider_is_gone_to_directly() {
    let stack = stack();
    let provider = |name| request("/login", &[("identity_provider", name)]);
    assert!(
        get(&stack, &provider("Google"))
            .await
            .body
            .contains("Sign in with Google")
    );
    let unknown = get(&stack, &provider("Nobody")).await;
    assert!(unknown.header("location").starts_with("/error?"));
    let form = [("username", "joan@example.com")];
    let path = request("/provider", &[]);
    let answer = send(&stack, Method::POST, &path, &[], &form).await;
    let claims = verified(&stack, &answer.parameters(APP, '#')["id_token"]).await;
    assert_eq!(claims["email"], "joan@example.com");
}

#[tokio::test]
async fn a_login_hint_is_filled_in() {
    let page = get(
        &stack(),
        &request("/login", &[("login_hint", "joan@example.com")]),
    )
    .await;
    assert!(page.body.contains("value=\"joan@example.com\""));
}

#[tokio::test]
async fn an_authorizer_with_scopes_takes_access_tokens_alone() {
    let stack = stack();
    let tokens = tokens(&stack).await;
    let ask = async |token: &str| {
        let headers = [("authorization", token)];
        send(&stack, Method::GET, "/scoped/hiUsers", &headers, &[])
            .await
            .status
    };
    assert_eq!(ask(&tokens["access_token"]).await, StatusCode::OK);
    let bearer = format!("Bearer {}", tokens["access_token"]);
    assert_eq!(ask(&bearer).await, StatusCode::OK);
    assert_eq!(ask(&tokens["id_token"]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask("").await, StatusCode::UNAUTHORIZED);
}
