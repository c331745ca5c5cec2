//! Every error has its own words in every language, and says what the user can do.

use cognito_hosted_ui::{
    AuthorizationError, Constraint, MalformedResponse, SignInError, TokenEndpointError, TokenError,
};
use cognito_spa::locales::{LOCALES, Texts, en};
use cognito_spa::messages::{self, Message};
use cognito_spa::settings::{Expected, SettingsError};
use leptos_cognito::{ApiError, Notice, SessionEnd};
use wasm_bindgen_test::wasm_bindgen_test;

const TOKEN_ERRORS: [TokenError; 19] = [
    TokenError::NotAJwt,
    TokenError::NotBase64Url,
    TokenError::NotJson,
    TokenError::InvalidClaim("sub"),
    TokenError::Algorithm,
    TokenError::Critical,
    TokenError::UnknownKey,
    TokenError::Signature,
    TokenError::AccessTokenHash,
    TokenError::Issuer,
    TokenError::Audience,
    TokenError::UntrustedAudience,
    TokenError::AuthorizedParty,
    TokenError::TokenUse,
    TokenError::Expired,
    TokenError::IssuedInFuture,
    TokenError::Nonce,
    TokenError::IssuedTooEarly,
    TokenError::Subject,
];

fn authorization_error(error: &str) -> AuthorizationError {
    AuthorizationError {
        error: error.to_owned(),
        description: None,
    }
}

fn sign_in_errors() -> Vec<SignInError> {
    let authorization = [
        "access_denied",
        "invalid_scope",
        "unauthorized_client",
        "login_required",
        "server_error",
        "another_error",
    ];
    let malformed = [
        MalformedResponse::RepeatedParameter,
        MalformedResponse::MissingIdToken,
        MalformedResponse::TokenType,
        MalformedResponse::TokensInQuery,
        MalformedResponse::WrongGrant,
    ];
    let token_endpoint = [
        TokenEndpointError::Unreachable,
        TokenEndpointError::Refused("invalid_grant".to_owned()),
        TokenEndpointError::InvalidResponse,
    ];
    let mut errors = vec![
        SignInError::StateMismatch,
        SignInError::SignedOut,
        SignInError::JwksUnavailable,
    ];
    errors.extend(authorization.map(|error| authorization_error(error).into()));
    errors.extend(malformed.map(SignInError::from));
    errors.extend(token_endpoint.map(SignInError::from));
    errors.extend(TOKEN_ERRORS.map(SignInError::from));
    errors
}

/// All notices but that the user has signed out.
fn notices() -> Vec<Notice> {
    let ends = [
        SessionEnd::Expired,
        SessionEnd::Refused,
        SessionEnd::EndedInAnotherTab,
        SessionEnd::Unreadable,
    ];
    let mut notices = vec![
        Notice::SignOutUnfinished,
        Notice::SignOutNotShared,
        Notice::ExpiringSoon,
        Notice::UserChanged,
        Notice::NotRefreshed,
        Notice::PerhapsExpired,
        Notice::ClockWrong,
        Notice::StorageUnavailable,
        Notice::SessionNotStored,
    ];
    notices.extend(ends.map(Notice::from));
    notices.extend(sign_in_errors().into_iter().map(Notice::from));
    notices
}

fn api_errors() -> [ApiError; 13] {
    [
        ApiError::Unauthorized,
        ApiError::MissingAuthenticationToken,
        status(500),
        status(403),
        ApiError::Unreachable,
        ApiError::UnreachableNearExpiry,
        ApiError::TokenTooLarge,
        ApiError::NoAccessToken,
        ApiError::InvalidResponse("expected value".to_owned()),
        ApiError::InvalidRequest("a header".to_owned()),
        ApiError::InvalidPath,
        ApiError::SignedOut,
        ApiError::Aborted,
    ]
}

fn status(status: u16) -> ApiError {
    let body = String::new();
    ApiError::Status { status, body }
}

/// Everything that can belong into a setting.
const EXPECTED: [Expected; 16] = [
    Expected::Constraint(Constraint::AbsoluteUrl),
    Expected::Constraint(Constraint::MaxLength),
    Expected::Constraint(Constraint::Https),
    Expected::Constraint(Constraint::NoQueryOrFragment),
    Expected::Constraint(Constraint::ValidHost),
    Expected::Constraint(Constraint::ValidCharacters),
    Expected::Constraint(Constraint::NoPath),
    Expected::Constraint(Constraint::ClientId),
    Expected::Constraint(Constraint::UserPoolId),
    Expected::Scopes,
    Expected::IdentityProviders,
    Expected::Seconds,
    Expected::Lang,
    Expected::LoginHint,
    Expected::OneOf(&["id", "access"]),
    Expected::OneOf(&["session", "local"]),
];

