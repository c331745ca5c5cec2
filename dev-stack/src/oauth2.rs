//! Authorization requests and responses, and the endpoints for tokens, revocation and `userInfo` (RFC 6749, RFC 7636,
//! RFC 7009). Knows nothing of pages and passwords.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::extract::{Form, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower_http::cors::CorsLayer;

use crate::faults::{Fault, redirect_elsewhere};
use crate::tokens::{Grant, Tokens};
use crate::user_pool::User;
use crate::{CLIENT_ID, DevStack, allowed_scopes, now, random_token};

/// The lifetime of an authorization code, in seconds.
const CODE_LIFETIME: u64 = 5 * 60;

/// The parameters of `/oauth2/authorize`, `/login`, `/signup` and `/forgotPassword`, before validation.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Parameters {
    response_type: Option<String>,
    client_id: Option<String>,
    redirect_uri: Option<String>,
    scope: Option<String>,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    prompt: Option<String>,
    login_hint: Option<String>,
    identity_provider: Option<String>,
}

/// A valid authorization request.
pub(crate) struct AuthorizationRequest {
    redirect_uri: String,
    response_type: ResponseType,
    scopes: Vec<String>,
    state: Option<String>,
    nonce: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) identity_provider: Option<String>,
}

enum ResponseType {
    Token,
    Code { code_challenge: Option<String> },
}

/// How to report an invalid authorization request.
pub(crate) enum RequestError {
    /// An error code for the Hosted UI's own page. With a wrong client or redirect URI the request must not redirect
    /// to the app (RFC 6749, section 4.1.2.1).
    ErrorPage(&'static str),
    /// The callback URL with the error.
    Callback(String),
}

/// The codes and refresh tokens that are valid.
#[derive(Default)]
pub(crate) struct Grants {
    codes: HashMap<String, AuthorizationCode>,
    refresh_tokens: HashMap<String, Grant>,
}

struct AuthorizationCode {
    grant: Grant,
    redirect_uri: String,
    code_challenge: Option<String>,
    issued_at: u64,
}

impl Grants {
    pub(crate) fn refresh_tokens(&self) -> usize {
        self.refresh_tokens.len()
    }
}

impl Parameters {
    pub(crate) fn validate(&self, stack: &DevStack) -> Result<AuthorizationRequest, RequestError> {
        if self.client_id.as_deref() != Some(CLIENT_ID) {
            return Err(RequestError::ErrorPage("invalid_request"));
        }
        let redirect_uri = self.redirect_uri.clone().unwrap_or_default();
        if redirect_uri != stack.0.app_url {
            return Err(RequestError::ErrorPage("redirect_mismatch"));
        }
        let scopes: Vec<String> = match self.scope.as_deref() {
            None | Some("") => allowed_scopes(),
            Some(scope) => scope.split(' ').map(str::to_owned).collect(),
        };
        let mut request = AuthorizationRequest {
            redirect_uri,
            response_type: ResponseType::Token,
            scopes,
            state: self.state.clone(),
            nonce: self.nonce.clone(),
            prompt: self.prompt.clone(),
            login_hint: self.login_hint.clone(),
            identity_provider: self.identity_provider.clone(),
        };
        match self.response_type.as_deref() {
            Some("token") => {}
            Some("code") => {
                request.response_type = ResponseType::Code {
                    code_challenge: self.code_challenge.clone(),
                }
            }
            _ => return Err(request.error("invalid_request", "invalid response_type")),
        }
        let allowed = allowed_scopes();
        let has_openid = request.scopes.iter().any(|scope| scope == "openid");
        if !request.scopes.iter().all(|scope| allowed.contains(scope)) || !has_openid {
            return Err(request.error("invalid_scope", "invalid_scope"));
        }
        let method = self.code_challenge_method.as_deref();
        if self.code_challenge.is_some() && method != Some("S256") {
            return Err(request.error("invalid_request", "code_challenge_method must be S256"));
        }
        Ok(request)
    }
}

impl AuthorizationRequest {
    fn error(&self, error: &str, description: &str) -> RequestError {
        RequestError::Callback(self.error_url(error, description))
    }

