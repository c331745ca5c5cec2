//! The properties of the tests, for libFuzzer.
#![allow(missing_docs)]

#[path = "../tests/bad_input/properties.rs"]
mod properties;

pub use properties::*;
