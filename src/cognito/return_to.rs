//! Where a person goes on after signing in: a place of this app's own, or none.
//! Knows what leads away from the app; the address bar is the browser's business.

/// A path, query and route (the fragment) within the app, which no reading of it leads out of (RFC 9700, section 4.11: no open redirector).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads a path with its query and fragment; a fragment that is no route of letters, digits, `-`, `_` and `/` is
    /// left out. `base` is the path that the app is served under, with a slash at both ends. `None` is
    /// the answer to whatever could be understood as another place, here or by a server that decodes once more.
    #[must_use]
    pub fn parse(text: &str, base: &str) -> Option<Self> {
        let (text, route) = match text.split_once('#') {
            Some((place, route)) if is_route(route) => (place, Some(route)),
            Some((place, _)) => (place, None),
            None => (text, None),
        };
        let within = text.strip_prefix(base)?;
        let written = |byte: u8| byte.is_ascii_graphic() && !b"\\#\"<>`".contains(&byte);
        let path = within.split('?').next().unwrap_or_default();
        // An encoded dot, slash, backslash or percent sign is never needed, and means something else once decoded.
        let encoded = |three: &[u8]| {
            [b"%2e", b"%2f", b"%5c", b"%25"]
                .iter()
                .any(|code| three.eq_ignore_ascii_case(*code))
        };
        let harmless = text.bytes().all(written)
            && !path.as_bytes().windows(3).any(encoded)
            // A server may take two slashes for the start of a host.
            && !path.starts_with('/')
            && !path.as_bytes().windows(2).any(|two| two == b"//")
            && !path.split('/').any(is_dots);
        harmless.then(|| match route {
            Some(route) => Self([text, "#", route].concat()),
            None => Self(text.to_owned()),
        })
    }

    /// The path, query and route, with a slash at its start.
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

fn is_dots(segment: &str) -> bool {
    segment == "." || segment == ".."
}
