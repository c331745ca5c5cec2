//! Web addresses that tokens may travel to or come back from.

use super::json::digits;
use super::should_be::ShouldBe;

/// An absolute `https://` URL without query and fragment; `http://` for loopback hosts alone
/// (RFC 9700, section 2.6; RFC 8252, section 8.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecureUrl(pub(super) String);

/// Cognito takes callback URLs of 1,024 characters; servers and browsers, addresses of some thousands.
const LONGEST: usize = 2000;

impl SecureUrl {
    /// Reads an address, as strictly as a redirect URI has to be: nothing is repaired.
    ///
    /// # Errors
    /// [`ShouldBe`] names the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, ShouldBe> {
        let (encrypted, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (
                false,
                text.strip_prefix("http://").ok_or(ShouldBe::Absolute)?,
            ),
        };
        if text.len() > LONGEST {
            return Err(ShouldBe::Short);
        }
        // RFC 3986, section 2: what is neither reserved nor unreserved has to be percent-encoded.
        if !rest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte))
        {
            return Err(ShouldBe::Characters);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if rest.contains(['?', '#']) || authority.contains('@') {
            return Err(ShouldBe::Bare);
        }
        let host = host_of(authority).ok_or(ShouldBe::Host)?;
        if !encrypted && !matches!(host, "localhost" | "127.0.0.1" | "[::1]") {
            return Err(ShouldBe::Encrypted);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address with its scheme, as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same address without slashes at its end, ready for a path to be put behind it.
    #[must_use]
    pub fn without_trailing_slash(mut self) -> Self {
        self.0.truncate(self.0.trim_end_matches('/').len());
        self
    }

    /// Whether a path follows the host; a lone slash is none.
    #[must_use]
    pub fn has_path(&self) -> bool {
        self.0.split('/').skip(3).any(|part| !part.is_empty())
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
    let valid_port = |port: &str| digits(port).is_some_and(|port| (1..=0xffff).contains(&port));
    let valid_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Browsers take a host that ends in a number for an IPv4 address, and refuse it if it is none.
    let number = |label: &str| {
        label
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_digit())
    };
    let octet = |label: &str| {
        digits(label).is_some_and(|octet| octet <= 0xff)
            && (label == "0" || !label.starts_with('0'))
    };
    // From the front: the way from the back is 0.6 KB more code.
    let last = host.split('.').fold("", |_, label| label);
    let valid_name = host.split('.').all(valid_label)
        && (!number(last) || (host.split('.').count() == 4 && host.split('.').all(octet)));
    let valid_host = host == LOOPBACK_V6 || valid_name;
    (valid_host && port.is_none_or(valid_port)).then_some(host)
}
