//! Turns every error that a user can encounter into text: what happened, and what the user can do.
//! No other module turns errors into text.

use cognito_hosted_ui::{
    AuthorizationError, Constraint, MalformedResponse, SignInError, TokenEndpointError, TokenError,
};
use leptos_cognito::{ApiError, Notice, SessionEnd};

use crate::locales::Texts;
use crate::settings::{Expected, SettingsError};

/// What happened, and what the user can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What happened.
    pub happened: String,
    /// What the user can do. Can be empty.
    pub remedy: &'static str,
    /// Text that does not come from the app, shown as a quotation.
    pub quoted: Option<String>,
}

fn message(happened: impl Into<String>, remedy: &'static str) -> Message {
    Message {
        happened: happened.into(),
        remedy,
        quoted: None,
    }
}

fn quoting(happened: impl Into<String>, remedy: &'static str, quoted: &str) -> Message {
    Message {
        quoted: Some(shorten(quoted)),
        ..message(happened, remedy)
    }
}

/// The message for a notice about the session or the sign-in.
#[must_use]
pub fn notice(notice: &Notice, t: &Texts) -> Message {
    match notice {
        Notice::SignInFailed(error) => sign_in(error, t),
        Notice::SessionEnded(SessionEnd::SignedOut) => message(t.ended_signed_out, ""),
        Notice::SessionEnded(SessionEnd::Expired) => message(t.ended_expired, t.again),
        Notice::SessionEnded(SessionEnd::EndedInAnotherTab) => message(t.ended_elsewhere, t.again),
        Notice::SessionEnded(SessionEnd::Unreadable) => message(t.ended_unreadable, t.again),
        Notice::SessionEnded(SessionEnd::Refused) => message(t.ended_rejected, t.again_or_tell),
        Notice::SignOutUnfinished => message(t.sign_out_unfinished, t.sign_out_unfinished_remedy),
        Notice::SignOutNotShared => message(t.sign_out_not_shared, t.sign_out_not_shared_remedy),
        Notice::ExpiringSoon => message(t.ends_soon, t.ends_soon_remedy),
        Notice::NotRefreshed => message(t.not_renewed, t.not_renewed_remedy),
        Notice::PerhapsExpired => message(t.perhaps_expired, t.perhaps_expired_remedy),
        Notice::ClockWrong => message(t.clock_wrong, t.clock_wrong_remedy),
        Notice::StorageUnavailable => message(t.cannot_store, t.cannot_store_remedy),
        Notice::UserChanged => message(t.user_changed, t.user_changed_remedy),
        Notice::SessionNotStored => message(t.not_stored, t.not_stored_remedy),
    }
}

fn sign_in(error: &SignInError, t: &Texts) -> Message {
    match error {
        SignInError::Authorization(error) => authorization(error, t),
        SignInError::Token(error) => token(*error, t),
        SignInError::TokenEndpoint(TokenEndpointError::Refused(error)) => {
            quoting(t.exchange_refused, t.again_or_tell, error)
        }
        SignInError::TokenEndpoint(TokenEndpointError::Unreachable) => {
            message(t.exchange_unreachable, t.connection_remedy)
        }
        SignInError::TokenEndpoint(TokenEndpointError::InvalidResponse) => {
            message(t.exchange_malformed, t.again_or_tell)
        }
        SignInError::JwksUnavailable => message(t.jwks_unavailable, t.connection_remedy),
        SignInError::StateMismatch => message(t.state_mismatch, t.state_mismatch_remedy),
        SignInError::SignedOut => message(t.signed_out_since, t.again),
        SignInError::Malformed(malformed) => {
            let happened = match malformed {
                MalformedResponse::RepeatedParameter => t.repeated_parameter,
                MalformedResponse::MissingIdToken => t.no_id_token,
                MalformedResponse::TokenType => t.token_type,
                MalformedResponse::TokensInQuery => t.tokens_in_query,
                MalformedResponse::WrongGrant => t.wrong_grant,
            };
            message(happened, t.again_or_tell)
        }
    }
}

fn authorization(error: &AuthorizationError, t: &Texts) -> Message {
    let happened = match error.error.as_str() {
        "access_denied" => t.denied,
        "invalid_scope" => t.invalid_scope,
        "unauthorized_client" => t.unauthorized_client,
        "login_required" => t.login_required,
        "server_error" | "temporarily_unavailable" => t.server_error,
        _ => return quoting(t.not_completed, t.again_or_tell, error.text()),
    };
    match &error.description {
        Some(description) => quoting(happened, t.again_or_tell, description),
        None => message(happened, t.again_or_tell),
    }
}

