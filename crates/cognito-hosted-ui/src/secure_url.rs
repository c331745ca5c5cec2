//! URLs that are safe to send tokens to or to receive them from.

use crate::Constraint;

/// An absolute `https://` URL without query and fragment. `http://` is allowed only for loopback hosts
/// (RFC 9700, section 2.6; RFC 8252, section 8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecureUrl(pub(crate) String);

/// Cognito accepts callback URLs of up to 1,024 characters; browsers and servers accept URLs of a few thousand.
const MAX_LENGTH: usize = 2000;

impl SecureUrl {
    /// Parses a URL without normalizing it, because redirect URIs must match exactly.
    ///
    /// # Errors
    /// The [`Constraint`] that the text violates.
    pub fn parse(text: &str) -> Result<Self, Constraint> {
        let (is_https, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => {
                let rest = text.strip_prefix("http://");
                (false, rest.ok_or(Constraint::AbsoluteUrl)?)
            }
        };
        if text.len() > MAX_LENGTH {
            return Err(Constraint::MaxLength);
        }
        // RFC 3986, section 2: every other character must be percent-encoded.
        let is_valid =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
        if !rest.bytes().all(is_valid) {
            return Err(Constraint::ValidCharacters);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if rest.contains(['?', '#']) || authority.contains('@') {
            return Err(Constraint::NoQueryOrFragment);
        }
        let host = host_of(authority).ok_or(Constraint::ValidHost)?;
        if !is_https && !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Err(Constraint::Https);
        }
        Ok(Self(text.to_owned()))
    }

    /// The URL, unchanged.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL without trailing slashes, so that a path can be appended.
    #[must_use]
    pub fn without_trailing_slash(mut self) -> Self {
        self.0.truncate(self.0.trim_end_matches('/').len());
        self
    }

    /// Whether the URL has a path. A single slash does not count.
    #[must_use]
    pub fn has_path(&self) -> bool {
        self.0.split('/').skip(3).any(|segment| !segment.is_empty())
    }
}

/// The host of `host` or `host:port`, if both are valid.
fn host_of(authority: &str) -> Option<&str> {
    const LOOPBACK_V6: &str = "[::1]";
    let (host, port) = match authority.strip_prefix(LOOPBACK_V6) {
        Some("") => (LOOPBACK_V6, None),
        Some(rest) => (LOOPBACK_V6, Some(rest.strip_prefix(':')?)),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let is_valid = (host == LOOPBACK_V6 || is_host_name(host)) && port.is_none_or(is_port);
    is_valid.then_some(host)
}

fn is_port(port: &str) -> bool {
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    is_number && port.parse().is_ok_and(|port: u16| port > 0)
}

fn is_host_name(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Browsers parse a host whose last label is a number, such as `1` or `0x1`, as an IPv4 address.
    let is_number = |label: &str| label.starts_with(|letter: char| letter.is_ascii_digit());
    let is_octet = |label: &str| {
        label.parse::<u8>().is_ok() && (label == "0" || !label.starts_with(['0', '+']))
    };
    let is_ip_v4 = || host.split('.').count() == 4 && host.split('.').all(is_octet);
    let last = host.rsplit('.').next().unwrap_or_default();
    host.split('.').all(is_label) && (!is_number(last) || is_ip_v4())
}
