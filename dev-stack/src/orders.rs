//! The resource `/orders`: each user's orders, kept in memory until the process ends.
//! Knows nothing of tokens: `api` has verified them and passes the claims on.

use std::collections::HashMap;

use axum::body::Bytes;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
    CACHE_CONTROL, VARY,
};
use axum::response::{IntoResponse, Json, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::DevStack;
use crate::api::{Claims, with_cors};

/// The orders by the user's `sub`.
pub(crate) type Orders = HashMap<String, Vec<Order>>;

#[derive(Clone, Serialize)]
pub(crate) struct Order {
    /// Counts from 1 for each user.
    id: usize,
    item: String,
}

#[derive(Deserialize)]
struct NewOrder {
    item: String,
}

/// `GET /orders`.
pub(crate) async fn list(
    State(stack): State<DevStack>,
    Extension(claims): Extension<Claims>,
) -> Response {
    let orders = stack.orders().get(sub(&claims)).cloned();
    json_response(&stack, StatusCode::OK, orders.unwrap_or_default())
}

/// `POST /orders`.
pub(crate) async fn create(
    State(stack): State<DevStack>,
    Extension(claims): Extension<Claims>,
    body: Bytes,
) -> Response {
    let new_order = serde_json::from_slice(&body).ok();
    let item = new_order.map(|NewOrder { item }| item);
    let Some(item) = item.filter(|item| !item.trim().is_empty()) else {
        let error = json!({ "message": "item is required" });
        return json_response(&stack, StatusCode::BAD_REQUEST, error);
    };
    let order = {
        let mut orders = stack.orders();
        let orders = orders.entry(sub(&claims).to_owned()).or_default();
        let id = orders.len() + 1;
        let order = Order { id, item };
        orders.push(order.clone());
        order
    };
    json_response(&stack, StatusCode::CREATED, order)
}

/// `OPTIONS /orders`. It also allows `PUT`, `PATCH` and `DELETE`, so that a page can read the API's 403 for them.
pub(crate) async fn preflight(State(stack): State<DevStack>) -> Response {
    let headers = [
        (
            ACCESS_CONTROL_ALLOW_METHODS,
            "GET, POST, PUT, PATCH, DELETE",
        ),
        (ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"),
        (ACCESS_CONTROL_MAX_AGE, "7200"),
        (VARY, "Origin"),
    ];
    with_cors(&stack, (StatusCode::NO_CONTENT, headers).into_response())
}

fn sub(Claims(claims): &Claims) -> &str {
    claims["sub"].as_str().unwrap_or_default()
}

fn json_response(stack: &DevStack, status: StatusCode, body: impl Serialize) -> Response {
    let headers = [(CACHE_CONTROL, "no-store"), (VARY, "Origin")];
    with_cors(stack, (status, headers, Json(body)).into_response())
}
