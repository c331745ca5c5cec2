//! Reads responses and stored records from JSON, and writes records.

use serde::de::DeserializeOwned;
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
