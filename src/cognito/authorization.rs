//! What we send to the Hosted UI, what we remember meanwhile, and what comes back.
//! Knows the parameters' names and forms; whether an answer is believed is `sign_in`'s business.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode;

use super::json::{self, Object};
use super::return_to::ReturnTo;
use super::tokens::{AccessToken, IdToken, TokenResponse};

/// The part of an authorization request that is new each time and must survive the redirect: stored under its state,
/// taken once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingSignIn {
    /// Comes back beside the answer and ties it to this request.
    pub state: State,
    /// Comes back inside the ID token and ties the token to this request.
    pub nonce: Nonce,
    /// Goes to the token endpoint and ties the code to this request; `None` in the implicit grant.
    pub code_verifier: Option<CodeVerifier>,
    /// Where the person was.
    pub return_to: Option<ReturnTo>,
    /// When the person left, in seconds since 1970.
    pub started_at: u64,
}

/// An unguessable value that is sent along and must come back with the answer: without it anybody could make this
/// page sign in with somebody else's tokens (RFC 6749, section 10.12).
///
/// 132 random bits as base64url, since Cognito re-encodes other characters and some providers refuse a long one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State(String);

/// An unguessable value that must come back inside the ID token: without it a stolen token could be put into this
/// page's answer (OIDC Core, section 15.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nonce(String);

/// The secret of one authorization request: only its hash is sent along, so that a stolen code is of no use to anybody
/// else (RFC 7636). 256 random bits as base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeVerifier(String);

/// A code that the token endpoint exchanges for tokens: opaque, never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorizationCode(String);

/// An answer of the Hosted UI, found in the page's address.
#[derive(Debug, PartialEq, Eq)]
pub struct Callback {
    /// The answer itself.
    pub response: AuthorizationResponse,
    /// The `state` that came with it, if any.
    pub state: Option<String>,
    /// What the page's query holds besides the answer, without `?`: this much stays in the address bar.
    pub remaining_query: String,
}

/// What the Hosted UI answered.
#[derive(Debug, PartialEq, Eq)]
pub enum AuthorizationResponse {
    /// The tokens of the implicit grant (RFC 6749, section 4.2.2; OIDC Core, section 3.2.2.5).
    Tokens(TokenResponse),
    /// The code of the code grant (RFC 6749, section 4.1.2).
    Code(AuthorizationCode),
    /// An error instead of tokens (RFC 6749, section 4.2.2.1).
    Error(AuthorizationError),
    /// Neither of the two.
    Malformed(Malformed),
}

/// An error as the Hosted UI puts it. Anybody can write one into a link, so it is text to show and nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationError {
    /// The code, such as `access_denied`.
    pub error: String,
    /// The description, made for people.
    pub description: Option<String>,
}

/// Why an answer is neither tokens nor an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// A parameter stands there twice, which RFC 6749, section 3.1 forbids.
    Repeated,
    /// There is no ID token: the scope `openid` was not granted, or the answer is cut off.
    NoIdToken,
    /// The token type is not `Bearer`.
    TokenType,
    /// Tokens came in the query, where servers and logs can see them.
    TokensInQuery,
    /// A code came though tokens were asked for, or the other way round.
    OtherGrant,
}

/// Every parameter that an answer may consist of; all of them leave the address bar.
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

