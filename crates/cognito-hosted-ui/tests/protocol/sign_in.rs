//! A whole sign-in, from the request to the session.

use std::cell::Cell;

use cognito_hosted_ui::{
    Accepted, AuthorizationCallback, AuthorizationError, HostedUi, HostedUiPage, MalformedResponse,
    PendingSignIn, ReturnTo, Session, SignInError, SignOut, TokenError, TokenResponse,
    UnverifiedSession, sign_in,
};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{
    CLIENT_ID, NOW, claims_with, code_grant, implicit_grant, restored, stored_session, token,
};

fn begin_with(hosted_ui: &HostedUi) -> PendingSignIn {
    let count = Cell::new(0);
    let random = || {
        count.set(count.get() + 1);
        [count.get(); 32]
    };
    sign_in::begin(
        hosted_ui,
        random,
        ReturnTo::parse("/orders?page=2", "/"),
        None,
        None,
        NOW,
    )
}

fn begin() -> PendingSignIn {
    begin_with(&implicit_grant())
}

/// The response to this request, with one claim changed.
fn response(pending: &PendingSignIn, claim: &str, value: Value) -> String {
    let mut claims = claims_with(claim, value);
    if claim != "nonce" {
        claims["nonce"] = pending.nonce.as_str().into();
    }
    format!(
        "id_token={}&access_token=d.e.f&expires_in=3600&token_type=Bearer&state={}",
        token(&claims).authorization(),
        pending.state.as_str(),
    )
}

fn validated(
    fragment: &str,
    pending: Option<PendingSignIn>,
) -> Result<UnverifiedSession, SignInError> {
    let callback = AuthorizationCallback::find("", fragment).unwrap();
    let (accepted, pending) = sign_in::accept(callback, pending, None, NOW)?;
    let Accepted::Tokens(tokens) = accepted else {
        panic!("{accepted:?}");
    };
    sign_in::validate(&implicit_grant(), tokens, &pending, NOW)
}

/// Why a response with these parameters and this `state` is refused.
fn error_of(parameters: &str, state: &str, pending: PendingSignIn) -> SignInError {
    complete(&format!("{parameters}&state={state}"), Some(pending)).unwrap_err()
}

fn complete(fragment: &str, pending: Option<PendingSignIn>) -> Result<Session, SignInError> {
    validated(fragment, pending)?.verify(true)
}

#[wasm_bindgen_test(unsupported = test)]
fn state_nonce_and_verifier_are_fresh_and_differ() {
    let pending = begin_with(&code_grant());
    let verifier = pending.code_verifier.unwrap();
    assert_ne!(pending.state.as_str(), pending.nonce.as_str());
    assert_eq!(pending.state.as_str().len(), 22);
    assert_eq!(pending.nonce.as_str().len(), 22);
    // RFC 7636, section 4.1: 43 to 128 characters.
    assert_eq!(verifier.as_str().len(), 43);
    assert!(!verifier.as_str().starts_with(pending.state.as_str()));
    assert_eq!(format!("{verifier:?}"), "CodeVerifier([redacted])");
}

