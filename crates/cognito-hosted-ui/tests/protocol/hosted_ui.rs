//! The Hosted UI's URLs and the values they consist of.

use cognito_hosted_ui::{
    AppClient, ClientId, Constraint, Grant, HostedUiPage, PendingSignIn, Prompt, SecureUrl,
    UserPoolDomain, UserPoolId, sign_in,
};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{DOMAIN, ISSUER, NOW, REDIRECT_URI, code_grant, implicit_grant};

fn pending() -> PendingSignIn {
    let stored = r#"{"state":"the-state","nonce":"the nonce&=","started_at":1}"#;
    PendingSignIn::from_stored(stored, "/").unwrap()
}

#[wasm_bindgen_test(unsupported = test)]
fn the_sign_in_url_has_every_value_percent_encoded() {
    assert_eq!(
        implicit_grant().authorization_url(&pending(), &HostedUiPage::SignIn, ""),
        format!(
            "{DOMAIN}/login?response_type=token&client_id=1example23456789\
             &redirect_uri=https%3A%2F%2Fapp.example.com%2F&scope=openid%20email%20profile\
             &state=the-state&nonce=the%20nonce%26%3D"
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn every_page_has_its_path_and_the_same_parameters() {
    let parameters = |page| {
        let url = implicit_grant().authorization_url(&pending(), &page, "");
        let (path, parameters) = url.split_once('?').unwrap();
        (path.replace(DOMAIN, ""), parameters.to_owned())
    };
    let (path, same) = parameters(HostedUiPage::SignIn);
    assert_eq!(path, "/login");
    assert_eq!(
        parameters(HostedUiPage::SignUp),
        ("/signup".to_owned(), same.clone())
    );
    assert_eq!(
        parameters(HostedUiPage::ForgotPassword),
        ("/forgotPassword".to_owned(), same.clone())
    );
    assert_eq!(
        parameters(HostedUiPage::Reauthenticate),
        ("/oauth2/authorize".to_owned(), same.clone())
    );
    assert_eq!(
        parameters(HostedUiPage::IdentityProvider("Our IdP".to_owned())),
        (
            "/oauth2/authorize".to_owned(),
            same + "&identity_provider=Our%20IdP"
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn in_the_code_grant_the_sign_in_page_is_the_authorize_endpoint() {
    let pending = sign_in::begin(&code_grant(), || [0; 32], None, None, None, NOW);
    for (page, path) in [
        (HostedUiPage::SignIn, "/oauth2/authorize?"),
        (HostedUiPage::SignUp, "/signup?"),
        (HostedUiPage::ForgotPassword, "/forgotPassword?"),
        (HostedUiPage::Reauthenticate, "/oauth2/authorize?"),
    ] {
        let url = code_grant().authorization_url(&pending, &page, "");
        assert!(url.starts_with(&format!("{DOMAIN}{path}")), "{url}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn optional_parameters_are_sent() {
    #[track_caller]
    fn check(set: fn(&mut AppClient), parameter: &str) {
        let mut hosted_ui = implicit_grant();
        set(&mut hosted_ui.client);
        let url = hosted_ui.authorization_url(&pending(), &HostedUiPage::SignIn, "");
        assert!(url.ends_with(parameter), "{url}");
    }
    check(
        |client| client.lang = Some("pt-BR".to_owned()),
        "&lang=pt-BR",
    );
    check(
        |client| client.login_hint = Some("ada+1@example.com".to_owned()),
        "&login_hint=ada%2B1%40example.com",
    );
    check(
        |client| client.prompt = Some(Prompt::SelectAccount),
        "&prompt=select_account",
    );
    check(|client| client.prompt = Some(Prompt::None), "&prompt=none");
    check(
        |client| client.prompt = Some(Prompt::Login),
        "&prompt=login",
    );
    check(
        |client| client.prompt = Some(Prompt::Consent),
        "&prompt=consent",
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn the_pages_language_is_sent_unless_the_client_has_one() {
    let url = implicit_grant().authorization_url(&pending(), &HostedUiPage::SignIn, "es");
    assert!(url.ends_with("&lang=es"), "{url}");
    let mut hosted_ui = implicit_grant();
    hosted_ui.client.lang = Some("pt-BR".to_owned());
    let url = hosted_ui.authorization_url(&pending(), &HostedUiPage::SignIn, "es");
    assert!(url.ends_with("&lang=pt-BR"), "{url}");
}

#[wasm_bindgen_test(unsupported = test)]
fn forms_go_to_the_domain_and_keys_come_from_the_issuer() {
    assert_eq!(
        implicit_grant().token_url(),
        format!("{DOMAIN}/oauth2/token")
    );
    assert_eq!(
        implicit_grant().revocation_url(),
        format!("{DOMAIN}/oauth2/revoke")
    );
    assert_eq!(
        implicit_grant().user_info_url(),
        format!("{DOMAIN}/oauth2/userInfo")
    );
    assert_eq!(
        implicit_grant().jwks_url(),
        format!("{ISSUER}/.well-known/jwks.json")
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn the_sign_out_url_has_client_id_and_logout_uri() {
    assert_eq!(
        implicit_grant().sign_out_url(),
        format!(
            "{DOMAIN}/logout?client_id=1example23456789&logout_uri=https%3A%2F%2Fapp.example.com%2F"
        )
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn optional_values_have_defaults() {
    let hosted_ui = implicit_grant();
    assert_eq!(hosted_ui.issuer.as_str(), ISSUER);
    assert_eq!(hosted_ui.clock_tolerance, 120);
    assert_eq!(hosted_ui.client.grant, Grant::Implicit);
    assert_eq!(hosted_ui.client.scopes, ["openid", "email", "profile"]);
    assert_eq!(hosted_ui.client.redirect_uri.as_str(), REDIRECT_URI);
    assert_eq!(hosted_ui.client.logout_uri.as_str(), REDIRECT_URI);
    assert_eq!(hosted_ui.client.lang, None);
    assert_eq!(hosted_ui.client.login_hint, None);
    assert_eq!(hosted_ui.client.prompt, None);
}

#[wasm_bindgen_test(unsupported = test)]
fn every_broken_constraint_is_named() {
    #[track_caller]
    fn check(text: &str, expected: Constraint) {
        assert_eq!(UserPoolDomain::parse(text), Err(expected), "{text}");
    }
    check("my-app", Constraint::AbsoluteUrl);
    check(
        &format!("https://{}", "a".repeat(2000)),
        Constraint::MaxLength,
    );
    check("http://example.com", Constraint::Https);
    check("https://example.com/?x=1", Constraint::NoQueryOrFragment);
    check("https://example.com/#x", Constraint::NoQueryOrFragment);
    check("https://ada@example.com", Constraint::NoQueryOrFragment);
    check("https://example.com:x", Constraint::ValidHost);
    check("https://example.com/ä", Constraint::ValidCharacters);
    check("https://example.com/login", Constraint::NoPath);
    assert_eq!(ClientId::parse("<b>"), Err(Constraint::ClientId));
    assert_eq!(UserPoolId::parse("AbC"), Err(Constraint::UserPoolId));
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
fn identifiers_match_cognitos_patterns() {
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
