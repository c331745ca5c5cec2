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

/// Copies nothing unless it has something to replace.
fn replace_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut replaced = String::new();
    let mut copied = 0;
    let mut position = 0;
    while let Some(offset) = json[position..].find('\\') {
        position += offset;
        let escape = &json[position..];
        position += match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(Surrogate::High), Some(Surrogate::Low)) => 12,
            (Some(_), _) => {
                replaced.push_str(&json[copied..position]);
                replaced.push_str("\\ufffd");
                copied = position + 6;
                6
            }
            // The character after the backslash may be another backslash.
            (None, _) => 1 + escape[1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if copied == 0 {
        return json.into();
    }
    replaced.push_str(&json[copied..]);
    replaced.into()
}

/// One half of a character beyond U+FFFF (RFC 8259, section 7).
enum Surrogate {
    High,
    Low,
}

/// Reads the escape at the start of `text`. `None` if it is not a surrogate.
fn surrogate(text: &str) -> Option<Surrogate> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Surrogate::High),
        0xdc00..=0xdfff => Some(Surrogate::Low),
        _ => None,
    }
}
