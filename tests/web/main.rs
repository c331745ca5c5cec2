//! The token handling and what is around it, in a real browser; all that needs no browser runs natively as well, from
//! the same tables. Names of tests are rules.
// The tests look behind the doors.
#![allow(clippy::disallowed_methods, clippy::panic, clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod given;

mod json;

mod id_token;

mod callback;

mod keys;

mod sign_in;

mod return_to;

mod token_endpoint;

mod session;

mod hosted_ui;

mod config;

mod api;

mod words;

mod screens;

mod checks;

#[cfg(target_arch = "wasm32")]
mod browser;

#[cfg(target_arch = "wasm32")]
mod app;
