//! Reading an ID token, and each rule that it has to keep.

use cognito_hosted_ui::{AccessToken, IdToken, RefreshToken, TokenError, TokenSource, Validation};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{CLIENT_ID, ISSUER, NOW, claims, claims_with, jwt, jwt_with_header, token};

/// How far the clocks may differ.
const TOLERANCE: u64 = 120;

fn verdict_on(claims: &Value, source: TokenSource<'_>, now: u64) -> Result<(), TokenError> {
    let validation = Validation {
        issuer: ISSUER,
        client_id: CLIENT_ID,
        clock_tolerance: TOLERANCE,
        source,
    };
    token(claims)
        .read_unverified()?
        .claims
        .validate(validation, now)
}

/// The verdict on a token that was issued in the second of its request.
fn verdict(claims: &Value, now: u64) -> Result<(), TokenError> {
    let source = TokenSource::SignIn {
        nonce: "the-nonce",
        started_at: NOW,
    };
    verdict_on(claims, source, now)
}

/// Checks that the token is refused for this one reason: without the fault it is accepted.
#[track_caller]
fn refused(claim: &str, value: Value, expected: TokenError) {
    assert_eq!(verdict(&claims(), NOW), Ok(()));
    assert_eq!(verdict(&claims_with(claim, value), NOW), Err(expected));
}

