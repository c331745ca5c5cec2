//! A refresh, step by step; which failures end the session; and how long to wait after one.

use cognito_hosted_ui::{
    BackOff, JsonWebKeySet, MalformedResponse, Refresh, Session, SignInError, TokenEndpointError,
    TokenError, UnverifiedRefresh,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{NOW, claims, claims_with, code_grant, restored, stored_session, token};

/// When the session is refreshed.
const LATER: u64 = NOW + 3000;

fn session() -> Session {
    let mut stored = stored_session(&claims());
    stored["refresh_token"] = "r".into();
    restored(&stored)
}

/// The claims of the refreshed token, with one of them set, or removed by `null`.
fn refreshed_claims(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims["iat"] = LATER.into();
    claims["exp"] = (LATER + 3600).into();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

/// The session to store, and the tokens to verify, after a response with these claims and perhaps a new refresh token.
fn receive(
    session: &Session,
    claims: &Value,
    rotated: Option<&str>,
) -> (Session, UnverifiedRefresh) {
    let body = json!({
        "id_token": token(claims).authorization(),
        "access_token": "d.e.f",
        "refresh_token": rotated,
        "token_type": "Bearer",
    });
    let refresh = Refresh::begin(session, LATER).unwrap();
    let received = refresh.receive(200, &body.to_string());
    received.unwrap().newest(None)
}

/// The session after a refresh whose response arrives in this second, by this device's clock.
fn refresh_at(session: &Session, claims: &Value, now: u64) -> Result<Session, SignInError> {
    let (_, unverified) = receive(session, claims, None);
    unverified.validate(&code_grant(), now)?.verify(true)
}

#[wasm_bindgen_test(unsupported = test)]
fn only_a_session_with_a_refresh_token_can_be_refreshed() {
    let refresh = Refresh::begin(&session(), LATER).unwrap();
    assert_eq!(
        refresh.form(&code_grant().client).unwrap(),
        "grant_type=refresh_token&client_id=1example23456789&refresh_token=r"
    );
    let implicit = restored(&stored_session(&claims()));
    assert!(Refresh::begin(&implicit, LATER).is_none());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refresh_replaces_the_tokens_and_keeps_the_sign_in() {
    let before = session();
    let refreshed = refresh_at(&before, &refreshed_claims("x", json!(1)), LATER).unwrap();
    assert!(!refreshed.has_same_token(&before));
    assert!(refreshed.is_same_sign_in(&before));
    assert_eq!(refreshed.claims().iat, LATER);
    let form = refreshed.revocation_form(&code_grant().client);
    assert_eq!(form.unwrap(), "client_id=1example23456789&token=r");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_new_refresh_token_is_there_to_be_stored_before_anything_is_verified() {
    let before = session();
    let claims = refreshed_claims("sub", json!("another"));
    let (newest, unverified) = receive(&before, &claims, Some("s"));
    assert!(newest.has_same_token(&before) && !newest.has_same_tokens(&before));
    let form = newest.refresh_form(&code_grant().client).unwrap();
    assert!(form.ends_with("&refresh_token=s"), "{form}");
    let refused = unverified.validate(&code_grant(), LATER);
    assert_eq!(refused, Err(TokenError::Subject.into()));

    let (newest, unverified) = receive(&before, &refreshed_claims("x", json!(1)), Some("s"));
    let unverified = unverified.validate(&code_grant(), LATER).unwrap();
    let refreshed = unverified.verify(true).unwrap();
    assert_eq!(
        refreshed.revocation_form(&code_grant().client),
        newest.revocation_form(&code_grant().client)
    );
    // Without a new one, the previous one stays. An empty one is none.
    for none in [None, Some("")] {
        let (newest, _) = receive(&before, &refreshed_claims("x", json!(1)), none);
        assert_eq!(newest, before);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_new_refresh_token_replaces_the_used_one_beside_newer_tokens() {
    let before = session();
    let rotated = || {
        let body = json!({ "id_token": token(&claims()).authorization(), "refresh_token": "s" });
        let refresh = Refresh::begin(&before, LATER).unwrap();
        refresh.receive(200, &body.to_string()).unwrap()
    };
    let refresh_token = |session: &Session| session.refresh_form(&code_grant().client).unwrap();
    // Another tab has stored a newer ID token, which came with the refresh token that this refresh has used.
    let found = refresh_at(&before, &refreshed_claims("x", json!(1)), LATER).unwrap();
    let (newest, _) = rotated().newest(Some(&found));
    assert!(newest.has_same_token(&found));
    assert!(refresh_token(&newest).ends_with("&refresh_token=s"));
    // It has a newer refresh token already.
    let (_, unverified) = receive(&before, &refreshed_claims("x", json!(1)), Some("t"));
    let unverified = unverified.validate(&code_grant(), LATER).unwrap();
    let found = unverified.verify(true).unwrap();
    let (newest, _) = rotated().newest(Some(&found));
    assert!(newest.has_same_token(&before));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refreshed_token_is_verified_as_any_other() {
    let (_, unverified) = receive(&session(), &refreshed_claims("x", json!(1)), None);
    let unverified = unverified.validate(&code_grant(), LATER).unwrap();
    assert_eq!(unverified.signature(), b"signature");
    assert!(unverified.key(&JsonWebKeySet::read("")).is_none());
    assert_eq!(unverified.verify(false), Err(TokenError::Signature.into()));
    let other = refreshed_claims("at_hash", json!("another"));
    let refused = refresh_at(&session(), &other, LATER);
    assert_eq!(refused, Err(TokenError::AccessTokenHash.into()));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_refreshed_token_tells_cognitos_time() {
    /// A token that was issued at `LATER` and arrives when this device's clock says `now`.
    #[track_caller]
    fn check(now: u64, expected: i64) {
        let mut stored = stored_session(&claims());
        stored["refresh_token"] = "r".into();
        stored["clock_offset"] = json!(-7);
        let body = json!({ "id_token": token(&refreshed_claims("x", json!(1))).authorization() });
        let refresh = Refresh::begin(&restored(&stored), now).unwrap();
        let received = refresh.receive(200, &body.to_string()).unwrap();
        let (_, unverified) = received.newest(None);
        let unverified = unverified.validate(&code_grant(), now).unwrap();
        let refreshed = unverified.verify(true).unwrap();
        assert_eq!(refreshed.clock_offset(), expected);
        assert_eq!(refreshed.time_left(now), 3600);
    }
    check(LATER, 0);
    check(LATER + 7200, 7200);
    check(LATER - 600, -600);
    check(LATER + 365 * 24 * 3600, 365 * 24 * 3600);
}

#[wasm_bindgen_test(unsupported = test)]
fn the_email_address_from_user_info_outlives_a_refresh() {
    let nameless = || {
        let mut stored = stored_session(&claims_with("email", Value::Null));
        stored["refresh_token"] = "r".into();
        restored(&stored)
    };
    let sub = nameless().claims().sub.clone();
    let user_info = json!({ "sub": sub, "email": "ada@example.com", "email_verified": "true" });
    let before = nameless().with_user_info(&user_info.to_string()).unwrap();
    let without_email = refreshed_claims("email", Value::Null);
    let refreshed = refresh_at(&before, &without_email, LATER).unwrap();
    assert_eq!(refreshed.claims().email.as_deref(), Some("ada@example.com"));
    assert_eq!(refreshed.claims().email_verified, Some(true));
    // It is stored, too.
    let stored: Value = serde_json::from_str(&refreshed.to_stored()).unwrap();
    assert_eq!(stored["email"], "ada@example.com");
    // The new ID token's own address is newer, and without one there is nothing to keep.
    let renamed = refreshed_claims("email", "lovelace@example.com".into());
    let renamed = refresh_at(&before, &renamed, LATER).unwrap();
    assert_eq!(renamed.claims().display_name(), "lovelace@example.com");
    let unknown = refresh_at(&nameless(), &without_email, LATER).unwrap();
    assert_eq!(unknown.claims().display_name(), "ada");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_ends_only_for_a_reason_that_a_network_or_a_clock_cannot_cause() {
    #[track_caller]
    fn check(error: impl Into<SignInError>, expected: bool) {
        let error = error.into();
        assert_eq!(error.ends_session(), expected, "{error}");
    }
    let refused = |error: &str| TokenEndpointError::Refused(error.to_owned());
    for error in ["invalid_grant", "invalid_client", "unauthorized_client"] {
        check(refused(error), true);
    }
    for error in [
        "invalid_request",
        "unsupported_grant_type",
        "",
        "INVALID_GRANT",
        "slow_down",
    ] {
        check(refused(error), false);
    }
    check(TokenEndpointError::Unreachable, false);
    check(TokenEndpointError::InvalidResponse, false);
    check(SignInError::JwksUnavailable, false);
    check(SignInError::StateMismatch, false);
    check(SignInError::SignedOut, false);
    check(MalformedResponse::MissingIdToken, false);
    for error in [
        TokenError::Signature,
        TokenError::Algorithm,
        TokenError::Issuer,
        TokenError::Audience,
        TokenError::UntrustedAudience,
        TokenError::TokenUse,
        TokenError::Subject,
    ] {
        check(error, true);
    }
    for error in [
        TokenError::UnknownKey,
        TokenError::NotAJwt,
        TokenError::NotBase64Url,
        TokenError::NotJson,
        TokenError::Critical,
        TokenError::InvalidClaim("iat"),
        TokenError::AccessTokenHash,
        TokenError::AuthorizedParty,
        TokenError::Expired,
        TokenError::IssuedInFuture,
        TokenError::IssuedTooEarly,
        TokenError::Nonce,
    ] {
        check(error, false);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn refreshes_that_fail_become_less_frequent() {
    let mut refreshes = BackOff::default();
    assert!(refreshes.allows(NOW) && !refreshes.has_failed());
    for wait in [5, 10, 20, 40, 60, 60] {
        refreshes.fail(NOW);
        assert!(refreshes.has_failed());
        assert!(!refreshes.allows(NOW));
        assert!(!refreshes.allows(NOW + wait - 1), "{wait}");
        assert!(refreshes.allows(NOW + wait), "{wait}");
        // The clock was set back meanwhile.
        assert!(refreshes.allows(NOW - wait), "{wait}");
    }
    // The network is back.
    refreshes.hurry();
    assert!(refreshes.allows(NOW) && refreshes.has_failed());
    refreshes.fail(NOW);
    assert!(!refreshes.allows(NOW + 9) && refreshes.allows(NOW + 10));
    let mut fresh = BackOff::default();
    fresh.hurry();
    assert_eq!(fresh, BackOff::default());
}
