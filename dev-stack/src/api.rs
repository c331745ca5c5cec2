//! `GET /hiUsers` behind API Gateway's Cognito authorizer: who is let in, and how the others are refused.
//! The greeting itself is `hi-users`' business.

use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CONTENT_TYPE};
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
        .method_not_allowed_fallback(async || missing())
        .fallback(async || missing())
}

/// The same behind an authorizer with the scope `openid`, which asks for an access token.
pub(crate) fn scoped_routes() -> Router<DevStack> {
    Router::new().route("/hiUsers", get(scoped_hi_users).options(preflight))
}

async fn hi_users(State(stack): State<DevStack>, headers: HeaderMap) -> Response {
    let authorized = authorize(&stack, &headers);
    respond(&stack, authorized)
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
    respond(&stack, authorized)
}

fn respond(stack: &DevStack, authorized: Result<Value, Refused>) -> Response {
    let mut response = match (stack.fault(), authorized) {
        (Some(Fault::Unauthorized), _) => refusal(&Refused::Invalid),
        (Some(Fault::UnauthorizedOnce), _) => {
            stack.set_fault(None);
            refusal(&Refused::Invalid)
        }
        (Some(Fault::ServerError), _) => {
            message(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
        }
        (Some(Fault::NotJson), _) => with_cors(Html("<h1>Welcome</h1>").into_response()),
        (_, Ok(claims)) => greet(&claims),
        (_, Err(refused)) => refusal(&refused),
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

/// Hands the claims to the function as API Gateway does, and its answer on.
fn greet(claims: &Value) -> Response {
    let event = json!({
        "httpMethod": "GET",
        "path": "/hiUsers",
        "requestContext": { "authorizer": { "claims": claims } },
    });
    let answer = hi_users::answer(&event);
    let status = StatusCode::from_u16(answer.status_code).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, answer.body).into_response();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn refusal(refused: &Refused) -> Response {
    let text = match refused {
        Refused::Expired => "The incoming token has expired",
        Refused::Invalid => "Unauthorized",
    };
    message(StatusCode::UNAUTHORIZED, text)
}

fn missing() -> Response {
    message(StatusCode::FORBIDDEN, "Missing Authentication Token")
}

/// API Gateway's own answers, with the header that its gateway responses have to be told to add.
fn message(status: StatusCode, text: &str) -> Response {
    with_cors((status, Json(json!({ "message": text }))).into_response())
}

async fn preflight() -> Response {
    let headers = [
        (
            "access-control-allow-headers",
            "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token",
        ),
        ("access-control-allow-methods", "GET,OPTIONS"),
        (CONTENT_TYPE.as_str(), "application/json"),
    ];
    with_cors((headers, "{}").into_response())
}

fn with_cors(mut response: Response) -> Response {
    let any = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
}
