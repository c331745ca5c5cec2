//! The user pool, the app client and the tokens of the tests.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_hosted_ui::{
    AppClient, ClientId, Grant, HostedUi, IdToken, SecureUrl, Session, UserPoolDomain, UserPoolId,
};
use serde_json::{Value, json};

pub const NOW: u64 = 1_800_000_000;
pub const DOMAIN: &str = "https://my-app.auth.eu-west-1.amazoncognito.com";
pub const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
pub const CLIENT_ID: &str = "1example23456789";
pub const REDIRECT_URI: &str = "https://app.example.com/";

pub fn implicit_grant() -> HostedUi {
    hosted_ui(Grant::Implicit)
}

pub fn code_grant() -> HostedUi {
    hosted_ui(Grant::Code)
}

pub fn hosted_ui(grant: Grant) -> HostedUi {
    let client_id = ClientId::parse(CLIENT_ID).unwrap();
    let redirect_uri = SecureUrl::parse(REDIRECT_URI).unwrap();
    HostedUi::new(
        UserPoolDomain::parse(DOMAIN).unwrap(),
        &UserPoolId::parse("eu-west-1_AbCdEfGhI").unwrap(),
        AppClient::new(client_id, grant, redirect_uri),
    )
}

/// The claims of an ID token as Cognito issues it, for one hour, in response to a request with the nonce `the-nonce`.
pub fn claims() -> Value {
    json!({
        // The left half of the SHA-256 of `d.e.f`.
        "at_hash": "fRtBhu1ATV61IVWOxnN_ag",
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
pub fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// The stored record of a session with these claims and an access token, on a device whose clock is right.
pub fn stored_session(claims: &Value) -> Value {
    json!({
        "id_token": token(claims).authorization(),
        "access_token": "d.e.f",
        "clock_offset": 0,
        "sign_in": "the-state",
    })
}

pub fn restored(stored: &Value) -> Session {
    Session::restore(&stored.to_string(), &implicit_grant()).unwrap()
}

/// A JWT with these claims and a signature that is not valid.
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
