//! `GET /hiUsers` behind API Gateway's Cognito authorizer: who is let in, and how the others are refused.
//! The greeting itself, and who may read it, is `hi-users`' business.

use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::{Value, json};

use crate::faults::Fault;
use crate::tokens::Refused;
use crate::{CLIENT_ID, DevStack};

pub(crate) fn routes() -> Router<DevStack> {
    Router::new()
        .route("/hiUsers", get(hi_users).options(preflight))
        // Any other path or method: API Gateway speaks of tokens, though it means the path.
        .method_not_allowed_fallback(missing)
        .fallback(missing)
}

/// The same behind an authorizer with the scope `openid`, which asks for an access token.
pub(crate) fn scoped_routes() -> Router<DevStack> {
    Router::new().route("/hiUsers", get(scoped_hi_users).options(preflight))
}

async fn hi_users(State(stack): State<DevStack>, headers: HeaderMap) -> Response {
    let authorized = authorize(&stack, &headers);
    respond(&stack, &headers, authorized)
}

async fn scoped_hi_users(State(stack): State<DevStack>, headers: HeaderMap) -> Response {
    let authorized = token(&headers).and_then(|token| {
        let claims = stack.verify_access_token(token)?;
        let scopes = claims["scope"].as_str().unwrap_or_default();
        match scopes.split(' ').any(|scope| scope == "openid") {
            true => Ok(claims),
            false => Err(Refused::Invalid),
        }
    });
    respond(&stack, &headers, authorized)
}

fn respond(stack: &DevStack, headers: &HeaderMap, authorized: Result<Value, Refused>) -> Response {
    let mut response = match (stack.fault(), authorized) {
        (Some(Fault::Unauthorized), _) => refusal(stack, &Refused::Invalid),
        (Some(Fault::UnauthorizedOnce), _) => {
            stack.set_fault(None);
            refusal(stack, &Refused::Invalid)
        }
        (Some(Fault::ServerError), _) => message(
            stack,
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error",
        ),
        (Some(Fault::NotJson), _) => with_cors(stack, Html("<h1>Welcome</h1>").into_response()),
        (_, Ok(claims)) => ask_function(stack, "GET", headers, &claims),
        (_, Err(refused)) => refusal(stack, &refused),
    };
    if stack.fault() == Some(Fault::NoCors) {
        response.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    }
    response
}

/// The authorizer's rules for a method without scopes: a valid ID token for our client, bare or behind `Bearer`.
fn authorize(stack: &DevStack, headers: &HeaderMap) -> Result<Value, Refused> {
    let claims = stack.verify_id_token(token(headers)?)?;
    if claims["aud"] == CLIENT_ID && claims["token_use"] == "id" {
        Ok(claims)
    } else {
        Err(Refused::Invalid)
    }
}

/// The token in the header, bare or behind `Bearer`.
fn token(headers: &HeaderMap) -> Result<&str, Refused> {
    let header = headers.get(AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok());
    let header = header.ok_or(Refused::Invalid)?;
    Ok(header.strip_prefix("Bearer ").unwrap_or(header))
}

/// Hands the request and its claims to the function as API Gateway does, and its answer on.
fn ask_function(stack: &DevStack, method: &str, headers: &HeaderMap, claims: &Value) -> Response {
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let event = json!({
        "httpMethod": method,
        "path": "/hiUsers",
        "headers": { "origin": origin },
        "requestContext": { "authorizer": { "claims": claims } },
    });
    let answer = hi_users::answer(&event, stack.app_origin());
    let status = StatusCode::from_u16(answer.status_code).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, answer.body).into_response();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn refusal(stack: &DevStack, refused: &Refused) -> Response {
    let text = match refused {
        Refused::Expired => "The incoming token has expired",
        Refused::Invalid => "Unauthorized",
    };
    message(stack, StatusCode::UNAUTHORIZED, text)
}

async fn missing(State(stack): State<DevStack>) -> Response {
    message(
        &stack,
        StatusCode::FORBIDDEN,
        "Missing Authentication Token",
    )
}

/// API Gateway's own answers, with the header that its gateway responses have to be told to add.
fn message(stack: &DevStack, status: StatusCode, text: &str) -> Response {
    with_cors(
        stack,
        (status, Json(json!({ "message": text }))).into_response(),
    )
}

async fn preflight(State(stack): State<DevStack>, headers: HeaderMap) -> Response {
    ask_function(&stack, "OPTIONS", &headers, &Value::Null)
}

fn with_cors(stack: &DevStack, mut response: Response) -> Response {
    if let Ok(origin) = HeaderValue::from_str(stack.app_origin()) {
        response
            .headers_mut()
            .insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}
