//! The settings, the user and the sessions of the tests.

use cognito_hosted_ui::Session;
use cognito_spa::settings::Settings;
use leptos_cognito::testing;
use serde_json::{Value, json};

pub const NOW: u64 = 1_800_000_000;
pub const DOMAIN: &str = "https://my-app.auth.eu-west-1.amazoncognito.com";
pub const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
pub const CLIENT_ID: &str = "1example23456789";
pub const API: &str = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod";
pub const PAGE: &str = "https://app.example.com/";

/// The content of config.json, without what has a default.
pub fn config_json() -> Value {
    json!({
        "userPoolDomain": DOMAIN,
        "userPoolId": "eu-west-1_AbCdEfGhI",
        "clientId": CLIENT_ID,
        "apiUrl": API,
    })
}

pub fn config_json_with(key: &str, value: Value) -> Value {
    let mut config = config_json();
    config[key] = value;
    config
}

pub fn settings() -> Settings {
    settings_with("grant", json!("implicit"))
}

pub fn settings_with(key: &str, value: Value) -> Settings {
    Settings::read(200, &config_json_with(key, value).to_string(), PAGE).unwrap()
}

/// The claims of an ID token as Cognito issues it, for one hour, in response to a request with the nonce `the-nonce`.
pub fn claims() -> Value {
    json!({
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

/// The same claims with one of them set, or removed by `null`.
#[cfg(target_arch = "wasm32")]
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// A session with these claims.
pub fn session(claims: &Value) -> Session {
    testing::session_with_claims(&settings().auth.hosted_ui, claims).unwrap()
}

/// The same session with an access token.
pub fn with_access_token(session: &Session) -> Session {
    with_member(session, "access_token", "d.e.f")
}

/// The same session with a refresh token.
#[cfg(target_arch = "wasm32")]
pub fn refreshable(session: &Session) -> Session {
    with_member(session, "refresh_token", "the-refresh-token")
}

fn with_member(session: &Session, name: &str, text: &str) -> Session {
    let mut record: Value = serde_json::from_str(&session.to_stored()).unwrap();
    record[name] = text.into();
    Session::restore(&record.to_string(), &settings().auth.hosted_ui).unwrap()
}
