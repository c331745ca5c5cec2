//! What the API's answers mean.

use cognito_spa::api::{ApiError, greeting};
use wasm_bindgen_test::wasm_bindgen_test;

#[track_caller]
fn check(status: u16, body: &str, expected: Result<&str, ApiError>) {
    assert_eq!(greeting(status, body), expected.map(str::to_owned));
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
