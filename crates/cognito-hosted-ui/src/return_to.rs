//! The place in the app that the user returns to after signing in.
//! Rejects every place outside the app. Does not read the address bar.

/// A path, query and route (the fragment) within the app. It stays within the app however a browser or a server parses it,
/// so it cannot be used as an open redirector (RFC 9700, section 4.11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Parses a path with its query and fragment. `base` is the app's own path, with a leading and a trailing slash.
    ///
    /// A fragment is kept if it is a route of letters, digits, `-`, `_` and `/`, and removed otherwise. Returns `None` if the
    /// text could be a place outside `base`, as it is or after a server has decoded it again.
    #[must_use]
    pub fn parse(text: &str, base: &str) -> Option<Self> {
        let (text, route) = match text.split_once('#') {
            Some((place, route)) if is_route(route) => (place, Some(route)),
            Some((place, _)) => (place, None),
            None => (text, None),
        };
        let within = text.strip_prefix(base)?;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\\#\"<>`".contains(&byte);
        let path = within.split('?').next().unwrap_or_default();
        // An encoded dot, slash, backslash or percent sign is never necessary, and changes the path when decoded.
        let is_encoded_separator = |three: &[u8]| {
            [b"%2e", b"%2f", b"%5c", b"%25"]
                .iter()
                .any(|code| three.eq_ignore_ascii_case(*code))
        };
        let is_safe = text.bytes().all(is_plain)
            && !path.as_bytes().windows(3).any(is_encoded_separator)
            // A browser can parse two slashes as the start of a host.
            && !path.starts_with('/')
            && !path.contains("//")
            && !path.split('/').any(|segment| matches!(segment, "." | ".."));
        is_safe.then(|| match route {
            Some(route) => Self(format!("{text}#{route}")),
            None => Self(text.to_owned()),
        })
    }

    /// The path, query and route. It starts with a slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_route(fragment: &str) -> bool {
    !fragment.is_empty()
        && fragment
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_/".contains(&byte))
}