    /// The callback URL with an error response.
    pub(crate) fn error_url(&self, error: &str, description: &str) -> String {
        self.callback_url(&[
            ("error_description", Some(description)),
            ("state", self.state.as_deref()),
            ("error", Some(error)),
        ])
    }

    /// Parameters go into the fragment in the implicit grant, and into the query in the code grant.
    fn callback_url(&self, parameters: &[(&str, Option<&str>)]) -> String {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parameters {
            if let Some(value) = value {
                encoded.append_pair(name, value);
            }
        }
        let separator = match self.response_type {
            ResponseType::Token => '#',
            ResponseType::Code { .. } => '?',
        };
        format!("{}{separator}{}", self.redirect_uri, encoded.finish())
    }
}

impl DevStack {
    /// The callback URL with tokens or a code for a user who has signed in.
    pub(crate) fn authorization_response(
        &self,
        request: &AuthorizationRequest,
        user: User,
        auth_time: u64,
    ) -> String {
        if self.fault() == Some(Fault::Denied) {
            return request.error_url("access_denied", "User cancelled the sign-in & went away");
        }
        let state = match self.fault() {
            Some(Fault::State) => Some("another-state"),
            _ => request.state.as_deref(),
        };
        let grant = Grant {
            user,
            scopes: request.scopes.clone(),
            nonce: request.nonce.clone(),
            auth_time,
            origin_jti: random_token(),
            replaces: None,
        };
        let ResponseType::Code { code_challenge } = &request.response_type else {
            let tokens = self.issue(&grant);
            return request.callback_url(&[
                ("id_token", tokens.id_token.as_deref()),
                ("access_token", Some(&tokens.access_token)),
                ("expires_in", Some(&self.token_lifetime().to_string())),
                ("token_type", Some("Bearer")),
                ("state", state),
            ]);
        };
        let code = random_token();
        let issued = AuthorizationCode {
            grant,
            redirect_uri: request.redirect_uri.clone(),
            code_challenge: code_challenge.clone(),
            issued_at: now(),
        };
        self.grants().codes.insert(code.clone(), issued);
        request.callback_url(&[("code", Some(&code)), ("state", state)])
    }
}

pub(crate) fn routes() -> Router<DevStack> {
    let any = tower_http::cors::Any;
    Router::new()
        .route("/oauth2/token", post(token))
        .route("/oauth2/revoke", post(revoke))
        .route("/oauth2/userInfo", get(user_info))
        .layer(CorsLayer::new().allow_origin(any).allow_headers(any))
}

#[derive(Deserialize)]
struct TokenRequest {
    grant_type: Option<String>,
    client_id: Option<String>,
    code: Option<String>,
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    refresh_token: Option<String>,
}

async fn token(State(stack): State<DevStack>, Form(request): Form<TokenRequest>) -> Response {
    let response = token_response(&stack, &request);
    while stack.fault() == Some(Fault::TokenEndpointHeld) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    response
}

fn token_response(stack: &DevStack, request: &TokenRequest) -> Response {
    if request.client_id.as_deref() != Some(CLIENT_ID) {
        return error("invalid_client");
    }
    if request.grant_type.as_deref() == Some("refresh_token") {
        stack.0.refreshes.fetch_add(1, Ordering::Relaxed);
    }
    match stack.fault() {
        Some(Fault::InvalidGrant) => return error("invalid_grant"),
        Some(Fault::InvalidRequestOnce) => {
            stack.set_fault(None);
            return error("invalid_request");
        }
        Some(Fault::TokenEndpointDown) => {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Some(Fault::TokenEndpointNotJson) => {
            return Html("<h1>Welcome</h1>").into_response();
        }
        Some(Fault::TokenEndpointRedirect) => return redirect_elsewhere().into_response(),
        _ => {}
    }
    let (mut grant, new_refresh_token) = match request.grant_type.as_deref() {
        Some("authorization_code") => {
            // A code can be used once, even if this request fails.
            let code = request.code.as_deref().unwrap_or_default();
            let code = stack.grants().codes.remove(code);
            let Some(code) = code.filter(|code| code.matches(request)) else {
                return error("invalid_grant");
            };
            (code.grant, Some(random_token()))
        }
        Some("refresh_token") => {
            let token = request.refresh_token.as_deref().unwrap_or_default();
            let rotates = stack.rotates_refresh_tokens();
            let grant = match rotates {
                true => stack.grants().refresh_tokens.remove(token),
                false => stack.grants().refresh_tokens.get(token).cloned(),
            };
            let Some(grant) = grant else {
                return error("invalid_grant");
            };
            (grant, rotates.then(random_token))
        }
        _ => return error("unsupported_grant_type"),
    };
    let Tokens {
        id_token,
        access_token,
        issued_at,
    } = stack.issue(&grant);
    grant.replaces = Some(issued_at);
    let mut response = json!({
        "access_token": access_token,
        "expires_in": stack.token_lifetime(),
        "token_type": "Bearer",
    });
    if let Some(id_token) = id_token {
        response["id_token"] = id_token.into();
    }
    match new_refresh_token {
        Some(refresh_token) => {
            response["refresh_token"] = refresh_token.clone().into();
            stack.grants().refresh_tokens.insert(refresh_token, grant);
        }
        None => {
            let token = request.refresh_token.as_deref().unwrap_or_default();
            // Unless it has been revoked meanwhile.
            if let Some(stored) = stack.grants().refresh_tokens.get_mut(token) {
                *stored = grant;
            }
        }
    }
    ([(CACHE_CONTROL, "no-store")], Json(response)).into_response()
}

impl AuthorizationCode {
    /// Checks the code verifier (RFC 7636, section 4.6), the redirect URI and the code's age.
    fn matches(&self, request: &TokenRequest) -> bool {
        let verifier = request.code_verifier.as_deref();
        let is_verified = match (&self.code_challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => {
                *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
            }
            _ => false,
        };
        is_verified
            && request.redirect_uri.as_deref() == Some(self.redirect_uri.as_str())
            && self.issued_at + CODE_LIFETIME > now()
    }
}

#[derive(Deserialize)]
struct RevocationRequest {
    token: Option<String>,
    client_id: Option<String>,
}

async fn revoke(State(stack): State<DevStack>, Form(request): Form<RevocationRequest>) -> Response {
    while stack.fault() == Some(Fault::RevocationHeld) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let Some(token) = request.token else {
        return error("invalid_request");
    };
    if request.client_id.as_deref() != Some(CLIENT_ID) {
        return error("invalid_client");
    }
    // Only refresh tokens can be revoked. ID and access tokens are JWTs, with dots. An unknown refresh token is no
    // error (RFC 7009, section 2.2).
    if token.contains('.') {
        return error("unsupported_token_type");
    }
    stack.grants().refresh_tokens.remove(&token);
    StatusCode::OK.into_response()
}

async fn user_info(State(stack): State<DevStack>, headers: HeaderMap) -> Response {
    let token = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = token.and_then(|value| value.strip_prefix("Bearer "));
    let claims = token.and_then(|token| stack.verify_access_token(token).ok());
    let user = claims.and_then(|claims| stack.pool().by_sub(claims["sub"].as_str()?));
    match user {
        Some(user) => Json(json!({
            "email": user.email,
            "email_verified": "true",
            "sub": match stack.fault() {
                Some(Fault::UserInfo) => "another-user",
                _ => &user.sub,
            },
            "username": user.sub,
        }))
        .into_response(),
        None => {
            let body: Value = json!({
                "error": "invalid_token",
                "error_description": "Access token is expired, disabled, or deleted, or the user has globally signed out.",
            });
            (StatusCode::UNAUTHORIZED, Json(body)).into_response()
        }
    }
}

fn error(code: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": code }))).into_response()
}

/// A 302 like Cognito's. It is not cached, because the URL can contain tokens.
pub(crate) fn redirect(url: &str) -> Response {
    let headers = [(LOCATION, url), (CACHE_CONTROL, "no-store")];
    (StatusCode::FOUND, headers).into_response()
}
