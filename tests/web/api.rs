//! What the API's answers mean.

use cognito_spa::api::{Api, ApiError, greeting, read};
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{claims, config, config_with, session, stored};

#[track_caller]
fn check(status: u16, body: &str, expected: Result<&str, ApiError>) {
    let answer = read(status, body.to_owned()).and_then(|body| greeting(&body));
    assert_eq!(answer, expected.map(str::to_owned));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_message_is_the_greeting() {
    check(
        200,
        r#"{"message": "Hi, ada@example.com!"}"#,
        Ok("Hi, ada@example.com!"),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn each_other_answer_has_its_own_error() {
    check(
        401,
        r#"{"message":"Unauthorized"}"#,
        Err(ApiError::Unauthorized),
    );
    check(
        403,
        r#"{"message":"Missing Authentication Token"}"#,
        Err(ApiError::NoSuchPath),
    );
    check(
        403,
        r#"{"message":"Forbidden"}"#,
        Err(ApiError::Status(403)),
    );
    check(
        403,
        "Missing Authentication Token",
        Err(ApiError::Status(403)),
    );
    check(500, "", Err(ApiError::Status(500)));
    check(200, "", Err(ApiError::NotAGreeting));
    check(200, "<h1>Hi, you!</h1>", Err(ApiError::NotAGreeting));
    check(200, r#"{"message": 1}"#, Err(ApiError::NotAGreeting));
    check(200, r#"["message"]"#, Err(ApiError::NotAGreeting));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_status_is_known_wherever_an_answer_came() {
    for (error, status) in [
        (ApiError::Unauthorized, Some(401)),
        (ApiError::NoSuchPath, Some(403)),
        (ApiError::Status(500), Some(500)),
        (ApiError::NotAGreeting, Some(200)),
        (ApiError::Unreachable, None),
        (ApiError::UnreachableAtTheEnd, None),
    ] {
        assert_eq!(error.status(), status);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_call_as_curl_holds_the_token_only_if_it_is_asked_to() {
    let session = session(&stored(&claims()));
    let token = session.tokens().id_token.authorization().to_owned();
    let api = Api::new(&config().api, &session);
    let url = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod/hiUsers";
    assert_eq!(
        api.curl("/hiUsers", false),
        format!("curl '{url}' -H \"Authorization: $TOKEN\"")
    );
    assert_eq!(
        api.curl("/hiUsers", true),
        format!("curl '{url}' -H \"Authorization: {token}\"")
    );
    let bearer = config_with("authorizationScheme", json!("Bearer")).api;
    assert_eq!(
        Api::new(&bearer, &session).curl("/hiUsers", false),
        format!("curl '{url}' -H \"Authorization: Bearer $TOKEN\"")
    );
    // A quote in the address does not end the shell's.
    let quoted = config_with("apiUrl", json!("https://api.example.com/it's")).api;
    let curl = Api::new(&quoted, &session).curl("/hiUsers", false);
    assert!(
        curl.contains("'https://api.example.com/it%27s/hiUsers'"),
        "{curl}"
    );
}
