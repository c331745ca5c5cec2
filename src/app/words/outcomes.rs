//! Every outcome that a person can meet, in plain words: what happened, and what can be done.
//! Errors are values everywhere else; this is where they become sentences.

use crate::api::ApiError;
use crate::cognito::authorization::{AuthorizationError, Malformed};
use crate::cognito::id_token::TokenError;
use crate::cognito::json::decimal;
use crate::cognito::session::SessionEnd;
use crate::cognito::should_be::ShouldBe;
use crate::cognito::sign_in::SignInError;
use crate::cognito::token_endpoint::TokenEndpointError;
use crate::config::ConfigError;

use super::super::auth::Notice;
use super::{Word, Words};

/// What happened, and what the person can do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What happened.
    pub happened: String,
    /// What the person can do.
    pub remedy: &'static str,
    /// Somebody else's text: shown as a quotation.
    pub quoted: Option<String>,
}

impl Words {
    fn told(self, happened: Word, remedy: Word) -> Message {
        self.told_of(happened, "", remedy)
    }

    /// The same with this in the first place that is to be filled in.
    fn told_of(self, happened: Word, value: &str, remedy: Word) -> Message {
        Message {
            happened: self.fill(happened, value),
            remedy: self.say(remedy),
            quoted: None,
        }
    }

    /// What the person should know of the session or the sign-in.
    #[must_use]
    pub fn notice(self, notice: &Notice) -> Message {
        let (happened, remedy) = match notice {
            Notice::SignInFailed(error) => return self.sign_in(error),
            Notice::Ended(SessionEnd::SignedOut) => {
                return Message {
                    remedy: "",
                    ..self.told(Word::EndedSignedOut, Word::Again)
                };
            }
            Notice::Ended(SessionEnd::Expired) => (Word::EndedExpired, Word::Again),
            Notice::Ended(SessionEnd::Elsewhere) => (Word::EndedElsewhere, Word::Again),
            Notice::Ended(SessionEnd::Unreadable) => (Word::EndedUnreadable, Word::Again),
            Notice::Ended(SessionEnd::Rejected) => (Word::EndedRejected, Word::AgainOrTell),
            Notice::EndsSoon => (Word::EndsSoon, Word::EndsSoonRemedy),
            Notice::NotRenewed => (Word::NotRenewed, Word::NotRenewedRemedy),
            Notice::CannotStore => (Word::CannotStore, Word::CannotStoreRemedy),
            Notice::NotKept => (Word::NotKept, Word::NotKeptRemedy),
        };
        self.told(happened, remedy)
    }

    fn sign_in(self, error: &SignInError) -> Message {
        let (happened, remedy) = match error {
            SignInError::Refused(error) => return self.authorization(error),
            SignInError::Token(error) => return self.token(*error),
            SignInError::TokenEndpoint(TokenEndpointError::Refused(error)) => {
                return Message {
                    quoted: Some(shortened(error)),
                    ..self.told(Word::ExchangeRefused, Word::AgainOrTell)
                };
            }
            SignInError::TokenEndpoint(TokenEndpointError::Unreachable) => {
                (Word::ExchangeUnreachable, Word::ConnectionRemedy)
            }
            SignInError::TokenEndpoint(TokenEndpointError::Malformed) => {
                (Word::ExchangeMalformed, Word::AgainOrTell)
            }
            SignInError::NoKeys => (Word::NoKeys, Word::ConnectionRemedy),
            SignInError::Unsolicited => (Word::Unsolicited, Word::UnsolicitedRemedy),
            SignInError::Malformed(malformed) => (
                match malformed {
                    Malformed::Repeated => Word::Repeated,
                    Malformed::NoIdToken => Word::NoIdToken,
                    Malformed::TokenType => Word::TokenType,
                    Malformed::TokensInQuery => Word::TokensInQuery,
                    Malformed::OtherGrant => Word::OtherGrant,
                },
                Word::AgainOrTell,
            ),
        };
        self.told(happened, remedy)
    }

    fn token(self, error: TokenError) -> Message {
        let reason = match error {
            TokenError::Expired => return self.told(Word::TokenExpired, Word::ClockRemedy),
            TokenError::IssuedInTheFuture => {
                return self.told(Word::TokenFuture, Word::ClockRemedy);
            }
            TokenError::IssuedBefore => return self.told(Word::TokenBefore, Word::ClockRemedy),
            TokenError::Claim(name) => {
                return self.told_of(Word::TokenClaim, name, Word::AgainOrTell);
            }
            TokenError::NotAJwt => Word::TokenNotJwt,
            TokenError::NotBase64Url => Word::TokenNotBase64url,
            TokenError::NotJson => Word::TokenNotJson,
            TokenError::Algorithm => Word::TokenAlgorithm,
            TokenError::Critical => Word::TokenCritical,
            TokenError::UnknownKey => Word::TokenUnknownKey,
            TokenError::Signature => Word::TokenSignature,
            TokenError::AccessTokenHash => Word::TokenAtHash,
            TokenError::Issuer => Word::TokenIssuer,
            TokenError::Audience => Word::TokenAudience,
            TokenError::ExtraAudience => Word::TokenExtraAudience,
            TokenError::AuthorizedParty => Word::TokenAzp,
            TokenError::TokenUse => Word::TokenUse,
            TokenError::Nonce => Word::TokenNonce,
            TokenError::AuthTime => Word::TokenAuthTime,
            TokenError::Subject => Word::TokenSubject,
        };
        self.told_of(Word::TokenRefused, self.say(reason), Word::AgainOrTell)
    }