fn token(error: TokenError, t: &Texts) -> Message {
    let reason = match error {
        TokenError::Expired => return message(t.token_expired, t.clock_remedy),
        TokenError::IssuedInFuture => return message(t.token_future, t.clock_remedy),
        TokenError::IssuedTooEarly => return message(t.token_before, t.clock_remedy),
        TokenError::InvalidClaim(name) => return message((t.token_claim)(name), t.again_or_tell),
        TokenError::NotAJwt => t.token_not_jwt,
        TokenError::NotBase64Url => t.token_not_base64url,
        TokenError::NotJson => t.token_not_json,
        TokenError::Algorithm => t.token_algorithm,
        TokenError::Critical => t.token_critical,
        TokenError::UnknownKey => t.token_unknown_key,
        TokenError::Signature => t.token_signature,
        TokenError::AccessTokenHash => t.token_at_hash,
        TokenError::Issuer => t.token_issuer,
        TokenError::Audience => t.token_audience,
        TokenError::UntrustedAudience => t.token_extra_audience,
        TokenError::AuthorizedParty => t.token_azp,
        TokenError::TokenUse => t.token_use,
        TokenError::Nonce => t.token_nonce,
        TokenError::Subject => t.token_subject,
    };
    message((t.token_refused)(reason), t.again_or_tell)
}

/// Why an API call failed.
#[must_use]
pub fn api(error: &ApiError, t: &Texts) -> Message {
    match error {
        ApiError::Unauthorized => message(t.ended_rejected, t.again_or_tell),
        ApiError::MissingAuthenticationToken => message(t.api_no_path, t.api_no_path_remedy),
        ApiError::Status { status, .. } => message((t.api_failed)(*status), t.later),
        ApiError::Unreachable => message(t.api_no_answer, t.api_no_answer_remedy),
        ApiError::UnreachableNearExpiry => message(
            t.api_unreachable_near_expiry,
            t.api_unreachable_near_expiry_remedy,
        ),
        ApiError::TokenTooLarge => message(t.token_too_large, t.administrator),
        ApiError::NoAccessToken => message(t.no_access_token, t.administrator),
        ApiError::InvalidResponse(_) => message(t.api_invalid_response, t.later),
        ApiError::InvalidRequest(_) => message(t.api_invalid_request, t.later),
        ApiError::InvalidPath => message(t.invalid_path, t.again_or_tell),
        ApiError::SignedOut => message(t.another_user, t.again),
        ApiError::Aborted => message(t.api_aborted, t.later),
    }
}

/// What is wrong with the settings.
#[must_use]
pub fn settings(error: &SettingsError, t: &Texts) -> Message {
    match error {
        SettingsError::Unreachable => message(t.config_unreachable, t.config_unreachable_remedy),
        SettingsError::Status(status) => {
            message((t.config_status)(*status), t.config_status_remedy)
        }
        SettingsError::NotFound => message(t.config_not_found, t.config_not_found_remedy),
        SettingsError::NotAnObject => message(t.config_not_object, t.mend),
        SettingsError::NotJson(error) => quoting(t.config_not_json, t.mend, error),
        SettingsError::UnknownKey(key) => quoting(t.config_unknown, t.mend, key),
        SettingsError::Missing { key, expected } => {
            message((t.config_missing)(key, &describe(*expected, t)), t.mend)
        }
        SettingsError::Invalid {
            key,
            expected,
            found,
        } => {
            let happened = (t.config_invalid)(key, &describe(*expected, t));
            quoting(happened, t.mend, found)
        }
    }
}

fn describe(expected: Expected, t: &Texts) -> String {
    let text = match expected {
        Expected::OneOf(values) => return (t.one_of)(values),
        Expected::Scopes => t.expected_scopes,
        Expected::IdentityProviders => t.expected_providers,
        Expected::Seconds => t.expected_seconds,
        Expected::Lang => t.expected_lang,
        Expected::LoginHint => t.expected_login_hint,
        Expected::Constraint(Constraint::AbsoluteUrl) => t.expected_absolute,
        Expected::Constraint(Constraint::MaxLength) => t.expected_short,
        Expected::Constraint(Constraint::Https) => t.expected_encrypted,
        Expected::Constraint(Constraint::NoQueryOrFragment) => t.expected_bare,
        Expected::Constraint(Constraint::ValidHost) => t.expected_host,
        Expected::Constraint(Constraint::ValidCharacters) => t.expected_characters,
        Expected::Constraint(Constraint::NoPath) => t.expected_domain,
        Expected::Constraint(Constraint::ClientId) => t.expected_client_id,
        Expected::Constraint(Constraint::UserPoolId) => t.expected_pool_id,
    };
    text.to_owned()
}

/// Cuts a text to a length that is still recognizable.
fn shorten(text: &str) -> String {
    const MAX: usize = 300;
    let mut short: String = text.chars().take(MAX).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
