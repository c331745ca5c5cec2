//! The browser's reader and the native one read the same.

use cognito_spa::cognito::json::{Json, decimal, digits, object};
use wasm_bindgen_test::wasm_bindgen_test;

#[track_caller]
fn check(document: &str, expected: &Json) {
    assert_eq!(Json::read(document).as_ref(), Ok(expected), "{document}");
}

#[wasm_bindgen_test(unsupported = test)]
fn numbers_are_whole_and_not_negative_or_another_kind() {
    for (document, number) in [
        ("0", 0),
        ("-0", 0),
        ("1800000000", 1_800_000_000),
        ("1.0", 1),
        ("1e3", 1000),
        ("9007199254740991", 9_007_199_254_740_991),
        ("18446744073709551615", u64::MAX),
        ("1e300", u64::MAX),
    ] {
        check(document, &Json::Number(number));
    }
    for document in ["-1", "0.5", "-1.5", "null", "true", "false"] {
        check(document, &Json::Other(document.to_owned()));
    }
    // How a number with an exponent is written is each reader's own.
    for document in ["1.5e0", "-1e300"] {
        assert!(
            matches!(Json::read(document), Ok(Json::Other(_))),
            "{document}"
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn texts_lists_and_objects_are_what_they_say() {
    let text = |text: &str| Json::Text(text.to_owned());
    check(r#""\u00e9\ud83d\ude00\/\n\u0000""#, &text("é😀/\n\0"));
    check(" [ ] ", &Json::List(Vec::new()));
    check(
        r#"[1, "a", [null]]"#,
        &Json::List(vec![
            Json::Number(1),
            text("a"),
            Json::List(vec![Json::Other("null".to_owned())]),
        ]),
    );
    let read = Json::read(r#"{"a": 1, "": {}, "__proto__": "x", "a": "last"}"#);
    let read = read.unwrap();
    let members = read.object().unwrap();
    assert_eq!(members.text("a"), Some("last"));
    assert_eq!(members.text("__proto__"), Some("x"));
    assert!(members.get("").unwrap().object().is_some());
    assert!(members.get("constructor").is_none());
    let members = members.members().iter();
    let mut names: Vec<&str> = members.map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["", "__proto__", "a"]);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_no_json_is_refused_with_words() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Json::read(&deep(127)).is_ok());
    let bad = [
        "",
        " ",
        "{",
        "]",
        "{\"a\":}",
        "{\"a\" 1}",
        "{a: 1}",
        "[1,]",
        "{\"a\": 1,}",
        "[1 2]",
        "'a'",
        "\"a",
        "\"\n\"",
        r#""\x""#,
        r#""\u12""#,
        "01",
        "+1",
        ".5",
        "1.",
        "0x1",
        "NaN",
        "Infinity",
        "undefined",
        "nul",
        "1 2",
        "\u{feff}1",
        "// no\n1",
        "1e999",
    ];
    let too_deep = [deep(128), deep(100_000), "[".repeat(100_000)];
    for document in bad.into_iter().chain(too_deep.iter().map(String::as_str)) {
        let start: String = document.chars().take(20).collect();
        let words = Json::read(document).err();
        assert!(words.is_some_and(|words| !words.is_empty()), "{start}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_written_is_read_again() {
    let members = [("a", "\"\\\n\u{0}é😀"), ("empty", ""), ("b", "</script>")];
    let written = object(&members);
    let read = Json::read(&written).unwrap();
    let read = read.object().unwrap();
    assert_eq!(read.text("a"), Some(members[0].1));
    assert_eq!(read.text("b"), Some(members[2].1));
    assert!(read.get("empty").is_none());
    assert_eq!(object(&[]), "{}");
}

#[wasm_bindgen_test(unsupported = test)]
fn whole_numbers_are_written_and_read() {
    for number in [0, 7, 10, 1_800_000_000, 999_999_999_999_999_999] {
        assert_eq!(decimal(number), number.to_string());
        assert_eq!(digits(&decimal(number)), Some(number));
    }
    assert_eq!(decimal(u64::MAX), u64::MAX.to_string());
    for text in ["", "-1", "+1", "1 ", "1.0", "x", "٣", "1000000000000000000"] {
        assert_eq!(digits(text), None, "{text}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_person_can_read_every_value() {
    #[track_caller]
    fn check(document: &str, expected: &str) {
        assert_eq!(Json::read(document).unwrap().plain(), expected);
    }
    check(r#""text""#, "text");
    check("1800000000", "1800000000");
    check("true", "true");
    check(r#"["a", "b"]"#, "a, b");
    check("[]", "");
    check(r#"[{"primary": "true"}, 7]"#, "primary: true, 7");
}
