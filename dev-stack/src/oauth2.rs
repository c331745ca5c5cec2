//! What the Hosted UI is for: requests are checked, and tokens or codes handed out (RFC 6749, RFC 7636, RFC 7009).
//! Knows nothing of pages and passwords.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

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

use crate::faults::Fault;
use crate::tokens::{Grant, Tokens};
use crate::user_pool::User;
use crate::{CLIENT_ID, DevStack, client_scopes, now, random_token};

/// How long a code lives, in seconds.
const CODE_LIFETIME: u64 = 5 * 60;

/// The parameters of `/oauth2/authorize`, `/login`, `/signup` and `/forgotPassword`, as they came.
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

/// A request that may be answered.
pub(crate) struct Request {
    redirect_uri: String,
    /// The code challenge of the code grant, if there is one; `None` for the implicit grant.
    code: Option<Option<String>>,
    scopes: Vec<String>,
    state: Option<String>,
    nonce: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) login_hint: Option<String>,
    pub(crate) identity_provider: Option<String>,
}

/// A request that may not.
pub(crate) enum BadRequest {
    /// The client or its redirect URI is wrong: nobody is sent anywhere but to our own page.
    Page(&'static str),
    /// All else goes back to the app.
    Callback(String),
}

/// Codes and refresh tokens that are out.
#[derive(Default)]
pub(crate) struct Grants {
    codes: HashMap<String, Code>,
    refresh_tokens: HashMap<String, Grant>,
}

struct Code {
    grant: Grant,
    redirect_uri: String,
    challenge: Option<String>,
    issued_at: u64,
}

impl Grants {
    pub(crate) fn refresh_tokens(&self) -> usize {
        self.refresh_tokens.len()
    }
}

impl Parameters {
    pub(crate) fn check(&self, stack: &DevStack) -> Result<Request, BadRequest> {
        if self.client_id.as_deref() != Some(CLIENT_ID) {
            return Err(BadRequest::Page("invalid_request"));
        }
        let redirect_uri = self.redirect_uri.clone().unwrap_or_default();
        if redirect_uri != stack.0.app_url {
            return Err(BadRequest::Page("redirect_mismatch"));
        }
        let scopes: Vec<String> = match self.scope.as_deref() {
            None | Some("") => client_scopes(),
            Some(scope) => scope.split(' ').map(str::to_owned).collect(),
        };
        let mut request = Request {
            redirect_uri,
            code: None,
            scopes,
            state: self.state.clone(),
            nonce: self.nonce.clone(),
            prompt: self.prompt.clone(),
            login_hint: self.login_hint.clone(),
            identity_provider: self.identity_provider.clone(),
        };
        match self.response_type.as_deref() {
            Some("token") => {}
            Some("code") => request.code = Some(self.code_challenge.clone()),
            _ => return Err(request.refusal("invalid_request", "invalid response_type")),
        }
        let allowed = client_scopes();
        let openid = request.scopes.iter().any(|scope| scope == "openid");
        if !request.scopes.iter().all(|scope| allowed.contains(scope)) || !openid {
            return Err(request.refusal("invalid_scope", "invalid_scope"));
        }
        let method = self.code_challenge_method.as_deref();
        if self.code_challenge.is_some() && method != Some("S256") {
            return Err(request.refusal("invalid_request", "code_challenge_method must be S256"));
        }
        Ok(request)
    }
}

impl Request {
    fn refusal(&self, error: &str, description: &str) -> BadRequest {
        BadRequest::Callback(self.error_url(error, description))
    }

    /// Where an error goes: the fragment in the implicit grant, the query in the code grant.
    pub(crate) fn error_url(&self, error: &str, description: &str) -> String {
        self.url(&[
            ("error_description", Some(description)),
            ("state", self.state.as_deref()),
            ("error", Some(error)),
        ])
    }

