//! The URLs that the browser leaves by, and what they are made of.

use cognito_spa::cognito::authorization::PendingSignIn;
use cognito_spa::cognito::hosted_ui::{ClientId, Door, UserPoolDomain, UserPoolId};
use cognito_spa::cognito::secure_url::SecureUrl;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{ISSUER, config_with, hosted_ui};

const DOMAIN: &str = "https://my-app.auth.eu-west-1.amazoncognito.com";

fn pending() -> PendingSignIn {
    let stored = r#"{"state":"the-state","nonce":"the nonce&=","started_at":"1"}"#;
    PendingSignIn::from_stored(stored, "/").unwrap()
}

#[wasm_bindgen_test(unsupported = test)]
fn the_sign_in_url_carries_every_value_percent_encoded() {
    assert_eq!(
        hosted_ui().authorization_url(&pending(), None, &Door::SignIn, ""),
        format!(
            "{DOMAIN}/login?response_type=token&client_id=1example23456789\
             &redirect_uri=https%3A%2F%2Fapp.example.com%2F&scope=openid%20email%20profile\
             &state=the-state&nonce=the%20nonce%26%3D"
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn every_door_has_its_page_and_the_same_parameters() {
    let parameters = |door| {
        let url = hosted_ui().authorization_url(&pending(), None, &door, "");
        let (page, parameters) = url.split_once('?').unwrap();
        (page.replace(DOMAIN, ""), parameters.to_owned())
    };
    let (page, same) = parameters(Door::SignIn);
    assert_eq!(page, "/login");
    assert_eq!(
        parameters(Door::SignUp),
        ("/signup".to_owned(), same.clone())
    );
    assert_eq!(
        parameters(Door::ForgotPassword),
        ("/forgotPassword".to_owned(), same.clone())
    );
    assert_eq!(
        parameters(Door::GoOn),
        ("/oauth2/authorize".to_owned(), same.clone())
    );
    assert_eq!(
        parameters(Door::Provider("Our IdP".to_owned())),
        (
            "/oauth2/authorize".to_owned(),
            same + "&identity_provider=Our%20IdP"
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn hints_are_handed_on() {
    for (key, value, parameter) in [
        ("lang", "pt-BR", "&lang=pt-BR"),
        (
            "loginHint",
            "ada+1@example.com",
            "&login_hint=ada%2B1%40example.com",
        ),
        ("prompt", "select_account", "&prompt=select_account"),
    ] {
        let hosted_ui = config_with(key, json!(value)).hosted_ui;
        let url = hosted_ui.authorization_url(&pending(), None, &Door::SignIn, "");
        assert!(url.ends_with(parameter), "{url}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_page_s_language_is_handed_on_unless_the_settings_name_one() {
    let url = hosted_ui().authorization_url(&pending(), None, &Door::SignIn, "es");
    assert!(url.ends_with("&lang=es"), "{url}");
    let hosted_ui = config_with("lang", json!("pt-BR")).hosted_ui;
    let url = hosted_ui.authorization_url(&pending(), None, &Door::SignIn, "es");
    assert!(url.ends_with("&lang=pt-BR"), "{url}");
}

#[wasm_bindgen_test(unsupported = test)]
fn forms_go_to_the_domain_and_keys_come_from_the_issuer() {
    assert_eq!(hosted_ui().token_url(), format!("{DOMAIN}/oauth2/token"));
    assert_eq!(
        hosted_ui().revocation_url(),
        format!("{DOMAIN}/oauth2/revoke")
    );
    assert_eq!(
        hosted_ui().keys_url(),
        format!("{ISSUER}/.well-known/jwks.json")
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn the_sign_out_url_carries_client_id_and_logout_uri() {
    assert_eq!(
        hosted_ui().sign_out_url(),
        format!(
            "{DOMAIN}/logout?client_id=1example23456789&logout_uri=https%3A%2F%2Fapp.example.com%2F"
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn secure_urls_are_https_or_loopback() {
    for good in [
        "https://example.com",
        "https://example.com/",
        "https://example.com:8443/a/b-c_d~e%20f",
        "https://127.0.0.1:5602/us-east-1_BENCHPOOL",
        "http://localhost:8080/",
        "http://127.0.0.1",
        "https://10.0.0.255:8443/x",
        "https://9.example.com",
        "http://[::1]:3000/x",
    ] {
        assert!(SecureUrl::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "https",
        "https://",
        "https:///path",
        "HTTPS://example.com",
        "ftp://example.com",
        "//example.com",
        "example.com",
        "javascript:alert(1)",
        "https://example.9",
        "https://example.com.0x7f",
        "https://1.2.3",
        "https://1.2.3.256",
        "https://1.2.3.04",
        "https://9",
        "https://example.com:",
        "https://example.com:0",
        "https://example.com:65536",
        "https://example.com:80a",
        "https://exa mple.com",
        "https://example.com/a b",
        "https://example.com\\@evil.example",
        "https://user@example.com",
        "https://user:pass@example.com/",
        "https://example.com/?x=1",
        "https://example.com/#x",
        "https://.example.com",
        "https://example..com",
        "https://-example.com",
        "https://exämple.com",
        "https://[::2]/",
        "http://example.com",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "http://localhost@evil.example/",
        "http://[::1]evil.example/",
        "https://example.com/\u{7f}",
        "https://example.com/\n",
        " https://example.com",
    ] {
        assert!(SecureUrl::parse(bad).is_err(), "{bad}");
    }
    let long = |length: usize| format!("https://example.com/{}", "a".repeat(length - 20));
    assert!(SecureUrl::parse(&long(2000)).is_ok());
    assert!(SecureUrl::parse(&long(2001)).is_err());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_user_pool_domain_has_no_path() {
    assert!(UserPoolDomain::parse(DOMAIN).is_ok());
    assert_eq!(
        UserPoolDomain::parse(&format!("{DOMAIN}/")),
        UserPoolDomain::parse(DOMAIN)
    );
    assert!(UserPoolDomain::parse(&format!("{DOMAIN}/login")).is_err());
}

#[wasm_bindgen_test(unsupported = test)]
fn identifiers_have_cognitos_form() {
    assert!(ClientId::parse("1example23456789").is_ok());
    for bad in ["", "a b", "a-b", "ä", &"x".repeat(129)] {
        assert!(ClientId::parse(bad).is_err(), "{bad}");
    }
    for good in [
        "eu-west-1_AbCdEfGhI",
        "us-gov-west-1_abc",
        "us-east-1_BENCHPOOL",
    ] {
        assert!(UserPoolId::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "_",
        "eu-west-1",
        "eu-west-1_",
        "_AbC",
        "eu-west-1_a_b",
        "eu-west-1_a/b",
        "euwest1_a",
        "eu--1_a",
    ] {
        assert!(UserPoolId::parse(bad).is_err(), "{bad}");
    }
}
