//! The API: its authorizer, and the resource `/orders`.

use axum::http::{Method, StatusCode};
use dev_stack::DevStack;
use dev_stack::faults::Fault;
use serde_json::json;

use crate::fixtures::{
    APP, APP_ORIGIN, EMAIL, TestResponse, get, request, send, send_body, stack, tokens,
};

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
    // Two valid tokens and five invalid ones.
    assert_eq!(stack.api_requests(), 7);

    // It begins with the same keys.
    let other_pool = self::stack();
    other_pool.rotate_keys();
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