#[track_caller]
fn accepted(claim: &str, value: Value) {
    assert_eq!(verdict(&claims_with(claim, value), NOW), Ok(()));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_claims_are_read() {
    let claims = token(&claims()).read_unverified().unwrap().claims;
    assert_eq!(claims.iss, ISSUER);
    assert_eq!(claims.sub, "a4c8e0d2-1111-4222-8333-0123456789ab");
    assert_eq!(claims.aud, [CLIENT_ID]);
    assert_eq!((claims.iat, claims.exp), (NOW, NOW + 3600));
    assert_eq!(claims.email.as_deref(), Some("ada@example.com"));
}

#[wasm_bindgen_test(unsupported = test)]
fn escaped_slashes_and_other_scripts_are_read() {
    let payload = claims()
        .to_string()
        .replace("https://", r"https:\/\/")
        .replace("ada@", "ådå-日本@");
    let claims = IdToken::new(jwt(&payload))
        .read_unverified()
        .unwrap()
        .claims;
    assert_eq!(claims.iss, ISSUER);
    assert_eq!(claims.email.as_deref(), Some("ådå-日本@example.com"));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_display_name_is_the_email_else_the_username_else_the_sub() {
    #[track_caller]
    fn check(claims: &Value, expected: &str) {
        let claims = token(claims).read_unverified().unwrap().claims;
        assert_eq!(claims.display_name(), expected);
    }
    check(&claims(), "ada@example.com");
    let mut claims = claims_with("email", Value::Null);
    check(&claims, "ada");
    claims.as_object_mut().unwrap().remove("cognito:username");
    check(&claims, "a4c8e0d2-1111-4222-8333-0123456789ab");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_malformed_jwt_is_refused() {
    #[track_caller]
    fn check(text: &str, expected: TokenError) {
        let read = IdToken::new(text.to_owned()).read_unverified();
        assert_eq!(read.map(|_| ()), Err(expected), "{text}");
    }
    let good = jwt(&claims().to_string());
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);

    check("", TokenError::NotAJwt);
    check("..", TokenError::NotJson);
    check(&format!("{header}.{payload}"), TokenError::NotAJwt);
    check(&format!("{good}.x"), TokenError::NotAJwt);
    check(
        &format!("{header}.{payload}=.{signature}"),
        TokenError::NotBase64Url,
    );
    check(
        &format!("{header}.+/+/.{signature}"),
        TokenError::NotBase64Url,
    );
    check(
        &format!("{header}.{payload}.sig nature"),
        TokenError::NotBase64Url,
    );
    check(
        &format!("é.{payload}.{signature}"),
        TokenError::NotBase64Url,
    );
    check(
        &format!("{header}.{}.{signature}", &payload[..40]),
        TokenError::NotJson,
    );
    // UTF-8 never contains 0xFF.
    check(&format!("{header}._w.{signature}"), TokenError::NotJson);
    check(&jwt("[]"), TokenError::NotJson);
    check(&jwt("null"), TokenError::NotJson);
    check(&jwt("\"text\""), TokenError::NotJson);
    check(&jwt(&"[".repeat(100_000)), TokenError::NotJson);
    check(
        &format!("{payload}x.{payload}.{signature}"),
        TokenError::NotBase64Url,
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn only_rs256_without_crit_is_accepted() {
    #[track_caller]
    fn check(header: &str, expected: Option<TokenError>) {
        let token = IdToken::new(jwt_with_header(header, &claims().to_string()));
        assert_eq!(token.read_unverified().err(), expected, "{header}");
    }
    check(r#"{"alg":"RS256"}"#, None);
    check(r#"{"alg":"RS256","kid":"x","typ":"JWT"}"#, None);
    check(r#"{"alg":"none"}"#, Some(TokenError::Algorithm));
    check(r#"{"alg":"None"}"#, Some(TokenError::Algorithm));
    check(r#"{"alg":"HS256"}"#, Some(TokenError::Algorithm));
    check(r#"{"alg":"RS512"}"#, Some(TokenError::Algorithm));
    check(r#"{"alg":["RS256"]}"#, Some(TokenError::Algorithm));
    check("{}", Some(TokenError::Algorithm));
    check(
        r#"{"alg":"RS256","crit":["exp"]}"#,
        Some(TokenError::Critical),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn header_and_payload_are_the_signed_part() {
    let token = token(&claims());
    let unverified = token.read_unverified().unwrap();
    let (signed, _) = token.authorization().rsplit_once('.').unwrap();
    assert_eq!(token.signed_part(&unverified), signed.as_bytes());
    assert_eq!(unverified.signature, b"signature");
    assert_eq!(unverified.kid.as_deref(), Some("9lG1jUBw9OQ2V7Yw=="));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_access_token_has_to_match_at_hash() {
    let check = |at_hash, access_token: &str| {
        let read = token(&claims_with("at_hash", at_hash))
            .read_unverified()
            .unwrap();
        let access_token = AccessToken::new(access_token.to_owned());
        read.claims.validate_access_token(&access_token)
    };
    assert_eq!(check(json!("fRtBhu1ATV61IVWOxnN_ag"), "d.e.f"), Ok(()));
    assert_eq!(check(Value::Null, "d.e.f"), Ok(()));
    let refused = Err(TokenError::AccessTokenHash);
    assert_eq!(check(json!("fRtBhu1ATV61IVWOxnN_ag"), "another"), refused);
    assert_eq!(check(json!(""), "d.e.f"), refused);
    assert_eq!(check(json!("%"), "d.e.f"), refused);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_missing_or_mistyped_claim_is_refused_by_name() {
    for claim in ["iss", "sub", "aud", "exp", "iat", "token_use"] {
        refused(claim, Value::Null, TokenError::InvalidClaim(claim));
        refused(claim, json!({}), TokenError::InvalidClaim(claim));
        refused(claim, json!(true), TokenError::InvalidClaim(claim));
    }
    for claim in ["exp", "iat"] {
        refused(claim, json!("1800000000"), TokenError::InvalidClaim(claim));
        refused(claim, json!(-1), TokenError::InvalidClaim(claim));
        refused(claim, json!(1.5), TokenError::InvalidClaim(claim));
    }
    refused("sub", json!(""), TokenError::InvalidClaim("sub"));
    refused("aud", json!([]), TokenError::InvalidClaim("aud"));
    refused(
        "aud",
        json!([CLIENT_ID, 1]),
        TokenError::InvalidClaim("aud"),
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn another_issuer_is_refused() {
    refused("iss", json!(format!("{ISSUER}/")), TokenError::Issuer);
    refused("iss", json!("https://evil.example"), TokenError::Issuer);
    refused("iss", json!(""), TokenError::Issuer);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_client_has_to_be_the_only_audience() {
    accepted("aud", json!([CLIENT_ID]));
    refused("aud", json!("another"), TokenError::Audience);
    refused("aud", json!(["another"]), TokenError::Audience);
    refused(
        "aud",
        json!([CLIENT_ID, "another"]),
        TokenError::UntrustedAudience,
    );
    refused(
        "aud",
        json!(["another", CLIENT_ID]),
        TokenError::UntrustedAudience,
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn another_authorized_party_is_refused() {
    accepted("azp", json!(CLIENT_ID));
    refused("azp", json!("another"), TokenError::AuthorizedParty);
    refused("azp", json!(1), TokenError::InvalidClaim("azp"));
}

#[wasm_bindgen_test(unsupported = test)]
fn an_access_token_is_not_an_id_token() {
    refused("token_use", json!("access"), TokenError::TokenUse);
    refused("token_use", json!("ID"), TokenError::TokenUse);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_token_expires_to_the_second_with_the_tolerance() {
    let end = NOW + 3600 + TOLERANCE;
    assert_eq!(verdict(&claims(), end - 1), Ok(()));
    assert_eq!(verdict(&claims(), end), Err(TokenError::Expired));
    assert_eq!(verdict(&claims(), u64::MAX), Err(TokenError::Expired));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_token_from_the_future_is_refused_to_the_second_with_the_tolerance() {
    assert_eq!(verdict(&claims(), NOW - TOLERANCE), Ok(()));
    let too_early = verdict(&claims(), NOW - TOLERANCE - 1);
    assert_eq!(too_early, Err(TokenError::IssuedInFuture));
    refused("iat", json!(u64::MAX), TokenError::IssuedInFuture);
}

#[wasm_bindgen_test(unsupported = test)]
fn times_at_the_limits_of_u64_do_not_overflow() {
    accepted("exp", json!(u64::MAX));
    refused("iat", json!(0), TokenError::IssuedTooEarly);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_token_older_than_its_request_is_refused_to_the_second_with_the_tolerance() {
    accepted("iat", json!(NOW - TOLERANCE));
    refused(
        "iat",
        json!(NOW - TOLERANCE - 1),
        TokenError::IssuedTooEarly,
    );
    refused(
        "iat",
        json!(NOW - 7 * 24 * 3600),
        TokenError::IssuedTooEarly,
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refreshed_token_is_about_the_same_user_and_app() {
    #[track_caller]
    fn check(claim: &str, value: Value, expected: Result<(), TokenError>) {
        let refreshed = |claim, value| {
            let source = TokenSource::Refresh {
                sub: "a4c8e0d2-1111-4222-8333-0123456789ab",
            };
            verdict_on(&claims_with(claim, value), source, NOW + 3000)
        };
        assert_eq!(refreshed("x", json!(1)), Ok(()));
        assert_eq!(refreshed(claim, value), expected, "{claim}");
    }
    check("sub", json!("another"), Err(TokenError::Subject));
    check(
        "iss",
        json!("https://evil.example"),
        Err(TokenError::Issuer),
    );
    check("aud", json!("another"), Err(TokenError::Audience));
    check("azp", json!("another"), Err(TokenError::AuthorizedParty));
    check("token_use", json!("access"), Err(TokenError::TokenUse));
    // Cognito changes these after another sign-in of the same user, or does not send them.
    check("auth_time", json!(NOW + 3000), Ok(()));
    check("auth_time", Value::Null, Ok(()));
    check("nonce", json!("another"), Ok(()));
    check("nonce", Value::Null, Ok(()));
    check("azp", json!(CLIENT_ID), Ok(()));
    // The token has just been issued, so its times say more about this device's clock than about the token.
    check("iat", json!(NOW - 1), Ok(()));
    check("iat", json!(NOW + 4000), Ok(()));
    check("exp", json!(NOW), Ok(()));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stored_token_has_to_belong_to_this_client_and_pool() {
    let stored = |claim, value| verdict_on(&claims_with(claim, value), TokenSource::Storage, 0);
    assert_eq!(stored("nonce", Value::Null), Ok(()));
    assert_eq!(stored("aud", json!("another")), Err(TokenError::Audience));
    assert_eq!(
        stored("iss", json!("https://evil.example")),
        Err(TokenError::Issuer)
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn another_nonce_is_refused() {
    refused("nonce", json!("another"), TokenError::Nonce);
    refused("nonce", json!(""), TokenError::Nonce);
    refused("nonce", json!(["the-nonce"]), TokenError::Nonce);
    refused("nonce", Value::Null, TokenError::Nonce);
}

#[wasm_bindgen_test(unsupported = test)]
fn all_claims_are_read_also_those_that_the_protocol_does_not_know() {
    let all = claims_with("custom:floor", "7".into());
    let read = token(&all).all_claims_unverified();
    assert_eq!(Value::Object(read), all);
    let unreadable = IdToken::new("a.b.c".to_owned());
    assert!(unreadable.all_claims_unverified().is_empty());
}

#[wasm_bindgen_test(unsupported = test)]
fn tokens_are_redacted_in_debug() {
    let secret = jwt(&claims().to_string());
    let printed = [
        format!("{:?}", IdToken::new(secret.clone())),
        format!("{:?}", AccessToken::new(secret.clone())),
        format!("{:?}", RefreshToken::new(secret.clone())),
    ];
    for text in printed {
        assert!(
            text.contains("redacted") && !text.contains(&secret[..8]),
            "{text}"
        );
    }
}
