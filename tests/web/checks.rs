//! What the setup page's checks make of the responses.

use cognito_spa::checks::{Check, Finding, api, clock, keys};
use cognito_spa::components::row::Mark;
use cognito_spa::locales::{LOCALES, en, es};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::NOW;

#[track_caller]
fn check(finding: &Finding, mark: Mark, english: &str, spanish: &str) {
    assert_eq!(finding.mark(), mark, "{finding:?}");
    for (texts, expected) in [(&en::TEXTS, english), (&es::TEXTS, spanish)] {
        let text = finding.text(texts);
        assert!(text.contains(expected), "{text}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn keys_are_counted_and_their_absence_is_explained() {
    let n = "x".repeat(342);
    let key = format!(r#"{{"kty":"RSA","kid":"1","n":"{n}","e":"AQAB"}}"#);
    let two = format!(r#"{{"keys":[{key},{key}]}}"#);
    check(&keys(200, &two), Mark::Good, "Found: 2.", "Encontradas: 2.");
    for body in ["{}", "", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"EC"}]}"#] {
        check(
            &keys(200, body),
            Mark::Bad,
            "no RS256 key",
            "ninguna clave RS256",
        );
    }
    for body in ["", &two] {
        check(&keys(404, body), Mark::Bad, "status 404", "estado 404");
    }
    check(
        &Finding::KeysUnreachable,
        Mark::Bad,
        "content security policy",
        "política de seguridad de contenido",
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn an_api_that_rejects_requests_without_a_token_is_good_and_any_other_is_explained() {
    let missing = r#"{"message":"Missing Authentication Token"}"#;
    for (status, body, mark, english, spanish) in [
        (401, "{}", Mark::Good, "rejects requests", "rechaza las"),
        (
            200,
            "{}",
            Mark::Bad,
            "accepts requests",
            "acepta solicitudes",
        ),
        (204, "", Mark::Bad, "accepts requests", "acepta solicitudes"),
        (403, missing, Mark::Bad, "no such path", "no tiene esa ruta"),
        (403, "{}", Mark::Bad, "status 403", "estado 403"),
        (502, "", Mark::Bad, "status 502", "estado 502"),
    ] {
        check(&api(status, body), mark, english, spanish);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_clock_is_right_within_the_tolerance() {
    for (here, mark, english, spanish) in [
        (NOW, Mark::Good, "within 5 s", "máxima de 5 s"),
        (NOW - 6, Mark::Good, "within 6 s", "máxima de 6 s"),
        (NOW + 120, Mark::Good, "within 2 min", "máxima de 2 min"),
        (NOW - 120, Mark::Good, "within 2 min", "máxima de 2 min"),
        (NOW + 121, Mark::Bad, "ahead by 2 min", "adelantado 2 min"),
        (NOW - 121, Mark::Bad, "behind by 2 min", "atrasado 2 min"),
        (NOW - 7200, Mark::Bad, "behind by 2 h", "atrasado 2 h"),
        (0, Mark::Bad, "behind by 20833 d", "atrasado 20833 d"),
    ] {
        check(&clock(Some(NOW), here, 120), mark, english, spanish);
    }
    // A response takes a moment, and the server tells whole seconds.
    assert_eq!(clock(Some(NOW), NOW + 5, 0), Finding::ClockGood(5));
    assert_eq!(clock(Some(NOW), NOW + 6, 0), Finding::ClockAhead(6));
    check(
        &clock(None, NOW, 120),
        Mark::Bad,
        "does not report its time",
        "no informa de su hora",
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn each_finding_has_its_own_words() {
    let origin = || "https://app.example.com".to_owned();
    let findings = [
        Finding::Checking,
        Finding::StorageGood,
        Finding::StorageNone,
        Finding::DomainGood,
        Finding::DomainUnreachable,
        Finding::KeysFound(2),
        Finding::KeysNone,
        Finding::KeysStatus(404),
        Finding::KeysUnreachable,
        Finding::ClockGood(5),
        Finding::ClockAhead(500),
        Finding::ClockBehind(500),
        Finding::ClockUnknown,
        Finding::ApiGood,
        Finding::ApiOpen,
        Finding::ApiPath,
        Finding::ApiStatus(502),
        Finding::ApiPreflight(origin()),
        Finding::ApiCors(origin()),
        Finding::ApiUnreachable,
    ];
    let mut seen = Vec::new();
    for finding in findings {
        let is_good = matches!(
            finding,
            Finding::StorageGood
                | Finding::DomainGood
                | Finding::KeysFound(_)
                | Finding::ClockGood(_)
                | Finding::ApiGood
        );
        let mark = match finding {
            Finding::Checking => Mark::None,
            _ if is_good => Mark::Good,
            _ => Mark::Bad,
        };
        assert_eq!(finding.mark(), mark, "{finding:?}");
        for texts in LOCALES {
            let text = finding.text(texts);
            assert!(!text.is_empty() && !seen.contains(&text), "{text}");
            if matches!(finding, Finding::ApiPreflight(_) | Finding::ApiCors(_)) {
                assert!(text.contains(&origin()), "{text}");
            }
            seen.push(text);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn each_check_has_its_own_name() {
    for texts in LOCALES {
        let names = Check::ALL.map(|check| check.name(texts));
        for (index, name) in names.iter().enumerate() {
            assert!(!name.is_empty() && !names[..index].contains(name), "{name}");
        }
    }
}
