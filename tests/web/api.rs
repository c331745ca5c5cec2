//! The greeting, and the API call as a curl command.

use cognito_spa::api::{Greeting, HI_USERS, curl};
use leptos_cognito::{ApiConfig, ApiError, ApiToken, AuthorizationScheme, SecureUrl};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{API, claims, session, settings, settings_with, with_access_token};

#[wasm_bindgen_test(unsupported = test)]
fn the_message_is_the_greeting() {
    #[track_caller]
    fn check(body: &str, expected: Option<&str>) {
        let greeting: Option<Greeting> = serde_json::from_str(body).ok();
        assert_eq!(greeting.map(|it| it.message).as_deref(), expected, "{body}");
    }
    let greeting = Some("Hi, ada@example.com!");
    check(r#"{"message": "Hi, ada@example.com!"}"#, greeting);
    check(r#"{"message": "Hi, ada@example.com!", "a": [1]}"#, greeting);
    check(r#"{"message": 1}"#, None);
    check(r#"{"message": null}"#, None);
    check(r#"{"Message": "Hi, ada@example.com!"}"#, None);
    check("{}", None);
    check("null", None);
    check("", None);
    check("<h1>Hi, you!</h1>", None);
}

#[wasm_bindgen_test(unsupported = test)]
fn each_response_that_is_not_a_success_has_its_error() {
    let status = |status, body: &str| {
        let body = body.to_owned();
        Err(ApiError::Status { status, body })
    };
    let missing = r#"{"message":"Missing Authentication Token"}"#;
    let forbidden = r#"{"message":"Forbidden"}"#;
    for (code, body, expected) in [
        (200, "{}", Ok("{}".to_owned())),
        (204, "", Ok(String::new())),
        (401, "{}", Err(ApiError::Unauthorized)),
        (403, missing, Err(ApiError::MissingAuthenticationToken)),
        (403, forbidden, status(403, forbidden)),
        (
            403,
            "Missing Authentication Token",
            status(403, "Missing Authentication Token"),
        ),
        (302, "", status(302, "")),
        (500, "", status(500, "")),
    ] {
        assert_eq!(ApiError::check(code, body.to_owned()), expected);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_error_has_a_status_if_there_was_a_response() {
    let body = String::new;
    for (error, status) in [
        (ApiError::Unauthorized, Some(401)),
        (ApiError::MissingAuthenticationToken, Some(403)),
        (
            ApiError::Status {
                status: 500,
                body: body(),
            },
            Some(500),
        ),
        (ApiError::InvalidResponse(body()), Some(200)),
        (ApiError::Unreachable, None),
        (ApiError::UnreachableNearExpiry, None),
    ] {
        assert_eq!(error.status(), status);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_curl_command_has_the_token_only_if_it_is_asked_for() {
    let session = session(&claims());
    let token = session.id_token().authorization().to_owned();
    let api = settings().auth.api;
    assert_eq!(
        curl(&api, HI_USERS, &session, false),
        format!("curl '{API}/hiUsers' -H \"Authorization: $TOKEN\"")
    );
    assert_eq!(
        curl(&api, HI_USERS, &session, true),
        format!("curl '{API}/hiUsers' -H \"Authorization: {token}\"")
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_curl_command_has_the_scheme_and_the_token_of_the_settings() {
    let without = session(&claims());
    let session = with_access_token(&without);
    let api = |token, scheme| ApiConfig {
        token,
        scheme,
        ..settings().auth.api
    };
    let bearer = api(ApiToken::Access, AuthorizationScheme::Bearer);
    assert_eq!(settings_with("apiToken", json!("access")).auth.api, {
        api(ApiToken::Access, AuthorizationScheme::Bare)
    });
    for (shows_token, session, authorization) in [
        (false, &session, "Bearer $TOKEN"),
        (true, &session, "Bearer d.e.f"),
        (true, &without, "Bearer "),
    ] {
        assert_eq!(
            curl(&bearer, HI_USERS, session, shows_token),
            format!("curl '{API}/hiUsers' -H \"Authorization: {authorization}\"")
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_quote_in_the_url_does_not_end_the_quotation() {
    let url = SecureUrl::parse("https://api.example.com/it's").unwrap();
    let command = curl(&ApiConfig::new(url), "/a'b", &session(&claims()), false);
    assert!(
        command.starts_with("curl 'https://api.example.com/it%27s/a%27b' "),
        "{command}"
    );
}
