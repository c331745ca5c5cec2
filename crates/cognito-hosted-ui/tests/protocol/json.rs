//! JSON is read as browsers read it.

use cognito_hosted_ui::json;
use serde_json::Value;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn half_an_emoji_becomes_the_replacement_character() {
    for (json, expected) in [
        (r#""\ud83d""#, "\u{fffd}"),
        (r#""\uDE00""#, "\u{fffd}"),
        (r#""a\ud83db""#, "a\u{fffd}b"),
        (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
        (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\n""#, "\u{fffd}\n"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        // These are not halves.
        (r#""\ud83d\ude00""#, "\u{1f600}"),
        (r#""\\ud83d""#, "\\ud83d"),
        (r#""\\\ud83d""#, "\\\u{fffd}"),
        (r#""\u00e9\"\\""#, "\u{e9}\"\\"),
    ] {
        let read: Value = json::from_str(json).unwrap();
        assert_eq!(read, expected, "{json}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_no_json_is_an_error() {
    for json in [
        "",
        r#"""#,
        r#""\"#,
        r#""\u"#,
        r#""\ud83"#,
        r#""\ud83\u{e9}""#,
        r#""\u{e9}""#,
        r#""\x""#,
        r#"\ud83d"#,
        r#""\ud83d"#,
        r#""\ud83d\u""#,
    ] {
        assert!(json::from_str::<Value>(json).is_err(), "{json}");
    }
}
