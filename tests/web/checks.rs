//! What the checks of the setup page make of the answers that they get.

use cognito_spa::app::checks::{Finding, api_answer, clock, keys};
use cognito_spa::app::pages::setup::meaning;
use cognito_spa::app::screen::Mark;
use cognito_spa::browser::http::{Response, Unreachable};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{NOW, ui};

fn answer(status: u16, body: &str) -> Response {
    Response {
        time: None,
        status,
        body: body.to_owned(),
    }
}

#[track_caller]
fn check(finding: &Finding, mark: Mark, words: &str) {
    let text = meaning(finding, &ui());
    assert_eq!(finding.mark, mark, "{text}");
    assert!(text.contains(words), "{text}");
    assert!(!text.contains('{'), "{text}");
}

#[wasm_bindgen_test(unsupported = test)]
fn keys_are_counted_and_their_absence_is_explained() {
    let n = "x".repeat(342);
    let key = format!(r#"{{"kty":"RSA","kid":"1","n":"{n}","e":"AQAB"}}"#);
    let two = format!(r#"{{"keys":[{key},{key}]}}"#);
    check(&keys(Ok(answer(200, &two))), Mark::Good, "Found: 2.");
    check(&keys(Ok(answer(200, "{}"))), Mark::Bad, "no RS256 key");
    check(&keys(Ok(answer(404, ""))), Mark::Bad, "status 404");
    check(
        &keys(Err(Unreachable)),
        Mark::Bad,
        "content security policy",
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn an_api_that_lets_nobody_in_is_good_and_any_other_is_explained() {
    check(&api_answer(answer(401, "{}")), Mark::Good, "lets nobody in");
    check(&api_answer(answer(200, "{}")), Mark::Bad, "without a token");
    let missing = r#"{"message":"Missing Authentication Token"}"#;
    check(&api_answer(answer(403, missing)), Mark::Bad, "no such path");
    check(&api_answer(answer(403, "{}")), Mark::Bad, "status 403");
    check(&api_answer(answer(502, "")), Mark::Bad, "status 502");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_clock_is_right_within_the_skew() {
    let clock = |here| clock(Some(NOW), here, 120);
    check(&clock(NOW), Mark::Good, "within 5 s");
    check(&clock(NOW + 120), Mark::Good, "within 2 min");
    check(&clock(NOW + 121), Mark::Bad, "ahead by 2 min");
    check(&clock(NOW - 7200), Mark::Bad, "behind by 2 h");
    check(
        &cognito_spa::app::checks::clock(None, NOW, 120),
        Mark::Bad,
        "does not tell the time",
    );
}
