//! Where a person goes on after signing in: a place of this app's own, or none.
//! Knows what leads away from the app; the address bar is the browser's business.

/// A path and query within the app, which no reading of it leads out of (RFC 9700, section 4.11: no open redirector).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// Reads a path and query. `base` is the path that the app is served under, with a slash at both ends. `None` is
    /// the answer to whatever could be understood as another place, here or by a server that decodes once more.
    #[must_use]
    pub fn parse(text: &str, base: &str) -> Option<Self> {
        let within = text.strip_prefix(base)?;
        let written = |byte: u8| byte.is_ascii_graphic() && !b"\\#\"<>`".contains(&byte);
        let path = within.split('?').next().unwrap_or_default();
        // An encoded dot, slash, backslash or percent sign is never needed, and means something else once decoded.
        let encoded = |three: &[u8]| {
            [b"%2e", b"%2f", b"%5c", b"%25"]
                .iter()
                .any(|code| three.eq_ignore_ascii_case(*code))
        };
        let mut segments = path.split('/');
        let last = segments.next_back();
        let harmless = text.bytes().all(written)
            && !path.as_bytes().windows(3).any(encoded)
            && segments.all(|segment| !segment.is_empty() && !is_dots(segment))
            && !last.is_some_and(is_dots);
        harmless.then(|| Self(text.to_owned()))
    }

    /// The path and query, with a slash at its start.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_dots(segment: &str) -> bool {
    segment == "." || segment == ".."
}