    fn authorization(self, error: &AuthorizationError) -> Message {
        let happened = match error.error.as_str() {
            "access_denied" => Word::Denied,
            "invalid_scope" => Word::InvalidScope,
            "unauthorized_client" => Word::UnauthorizedClient,
            "login_required" => Word::LoginRequired,
            "server_error" | "temporarily_unavailable" => Word::ServerError,
            _ => Word::NotCompleted,
        };
        Message {
            quoted: Some(shortened(error.text())),
            ..self.told(happened, Word::AgainOrTell)
        }
    }

    /// Why a call of the API did not succeed.
    #[must_use]
    pub fn api(self, error: ApiError) -> Message {
        let (happened, remedy) = match error {
            ApiError::Unauthorized => return self.notice(&Notice::Ended(SessionEnd::Rejected)),
            ApiError::NoSuchPath => (Word::ApiNoPath, Word::ApiNoPathRemedy),
            ApiError::UnreachableAtTheEnd => (Word::ApiAtTheEnd, Word::ApiAtTheEndRemedy),
            ApiError::Status(status) => {
                return self.told_of(Word::ApiFailed, &decimal(status.into()), Word::Later);
            }
            ApiError::Unreachable => (Word::ApiNoAnswer, Word::ApiNoAnswerRemedy),
            ApiError::NotAGreeting => (Word::ApiMalformed, Word::Later),
        };
        self.told(happened, remedy)
    }

    /// What is wrong with the settings.
    #[must_use]
    pub fn config(self, error: &ConfigError) -> Message {
        let (happened, quoted) = match error {
            ConfigError::Unreachable => {
                return self.told(Word::ConfigUnreachable, Word::ConfigUnreachableRemedy);
            }
            ConfigError::Status(status) => {
                let status = decimal((*status).into());
                return self.told_of(Word::ConfigStatus, &status, Word::ConfigStatusRemedy);
            }
            ConfigError::NotFound => {
                return self.told(Word::ConfigNotFound, Word::ConfigNotFoundRemedy);
            }
            ConfigError::NotAnObject => (self.say(Word::ConfigNotObject).to_owned(), None),
            ConfigError::NotJson(words) => (self.say(Word::ConfigNotJson).to_owned(), Some(words)),
            ConfigError::Unknown(key) => (self.say(Word::ConfigUnknown).to_owned(), Some(key)),
            ConfigError::Missing { key, should_be } => {
                let should_be = self.should_be(*should_be);
                (self.fill_two(Word::ConfigMissing, key, should_be), None)
            }
            ConfigError::Invalid {
                key,
                should_be,
                found,
            } => {
                let should_be = self.should_be(*should_be);
                let happened = self.fill_two(Word::ConfigInvalid, key, should_be);
                (happened, Some(found))
            }
        };
        Message {
            happened,
            remedy: self.say(Word::Mend),
            quoted: quoted.map(|quoted| shortened(quoted)),
        }
    }

    fn should_be(self, should_be: ShouldBe) -> &'static str {
        self.say(match should_be {
            ShouldBe::Absolute => Word::BeAbsolute,
            ShouldBe::Short => Word::BeShort,
            ShouldBe::Encrypted => Word::BeEncrypted,
            ShouldBe::Bare => Word::BeBare,
            ShouldBe::Host => Word::BeHost,
            ShouldBe::Characters => Word::BeCharacters,
            ShouldBe::Domain => Word::BeDomain,
            ShouldBe::ClientId => Word::BeClientId,
            ShouldBe::PoolId => Word::BePoolId,
            ShouldBe::Scopes => Word::BeScopes,
            ShouldBe::Providers => Word::BeProviders,
            ShouldBe::Seconds => Word::BeSeconds,
            ShouldBe::Grant => Word::BeGrant,
            ShouldBe::Storage => Word::BeStorage,
            ShouldBe::Token => Word::BeToken,
            ShouldBe::Scheme => Word::BeScheme,
            ShouldBe::Lang => Word::BeLang,
            ShouldBe::LoginHint => Word::BeLoginHint,
            ShouldBe::Prompt => Word::BePrompt,
        })
    }
}

/// Enough of a text to recognise it by.
fn shortened(text: &str) -> String {
    const MOST: usize = 300;
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
