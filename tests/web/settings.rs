//! `/config.json`: the contract, and every way to break it.

use cognito_hosted_ui::{Constraint, Grant, Prompt};
use cognito_spa::locales::{en, es};
use cognito_spa::messages;
use cognito_spa::settings::{Expected, Settings, SettingsError};
use leptos_cognito::{ApiToken, AuthorizationScheme, StorageArea};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{
    API, CLIENT_ID, DOMAIN, ISSUER, PAGE, config_json, config_json_with as with, settings,
};

fn read(config: &Value) -> Result<Settings, SettingsError> {
    Settings::read(200, &config.to_string(), PAGE)
}

#[wasm_bindgen_test(unsupported = test)]
fn an_optional_setting_has_its_default() {
    let settings = read(&config_json()).unwrap();
    let hosted_ui = settings.auth.hosted_ui;
    assert_eq!(hosted_ui.issuer.as_str(), ISSUER);
    assert_eq!(hosted_ui.client.scopes, ["openid", "email", "profile"]);
    assert_eq!(hosted_ui.client.redirect_uri.as_str(), PAGE);
    assert_eq!(hosted_ui.client.logout_uri.as_str(), PAGE);
    assert_eq!(hosted_ui.client.grant, Grant::Implicit);
    assert_eq!(hosted_ui.client.lang, None);
    assert_eq!(hosted_ui.client.login_hint, None);
    assert_eq!(hosted_ui.client.prompt, None);
    assert_eq!(hosted_ui.clock_tolerance, 120);
    assert_eq!(settings.auth.storage, StorageArea::Session);
    assert_eq!(settings.auth.api.token, ApiToken::Id);
    assert_eq!(settings.auth.api.scheme, AuthorizationScheme::Bare);
    assert_eq!(settings.identity_providers, [""; 0]);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_example_file_is_valid() {
    let example = include_str!("../../config.example.json");
    assert_eq!(Settings::read(200, example, PAGE), Ok(settings()));
}

#[wasm_bindgen_test(unsupported = test)]
fn every_setting_is_taken() {
    let settings = read(&json!({
        "userPoolDomain": "http://127.0.0.1:8081/",
        "userPoolId": "us-east-1_X1",
        "issuer": "http://127.0.0.1:8081/us-east-1_X1",
        "clientId": "abc",
        "apiUrl": "http://127.0.0.1:8081/dev/",
        "grant": "code",
        "identityProviders": ["Google", "SignInWithApple"],
        "lang": "pt-BR",
        "loginHint": "ada@example.com",
        "prompt": "select_account",
        "authorizationScheme": "Bearer",
        "apiToken": "access",
        "clockSkewSeconds": 0,
        "scopes": ["openid", "https://api.example.com/read"],
        "redirectUri": "http://localhost:8080/callback",
        "logoutUri": "http://localhost:8080/bye",
        "storage": "local",
    }))
    .unwrap();
    let hosted_ui = settings.auth.hosted_ui;
    assert_eq!(hosted_ui.domain.as_str(), "http://127.0.0.1:8081");
    assert_eq!(
        hosted_ui.issuer.as_str(),
        "http://127.0.0.1:8081/us-east-1_X1"
    );
    assert_eq!(hosted_ui.clock_tolerance, 0);
    let client = hosted_ui.client;
    assert_eq!(client.client_id.as_str(), "abc");
    assert_eq!(client.grant, Grant::Code);
    assert_eq!(client.scopes, ["openid", "https://api.example.com/read"]);
    assert_eq!(
        client.redirect_uri.as_str(),
        "http://localhost:8080/callback"
    );
    assert_eq!(client.logout_uri.as_str(), "http://localhost:8080/bye");
    assert_eq!(client.lang.as_deref(), Some("pt-BR"));
    assert_eq!(client.login_hint.as_deref(), Some("ada@example.com"));
    assert_eq!(client.prompt, Some(Prompt::SelectAccount));
    assert_eq!(settings.auth.api.url.as_str(), "http://127.0.0.1:8081/dev");
    assert_eq!(settings.auth.api.token, ApiToken::Access);
    assert_eq!(settings.auth.api.scheme, AuthorizationScheme::Bearer);
    assert_eq!(settings.auth.storage, StorageArea::Local);
    assert_eq!(settings.identity_providers, ["Google", "SignInWithApple"]);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_prompt_is_taken() {
    for (text, prompt) in [
        ("none", Prompt::None),
        ("login", Prompt::Login),
        ("select_account", Prompt::SelectAccount),
        ("consent", Prompt::Consent),
    ] {
        let settings = read(&with("prompt", json!(text))).unwrap();
        assert_eq!(settings.auth.hosted_ui.client.prompt, Some(prompt));
    }
}

/// For each setting: what belongs there, and values that break this rule.
fn wrong_values() -> Vec<(&'static str, Expected, Vec<Value>)> {
    use Constraint::{
        AbsoluteUrl, Https, MaxLength, NoPath, NoQueryOrFragment, ValidCharacters, ValidHost,
    };
    let text = |constraint, values: &[&str]| {
        let values: Vec<Value> = values.iter().map(|&value| value.into()).collect();
        (Expected::Constraint(constraint), values)
    };
    let row = |key, (expected, values)| (key, expected, values);
    let too_long = format!("https://x/{}", "a".repeat(2000));
    vec![
        row("userPoolDomain", text(Https, &["http://example.com"])),
        row("userPoolDomain", text(NoPath, &["https://x/login"])),
        row("userPoolDomain", text(AbsoluteUrl, &["my-app"])),
        row(
            "userPoolId",
            text(Constraint::UserPoolId, &["AbCdEfGhI", "eu-west-1"]),
        ),
        row(
            "issuer",
            text(AbsoluteUrl, &["cognito-idp.eu-west-1.amazonaws.com"]),
        ),
        row("issuer", text(Https, &["http://example.com/x"])),
        row(
            "clientId",
            text(Constraint::ClientId, &["my client", "<b>"]),
        ),
        row("apiUrl", text(AbsoluteUrl, &["/prod"])),
        row("apiUrl", text(Https, &["http://api.example.com"])),
        row(
            "apiUrl",
            text(NoQueryOrFragment, &["https://x?y", "https://a@x/"]),
        ),
        row("apiUrl", text(MaxLength, &[&too_long])),
        row("apiUrl", text(ValidHost, &["https://-x", "https://x:0"])),
        row(
            "apiUrl",
            text(ValidCharacters, &["https://x/\u{e9}", "https://x/ "]),
        ),
        (
            "grant",
            Expected::OneOf(&["implicit", "code"]),
            vec![json!("password"), json!("Implicit")],
        ),
        (
            "identityProviders",
            Expected::IdentityProviders,
            vec![
                json!("Google"),
                json!([""]),
                json!([1]),
                json!(["x".repeat(33)]),
            ],
        ),
        (
            "lang",
            Expected::Lang,
            vec![json!("e"), json!("en_US"), json!("en us")],
        ),
        (
            "loginHint",
            Expected::LoginHint,
            vec![json!("x".repeat(257))],
        ),
        (
            "prompt",
            Expected::OneOf(&["none", "login", "select_account", "consent"]),
            vec![json!("Login")],
        ),
        (
            "authorizationScheme",
            Expected::OneOf(&["bare", "Bearer"]),
            vec![json!("bearer"), json!("Basic")],
        ),
        (
            "apiToken",
            Expected::OneOf(&["id", "access"]),
            vec![json!("ID"), json!("refresh")],
        ),
        (
            "clockSkewSeconds",
            Expected::Seconds,
            vec![json!(601), json!(-1), json!(1.5), json!("120")],
        ),
        (
            "scopes",
            Expected::Scopes,
            vec![
                json!("openid email"),
                json!(["email"]),
                json!(["openid", "a b"]),
                json!(["openid", 1]),
            ],
        ),
        row("redirectUri", text(AbsoluteUrl, &["/"])),
        row("redirectUri", text(NoQueryOrFragment, &["https://x/#y"])),
        row(
            "logoutUri",
            text(AbsoluteUrl, &["localhost:8080", "ftp://x"]),
        ),
        (
            "storage",
            Expected::OneOf(&["session", "local"]),
            vec![json!("cookie"), json!("Session")],
        ),
    ]
}

/// The same for values of another type, and for an empty text.
fn values_of_another_type() -> Vec<(&'static str, Expected, Vec<Value>)> {
    let mut rows: Vec<(&'static str, Expected, Vec<Value>)> = Vec::new();
    for (key, expected, _) in wrong_values() {
        if rows.iter().any(|(known, ..)| *known == key) {
            continue;
        }
        let expected = match expected {
            Expected::Constraint(Constraint::ClientId | Constraint::UserPoolId) => expected,
            Expected::Constraint(_) => Expected::Constraint(Constraint::AbsoluteUrl),
            expected => expected,
        };
        let values = [
            json!(null),
            json!(1),
            json!(true),
            json!([]),
            json!({}),
            json!(""),
        ];
        let is_wrong = |value: &Value| match key {
            "identityProviders" => *value != json!([]),
            "clockSkewSeconds" => *value != json!(1),
            _ => true,
        };
        let values = values.into_iter().filter(is_wrong).collect();
        rows.push((key, expected, values));
    }
    rows
}

#[wasm_bindgen_test(unsupported = test)]
fn every_wrong_value_is_named_with_what_belongs_there() {
    let mut keys = Vec::new();
    for (key, expected, values) in wrong_values().into_iter().chain(values_of_another_type()) {
        keys.push(key);
        for value in values {
            let error = read(&with(key, value.clone())).unwrap_err();
            let found = value.to_string();
            assert_eq!(
                error,
                SettingsError::Invalid {
                    key,
                    expected,
                    found: found.clone()
                }
            );
            let english = messages::settings(&error, &en::TEXTS);
            assert_fills(&english.happened, key, "“", "” must be ", ". The current");
            let spanish = messages::settings(&error, &es::TEXTS);
            assert_fills(&spanish.happened, key, "«", "» debe ser ", ". El valor");
            for message in [english, spanish] {
                let quoted = message.quoted.unwrap();
                assert!(found.starts_with(quoted.trim_end_matches('…')), "{quoted}");
                assert!(!message.remedy.is_empty());
            }
        }
    }
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 17);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_missing_value_is_named() {
    for (key, constraint) in [
        ("userPoolDomain", Constraint::AbsoluteUrl),
        ("userPoolId", Constraint::UserPoolId),
        ("clientId", Constraint::ClientId),
        ("apiUrl", Constraint::AbsoluteUrl),
    ] {
        let mut config = config_json();
        config.as_object_mut().unwrap().remove(key);
        let error = read(&config).unwrap_err();
        let expected = Expected::Constraint(constraint);
        assert_eq!(error, SettingsError::Missing { key, expected });
        let english = messages::settings(&error, &en::TEXTS);
        assert_fills(&english.happened, key, "no “", "”. Set it to ", ".");
        let spanish = messages::settings(&error, &es::TEXTS);
        assert_fills(&spanish.happened, key, "«", "». Su valor debe ser ", ".");
    }
}

/// The sentence has the key between `open` and `close`, and words between `close` and `end`.
#[track_caller]
fn assert_fills(sentence: &str, key: &str, open: &str, close: &str, end: &str) {
    let start = format!("{open}{key}{close}");
    let (_, rest) = sentence.split_once(&start).unwrap_or_default();
    let (expected, _) = rest.rsplit_once(end).unwrap_or_default();
    assert!(expected.len() > 3, "{sentence}");
}

#[wasm_bindgen_test(unsupported = test)]
fn an_unknown_key_is_named() {
    let error = read(&with("clientID", json!("x"))).unwrap_err();
    assert_eq!(error, SettingsError::UnknownKey("clientID".to_owned()));
    for texts in [&en::TEXTS, &es::TEXTS] {
        let message = messages::settings(&error, texts);
        assert_eq!(message.quoted.as_deref(), Some("clientID"));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_unknown_key_is_named_before_a_missing_one() {
    // The setting is there under a misspelled name.
    let mut config = with("userpoolid", json!("eu-west-1_AbCdEfGhI"));
    config.as_object_mut().unwrap().remove("userPoolId");
    let error = read(&config).unwrap_err();
    assert_eq!(error, SettingsError::UnknownKey("userpoolid".to_owned()));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_response_that_is_not_a_settings_file_is_named() {
    #[track_caller]
    fn check(status: u16, body: &str, expected: SettingsError) {
        assert_eq!(Settings::read(status, body, PAGE), Err(expected));
    }
    check(404, "", SettingsError::NotFound);
    check(
        403,
        "<Error><Code>AccessDenied</Code></Error>",
        SettingsError::NotFound,
    );
    check(500, "", SettingsError::Status(500));
    check(200, "\n <!doctype html>", SettingsError::NotFound);
    check(200, "[]", SettingsError::NotAnObject);
    check(200, "\"x\"", SettingsError::NotAnObject);
    for body in ["", "{ \"clientId\": x }", "{ \"clientId\": \"1\", }"] {
        let error = Settings::read(200, body, PAGE).err();
        let Some(SettingsError::NotJson(reason)) = error else {
            panic!("{body}: {error:?}");
        };
        assert!(reason.contains("line"), "{reason}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_byte_order_mark_is_ignored() {
    let body = format!("\u{feff}{}", config_json());
    assert!(Settings::read(200, &body, PAGE).is_ok());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_page_that_is_not_secure_itself_is_named() {
    let page = "http://192.168.0.7:8080/";
    let refused = Settings::read(200, &config_json().to_string(), page);
    let error = SettingsError::Invalid {
        key: "redirectUri",
        expected: Expected::Constraint(Constraint::Https),
        found: json!(page).to_string(),
    };
    assert_eq!(refused, Err(error));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_effective_settings_are_all_settings_with_their_defaults() {
    let mut config = with("grant", json!("code"));
    config["prompt"] = json!("login");
    config["identityProviders"] = json!(["Google", "SignInWithApple"]);
    let effective = read(&config).unwrap().effective;
    let effective: Vec<(&str, &str)> = effective
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .collect();
    assert_eq!(
        effective,
        [
            ("userPoolDomain", DOMAIN),
            ("userPoolId", "eu-west-1_AbCdEfGhI"),
            ("issuer", ISSUER),
            ("clientId", CLIENT_ID),
            ("apiUrl", API),
            ("grant", "code"),
            ("scopes", "openid, email, profile"),
            ("redirectUri", PAGE),
            ("logoutUri", PAGE),
            ("storage", "session"),
            ("identityProviders", "Google, SignInWithApple"),
            ("lang", ""),
            ("loginHint", ""),
            ("prompt", "login"),
            ("authorizationScheme", "bare"),
            ("apiToken", "id"),
            ("clockSkewSeconds", "120"),
        ]
    );
    // Each can be written into a file under this key.
    for (key, _) in effective {
        let error = read(&with(key, json!({}))).unwrap_err();
        assert!(
            matches!(error, SettingsError::Invalid { .. }),
            "{key}: {error:?}"
        );
    }
}
