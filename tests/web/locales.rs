//! The texts of every language.

use cognito_spa::locales::{self, LOCALES, Texts, en, es};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test(unsupported = test)]
fn the_first_wanted_language_that_exists_is_chosen() {
    #[track_caller]
    fn check(wanted: &[&str], expected: &str) {
        let chosen = locales::choose(wanted.iter().copied());
        assert_eq!(chosen.tag, expected, "{wanted:?}");
    }
    check(&["es"], "es");
    check(&["es-MX", "en"], "es");
    check(&["ES"], "es");
    check(&["xx", "es-419", "en-US"], "es");
    check(&["en-GB", "es"], "en");
    check(&["xx", "estonian"], "en");
    check(&["", "-", "e"], "en");
    check(&[], "en");
}

#[wasm_bindgen_test(unsupported = test)]
fn languages_have_distinct_tags_and_english_is_first() {
    let tags: Vec<&str> = LOCALES.iter().map(|texts| texts.tag).collect();
    assert_eq!(tags, ["en", "es"]);
    let names: Vec<&str> = LOCALES.iter().map(|texts| texts.name).collect();
    assert_eq!(names, ["English", "Español"]);
}

#[wasm_bindgen_test(unsupported = test)]
fn durations_are_in_whole_units() {
    for (seconds, expected) in [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3599, "59 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
    ] {
        for texts in LOCALES {
            assert_eq!(texts.duration(seconds), expected);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn values_are_quoted_and_joined() {
    for (values, english, spanish) in [
        (&[][..], "", ""),
        (&["code"], r#""code""#, r#""code""#),
        (
            &["implicit", "code"],
            r#""implicit" or "code""#,
            r#""implicit" o "code""#,
        ),
        (
            &["none", "login", "select_account", "consent"],
            r#""none", "login", "select_account" or "consent""#,
            r#""none", "login", "select_account" o "consent""#,
        ),
    ] {
        assert_eq!((en::TEXTS.one_of)(values), english);
        assert_eq!((es::TEXTS.one_of)(values), spanish);
    }
}

/// Each text with placeholders, filled in, and the values that it must contain.
fn filled_in(texts: &Texts) -> Vec<(String, Vec<&'static str>)> {
    vec![
        ((texts.copy_what)("<1>"), vec!["<1>"]),
        ((texts.seconds)(61), vec!["61"]),
        ((texts.minutes)(61), vec!["61"]),
        ((texts.hours)(61), vec!["61"]),
        ((texts.days)(61), vec!["61"]),
        ((texts.ago)("<1>"), vec!["<1>"]),
        ((texts.sign_in_with)("<1>"), vec!["<1>"]),
        ((texts.signed_in_as)("<1>"), vec!["<1>"]),
        ((texts.answer_in)(461, 84), vec!["461", "84 ms"]),
        ((texts.no_answer_in)(84), vec!["84 ms"]),
        ((texts.token_warning)("<1>"), vec!["<1>"]),
        ((texts.elsewhere)("<1>"), vec!["<1>"]),
        ((texts.keys_found)(61), vec!["61"]),
        ((texts.keys_status)(461), vec!["461"]),
        ((texts.api_status)(461), vec!["461"]),
        ((texts.api_preflight)("<1>"), vec!["<1>"]),
        ((texts.api_cors)("<1>"), vec!["<1>"]),
        ((texts.clock_good)("<1>"), vec!["<1>"]),
        ((texts.clock_ahead)("<1>"), vec!["<1>"]),
        ((texts.clock_behind)("<1>"), vec!["<1>"]),
        ((texts.token_claim)("<1>"), vec!["“<1>”"]),
        ((texts.token_refused)("<1>"), vec!["<1>"]),
        ((texts.api_failed)(461), vec!["461"]),
        ((texts.config_status)(461), vec!["461"]),
        ((texts.config_missing)("<1>", "<2>"), vec!["“<1>”", "<2>"]),
        ((texts.config_invalid)("<1>", "<2>"), vec!["“<1>”", "<2>"]),
        ((texts.one_of)(&["<1>", "<2>"]), vec!["<1>", "<2>"]),
    ]
}

#[wasm_bindgen_test(unsupported = test)]
fn texts_contain_the_values_of_their_placeholders() {
    for texts in LOCALES {
        let texts_filled_in = filled_in(texts);
        // `Debug` prints a function as its address.
        let functions = format!("{texts:?}").matches(": 0x").count();
        assert_eq!(
            texts_filled_in.len(),
            functions,
            "a text with placeholders is not tested"
        );
        for (text, values) in texts_filled_in {
            // Languages differ in their quotation marks.
            let text = text.replace('«', "“").replace('»', "”");
            for value in values {
                assert!(text.contains(value), "{}: {text}", texts.tag);
            }
            assert!(!text.contains(['{', '}']), "{}: {text}", texts.tag);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn no_text_is_empty_or_contains_a_placeholder() {
    for texts in LOCALES {
        // `Texts { name: "English", tag: "en", … }`
        let all = format!("{texts:?}");
        assert!(!all.contains(": \"\""), "{all}");
        assert_eq!(all.matches(['{', '}']).count(), 2, "{all}");
    }
}