#[wasm_bindgen_test(unsupported = test)]
fn only_the_code_grant_sends_a_challenge_and_never_the_verifier() {
    let pending = begin();
    assert_eq!(pending.code_verifier, None);
    let url = implicit_grant().authorization_url(&pending, &HostedUiPage::SignIn, "");
    assert!(url.contains("/login?response_type=token&"), "{url}");
    assert!(!url.contains("challenge"), "{url}");

    let pending = begin_with(&code_grant());
    let url = code_grant().authorization_url(&pending, &HostedUiPage::SignIn, "");
    assert!(
        url.contains("/oauth2/authorize?response_type=code&"),
        "{url}"
    );
    // RFC 7636, appendix B.
    let stored = pending.to_stored().replace(
        pending.code_verifier.as_ref().unwrap().as_str(),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
    );
    let example = PendingSignIn::from_stored(&stored, "/").unwrap();
    let example = code_grant().authorization_url(&example, &HostedUiPage::SignIn, "");
    let challenge = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    assert!(
        example.ends_with(&format!("{challenge}&code_challenge_method=S256")),
        "{example}"
    );
    assert!(
        !url.contains(pending.code_verifier.unwrap().as_str()),
        "{url}"
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pending_sign_in_survives_being_stored() {
    for pending in [begin(), begin_with(&code_grant())] {
        let restored = PendingSignIn::from_stored(&pending.to_stored(), "/");
        assert_eq!(restored, Some(pending));
    }
    // The same record, read by an app under another path.
    let stored = begin().to_stored();
    assert_eq!(
        PendingSignIn::from_stored(&stored, "/app/")
            .unwrap()
            .return_to,
        None
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_response_is_awaited_for_an_hour() {
    #[track_caller]
    fn check(now: u64, expected: bool) {
        let pending = begin();
        assert_eq!(pending.is_expired(now), expected);
        let callback = AuthorizationCallback::find("", &response(&pending, "x", json!(1))).unwrap();
        let accepted = sign_in::accept(callback, Some(pending), None, now);
        assert_eq!(accepted.is_err(), expected);
    }
    check(NOW, false);
    check(NOW + 3600, false);
    check(NOW + 3601, true);
    check(NOW - 3601, true);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_code_is_accepted_with_its_verifier_and_only_in_the_code_grant() {
    let fragment = |pending: &PendingSignIn| format!("code=c&state={}", pending.state.as_str());
    let accept = |pending: PendingSignIn, text: &str| {
        let callback = AuthorizationCallback::find(text, "").unwrap();
        sign_in::accept(callback, Some(pending), None, NOW).map(|(accepted, _)| accepted)
    };
    let pending = begin_with(&code_grant());
    let verifier = pending.code_verifier.clone().unwrap();
    let accepted = accept(pending.clone(), &fragment(&pending));
    assert!(
        matches!(accepted, Ok(Accepted::Code(code, with)) if code.as_str() == "c" && with == verifier)
    );

    let wrong_grant = SignInError::Malformed(MalformedResponse::WrongGrant);
    let implicit = begin();
    let refused = accept(implicit.clone(), &fragment(&implicit));
    assert_eq!(refused, Err(wrong_grant.clone()));
    let refused = validated(&response(&pending, "x", json!(1)), Some(pending));
    assert_eq!(refused, Err(wrong_grant));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_response_to_a_request_of_this_app_signs_in() {
    let pending = begin();
    let session = complete(&response(&pending, "x", json!(1)), Some(pending)).unwrap();
    assert_eq!(session.claims().display_name(), "ada@example.com");
}

#[wasm_bindgen_test(unsupported = test)]
fn a_response_to_no_request_of_this_app_is_refused() {
    let pending = begin();
    let good = response(&pending, "x", json!(1));
    assert!(complete(&good, Some(pending.clone())).is_ok());

    // No record under its state: never requested, or used up.
    assert_eq!(complete(&good, None), Err(SignInError::StateMismatch));
    // Another request's record.
    let other = pending
        .to_stored()
        .replace(pending.state.as_str(), "another");
    let other = PendingSignIn::from_stored(&other, "/");
    assert!(other.is_some());
    assert_eq!(complete(&good, other), Err(SignInError::StateMismatch));
    // No state at all, and another one.
    let stateless = good.split("&state=").next().unwrap().to_owned();
    let refused = complete(&stateless, Some(pending.clone()));
    assert_eq!(refused, Err(SignInError::StateMismatch));
    let refused = complete(&format!("{stateless}&state=another"), Some(pending));
    assert_eq!(refused, Err(SignInError::StateMismatch));
}

#[wasm_bindgen_test(unsupported = test)]
fn an_id_token_that_breaks_a_rule_is_refused() {
    #[track_caller]
    fn check(claim: &str, value: Value, expected: TokenError) {
        let pending = begin();
        let refused = complete(&response(&pending, claim, value), Some(pending));
        assert_eq!(refused, Err(SignInError::Token(expected)));
    }
    check("nonce", json!("another"), TokenError::Nonce);
    check("nonce", Value::Null, TokenError::Nonce);
    check("iss", json!("https://evil.example"), TokenError::Issuer);
    check("aud", json!("another"), TokenError::Audience);
    check(
        "aud",
        json!([CLIENT_ID, "another"]),
        TokenError::UntrustedAudience,
    );
    check("exp", json!(NOW - 3600), TokenError::Expired);
    check("iat", json!(NOW + 3600), TokenError::IssuedInFuture);
    check("token_use", json!("access"), TokenError::TokenUse);
    check("sub", Value::Null, TokenError::InvalidClaim("sub"));
    check("at_hash", json!("another"), TokenError::AccessTokenHash);
}

#[wasm_bindgen_test(unsupported = test)]
fn without_a_valid_signature_there_is_no_session() {
    let unverified = || {
        let pending = begin();
        validated(&response(&pending, "x", json!(1)), Some(pending)).unwrap()
    };
    assert!(unverified().verify(true).is_ok());
    let refused = unverified().verify(false);
    assert_eq!(refused, Err(SignInError::Token(TokenError::Signature)));
    assert_eq!(unverified().signature(), b"signature");
}

#[wasm_bindgen_test(unsupported = test)]
fn an_error_or_a_malformed_response_is_refused_with_a_matching_state() {
    let pending = begin();
    let state = pending.state.as_str().to_owned();
    let refused = complete(
        &format!("error=access_denied&state={state}"),
        Some(pending.clone()),
    );
    assert!(matches!(refused, Err(SignInError::Authorization(_))));
    let refused = complete(&format!("access_token=d.e.f&state={state}"), Some(pending));
    assert_eq!(
        refused,
        Err(SignInError::Malformed(MalformedResponse::MissingIdToken))
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn text_in_an_error_is_believed_only_with_the_state_of_a_request() {
    #[track_caller]
    fn check(parameters: &str, own: (&str, Option<&str>), foreign: Option<&str>) {
        let error = |error: &str, description: Option<&str>| AuthorizationError {
            error: error.to_owned(),
            description: description.map(str::to_owned),
        };
        let pending = begin();
        let state = pending.state.as_str().to_owned();
        let with_own_state = error_of(parameters, &state, pending.clone());
        assert_eq!(with_own_state, error(own.0, own.1).into());
        let expected = foreign.map_or(SignInError::StateMismatch, |code| error(code, None).into());
        assert_eq!(error_of(parameters, "another", pending.clone()), expected);
        assert_eq!(error_of(parameters, "", pending), expected);
    }
    let call = "error_description=Call+555-0100";
    check(
        &format!("error=access_denied&{call}"),
        ("access_denied", Some("Call 555-0100")),
        Some("access_denied"),
    );
    check(
        "error=login_required",
        ("login_required", None),
        Some("login_required"),
    );
    check(
        &format!("error=Call+555-0100&{call}"),
        ("Call 555-0100", Some("Call 555-0100")),
        None,
    );
    check("error=access_denied%20", ("access_denied ", None), None);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_request_remembers_who_was_signed_in() {
    let sign_in_of = |sub: &str| {
        let pending = begin();
        let stored = stored_session(&claims_with("sub", sub.into()));
        let session = restored(&stored);
        let again = sign_in::begin(
            &implicit_grant(),
            || [0; 32],
            None,
            Some(&session),
            None,
            NOW,
        );
        let again = PendingSignIn::from_stored(&again.to_stored(), "/").unwrap();
        assert!(!pending.has_other_user(session.claims()));
        (session, again)
    };
    let (ada, ada_again) = sign_in_of("ada");
    let (bob, bob_again) = sign_in_of("bob");
    assert!(!ada_again.has_other_user(ada.claims()));
    assert!(ada_again.has_other_user(bob.claims()));
    assert!(bob_again.has_other_user(ada.claims()));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_pending_record_that_does_not_parse_is_none() {
    for stored in [
        "",
        "null",
        "\"x\"",
        "{}",
        r#"{"state":"s","started_at":"1"}"#,
        r#"{"state":"s","nonce":"n"}"#,
        r#"{"state":"s","nonce":"n","started_at":"-1"}"#,
        r#"{"state":1,"nonce":2,"started_at":"3"}"#,
        r#"{"state":"s","nonce":"n","started_at":-1}"#,
        r#"{"state":"s","nonce":"n","started_at":1.5}"#,
        r#"{"state":"s","nonce":"n","started_at":null}"#,
        r#"{"state":"s","nonce":"n","started_at":""}"#,
        r#"{"state":"s","nonce":"n","started_at":"x"}"#,
        r#"{"state":"s","nonce":"n","started_at":"1800000000"}"#,
        r#"{"state":"s","nonce":"n","started_at":"null"}"#,
        r#"{"state":"s","nonce":"n","started_at":18446744073709551616}"#,
    ] {
        assert_eq!(PendingSignIn::from_stored(stored, "/"), None, "{stored}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_sign_out_ends_the_requests_that_began_before_it() {
    #[track_caller]
    fn check(before: Option<&SignOut>, last: Option<&SignOut>, is_accepted: bool) {
        for hosted_ui in [implicit_grant(), code_grant()] {
            let pending = sign_in::begin(&hosted_ui, || [1; 32], None, None, before, NOW);
            let pending = PendingSignIn::from_stored(&pending.to_stored(), "/").unwrap();
            let state = pending.state.as_str().to_owned();
            let code = format!("code=c&state={state}");
            let callback = match pending.code_verifier {
                Some(_) => AuthorizationCallback::find(&code, ""),
                None => AuthorizationCallback::find("", &response(&pending, "x", json!(1))),
            };
            let accepted = sign_in::accept(callback.unwrap(), Some(pending.clone()), last, NOW);
            match accepted {
                Ok(_) => assert!(is_accepted),
                Err(error) => assert!(!is_accepted && error == SignInError::SignedOut, "{error}"),
            }
            // An error signs no one in, so it is reported as what it is.
            let denied = format!("error=access_denied&state={state}");
            let denied = AuthorizationCallback::find(&denied, "").unwrap();
            let denied = sign_in::accept(denied, Some(pending), last, NOW);
            assert!(matches!(denied, Err(SignInError::Authorization(_))));
        }
    }
    let first = SignOut::begin([1; 32], NOW);
    let second = SignOut::begin([2; 32], NOW);
    check(None, None, true);
    check(Some(&first), Some(&first), true);
    check(Some(&first), Some(&first.clone().finished()), true);
    check(None, Some(&first), false);
    check(Some(&first), Some(&second), false);
    // The browser has lost the record, which is no sign-out.
    check(Some(&first), None, true);
}

/// A request that was made at this time, and the tokens of its response without an access token.
fn issued(started_at: u64, iat: u64) -> (PendingSignIn, TokenResponse) {
    let stored = json!({ "state": "s", "nonce": "the-nonce", "started_at": started_at });
    let tokens = TokenResponse {
        id_token: token(&claims_with("iat", json!(iat))),
        access_token: None,
        refresh_token: None,
    };
    let pending = PendingSignIn::from_stored(&stored.to_string(), "/").unwrap();
    (pending, tokens)
}

#[wasm_bindgen_test(unsupported = test)]
fn the_clock_offset_is_the_smallest_that_explains_when_the_token_was_issued() {
    /// The token of a request made at `NOW`, opened `later` seconds after it.
    #[track_caller]
    fn check(iat: u64, later: u64, expected: i64) {
        let (pending, tokens) = issued(NOW, iat);
        let session = sign_in::validate(&implicit_grant(), tokens, &pending, NOW + later)
            .and_then(|unverified| unverified.verify(true))
            .unwrap();
        assert_eq!(session.clock_offset(), expected);
    }
    check(NOW, 0, 0);
    // Issued while the user was at the Hosted UI: the clock may be right, however late the response is opened.
    check(NOW, 100, 0);
    check(NOW + 50, 100, 0);
    check(NOW + 100, 100, 0);
    check(NOW + 30, 40 * 60, 0);
    // Issued before the request: this device's clock is ahead.
    check(NOW - 100, 0, 100);
    check(NOW - 100, 30, 100);
    // Issued in the future: it is behind.
    check(NOW + 100, 0, -100);
    check(NOW + 100, 30, -70);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_clock_that_is_set_back_during_a_sign_in_does_not_break_it() {
    let (pending, tokens) = issued(NOW + 90, NOW - 10);
    let unverified = sign_in::validate(&implicit_grant(), tokens, &pending, NOW).unwrap();
    assert_eq!(unverified.verify(true).unwrap().clock_offset(), 10);
}