    fn url(&self, parameters: &[(&str, Option<&str>)]) -> String {
        let mut encoded = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parameters {
            if let Some(value) = value {
                encoded.append_pair(name, value);
            }
        }
        let mark = if self.code.is_some() { '?' } else { '#' };
        format!("{}{mark}{}", self.redirect_uri, encoded.finish())
    }
}

impl DevStack {
    /// Where to send somebody who has signed in: back to the app, with tokens or a code.
    pub(crate) fn answer(&self, request: &Request, user: User, auth_time: u64) -> String {
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
            refreshed: false,
        };
        let Some(challenge) = &request.code else {
            let tokens = self.issue(&grant);
            return request.url(&[
                ("id_token", tokens.id_token.as_deref()),
                ("access_token", Some(&tokens.access_token)),
                ("expires_in", Some(&self.token_lifetime().to_string())),
                ("token_type", Some("Bearer")),
                ("state", state),
            ]);
        };
        let code = random_token();
        let stored = Code {
            grant,
            redirect_uri: request.redirect_uri.clone(),
            challenge: challenge.clone(),
            issued_at: now(),
        };
        self.grants().codes.insert(code.clone(), stored);
        request.url(&[("code", Some(&code)), ("state", state)])
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
    if request.client_id.as_deref() != Some(CLIENT_ID) {
        return error("invalid_client");
    }
    if request.grant_type.as_deref() == Some("refresh_token") {
        stack.0.refreshes.fetch_add(1, Ordering::Relaxed);
    }
    match stack.fault() {
        Some(Fault::InvalidGrant) => return error("invalid_grant"),
        Some(Fault::TokenEndpointDown) => {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        Some(Fault::TokenEndpointNotJson) => {
            return Html("<h1>Welcome</h1>").into_response();
        }
        _ => {}
    }
    let (grant, new_refresh_token) = match request.grant_type.as_deref() {
        Some("authorization_code") => {
            // A code serves once, whether it is then accepted or not.
            let code = request.code.as_deref().unwrap_or_default();
            let code = stack.grants().codes.remove(code);
            let Some(code) = code.filter(|code| code.is_redeemed_by(&request)) else {
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
            let Some(mut grant) = grant else {
                return error("invalid_grant");
            };
            grant.refreshed = true;
            (grant, rotates.then(random_token))
        }
        _ => return error("unsupported_grant_type"),
    };
    let Tokens {
        id_token,
        access_token,
    } = stack.issue(&grant);
    let mut answer = json!({
        "access_token": access_token,
        "expires_in": stack.token_lifetime(),
        "token_type": "Bearer",
    });
    if let Some(id_token) = id_token {
        answer["id_token"] = id_token.into();
    }
    if let Some(refresh_token) = new_refresh_token {
        answer["refresh_token"] = refresh_token.clone().into();
        stack.grants().refresh_tokens.insert(refresh_token, grant);
    }
    ([(CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

impl Code {
    fn is_redeemed_by(&self, request: &TokenRequest) -> bool {
        let verifier = request.code_verifier.as_deref();
        let proven = match (&self.challenge, verifier) {
            (None, None) => true,
            (Some(challenge), Some(verifier)) => {
                *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
            }
            _ => false,
        };
        proven
            && request.redirect_uri.as_deref() == Some(self.redirect_uri.as_str())
            && self.issued_at + CODE_LIFETIME > now()
    }
}

#[derive(Deserialize)]
struct Revocation {
    token: Option<String>,
    client_id: Option<String>,
}

async fn revoke(State(stack): State<DevStack>, Form(request): Form<Revocation>) -> Response {
    let Some(token) = request.token else {
        return error("invalid_request");
    };
    if request.client_id.as_deref() != Some(CLIENT_ID) {
        return error("invalid_client");
    }
    // Only refresh tokens can be revoked; others are JWTs, with dots. One that is revoked already is no error.
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
                Some(Fault::UserInfo) => "somebody-else",
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

/// 302, as Cognito answers; nobody is to keep it, since tokens may be in it.
pub(crate) fn found(url: &str) -> Response {
    let headers = [(LOCATION, url), (CACHE_CONTROL, "no-store")];
    (StatusCode::FOUND, headers).into_response()
}
