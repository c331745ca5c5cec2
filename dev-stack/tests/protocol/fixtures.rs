//! The stack under test, and the requests that the tests send.

use std::collections::HashMap;
use std::net::SocketAddr;

use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use dev_stack::{CLIENT_ID, DevStack, USER_POOL_ID};
use http_body_util::BodyExt;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;
use tower::ServiceExt;

pub const APP: &str = "http://localhost:8080/";
/// The origin that may read the API's responses.
pub const APP_ORIGIN: &str = "http://localhost:8080";
pub const ORIGIN: &str = "http://127.0.0.1:8081";
pub const EMAIL: &str = "ada@example.com";
pub const PASSWORD: &str = "Lovelace1";

pub fn stack() -> DevStack {
    let address: SocketAddr = ORIGIN.trim_start_matches("http://").parse().unwrap();
    let stack = DevStack::new(address, APP, |_, _| {});
    stack.add_user(EMAIL, PASSWORD).unwrap();
    stack
}

pub struct TestResponse {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl TestResponse {
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The parameters that a redirect to `url` carries after `separator`.
    #[track_caller]
    pub fn parameters(&self, url: &str, separator: char) -> HashMap<String, String> {
        assert_eq!(self.status, StatusCode::FOUND);
        let parameters = self.header("location").strip_prefix(url).unwrap();
        let parameters = parameters.strip_prefix(separator).unwrap();
        form_urlencoded::parse(parameters.as_bytes())
            .into_owned()
            .collect()
    }
}

pub async fn send(
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

pub async fn send_body(
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

pub async fn get(stack: &DevStack, path: &str) -> TestResponse {
    send(stack, Method::GET, path, &[], &[]).await
}

/// The URL of a valid authorization request with these parameters changed. The value "" removes a parameter.
pub fn request(path: &str, changes: &[(&str, &str)]) -> String {
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

pub async fn sign_in(stack: &DevStack, changes: &[(&str, &str)]) -> TestResponse {
    let form = [("username", EMAIL), ("password", PASSWORD)];
    send(stack, Method::POST, &request("/login", changes), &[], &form).await
}

pub async fn tokens(stack: &DevStack) -> HashMap<String, String> {
    sign_in(stack, &[]).await.parameters(APP, '#')
}

/// Verifies the signature with the pool's published key and returns the claims.
pub async fn verify(stack: &DevStack, token: &str) -> Value {
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

pub async fn refresh_token(stack: &DevStack) -> String {
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

pub async fn refresh(stack: &DevStack, token: &str) -> Value {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", token),
    ];
    let response = send(stack, Method::POST, "/oauth2/token", &[], &form).await;
    response.json()
}
