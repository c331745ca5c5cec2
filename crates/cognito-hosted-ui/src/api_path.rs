//! The path of a request to an API, below the API's own URL.

/// Whether `text` is a path, with or without a query, that stays below the API's URL however a browser or a server parses it. A
/// path can contain text from a user or a link, and must not take the token to another API of the same host.
///
/// It starts with `/`. It has no `.` or `..` between slashes, however they are encoded, no backslash, no control character (browsers
/// remove tabs and line breaks) and no fragment.
#[must_use]
pub fn is_api_path(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or_default();
    let is_plain = |character: char| !character.is_control() && character != '#';
    path.starts_with('/')
        && text.chars().all(is_plain)
        && !path.contains('\\')
        && !decoded(path).split('/').any(is_dot_segment)
}

/// Whether a part of a path is `.` or `..`. Some servers ignore what follows a semicolon.
fn is_dot_segment(segment: &str) -> bool {
    let name = segment.split(';').next().unwrap_or_default();
    matches!(name, "." | "..")
}

/// Decodes dots and what separates the parts of a path, however often they are encoded.
fn decoded(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, code)) = rest.split_once('%') {
        decoded.push_str(before);
        let code = code.trim_start_matches("25");
        let (character, length) = match code.get(..2) {
            Some("2e" | "2E") => ('.', 2),
            Some("2f" | "2F" | "5c" | "5C") => ('/', 2),
            Some("3b" | "3B") => (';', 2),
            _ => ('%', 0),
        };
        decoded.push(character);
        rest = &code[length..];
    }
    decoded.push_str(rest);
    decoded
}
