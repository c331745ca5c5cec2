//! Reads responses and stored records from JSON, and writes records.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde::ser::Serialize;
use serde_json::{Map, Value};

/// Reads JSON as `JSON.parse` does in browsers: half of a surrogate pair, such as `"\ud83d"`, is no error. It becomes U+FFFD, the
/// replacement character. Servers write one when they cut a text in the middle of an emoji.
///
/// # Errors
/// [`serde_json::Error`] if the text is not JSON, or not a `T`.
pub fn from_str<T: DeserializeOwned>(json: &str) -> serde_json::Result<T> {
    serde_json::from_str(&replace_lone_surrogates(json))
}

/// Reads a JSON object. serde's derived deserializers alone would also accept an array of the fields.
pub(crate) fn from_object<T: DeserializeOwned>(json: &str) -> Option<T> {
    let object: Map<String, Value> = from_str(json).ok()?;
    serde_json::from_value(Value::Object(object)).ok()
}

/// Writes a record.
pub(crate) fn to_json(record: &impl Serialize) -> String {
    // This cannot fail: the records contain only strings, numbers and booleans.
    serde_json::to_string(record).unwrap_or_default()
}

fn replace_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut replaced = String::new();
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        let (kept, length) = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(Surrogate::High), Some(Surrogate::Low)) => (&escape[..12], 12),
            (Some(_), _) => ("\\ufffd", 6),
            (None, _) => {
                // The character after the backslash may be another backslash.
                let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                (&escape[..length], length)
            }
        };
        replaced.push_str(before);
        replaced.push_str(kept);
        rest = &escape[length..];
    }
    if replaced.is_empty() {
        return json.into();
    }
    replaced.push_str(rest);
    replaced.into()
}

/// One half of a character beyond U+FFFF (RFC 8259, section 7).
enum Surrogate {
    High,
    Low,
}

/// The surrogate that the escape at the start of `text` stands for.
fn surrogate(text: &str) -> Option<Surrogate> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Surrogate::High),
        0xdc00..=0xdfff => Some(Surrogate::Low),
        _ => None,
    }
}
