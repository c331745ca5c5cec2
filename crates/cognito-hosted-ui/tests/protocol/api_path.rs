//! Which paths of an API a token is sent to.

use cognito_hosted_ui::is_api_path;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn every_path_below_the_apis_url_is_one() {
    for path in [
        "/",
        "/hiUsers",
        "/orders/7?page=2&q=a%20b",
        "/orders/?sort=-date",
        "/files/a%2Fb",
        "/files/50%25",
        "/files/.hidden/..x/x../...",
        "//orders",
        "/users/Jos\u{e9}/\u{5c71}",
        "/search?q=../..&path=a\\b",
        "/a@b:c;d=1,e!f$g'h(i)*+~",
    ] {
        assert!(is_api_path(path), "{path}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn no_other_path_is_one() {
    for path in [
        "",
        "orders",
        "?a=b",
        "https://other.example.com/",
        ".example.com/",
        "@other.example.com/",
        "/orders/../admin",
        "/orders/..",
        "/..?a=b",
        "/./orders",
        "/orders/%2e%2e/admin",
        "/orders/.%2E/admin",
        "/orders/%252e%252e/admin",
        "/orders/%25252e./admin",
        "/orders/..%2fadmin",
        "/orders/..%5Cadmin",
        "/orders/..%252fadmin",
        "/orders/..;/admin",
        "/orders/..%3bx/admin",
        "/orders\\..\\admin",
        "/orders\\",
        "/orders/.\t./admin",
        "/orders/\r\n",
        "/orders\u{0}",
        "/orders\u{7f}",
        "/orders#admin",
        "/orders?page=2#top",
        "/orders?a=\nb",
    ] {
        assert!(!is_api_path(path), "{path}");
    }
}
