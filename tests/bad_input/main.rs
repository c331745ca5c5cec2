//! Random and malicious input: it never panics, it is never accepted by mistake, and it is read in linear time.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used)]

mod properties;

use std::sync::RwLock;
use std::time::{Duration, Instant};

use cognito_hosted_ui::is_api_path;
use proptest::prelude::*;

/// Texts made of the formats' own pieces, so that the readers get beyond the first character.
fn pieces() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u0000",
        "\\ud800",
        "null",
        "true",
        "-1",
        "1e999",
        "18446744073709551616",
        "0",
        "1800000000",
        ".",
        "..",
        "/",
        "//",
        "%2e",
        "%2F",
        "%",
        "&",
        "=",
        "?",
        "#",
        "+",
        "\n",
        " ",
        "\u{0}",
        "é",
        "\u{feff}",
        "id_token",
        "access_token",
        "refresh_token",
        "token_type",
        "Bearer",
        "state",
        "the-state",
        "the-nonce",
        "code",
        "error",
        "error_description",
        "keys",
        "kty",
        "RSA",
        "kid",
        "use",
        "sig",
        "alg",
        "RS256",
        "none",
        "\"n\"",
        "\"e\"",
        "AQAB",
        "userPoolDomain",
        "userPoolId",
        "eu-west-1_AbC",
        "clientId",
        "apiUrl",
        "issuer",
        "https://",
        "http://localhost",
        "x.y",
        "scopes",
        "openid",
        "storage",
        "local",
        "lang",
        "clockSkewSeconds",
        "started_at",
        "return_to",
        "nonce",
        "sign_in",
        "clock_offset",
        "/app/",
        "eyJhbGciOiJSUzI1NiJ9",
        "e30",
        "javascript:",
    ];
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

fn input() -> impl Strategy<Value = String> {
    prop_oneof![pieces(), any::<String>()]
}

/// The tests share the processor, except with the one that measures time.
static PROCESSOR: RwLock<()> = RwLock::new(());

fn check(property: fn(&str), text: &str) {
    let _shared = PROCESSOR.read();
    property(text);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_callback(text in input()) {
        check(properties::callback, &text);
    }

    #[test]
    fn any_jwt(text in input()) {
        check(properties::jwt, &text);
    }

    #[test]
    fn any_jwks(text in input()) {
        check(properties::jwks, &text);
    }

    #[test]
    fn any_token_response(text in input()) {
        check(properties::token_response, &text);
    }

    #[test]
    fn any_settings(text in input()) {
        check(properties::settings, &text);
    }

    #[test]
    fn any_stored_record(text in input()) {
        check(properties::stored, &text);
    }

    #[test]
    fn any_member_of_a_stored_record(text in input()) {
        check(properties::stored_member, &text);
    }

    #[test]
    fn any_place_to_return_to(text in "/app/(/|\\.|%2[eEfF]|%5[cC]|\\\\|evil|\\?|@|:|[ -~]){0,12}") {
        check(properties::return_to, &text);
    }

    #[test]
    fn any_json_string(text in "\"(\\\\|u|d83d|DE00|ud8|n|\u{e9}|[ -~]){0,12}\"") {
        check(properties::json_text, &text);
    }

    #[test]
    fn any_path_of_the_api(text in "/(/|\\.|%2[eEfF]|%25|%5[cC]|\\\\|;|evil|\\?|#|@|:|\t|\n|.){0,12}") {
        check(properties::api_path, &text);
    }
}

/// One megabyte of each pattern, under 50 ms each.
#[test]
fn a_megabyte_of_anything_is_read_in_linear_time() {
    const SIZE: usize = 1_000_000;
    type Property = fn(&str);
    let patterns = [
        "a",
        "&",
        "=",
        "%",
        "%41",
        ".",
        "/",
        "[",
        "{",
        "\"",
        "\\",
        "{\"a\":",
        "[1,",
        "1",
        " ",
        "&id_token=a",
        "&x=y",
        "\u{e9}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\"},",
        "/app/",
        "id_token=a&",
        "eyJ",
    ];
    let properties: [(&str, Property); 9] = [
        ("callback", properties::callback),
        ("jwt", properties::jwt),
        ("jwks", properties::jwks),
        ("token response", properties::token_response),
        ("settings", properties::settings),
        ("stored", properties::stored),
        ("return to", properties::return_to),
        ("JSON", properties::json_text),
        // Without the property, which parses the URL.
        ("path of the API", |text| {
            let _ = is_api_path(text);
        }),
    ];
    let limit = Duration::from_millis(50);
    let _alone = PROCESSOR.write();
    for pattern in patterns {
        for (start, end) in [
            ("", ""),
            ("id_token=", "&state=the-state"),
            ("{\"keys\":[\"", "\"]}"),
            ("{\"userPoolDomain\":\"https://", "\"}"),
        ] {
            let text = [start, &pattern.repeat(SIZE / pattern.len()), end].concat();
            for (name, property) in properties {
                // A busy computer takes longer now and then, so the fastest of some attempts counts.
                let attempt = |_| {
                    let start = Instant::now();
                    property(&text);
                    start.elapsed()
                };
                let fast = (0..20).map(attempt).find(|took| *took < limit);
                assert!(fast.is_some(), "{name}: over {limit:?} for {pattern:?}");
            }
        }
    }
}
