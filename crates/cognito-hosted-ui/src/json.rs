//! Reads responses and stored records from JSON, and writes records. Records of the previous version can be read too.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};
use serde::ser::Serialize;
use serde_json::{Map, Value};

/// Reads a JSON object. serde's derived deserializers alone would also accept an array of the fields.
pub fn from_object<T: DeserializeOwned>(json: &str) -> Option<T> {
    let object: Map<String, Value> = serde_json::from_str(json).ok()?;
    serde_json::from_value(Value::Object(object)).ok()
}

/// Writes a record.
pub fn to_json(record: &impl Serialize) -> String {
    // This cannot fail: the records contain only strings, numbers and booleans.
    serde_json::to_string(record).unwrap_or_default()
}

/// Reads a number. The previous version stored numbers as strings.
pub fn number<'de, D: Deserializer<'de>, T: DeserializeOwned>(record: D) -> Result<T, D::Error> {
    let value = match Value::deserialize(record)? {
        Value::String(text) => serde_json::from_str(&text).map_err(D::Error::custom)?,
        value => value,
    };
    serde_json::from_value(value).map_err(D::Error::custom)
}

/// Reads an optional boolean. The previous version stored booleans as strings.
pub fn flag<'de, D: Deserializer<'de>>(record: D) -> Result<Option<bool>, D::Error> {
    let value = Option::<Value>::deserialize(record)?;
    Ok(value.as_ref().map(crate::id_token::is_true))
}
