//! `/config.json`: the contract, and every way to break it.

use cognito_spa::cognito::hosted_ui::Grant;
use cognito_spa::config::{ApiToken, AuthorizationScheme, Config, ConfigError, StorageArea};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{CLIENT_ID, ISSUER, PAGE, config, settings, settings_with as with, words};

fn read(settings: &Value) -> Result<Config, ConfigError> {
    Config::read(200, &settings.to_string(), PAGE)
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_optional_has_its_default() {
    let config = config();
    assert_eq!(config.hosted_ui.issuer.as_str(), ISSUER);
    assert_eq!(
        config.hosted_ui.client.scopes,
        ["openid", "email", "profile"]
    );
    assert_eq!(config.hosted_ui.client.redirect_uri.as_str(), PAGE);
    assert_eq!(config.hosted_ui.client.logout_uri.as_str(), PAGE);
    assert_eq!(config.storage, StorageArea::Session);
    assert_eq!(config.hosted_ui.client.grant, Grant::Implicit);
    assert_eq!(config.hosted_ui.client.hints, []);
    assert_eq!(config.hosted_ui.client.identity_providers, [""; 0]);
    assert_eq!(config.hosted_ui.clock_skew, 120);
    assert_eq!(config.api.token, ApiToken::Id);
    assert_eq!(config.api.scheme, AuthorizationScheme::Bare);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_example_file_is_valid() {
    let example = include_str!("../../config.example.json");
    assert_eq!(Config::read(200, example, PAGE), Ok(config()));
}

#[wasm_bindgen_test(unsupported = test)]
fn every_setting_is_taken() {
    let config = read(&json!({
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
    assert_eq!(
        config.hosted_ui.issuer.as_str(),
        "http://127.0.0.1:8081/us-east-1_X1"
    );
    assert_eq!(config.hosted_ui.client.client_id.as_str(), "abc");
    assert_eq!(
        config.hosted_ui.client.scopes,
        ["openid", "https://api.example.com/read"]
    );
    assert_eq!(
        config.hosted_ui.client.redirect_uri.as_str(),
        "http://localhost:8080/callback"
    );
    assert_eq!(
        config.hosted_ui.client.logout_uri.as_str(),
        "http://localhost:8080/bye"
    );
    assert_eq!(config.api.url.as_str(), "http://127.0.0.1:8081/dev");
    assert_eq!(config.storage, StorageArea::Local);
    assert_eq!(config.hosted_ui.client.grant, Grant::Code);
    assert_eq!(
        config.hosted_ui.client.hints,
        [
            ("lang", "pt-BR".to_owned()),
            ("login_hint", "ada@example.com".to_owned()),
            ("prompt", "select_account".to_owned()),
        ]
    );
    assert_eq!(
        config.hosted_ui.client.identity_providers,
        ["Google", "SignInWithApple"]
    );
    assert_eq!(config.hosted_ui.clock_skew, 0);
    assert_eq!(config.api.token, ApiToken::Access);
    assert_eq!(config.api.scheme, AuthorizationScheme::Bearer);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_wrong_value_is_named_and_told_what_it_should_be() {
    let wrong: [(&str, &[Value]); 17] = [
        (
            "userPoolDomain",
            &[
                json!("http://example.com"),
                json!("https://x/login"),
                json!("my-app"),
            ],
        ),
        ("userPoolId", &[json!("AbCdEfGhI"), json!("eu-west-1")]),
        (
            "issuer",
            &[
                json!("cognito-idp.eu-west-1.amazonaws.com"),
                json!("http://example.com/x"),
            ],
        ),
        ("clientId", &[json!("my client"), json!("<b>")]),
        (
            "apiUrl",
            &[
                json!("/prod"),
                json!("http://api.example.com"),
                json!("https://x?y"),
            ],
        ),
        ("grant", &[json!("password"), json!("Implicit")]),
        (
            "identityProviders",
            &[json!("Google"), json!([""]), json!([1])],
        ),
        ("lang", &[json!("e"), json!("en_US"), json!("en us")]),
        ("loginHint", &[json!("x".repeat(257))]),
        ("prompt", &[json!("Login")]),
        ("authorizationScheme", &[json!("bearer"), json!("Basic")]),
        ("apiToken", &[json!("ID"), json!("refresh")]),
        (
            "clockSkewSeconds",
            &[json!(601), json!(-1), json!(1.5), json!("120")],
        ),
        (
            "scopes",
            &[
                json!("openid email"),
                json!(["email"]),
                json!(["openid", "a b"]),
                json!(["openid", 1]),
            ],
        ),
        ("redirectUri", &[json!("/"), json!("https://x/#y")]),
        ("logoutUri", &[json!("localhost:8080"), json!("ftp://x")]),
        ("storage", &[json!("cookie"), json!("Session")]),
    ];
    for (key, values) in wrong {
        let of_another_type = [
            json!(null),
            json!(1),
            json!(true),
            json!([]),
            json!({}),
            json!(""),
        ];
        let belongs = |value: &&Value| match key {
            "identityProviders" => **value == json!([]),
            "clockSkewSeconds" => **value == json!(1),
            _ => false,
        };
        let others = of_another_type.iter().filter(|value| !belongs(value));
        for value in values.iter().chain(others) {
            let error = read(&with(key, value.clone())).unwrap_err();
            let ConfigError::Invalid {
                key: named, found, ..
            } = &error
            else {
                panic!("{key}: {value}: {error:?}");
            };
            assert_eq!((*named, found.is_empty()), (key, false));
            let message = words().config(&error);
            let said = format!("“{key}” should be ");
            let rest = message.happened.split(&said).nth(1).unwrap_or_default();
            assert!(rest.len() > ". It is:".len(), "{message:?}");
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn every_missing_value_is_named() {
    for key in ["userPoolDomain", "userPoolId", "clientId", "apiUrl"] {
        let mut settings = settings();
        settings.as_object_mut().unwrap().remove(key);
        let error = read(&settings).unwrap_err();
        assert!(matches!(error, ConfigError::Missing { key: named, .. } if named == key));
        let message = words().config(&error);
        assert!(
            message
                .happened
                .contains(&format!("no “{key}”. It should be ")),
            "{message:?}"
        );
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn an_unknown_key_is_named() {
    let error = read(&with("clientID", json!("x"))).unwrap_err();
    assert_eq!(error, ConfigError::Unknown("clientID".to_owned()));
    let quoted = words().config(&error).quoted;
    assert_eq!(quoted.as_deref(), Some("clientID"));
}

#[wasm_bindgen_test(unsupported = test)]
fn what_is_no_settings_file_is_said_so() {
    #[track_caller]
    fn check(status: u16, body: &str, expected: ConfigError) {
        assert_eq!(Config::read(status, body, PAGE), Err(expected));
    }
    check(404, "", ConfigError::NotFound);
    check(
        403,
        "<Error><Code>AccessDenied</Code></Error>",
        ConfigError::NotFound,
    );
    check(500, "", ConfigError::Status(500));
    check(200, "\n <!doctype html>", ConfigError::NotFound);
    check(200, "[]", ConfigError::NotAnObject);
    check(200, "\"x\"", ConfigError::NotAnObject);
    for body in ["", "{ \"clientId\": x }", "{ \"clientId\": \"1\", }"] {
        let error = Config::read(200, body, PAGE).err();
        let Some(ConfigError::NotJson(words)) = error else {
            panic!("{body}: {error:?}");
        };
        assert!(!words.is_empty());
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_byte_order_mark_is_forgiven() {
    let body = format!("\u{feff}{}", settings());
    assert!(Config::read(200, &body, PAGE).is_ok());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_page_that_is_not_secure_itself_is_said_so() {
    let refused = Config::read(200, &settings().to_string(), "http://192.168.0.7:8080/");
    assert!(matches!(
        refused,
        Err(ConfigError::Invalid {
            key: "redirectUri",
            ..
        })
    ));
}

#[wasm_bindgen_test(unsupported = test)]
fn all_settings_in_force_are_told_by_their_keys() {
    let mut settings = with("grant", json!("code"));
    settings["prompt"] = json!("login");
    settings["identityProviders"] = json!(["Google", "SignInWithApple"]);
    let config = read(&settings).unwrap();
    let told = config.in_force;
    let value = |key: &str| {
        let found = told.iter().find(|(told, _)| *told == key);
        found
            .unwrap_or_else(|| panic!("{key} is not told"))
            .1
            .as_str()
    };
    assert_eq!(value("grant"), "code");
    assert_eq!(value("storage"), "session");
    assert_eq!(value("clientId"), CLIENT_ID);
    assert_eq!(value("issuer"), ISSUER);
    assert_eq!(value("redirectUri"), PAGE);
    assert_eq!(value("scopes"), "openid email profile");
    assert_eq!(value("identityProviders"), "Google, SignInWithApple");
    assert_eq!(value("prompt"), "login");
    assert_eq!(value("lang"), "");
    // Each is a setting: what is told can be written into a file, and nothing is left out.
    assert_eq!(told.len(), 17);
    for (key, _) in &told {
        let error = read(&with(key, json!({}))).unwrap_err();
        assert!(
            matches!(error, ConfigError::Invalid { .. }),
            "{key}: {error:?}"
        );
    }
}
