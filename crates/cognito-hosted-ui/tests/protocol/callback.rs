//! Finding the Hosted UI's response in the page's URL.

use cognito_hosted_ui::{
    AccessToken, AuthorizationCallback, AuthorizationError, AuthorizationResponse, IdToken,
    MalformedResponse, TokenResponse,
};
use wasm_bindgen_test::wasm_bindgen_test;

fn tokens(id_token: &str, access_token: Option<&str>) -> AuthorizationResponse {
    AuthorizationResponse::Tokens(TokenResponse {
        id_token: IdToken::new(id_token.to_owned()),
        access_token: access_token.map(|text| AccessToken::new(text.to_owned())),
        refresh_token: None,
    })
}

fn error(error: &str, description: Option<&str>) -> AuthorizationResponse {
    AuthorizationResponse::Error(AuthorizationError {
        error: error.to_owned(),
        description: description.map(str::to_owned),
    })
}

#[track_caller]
fn check(query: &str, fragment: &str, state: Option<&str>, response: AuthorizationResponse) {
    let callback = AuthorizationCallback::find(query, fragment).unwrap();
    assert_eq!(callback.response, response);
    assert_eq!(callback.state.as_deref(), state);
}

#[wasm_bindgen_test(unsupported = test)]
fn an_ordinary_url_is_not_a_callback() {
    #[track_caller]
    fn check(query: &str, fragment: &str) {
        assert_eq!(AuthorizationCallback::find(query, fragment), None);
    }
    check("", "");
    check("page=2&state=ny", "chapter-3");
    check("code=", "state=x");
    check("", "id_token=");
    check("state=x", "state=x&token_type=Bearer");
    check("&&=&==", "&&=&==");
}

#[wasm_bindgen_test(unsupported = test)]
fn tokens_are_found_in_any_order() {
    let good = || tokens("a.b.c", Some("d.e.f"));
    for fragment in [
        "id_token=a.b.c&access_token=d.e.f&expires_in=3600&token_type=Bearer&state=s",
        "access_token=d.e.f&token_type=bearer&expires_in=3600&id_token=a.b.c&state=s",
        "state=s&token_type=BEARER&id_token=a.b.c&access_token=d.e.f",
        "unknown=1&state=s&id_token=a%2Eb.c&access_token=d.e.f",
    ] {
        check("", fragment, Some("s"), good());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn only_the_id_token_is_required() {
    check("", "id_token=a.b.c", None, tokens("a.b.c", None));
    let fragment = "id_token=a.b.c&expires_in=3600&token_type=Bearer&state=";
    check("", fragment, None, tokens("a.b.c", None));
}

#[wasm_bindgen_test(unsupported = test)]
fn an_unusable_response_is_malformed() {
    #[track_caller]
    fn check_malformed(query: &str, fragment: &str, expected: MalformedResponse) {
        let callback = AuthorizationCallback::find(query, fragment).unwrap();
        assert_eq!(
            callback.response,
            AuthorizationResponse::Malformed(expected)
        );
    }
    check_malformed(
        "",
        "access_token=d.e.f&token_type=Bearer",
        MalformedResponse::MissingIdToken,
    );
    check_malformed(
        "",
        "id_token=a&token_type=mac",
        MalformedResponse::TokenType,
    );
    check_malformed(
        "",
        "id_token=a&id_token=b",
        MalformedResponse::RepeatedParameter,
    );
    check_malformed(
        "",
        "id_token=a&state=s&state=t",
        MalformedResponse::RepeatedParameter,
    );
    check_malformed("error=a&error=b", "", MalformedResponse::RepeatedParameter);
    check_malformed(
        "id_token=a.b.c&state=s",
        "",
        MalformedResponse::TokensInQuery,
    );
    check_malformed("access_token=d.e.f", "", MalformedResponse::TokensInQuery);
    check_malformed(
        "code=c&code=d&state=s",
        "",
        MalformedResponse::RepeatedParameter,
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_code_is_found_with_its_state() {
    for (query, fragment) in [("code=c%2Fd&state=s", ""), ("", "code=c%2Fd&state=s")] {
        let callback = AuthorizationCallback::find(query, fragment).unwrap();
        let AuthorizationResponse::Code(code) = callback.response else {
            panic!("{:?}", callback.response);
        };
        assert_eq!(code.as_str(), "c/d");
        assert_eq!(format!("{code:?}"), "AuthorizationCode([redacted])");
        assert_eq!(callback.state.as_deref(), Some("s"));
        assert_eq!(callback.remaining_query, "");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_code_without_a_state_is_found_so_that_it_does_not_stay_in_the_url() {
    for (query, fragment) in [("code=c&page=2", ""), ("page=2", "code=c")] {
        let callback = AuthorizationCallback::find(query, fragment).unwrap();
        assert!(matches!(callback.response, AuthorizationResponse::Code(_)));
        assert_eq!(callback.state, None);
        assert_eq!(callback.remaining_query, "page=2");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refresh_token_in_the_url_is_ignored() {
    check(
        "",
        "id_token=a.b.c&refresh_token=r",
        None,
        tokens("a.b.c", None),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn errors_are_found_in_the_fragment_and_in_the_query() {
    let text =
        "error_description=PreSignUp+failed+with+error+%22no%22.&state=s&error=invalid_request";
    let description = Some("PreSignUp failed with error \"no\".");
    check("", text, Some("s"), error("invalid_request", description));
    check(text, "", Some("s"), error("invalid_request", description));
    check(
        "error=access_denied",
        "",
        None,
        error("access_denied", None),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn the_text_of_an_error_is_its_description_or_else_its_code() {
    let text = |description: Option<&str>| AuthorizationError {
        error: "access_denied".to_owned(),
        description: description.map(str::to_owned),
    };
    assert_eq!(text(None).text(), "access_denied");
    let described = text(Some("User is not confirmed."));
    assert_eq!(described.text(), "User is not confirmed.");
    let said = "the Hosted UI responded: User is not confirmed.";
    assert_eq!(described.to_string(), said);
}

#[wasm_bindgen_test(unsupported = test)]
fn an_error_takes_precedence_over_tokens() {
    check(
        "",
        "id_token=a.b.c&error=server_error",
        None,
        error("server_error", None),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn the_state_comes_from_the_same_part_as_the_response() {
    check("state=other", "id_token=a.b.c", None, tokens("a.b.c", None));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_rest_of_the_query_stays_as_it_was_written() {
    #[track_caller]
    fn check(query: &str, fragment: &str, expected: &str) {
        let callback = AuthorizationCallback::find(query, fragment).unwrap();
        assert_eq!(callback.remaining_query, expected);
    }
    check("", "id_token=a", "");
    check("page=2&q=a%20b+c", "id_token=a", "page=2&q=a%20b+c");
    check(
        "page=2&error=x&error_description=y&q=%C3%A9&state=s",
        "",
        "page=2&q=%C3%A9",
    );
    check("id_token=a&page=2&access_token=b", "", "page=2");
    check("i%64_token=a&page=2", "error=x", "page=2");
}

#[wasm_bindgen_test(unsupported = test)]
fn broken_encoding_is_kept_as_text() {
    check("", "error=%", None, error("%", None));
    check("", "error=%zz%e9", None, error("%zz%e9", None));
}