impl Callback {
    /// Finds an answer in the page's query and fragment, both without `?` and `#`.
    ///
    /// `None` means that the address is an ordinary one, which is a case and not an error.
    #[must_use]
    pub fn find(query: &str, fragment: &str) -> Option<Self> {
        let in_fragment = Parameters::read(fragment);
        let in_query = Parameters::read(query);
        let (response, state) = if in_fragment.is_answer() {
            (in_fragment.response(), in_fragment.get("state"))
        } else if in_query.holds_tokens() {
            let refused = AuthorizationResponse::Malformed(Malformed::TokensInQuery);
            (refused, in_query.get("state"))
        } else if in_query.is_answer() {
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

/// The parameters of one part of the address, apart from those that are not the Hosted UI's.
struct Parameters {
    known: Vec<(String, String)>,
    others: String,
}

impl Parameters {
    fn read(text: &str) -> Self {
        let mut known = Vec::new();
        let mut others = String::new();
        for part in text.split('&') {
            // Each part is decoded by itself, so that what stays is left as it was written.
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decoded(name);
            match PARAMETERS.contains(&name.as_str()) {
                true => known.push((name, decoded(value))),
                false => {
                    if !others.is_empty() {
                        others.push('&');
                    }
                    others.push_str(part);
                }
            }
        }
        Self { known, others }
    }

    /// A parameter's value; an empty one counts as absent (RFC 6749, section 3.1).
    fn get(&self, name: &str) -> Option<String> {
        self.known
            .iter()
            .find(|(known, value)| known == name && !value.is_empty())
            .map(|(_, value)| value.clone())
    }

    fn holds_tokens(&self) -> bool {
        self.get("id_token").or(self.get("access_token")).is_some()
    }

    /// `code` alone may be an address's own parameter; with a state it is an answer.
    fn is_answer(&self) -> bool {
        self.holds_tokens()
            || self.get("error").is_some()
            || (self.get("code").is_some() && self.get("state").is_some())
    }

    fn response(&self) -> AuthorizationResponse {
        let repeated = PARAMETERS
            .iter()
            .any(|name| self.known.iter().filter(|(known, _)| known == name).count() > 1);
        if repeated {
            return AuthorizationResponse::Malformed(Malformed::Repeated);
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
        // RFC 6749, section 7.1: the type's case does not matter.
        let bearer = self
            .get("token_type")
            .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        if !bearer {
            return AuthorizationResponse::Malformed(Malformed::TokenType);
        }
        match self.get("id_token") {
            Some(id_token) => AuthorizationResponse::Tokens(TokenResponse {
                id_token: IdToken::new(id_token),
                access_token: self.get("access_token").map(AccessToken::new),
                // None is ever handed out without a request of our own (RFC 6749, section 4.2.2).
                refresh_token: None,
            }),
            None => AuthorizationResponse::Malformed(Malformed::NoIdToken),
        }
    }
}

/// What a form's text stands for (WHATWG URL, section 5.1). What is no UTF-8 stays as it is written.
fn decoded(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for byte in &mut bytes {
        if *byte == b'+' {
            *byte = b' ';
        }
    }
    let decoded = String::from_utf8(percent_decode(&bytes).collect());
    decoded.unwrap_or_else(|_| text.to_owned())
}

impl PendingSignIn {
    /// How long, in seconds, an answer is waited for.
    const LIFETIME: u64 = 60 * 60;

    /// Reads what was stored by an app that is served under the path `base`; anything else is nothing stored.
    #[must_use]
    pub fn from_stored(stored: &str, base: &str) -> Option<Self> {
        let stored = Object::read(stored)?;
        let return_to = stored.text("return_to").unwrap_or_default();
        Some(Self {
            state: State(stored.owned("state")?),
            nonce: Nonce(stored.owned("nonce")?),
            code_verifier: stored.owned("code_verifier").map(CodeVerifier),
            return_to: ReturnTo::parse(return_to, base),
            started_at: json::digits(stored.text("started_at")?)?,
        })
    }

    /// What is to be stored.
    #[must_use]
    pub fn to_stored(&self) -> String {
        let verifier = self.code_verifier.as_ref();
        let return_to = self.return_to.as_ref();
        json::object(&[
            ("state", self.state.as_str()),
            ("nonce", self.nonce.as_str()),
            ("code_verifier", verifier.map_or("", CodeVerifier::as_str)),
            ("return_to", return_to.map_or("", ReturnTo::as_str)),
            ("started_at", &json::decimal(self.started_at)),
        ])
    }

    /// Whether nobody waits for an answer any more. A clock that was set back has to sweep as well.
    #[must_use]
    pub fn is_over(&self, now: u64) -> bool {
        now.abs_diff(self.started_at) > Self::LIFETIME
    }
}

impl State {
    /// Makes a state of fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(unguessable(random, 22))
    }

    /// The value as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Nonce {
    /// Makes a nonce of fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(unguessable(random, 22))
    }

    /// The value as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CodeVerifier {
    /// Makes a verifier of fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(unguessable(random, 43))
    }

    /// The value for the token endpoint, and what its hash is taken of.
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

/// 32 bytes as base64url (RFC 4648, section 5). Of this length alone: any length costs every visitor half a kilobyte.
pub(super) fn base64url(bytes: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Six random bits a character.
fn unguessable(random: [u8; 32], characters: usize) -> String {
    let mut text = base64url(&random);
    text.truncate(characters);
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
    /// What it says, in its own words.
    #[must_use]
    pub fn text(&self) -> &str {
        self.description.as_deref().unwrap_or(&self.error)
    }
}