fn settings_errors() -> Vec<SettingsError> {
    let key = "a key";
    let mut errors = vec![
        SettingsError::Unreachable,
        SettingsError::Status(500),
        SettingsError::Status(502),
        SettingsError::NotFound,
        SettingsError::NotJson("expected `,`".to_owned()),
        SettingsError::NotAnObject,
        SettingsError::UnknownKey("another key".to_owned()),
    ];
    errors.extend(EXPECTED.map(|expected| SettingsError::Missing { key, expected }));
    errors.extend(EXPECTED.map(|expected| {
        let found = "1".to_owned();
        SettingsError::Invalid {
            key,
            expected,
            found,
        }
    }));
    errors
}

/// Each of these has words and a remedy in every language, and the words differ from all others.
#[track_caller]
fn assert_told_apart<E>(errors: &[E], message: fn(&E, &Texts) -> Message) {
    let mut seen: Vec<String> = Vec::new();
    for error in errors {
        let mut remedies = Vec::new();
        for texts in LOCALES {
            let Message {
                happened, remedy, ..
            } = message(error, texts);
            assert!(!happened.is_empty() && !remedy.is_empty(), "{happened}");
            assert!(!seen.contains(&happened), "{happened}");
            assert!(!remedies.contains(&remedy), "{remedy}");
            seen.push(happened);
            remedies.push(remedy);
        }
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn each_notice_has_its_own_words_and_a_remedy() {
    assert_told_apart(&notices(), messages::notice);
}

#[wasm_bindgen_test(unsupported = test)]
fn each_api_error_has_its_own_words_and_a_remedy() {
    assert_told_apart(&api_errors(), messages::api);
}

#[wasm_bindgen_test(unsupported = test)]
fn each_settings_error_has_its_own_words_and_a_remedy() {
    assert_told_apart(&settings_errors(), messages::settings);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_user_who_has_signed_out_need_not_do_anything() {
    for texts in LOCALES {
        let message = messages::notice(&SessionEnd::SignedOut.into(), texts);
        assert_eq!(message.happened, texts.ended_signed_out);
        assert_eq!((message.remedy, message.quoted), ("", None));
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_wrong_clock_is_explained() {
    for error in [
        TokenError::Expired,
        TokenError::IssuedInFuture,
        TokenError::IssuedTooEarly,
    ] {
        let notice = Notice::from(SignInError::from(error));
        let remedy = messages::notice(&notice, &en::TEXTS).remedy;
        assert!(remedy.contains("date, time, and time zone"), "{remedy}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_end_of_a_session_is_explained() {
    #[track_caller]
    fn check(end: SessionEnd, expected: &str) {
        let happened = messages::notice(&end.into(), &en::TEXTS).happened;
        assert!(happened.contains(expected), "{happened}");
    }
    check(SessionEnd::SignedOut, "You have signed out");
    check(SessionEnd::Expired, "expired");
    check(SessionEnd::Refused, "no longer accepts");
    check(SessionEnd::EndedInAnotherTab, "in another tab");
    check(SessionEnd::Unreadable, "could not be read");
}

#[wasm_bindgen_test(unsupported = test)]
fn the_text_of_someone_else_is_quoted() {
    let sign_in = |error: SignInError| messages::notice(&error.into(), &en::TEXTS).quoted;
    let refused = TokenEndpointError::Refused("invalid_grant".to_owned());
    assert_eq!(sign_in(refused.into()).as_deref(), Some("invalid_grant"));

    let unknown = authorization_error("another_error");
    assert_eq!(sign_in(unknown.into()).as_deref(), Some("another_error"));
    // The app has its own words for this code.
    let mut denied = authorization_error("access_denied");
    assert_eq!(sign_in(denied.clone().into()), None);
    denied.description = Some("User is not confirmed.".to_owned());
    assert_eq!(
        sign_in(denied.into()).as_deref(),
        Some("User is not confirmed.")
    );
    assert_eq!(sign_in(TokenError::Nonce.into()), None);

    let error = SettingsError::NotJson("expected `,` at line 3".to_owned());
    let quoted = messages::settings(&error, &en::TEXTS).quoted;
    assert_eq!(quoted.as_deref(), Some("expected `,` at line 3"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_quotation_is_shortened() {
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let error = SettingsError::UnknownKey(text.to_owned());
        let quoted = messages::settings(&error, &en::TEXTS).quoted;
        assert_eq!(quoted.as_deref(), Some(expected));
    }
    let longest = "é".repeat(300);
    check("", "");
    check(&longest, &longest);
    check(&"é".repeat(1000), &(longest + "…"));
}

#[wasm_bindgen_test(unsupported = test)]
fn both_codes_of_a_failing_server_mean_the_same() {
    let happened = |error| {
        let error = SignInError::from(authorization_error(error));
        messages::notice(&error.into(), &en::TEXTS).happened
    };
    assert_eq!(
        happened("server_error"),
        happened("temporarily_unavailable")
    );
}
