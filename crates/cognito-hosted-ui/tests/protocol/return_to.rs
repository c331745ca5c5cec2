//! Where a user may return to after signing in, and where never.

use cognito_hosted_ui::ReturnTo;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn a_place_within_the_app_is_kept_as_it_is() {
    #[track_caller]
    fn check(text: &str, base: &str) {
        let place = ReturnTo::parse(text, base);
        assert_eq!(
            place.as_ref().map(ReturnTo::as_str),
            Some(text),
            "{text} in {base}"
        );
    }
    check("/", "/");
    check("/app/", "/app/");
    check("/orders/7?page=2&q=a%20b", "/");
    check("/app/orders/", "/app/");
    check("/caf%C3%A9/x.y/..z/a..b/...", "/");
    check("/?next=https://evil.example", "/");
    check("/?a=%2F%2Fevil.example&b=..", "/");
    check("/a@b:c;d,e=f!g$h'i(j)*+", "/");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_route_is_kept_and_any_other_fragment_is_dropped() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let place = ReturnTo::parse(text, "/");
        assert_eq!(
            place.as_ref().map(ReturnTo::as_str),
            Some(expected),
            "{text}"
        );
    }
    check("/#setup", "/#setup");
    check("/a?b=c#orders/7-x_y", "/a?b=c#orders/7-x_y");
    for fragment in [
        "",
        "id_token=a",
        "a#b",
        "a b",
        "//x.example?",
        "%2F",
        "a&b",
        "\\",
    ] {
        check(&format!("/a?b=c#{fragment}"), "/a?b=c");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn nothing_leads_out_of_the_app() {
    #[track_caller]
    fn check(text: &str, base: &str) {
        assert_eq!(ReturnTo::parse(text, base), None, "{text} in {base}");
    }
    for text in [
        "",
        "evil",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:/evil.example",
        "javascript:alert(1)",
        "/%2F/evil.example",
        "/%2f%2fevil.example",
        "/%5Cevil.example",
        "/%5cevil.example",
        "/%252F%252Fevil.example",
        "/a//evil.example",
        "/a/../..//evil.example",
        "/..",
        "/../evil",
        "/./a",
        "/a/.",
        "/a/..",
        "/%2e%2e/evil",
        "/%2E%2e/evil",
        "/.%2e/evil",
        "/a/%2e",
        "/\t/evil.example",
        "/\n//evil.example",
        "/ /evil.example",
        "/\u{0}",
        "/\u{7f}",
        "/\u{ff0f}\u{ff0f}evil.example",
        "/caf\u{e9}",
        "/<script>",
        "/\"x",
    ] {
        check(text, "/");
    }
    for text in [
        "/",
        "/app",
        "/apple/",
        "/App/",
        "//app/",
        "/other/app/",
        "/app/../other",
        "/app/%2e%2e/other",
        "/app//evil.example",
        "/app/%2f/evil.example",
    ] {
        check(text, "/app/");
    }
}
