//! The authorization request, the Hosted UI's pages and its session cookie.

use axum::http::{Method, StatusCode};
use dev_stack::CLIENT_ID;

use crate::fixtures::{APP, get, request, send, sign_in, stack, verify};

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
    assert_eq!(stack.sign_outs(), 1);
}

#[tokio::test]
async fn pages_escape_user_input() {
    let stack = stack();
    let form = [("username", "\"><script>"), ("password", "x")];
    let page = send(&stack, Method::POST, &request("/login", &[]), &[], &form).await;
    assert!(!page.body.contains("<script>"), "{}", page.body);
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
