//! The API behind API Gateway's Cognito authorizer: `/hiUsers` and `/orders`.
//! Decides which requests reach a resource. The `hi-users` crate makes the greeting.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, ORIGIN};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::get;
use serde_json::{Value, json};

use crate::faults::{Fault, redirect_elsewhere};
use crate::tokens::TokenError;
use crate::{CLIENT_ID, DevStack, orders};

/// The claims of the token that the authorizer accepted.
#[derive(Clone)]
pub(crate) struct Claims(pub(crate) Value);

/// Returns the claims of the request's token, or why the token is rejected.
type Authorizer = fn(&DevStack, &HeaderMap) -> Result<Value, TokenError>;

/// The API with an authorizer without scopes, which accepts ID tokens.
pub(crate) fn routes(stack: &DevStack) -> Router<DevStack> {
    protected_routes(stack, authorize_id_token)
        // API Gateway reports a missing token for an unknown path or method.
        .method_not_allowed_fallback(missing_authentication_token)
        .fallback(missing_authentication_token)
}

/// The API with an authorizer that requires the scope `openid` and therefore an access token.
pub(crate) fn scoped_routes(stack: &DevStack) -> Router<DevStack> {
    protected_routes(stack, authorize_access_token)
}

/// Preflight requests skip the authorizer: browsers send them without a token.
fn protected_routes(stack: &DevStack, authorizer: Authorizer) -> Router<DevStack> {
    let gateway = from_fn_with_state((stack.clone(), authorizer), gateway);
    let hi_users = get(hi_users).route_layer(gateway.clone());
    let orders = get(orders::list).post(orders::create).route_layer(gateway);
    Router::new()
        .route("/hiUsers", hi_users.options(hi_users_preflight))
        .route("/orders", orders.options(orders::preflight))
}

/// Applies the active fault and the authorizer, then passes the request and its claims on.
async fn gateway(
    State((stack, authorizer)): State<(DevStack, Authorizer)>,
    mut request: Request,
    next: Next,
) -> Response {
    if request.headers().contains_key(AUTHORIZATION) {
        stack.0.api_requests.fetch_add(1, Ordering::Relaxed);
    }
    let authorized = authorizer(&stack, request.headers());
    let mut response = match (stack.fault(), authorized) {
        (Some(Fault::Unauthorized), _) => unauthorized(&stack, &TokenError::Invalid),
        (Some(Fault::UnauthorizedOnce), _) => {
            stack.set_fault(None);
            unauthorized(&stack, &TokenError::Invalid)
        }
        (Some(Fault::ServerError), _) => gateway_response(
            &stack,
            StatusCode::INTERNAL_SERVER_ERROR,
            "Internal server error",
        ),
        (Some(Fault::NotJson), _) => with_cors(&stack, Html("<h1>Welcome</h1>").into_response()),
        (Some(Fault::ApiRedirect), _) => with_cors(&stack, redirect_elsewhere().into_response()),
        (_, Ok(claims)) => {
            request.extensions_mut().insert(Claims(claims));
            next.run(request).await
        }
        (_, Err(error)) => unauthorized(&stack, &error),
    };
    if stack.fault() == Some(Fault::NoCors) {
        response.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    }
    response
}

/// Accepts a valid ID token that was issued for this app client.
fn authorize_id_token(stack: &DevStack, headers: &HeaderMap) -> Result<Value, TokenError> {
    let claims = stack.verify_id_token(token(headers)?)?;
    if claims["aud"] == CLIENT_ID && claims["token_use"] == "id" {
        Ok(claims)
    } else {
        Err(TokenError::Invalid)
    }
}

/// Accepts a valid access token with the scope `openid`.
fn authorize_access_token(stack: &DevStack, headers: &HeaderMap) -> Result<Value, TokenError> {
    let claims = stack.verify_access_token(token(headers)?)?;
    let scopes = claims["scope"].as_str().unwrap_or_default();
    match scopes.split(' ').any(|scope| scope == "openid") {
        true => Ok(claims),
        false => Err(TokenError::Invalid),
    }
}

/// The token in the `Authorization` header, with or without the `Bearer` scheme.
fn token(headers: &HeaderMap) -> Result<&str, TokenError> {
    let header = headers.get(AUTHORIZATION);
    let header = header.and_then(|value| value.to_str().ok());
    let header = header.ok_or(TokenError::Invalid)?;
    Ok(header.strip_prefix("Bearer ").unwrap_or(header))
}

async fn hi_users(
    State(stack): State<DevStack>,
    Extension(Claims(claims)): Extension<Claims>,
    headers: HeaderMap,
) -> Response {
    invoke_function(&stack, "GET", &headers, &claims)
}

async fn hi_users_preflight(State(stack): State<DevStack>, headers: HeaderMap) -> Response {
    invoke_function(&stack, "OPTIONS", &headers, &Value::Null)
}

/// Invokes `hi-users` with an event like API Gateway's and returns its response.
fn invoke_function(
    stack: &DevStack,
    method: &str,
    headers: &HeaderMap,
    claims: &Value,
) -> Response {
    let origin = headers.get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let event = json!({
        "httpMethod": method,
        "path": "/hiUsers",
        "headers": { "origin": origin },
        "requestContext": { "authorizer": { "claims": claims } },
    });
    let output = hi_users::handle(&event, stack.app_origin());
    let status = StatusCode::from_u16(output.status_code).unwrap_or(StatusCode::BAD_GATEWAY);
    let mut response = (status, output.body).into_response();
    for (name, value) in output.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn unauthorized(stack: &DevStack, error: &TokenError) -> Response {
    let message = match error {
        TokenError::Expired => "The incoming token has expired",
        TokenError::Invalid => "Unauthorized",
    };
    gateway_response(stack, StatusCode::UNAUTHORIZED, message)
}

async fn missing_authentication_token(State(stack): State<DevStack>) -> Response {
    gateway_response(
        &stack,
        StatusCode::FORBIDDEN,
        "Missing Authentication Token",
    )
}

/// A response of API Gateway itself. On AWS, its CORS header has to be configured (`GatewayResponse`).
fn gateway_response(stack: &DevStack, status: StatusCode, message: &str) -> Response {
    with_cors(
        stack,
        (status, Json(json!({ "message": message }))).into_response(),
    )
}

/// Lets the app's pages read the response.
pub(crate) fn with_cors(stack: &DevStack, mut response: Response) -> Response {
    if let Ok(origin) = HeaderValue::from_str(stack.app_origin()) {
        response
            .headers_mut()
            .insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}
