//! JSON as far as this protocol speaks it, and the form in which something is stored.
//! A type of its own, because `serde_json::Value` costs every visitor another kilobyte.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// A JSON value.
#[derive(Debug)]
pub enum Json {
    /// A string.
    Text(String),
    /// A whole number that is not negative: a time, a number of seconds.
    Number(u64),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Object),
    /// `null`, `true`, `false` and all other numbers.
    Other,
}

/// A JSON object's members, in their order.
#[derive(Debug)]
pub struct Object(Vec<(String, Json)>);

impl Json {
    /// Reads a whole document.
    ///
    /// # Errors
    /// Where it is no JSON, with the line and the column.
    pub fn read(document: &str) -> serde_json::Result<Self> {
        serde_json::from_str(document)
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
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

    /// The member of this name. Of two, the last one counts.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        let member = self.0.iter().rfind(|(member, _)| member == name);
        member.map(|(_, value)| value)
    }

    /// The member of this name, if it is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.text().map(str::to_owned)
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

    /// The names of all members.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// Writes an object of strings; what is empty is left out.
#[must_use]
pub fn object(members: &[(&str, &str)]) -> String {
    struct Members<'a>(&'a [(&'a str, &'a str)]);
    impl Serialize for Members<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let is_there = |(_, value): &&(&str, &str)| !value.is_empty();
            serializer.collect_map(self.0.iter().filter(is_there).copied())
        }
    }
    // Writing strings into a string cannot fail.
    serde_json::to_string(&Members(members)).unwrap_or_default()
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }

            fn visit_unit<E>(self) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
                Ok(Json::Other)
            }

            fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
                Ok(Json::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Json, E> {
                Ok(Json::Text(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Json::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Json::Object(Object(members)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}
