//! What is said, in every language.

use cognito_spa::app::words::{LANGUAGES, Word, Words, choose};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::words;

const SPANISH: &str = include_str!("../../languages/es.txt");

#[wasm_bindgen_test(unsupported = test)]
fn a_language_s_file_says_all() {
    let spanish = Words::read("es", SPANISH).unwrap();
    assert!(spanish.is_whole);
    assert_eq!(spanish.say(Word::SignIn), "Iniciar sesión");
    assert_eq!(spanish.say(Word::Language), "Español");
    // The last one: none is out of its place.
    assert!(spanish.say(Word::BePrompt).starts_with("\"none\""));
    assert_eq!(words().say(Word::SignIn), "Sign in");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_file_of_another_version_and_what_is_no_file_are_refused() {
    let mut lines: Vec<&str> = SPANISH.lines().collect();
    lines.pop();
    assert_eq!(Words::read("es", &lines.join("\n")), None);
    assert_eq!(
        Words::read("es", &SPANISH.replace("sign_in =", "sign_up =")),
        None
    );
    assert_eq!(Words::read("es", "<!doctype html><title>Hi</title>"), None);
    assert_eq!(Words::read("es", ""), None);
}

#[wasm_bindgen_test(unsupported = test)]
fn what_a_signed_out_person_needs_is_there_without_a_file() {
    let first = Words::ENGLISH;
    assert!(!first.is_whole);
    for word in [
        Word::Welcome,
        Word::SignIn,
        Word::SignOut,
        Word::NoKeys,
        Word::ConfigUnreachable,
        Word::ConfigUnreachableRemedy,
        Word::Unexplained,
    ] {
        assert_eq!(first.say(word), words().say(word));
        assert!(!first.say(word).is_empty());
    }
    assert_eq!(first.say(Word::SetupTitle), "");
    assert_eq!(words().say(Word::SetupTitle), "Setup");
}

#[wasm_bindgen_test(unsupported = test)]
fn lengths_of_time_are_told_in_whole_units() {
    let spanish = Words::read("es", SPANISH).unwrap();
    for (seconds, told) in [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (3599, "59 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
    ] {
        assert_eq!(Words::ENGLISH.duration(seconds), told);
        assert_eq!(spanish.duration(seconds), told);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn places_are_filled_in_once() {
    assert_eq!(
        words().fill(Word::SignedInAs, "{0} {1} {"),
        "Signed in as {0} {1} {"
    );
    assert_eq!(
        words().fill_two(Word::AnswerIn, "200", "84"),
        "200 in 84 ms"
    );
    assert_eq!(
        words().fill_two(Word::ConfigMissing, "apiUrl", "{0}"),
        "config.json has no “apiUrl”. It should be {0}."
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn the_first_wanted_language_that_there_is_is_chosen() {
    #[track_caller]
    fn check(wanted: &[&str], expected: &str) {
        let wanted: Vec<String> = wanted.iter().map(|&tag| tag.to_owned()).collect();
        assert_eq!(choose(&wanted), expected, "{wanted:?}");
    }
    check(&["es"], "es");
    check(&["es-MX", "en"], "es");
    check(&["ES"], "es");
    check(&["xx", "es-419", "en-US"], "es");
    check(&["en-GB", "es"], "en");
    check(&["xx", "estonian"], "en");
    check(&["", "-", "e"], "en");
    check(&[], "en");
    assert_eq!(LANGUAGES[0], ("en", "English"));
}
