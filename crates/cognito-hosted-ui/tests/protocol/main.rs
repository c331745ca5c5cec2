//! The protocol, rule by rule: natively and in a real browser, from the same tables. The names of the tests are the rules.
#![allow(clippy::panic, clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod fixtures;

mod id_token;

mod api_path;

mod callback;

mod json;

mod jwks;

mod sign_in;

mod return_to;

mod token_endpoint;

mod session;

mod refresh;

mod tabs;

mod sign_out;

mod retry;

mod hosted_ui;

mod stored;

mod malformed_json;
