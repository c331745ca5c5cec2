//! What we send to the Hosted UI, what we remember meanwhile, and what comes back.
//! Knows the parameters' names and forms; whether an answer is believed is `sign_in`'s business.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;

use super::id_token::{AccessToken, IdToken};

/// The part of an authorization request that is new each time and must survive the redirect: stored under its state,
/// taken once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PendingSignIn {
    /// Comes back beside the tokens and ties them to this request.
    pub state: State,
    /// Comes back inside the ID token and ties the token to this request.
    pub nonce: Nonce,
}

/// An unguessable value that is sent along and must come back with the answer: without it anybody could make this
/// page sign in with somebody else's tokens (RFC 6749, section 10.12).
///
/// 16 random bytes as base64url, since Cognito re-encodes other characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct State(String);

/// An unguessable value that must come back inside the ID token: without it a stolen token could be put into this
/// page's answer (OIDC Core, section 15.5.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Nonce(String);

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
    Tokens {
        /// The ID token, not looked into yet.
        id_token: IdToken,
        /// The access token, which an answer may leave out.
        access_token: Option<AccessToken>,
    },
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
    /// An authorization code came, though tokens were asked for.
    Code,
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
            match form_urlencoded::parse(part.as_bytes()).next() {
                Some((name, value)) if PARAMETERS.contains(&&*name) => {
                    known.push((name.into_owned(), value.into_owned()));
                }
                _ => {
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
        if self.get("code").is_some() {
            return AuthorizationResponse::Malformed(Malformed::Code);
        }
        // RFC 6749, section 7.1: the type's case does not matter.
        let bearer = self
            .get("token_type")
            .is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        if !bearer {
            return AuthorizationResponse::Malformed(Malformed::TokenType);
        }
        match self.get("id_token") {
            Some(id_token) => AuthorizationResponse::Tokens {
                id_token: IdToken::new(id_token),
                access_token: self.get("access_token").map(AccessToken::new),
            },
            None => AuthorizationResponse::Malformed(Malformed::NoIdToken),
        }
    }
}

impl PendingSignIn {
    /// Reads what was stored; anything else is nothing stored.
    #[must_use]
    pub fn from_stored(stored: &Value) -> Option<Self> {
        let text = |name| Some(stored.get(name)?.as_str()?.to_owned());
        Some(Self {
            state: State(text("state")?),
            nonce: Nonce(text("nonce")?),
        })
    }
}

impl State {
    /// Makes a state of fresh random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
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
    pub fn new(random: [u8; 16]) -> Self {
        Self(URL_SAFE_NO_PAD.encode(random))
    }

    /// The value as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AuthorizationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.description.as_deref().unwrap_or(&self.error))
    }
}
