//! The authorization request, the record that the app stores until the response arrives, and the response.
//! Knows the parameters and their formats; `sign_in` decides whether a response is accepted.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id_token::Claims;
use crate::json;
use crate::return_to::ReturnTo;
use crate::tokens::{AccessToken, IdToken, TokenResponse};

/// The part of an authorization request that is unique and must survive the redirect. It is stored under its `state` and
/// removed when the response arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingSignIn {
    /// Comes back with the response and ties it to this request.
    pub state: State,
    /// Comes back in the ID token and ties the token to this request.
    pub nonce: Nonce,
    /// Is sent to the token endpoint and ties the code to this request. `None` in the implicit grant.
    pub code_verifier: Option<CodeVerifier>,
    /// The place in the app that the user returns to.
    pub return_to: Option<ReturnTo>,
    /// The `sub` of the user who was signed in when the request was made, for example, to extend a session.
    pub sub: Option<String>,
    /// The identifier of the last sign-out in this browser when the request was made. A later sign-out ends the request.
    pub sign_out: Option<String>,
    /// When the request was made, in seconds since 1970.
    pub started_at: u64,
}

/// An unguessable value that is sent with the request and must come back with the response. Without it, an attacker could
/// sign the user in to the attacker's account (RFC 6749, section 10.12).
///
/// 132 random bits as base64url: Cognito re-encodes other characters, and some identity providers refuse long values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(String);

/// An unguessable value that must come back in the ID token. Without it, an attacker could inject a stolen token into the
/// response (OIDC Core, section 15.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

/// The secret of one authorization request. The request contains only its hash, so a stolen code is useless without it
/// (RFC 7636). 256 random bits as base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeVerifier(String);

/// A code that the token endpoint exchanges for tokens. Opaque, and redacted in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationCode(String);

/// A response from the Hosted UI, found in the page's URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationCallback {
    /// The response.
    pub response: AuthorizationResponse,
    /// The `state` that came with it.
    pub state: Option<String>,
    /// The rest of the page's query, without `?`. It stays in the address bar.
    pub remaining_query: String,
}

/// The content of a response from the Hosted UI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuthorizationResponse {
    /// The tokens of the implicit grant (RFC 6749, section 4.2.2; OIDC Core, section 3.2.2.5).
    Tokens(TokenResponse),
    /// The code of the authorization code grant (RFC 6749, section 4.1.2).
    Code(AuthorizationCode),
    /// An error (RFC 6749, sections 4.1.2.1 and 4.2.2.1).
    Error(AuthorizationError),
    /// None of these.
    Malformed(MalformedResponse),
}

/// An error response from the Hosted UI. Anyone can put one into a link. [`sign_in::accept`](crate::sign_in::accept) removes
/// the text of an error that belongs to no request of this app.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the Hosted UI responded: {}", self.text())]
pub struct AuthorizationError {
    /// The error code, such as `access_denied`.
    pub error: String,
    /// The human-readable description.
    pub description: Option<String>,
}

/// The error codes of RFC 6749, sections 4.1.2.1 and 4.2.2.1, and of OIDC Core, section 3.1.2.6, that Cognito can send.
const ERROR_CODES: [&str; 11] = [
    "invalid_request",
    "unauthorized_client",
    "access_denied",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
];

/// Why a response contains neither usable tokens, nor a code, nor an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MalformedResponse {
    /// A parameter is repeated, which RFC 6749, section 3.1, forbids.
    #[error("a parameter is repeated")]
    RepeatedParameter,
    /// There is no ID token: the scope `openid` was not granted, or the URL was truncated.
    #[error("the ID token is missing")]
    MissingIdToken,
    /// The token type is not `Bearer`.
    #[error("the token type is not Bearer")]
    TokenType,
    /// The tokens are in the query, where servers and logs can see them.
    #[error("the tokens are in the query")]
    TokensInQuery,
    /// A code arrived in the implicit grant, or tokens in the authorization code grant.
    #[error("the response belongs to another grant")]
    WrongGrant,
}

/// The parameters of a response. The app removes all of them from the address bar.
const PARAMETERS: [&str; 10] = [
    "id_token",
    "access_token",
    "refresh_token",
    "token_type",
    "expires_in",
    "code",
    "state",
    "error",
    "error_description",
    "error_uri",
];

impl AuthorizationCallback {
    /// Finds a response in the page's query (without `?`) and fragment (without `#`).
    ///
    /// Returns `None` if the URL contains no response, which is not an error.
    #[must_use]
    pub fn find(query: &str, fragment: &str) -> Option<Self> {
        let in_fragment = Parameters::read(fragment);
        let in_query = Parameters::read(query);
        let (response, state) = if in_fragment.is_response() {
            (in_fragment.response(), in_fragment.get("state"))
        } else if in_query.has_tokens() {
            let refused = AuthorizationResponse::Malformed(MalformedResponse::TokensInQuery);
            (refused, in_query.get("state"))
        } else if in_query.is_response() {
            (in_query.response(), in_query.get("state"))
        } else {
            return None;
        };
        Some(Self {
            response,
            state,
            remaining_query: in_query.others,
        })
    }
}

/// The parameters of a query or a fragment, and the rest of it.
struct Parameters {
    known: Vec<(String, String)>,
    others: String,
}

