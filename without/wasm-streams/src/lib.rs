//! Takes the place of the crate of this name, which reaches the app through leptos' server functions.
//!
//! That crate exports classes to JavaScript, and what is exported stays in the download: 4.7 KB for every visitor of
//! an app that has no server and so no server functions. Whoever adds one removes this from `[patch.crates-io]`.

use futures_util::stream::{Empty, Stream};
use wasm_bindgen::JsValue;

/// A stream that nobody makes: there is no server function to send it.
#[derive(Debug)]
pub enum ReadableStream {}

impl ReadableStream {
    /// Would wrap a server function's answer.
    ///
    /// # Panics
    /// Always.
    #[allow(clippy::unimplemented)]
    #[must_use]
    pub fn from_raw(_: web_sys::ReadableStream) -> Self {
        unimplemented!("remove wasm-streams from [patch.crates-io] to use server functions")
    }

    /// Would make a server function's body.
    ///
    /// # Panics
    /// Always.
    #[allow(clippy::unimplemented)]
    #[must_use]
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        unimplemented!("remove wasm-streams from [patch.crates-io] to use server functions")
    }

    /// The stream as JavaScript knows it.
    #[must_use]
    pub fn into_raw(self) -> web_sys::ReadableStream {
        match self {}
    }

    /// The stream as Rust knows it.
    pub fn into_stream(self) -> Empty<Result<JsValue, JsValue>> {
        match self {}
    }
}
