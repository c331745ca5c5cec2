//! The constraints on URLs and identifiers.

use thiserror::Error;

/// Why a text is not a valid [`SecureUrl`](crate::SecureUrl), [`UserPoolDomain`](crate::UserPoolDomain),
/// [`UserPoolId`](crate::UserPoolId) or [`ClientId`](crate::ClientId).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Constraint {
    /// The text must be an absolute URL.
    #[error("expected an absolute URL that starts with https://")]
    AbsoluteUrl,
    /// The URL is too long.
    #[error("expected a URL of at most 2000 characters")]
    MaxLength,
    /// The URL must use `https://`; `http://` is allowed only for loopback hosts.
    #[error("expected an https:// URL (http:// is allowed for localhost, 127.0.0.1 and [::1])")]
    Https,
    /// The URL must not have a query, a fragment or a user name.
    #[error("expected a URL without query, fragment and user name")]
    NoQueryOrFragment,
    /// The host name or the port is not valid.
    #[error("expected a URL with a valid host name and port")]
    ValidHost,
    /// The URL contains characters that need percent-encoding (RFC 3986, section 2).
    #[error("expected a URL without characters that need percent-encoding")]
    ValidCharacters,
    /// A user pool domain has no path.
    #[error("expected a user pool domain without a path")]
    NoPath,
    /// An app client ID has 1 to 128 letters, digits, `_` and `+`.
    #[error("expected an app client ID: 1 to 128 letters, digits, _ and +")]
    ClientId,
    /// A user pool ID is `<region>_<letters and digits>`.
    #[error("expected a user pool ID such as eu-west-1_AbCdEfGhI")]
    UserPoolId,
}
