//! What the tests start from.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_spa::app::screen::Shown;
use cognito_spa::app::ui::Ui;
use cognito_spa::app::words::Words;
use cognito_spa::cognito::hosted_ui::HostedUi;
use cognito_spa::cognito::session::{Session, SessionTokens};
use cognito_spa::cognito::tokens::IdToken;
use cognito_spa::config::Config;
use serde_json::{Value, json};

/// All that the app says, in English.
pub fn words() -> Words {
    Words::read("en", include_str!("../../languages/en.txt")).unwrap()
}

/// What a page looks like to begin with, with times in their plain form.
pub fn ui() -> Ui {
    Ui {
        route: String::new(),
        words: words(),
        words_failed: false,
        now: NOW,
        is_online: true,
        shown: Shown::Nothing,
        shown_to: String::new(),
        copied: None,
        findings: Default::default(),
        base: PAGE.to_owned(),
        time: |_, seconds| format!("at {seconds}"),
    }
}

pub const NOW: u64 = 1_800_000_000;
pub const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
pub const CLIENT_ID: &str = "1example23456789";
pub const PAGE: &str = "https://app.example.com/";

pub fn settings() -> Value {
    json!({
        "userPoolDomain": "https://my-app.auth.eu-west-1.amazoncognito.com",
        "userPoolId": "eu-west-1_AbCdEfGhI",
        "clientId": CLIENT_ID,
        "apiUrl": "https://abc123.execute-api.eu-west-1.amazonaws.com/prod",
    })
}

pub fn settings_with(key: &str, value: Value) -> Value {
    let mut settings = settings();
    settings[key] = value;
    settings
}

pub fn config() -> Config {
    config_with("grant", json!("implicit"))
}

pub fn config_with(key: &str, value: Value) -> Config {
    Config::read(200, &settings_with(key, value).to_string(), PAGE).unwrap()
}

pub fn hosted_ui() -> HostedUi {
    config().hosted_ui
}

/// The claims of an ID token as Cognito issues it, an hour long, for the request with the nonce `the-nonce`.
pub fn claims() -> Value {
    json!({
        "at_hash": "x0vlrLzN1V0R9bZ4mLq1Cg",
        "sub": "a4c8e0d2-1111-4222-8333-0123456789ab",
        "cognito:groups": ["eu-west-1_AbCdEfGhI_Google"],
        "email_verified": true,
        "iss": ISSUER,
        "cognito:username": "ada",
        "nonce": "the-nonce",
        "origin_jti": "0f5a1d2c-0000-4000-8000-000000000001",
        "aud": CLIENT_ID,
        "event_id": "0f5a1d2c-0000-4000-8000-000000000002",
        "token_use": "id",
        "auth_time": NOW,
        "exp": NOW + 3600,
        "iat": NOW,
        "jti": "0f5a1d2c-0000-4000-8000-000000000003",
        "email": "ada@example.com",
    })
}

/// The same claims with one of them set, or taken out by `null`.
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// What is stored of a session with these claims, beside an access token and a clock that is right.
pub fn stored(claims: &Value) -> Value {
    json!({
        "id_token": token(claims).authorization(),
        "access_token": "d.e.f",
        "clock_ahead": "0",
    })
}

pub fn session(stored: &Value) -> Session {
    let tokens = SessionTokens::from_stored(&stored.to_string()).unwrap();
    Session::restore(tokens, &hosted_ui()).unwrap()
}

/// A JWT with these claims and a signature that nobody checks yet.
pub fn token(claims: &Value) -> IdToken {
    IdToken::new(jwt(&claims.to_string()))
}

pub fn jwt(payload: &str) -> String {
    jwt_with_header(r#"{"kid":"9lG1jUBw9OQ2V7Yw==","alg":"RS256"}"#, payload)
}

pub fn jwt_with_header(header: &str, payload: &str) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    format!(
        "{}.{}.{}",
        encode(header),
        encode(payload),
        encode("signature")
    )
}