impl Parameters {
    fn read(text: &str) -> Self {
        let mut known = Vec::new();
        let mut others = Vec::new();
        for part in text.split('&') {
            // Each part is decoded separately, so that the other parts stay unchanged.
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name);
            if PARAMETERS.contains(&name.as_str()) {
                known.push((name, decode(value)));
            } else {
                others.push(part);
            }
        }
        Self {
            known,
            others: others.join("&"),
        }
    }

    /// A parameter's value. An empty value counts as absent (RFC 6749, section 3.1).
    fn get(&self, name: &str) -> Option<String> {
        self.known
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.clone())
    }

    fn has_tokens(&self) -> bool {
        self.get("id_token").or(self.get("access_token")).is_some()
    }

    /// A `code` without a `state` belongs to no request, but it may be an authorization code, so it must not stay in the URL.
    fn is_response(&self) -> bool {
        self.has_tokens() || self.get("error").or(self.get("code")).is_some()
    }

    fn response(&self) -> AuthorizationResponse {
        let is_repeated =
            |name: &&str| self.known.iter().filter(|(known, _)| known == name).count() > 1;
        if PARAMETERS.iter().any(is_repeated) {
            return AuthorizationResponse::Malformed(MalformedResponse::RepeatedParameter);
        }
        if let Some(error) = self.get("error") {
            return AuthorizationResponse::Error(AuthorizationError {
                error,
                description: self.get("error_description"),
            });
        }
        if let Some(code) = self.get("code") {
            return AuthorizationResponse::Code(AuthorizationCode(code));
        }
        // RFC 6749, section 4.2.2: the type is case-insensitive.
        let is_bearer = self
            .get("token_type")
            .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        if !is_bearer {
            return AuthorizationResponse::Malformed(MalformedResponse::TokenType);
        }
        match self.get("id_token") {
            Some(id_token) => AuthorizationResponse::Tokens(TokenResponse {
                id_token: IdToken::new(id_token),
                access_token: self.get("access_token").map(AccessToken::new),
                // The implicit grant issues no refresh token (RFC 6749, section 4.2.2).
                refresh_token: None,
            }),
            None => AuthorizationResponse::Malformed(MalformedResponse::MissingIdToken),
        }
    }
}

/// Decodes `application/x-www-form-urlencoded` (WHATWG URL, section 5.1). Text that is not UTF-8 stays unchanged.
fn decode(text: &str) -> String {
    if !text.contains(['+', '%']) {
        return text.to_owned();
    }
    let bytes = text.replace('+', " ").into_bytes();
    let decoded = String::from_utf8(percent_decode(&bytes).collect());
    decoded.unwrap_or_else(|_| text.to_owned())
}

/// A [`PendingSignIn`] as it is stored.
#[derive(Serialize, Deserialize)]
struct Record {
    state: String,
    nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code_verifier: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    return_to: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sign_out: Option<String>,
    started_at: u64,
}

impl PendingSignIn {
    /// How long the app waits for a response, in seconds.
    const LIFETIME: u64 = 60 * 60;

    /// Reads a record that was stored by an app under the path `base`. Returns `None` if it is not such a record.
    #[must_use]
    pub fn from_stored(stored: &str, base: &str) -> Option<Self> {
        let record: Record = json::from_object(stored)?;
        Some(Self {
            state: State(record.state),
            nonce: Nonce(record.nonce),
            code_verifier: record.code_verifier.map(CodeVerifier),
            return_to: record
                .return_to
                .and_then(|place| ReturnTo::parse(&place, base)),
            sub: record.sub,
            sign_out: record.sign_out,
            started_at: record.started_at,
        })
    }

    /// The record to store.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let record = Record {
            state: self.state.0.clone(),
            nonce: self.nonce.0.clone(),
            code_verifier: self.code_verifier.clone().map(|verifier| verifier.0),
            return_to: self
                .return_to
                .as_ref()
                .map(|place| place.as_str().to_owned()),
            sub: self.sub.clone(),
            sign_out: self.sign_out.clone(),
            started_at: self.started_at,
        };
        json::to_json(&record)
    }

    /// Whether someone other than the user of these claims was signed in when the request was made. The app should tell the
    /// user.
    #[must_use]
    pub fn has_other_user(&self, claims: &Claims) -> bool {
        self.sub.as_ref().is_some_and(|sub| *sub != claims.sub)
    }

    /// Whether it is too late for a response at `now` (seconds since 1970). Also true if the clock was set back too far.
    #[must_use]
    pub fn is_expired(&self, now: u64) -> bool {
        now.abs_diff(self.started_at) > Self::LIFETIME
    }
}

impl State {
    /// Creates a state from fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(unguessable(random, 22))
    }

    /// The parameter's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Nonce {
    /// Creates a nonce from fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(unguessable(random, 22))
    }

    /// The parameter's value.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CodeVerifier {
    /// Creates a verifier from fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(unguessable(random, 43))
    }

    /// The value for the token endpoint, whose SHA-256 is the challenge.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AuthorizationCode {
    /// The value for the token endpoint.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Random bytes as base64url (RFC 4648, section 5), truncated to `length` characters of six bits each.
fn unguessable(random: [u8; 32], length: usize) -> String {
    let mut text = URL_SAFE_NO_PAD.encode(random);
    text.truncate(length);
    text
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier([redacted])")
    }
}

impl fmt::Debug for AuthorizationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthorizationCode([redacted])")
    }
}

impl AuthorizationError {
    /// The error without its description, which an attacker could have written. `None` if its code is not in `ERROR_CODES`
    /// either.
    pub(crate) fn without_foreign_text(self) -> Option<Self> {
        ERROR_CODES.contains(&self.error.as_str()).then_some(Self {
            description: None,
            ..self
        })
    }

    /// The description, or else the error code.
    #[must_use]
    pub fn text(&self) -> &str {
        self.description.as_deref().unwrap_or(&self.error)
    }
}
