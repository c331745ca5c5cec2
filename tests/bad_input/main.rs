//! Bad input, made by machine.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::panic, clippy::unwrap_used)]

mod properties;

use std::time::{Duration, Instant};

use proptest::prelude::*;

/// Text out of the pieces that the formats are made of, so that more than the first character is read.
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
        "clock_ahead",
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_callback(text in input()) {
        properties::callback(&text);
    }

    #[test]
    fn any_jwt(text in input()) {
        properties::jwt(&text);
    }

    #[test]
    fn any_jwks(text in input()) {
        properties::jwks(&text);
    }

    #[test]
    fn any_token_answer(text in input()) {
        properties::token_answer(&text);
    }

    #[test]
    fn any_config(text in input()) {
        properties::config(&text);
    }

    #[test]
    fn any_stored_record(text in input()) {
        properties::stored(&text);
    }

    #[test]
    fn any_place_to_return_to(text in "/app/(/|\\.|%2[eEfF]|%5[cC]|\\\\|evil|\\?|@|:|[ -~]){0,12}") {
        properties::return_to(&text);
    }
}

/// One megabyte of each kind of trouble, under 50 ms each.
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
    let properties: [(&str, Property); 7] = [
        ("callback", properties::callback),
        ("jwt", properties::jwt),
        ("jwks", properties::jwks),
        ("token answer", properties::token_answer),
        ("config", properties::config),
        ("stored", properties::stored),
        ("return to", properties::return_to),
    ];
    let limit = Duration::from_millis(50);
    for pattern in patterns {
        for (start, end) in [
            ("", ""),
            ("id_token=", "&state=the-state"),
            ("{\"keys\":[\"", "\"]}"),
            ("{\"userPoolDomain\":\"https://", "\"}"),
        ] {
            let text = [start, &pattern.repeat(SIZE / pattern.len()), end].concat();
            for (name, property) in properties {
                // A busy computer takes longer now and then: the quickest of some tries counts.
                let try_once = |_| {
                    let start = Instant::now();
                    property(&text);
                    start.elapsed()
                };
                let quick = (0..20).map(try_once).find(|took| *took < limit);
                assert!(quick.is_some(), "{name}: over {limit:?} for {pattern:?}");
            }
        }
    }
}
