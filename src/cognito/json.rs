//! JSON as far as this protocol speaks it, and the form in which something is stored.
//! The browser's own reader reads it, because any other would be in every visitor's download: `serde_json` is 5 KB.
//! Natively it is `serde_json`, and `tests/web/json.rs` holds the two to the same answers.

#[cfg(target_arch = "wasm32")]
use self::browsers as reader;
#[cfg(not(target_arch = "wasm32"))]
use self::serdes as reader;

/// How deep arrays and objects may stand in each other.
const DEEPEST: usize = 127;

/// A JSON value.
#[derive(Debug, PartialEq, Eq)]
pub enum Json {
    /// A string.
    Text(String),
    /// A whole number that is not negative: a time, a number of seconds. Above 2^53 it may be a neighbour of what stands
    /// there, and above 2^64 it is the largest that there is.
    Number(u64),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Object),
    /// `null`, `true`, `false` and all other numbers, as they are written.
    Other(String),
}

/// A JSON object's members. Of two with one name, the last is there.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Object(Vec<(String, Json)>);

impl Json {
    /// Reads a whole document.
    ///
    /// # Errors
    /// The reader's words for what is wrong, where it is no JSON.
    pub fn read(document: &str) -> Result<Self, String> {
        reader::read(document)
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value for a person to read.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Other(text) => text.clone(),
            Self::Number(number) => decimal(*number),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(Self::plain).collect();
                joined(&items, ", ")
            }
            Self::Object(Object(members)) => {
                let member = |(name, value): &(String, Self)| [name, ": ", &value.plain()].concat();
                let members: Vec<String> = members.iter().map(member).collect();
                joined(&members, ", ")
            }
        }
    }

    /// The members, if it is an object.
    #[must_use]
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }
}

impl Object {
    /// Reads a document that is an object.
    #[must_use]
    pub fn read(document: &str) -> Option<Self> {
        match Json::read(document) {
            Ok(Json::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// The member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        let member = self.0.iter().find(|(member, _)| member == name);
        member.map(|(_, value)| value)
    }

    /// The member of this name, if it is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// The same, to keep.
    #[must_use]
    pub fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// The member of this name, if it is a whole number that is not negative.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.get(name) {
            Some(Json::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The member of this name, if it is an array.
    #[must_use]
    pub fn list(&self, name: &str) -> Option<&[Json]> {
        match self.get(name) {
            Some(Json::List(items)) => Some(items),
            _ => None,
        }
    }

    /// All members.
    #[must_use]
    pub fn members(&self) -> &[(String, Json)] {
        &self.0
    }
}

/// Writes an object of strings; what is empty is left out.
#[must_use]
pub fn object(members: &[(&str, &str)]) -> String {
    let mut text = String::from("{");
    for (name, value) in members.iter().filter(|(_, value)| !value.is_empty()) {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&reader::quoted(name));
        text.push(':');
        text.push_str(&reader::quoted(value));
    }
    text.push('}');
    text
}

/// A whole number in decimal digits. The standard library's way brings all of its formatting along: 0.7 KB for every
/// visitor.
#[must_use]
pub fn decimal(number: u64) -> String {
    let mut digits = match number / 10 {
        0 => String::new(),
        tens => decimal(tens),
    };
    digits.push(char::from(b'0' + (number % 10) as u8));
    digits
}

/// The number that these decimal digits are, if they are nothing else and not too many. The standard library has a reader
/// for each type of number, each as large as this.
#[must_use]
pub fn digits(text: &str) -> Option<u64> {
    /// As many as always fit, also with a sign.
    const MOST: usize = 18;
    if text.is_empty() || text.len() > MOST {
        return None;
    }
    let mut number = 0;
    for byte in text.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        number = number * 10 + u64::from(byte - b'0');
    }
    Some(number)
}

/// A number that is whole and not negative, or another one, which its reader writes.
fn number(number: f64, written: impl FnOnce() -> String) -> Json {
    match number >= 0.0 && number.trunc() == number {
        // Too large a number becomes the largest.
        true => Json::Number(number as u64),
        false => Json::Other(written()),
    }
}

/// The items as texts, if each of them is one.
#[must_use]
pub fn texts(items: &[Json]) -> Option<Vec<String>> {
    let texts = items.iter().filter_map(Json::text).map(str::to_owned);
    let texts: Vec<String> = texts.collect();
    (texts.len() == items.len()).then_some(texts)
}

/// The texts one after the other.
#[must_use]
pub fn joined(texts: &[String], between: &str) -> String {
    let mut all = String::new();
    for (place, text) in texts.iter().enumerate() {
        if place > 0 {
            all.push_str(between);
        }
        all.push_str(text);
    }
    all
}

#[cfg(target_arch = "wasm32")]
mod browsers {
    use js_sys::{Array, JSON};
    use wasm_bindgen::{JsCast, JsValue};

    use super::{DEEPEST, Json, Object, number};

    pub fn read(document: &str) -> Result<Json, String> {
        let value = JSON::parse(document).map_err(|error| {
            let error: js_sys::Error = error.unchecked_into();
            String::from(error.message())
        })?;
        json(&value, 0).ok_or_else(|| "too deep, or too large a number".to_owned())
    }

    pub fn quoted(text: &str) -> String {
        written(&JsValue::from_str(text))
    }

    fn written(value: &JsValue) -> String {
        JSON::stringify(value).map_or_else(|_| String::new(), String::from)
    }

    fn json(value: &JsValue, depth: usize) -> Option<Json> {
        if let Some(text) = value.as_string() {
            return Some(Json::Text(text));
        }
        if let Some(float) = value.as_f64() {
            return float.is_finite().then(|| number(float, || written(value)));
        }
        if !value.is_object() {
            return Some(Json::Other(written(value)));
        }
        if depth == DEEPEST {
            return None;
        }
        if Array::is_array(value) {
            let array: &Array = value.unchecked_ref();
            let mut items = Vec::new();
            for index in 0..array.length() {
                items.push(json(&array.get(index), depth + 1)?);
            }
            return Some(Json::List(items));
        }
        let entries = js_sys::Object::entries(value.unchecked_ref());
        let mut members = Vec::new();
        for index in 0..entries.length() {
            let member: Array = entries.get(index).unchecked_into();
            members.push((member.get(0).as_string()?, json(&member.get(1), depth + 1)?));
        }
        Some(Json::Object(Object(members)))
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod serdes {
    use serde_json::Value;

    use super::{DEEPEST, Json, Object, number};

    pub fn read(document: &str) -> Result<Json, String> {
        let value = serde_json::from_str(document).map_err(|error| error.to_string())?;
        json(value, 0).ok_or_else(|| "too deep".to_owned())
    }

    pub fn quoted(text: &str) -> String {
        Value::from(text).to_string()
    }

    fn json(value: Value, depth: usize) -> Option<Json> {
        let deeper = depth + 1;
        Some(match value {
            Value::String(text) => Json::Text(text),
            Value::Number(value) => number(value.as_f64()?, || value.to_string()),
            Value::Array(_) | Value::Object(_) if depth == DEEPEST => return None,
            Value::Array(items) => {
                let items = items.into_iter().map(|item| json(item, deeper));
                Json::List(items.collect::<Option<_>>()?)
            }
            Value::Object(members) => {
                let members = members.into_iter();
                let members = members.map(|(name, value)| Some((name, json(value, deeper)?)));
                Json::Object(Object(members.collect::<Option<_>>()?))
            }
            Value::Null | Value::Bool(_) => Json::Other(value.to_string()),
        })
    }
}
