//! The library in a real browser: components are mounted, the network is a stub, and the signatures are real. Tests ask for
//! what a user sees, and for what is stored and sent.
#![cfg(target_arch = "wasm32")]
// Tests may fail loudly, and read the clock.
#![allow(clippy::disallowed_methods, clippy::panic, clippy::unwrap_used)]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod fixtures;

mod network;

mod page;

mod user_pool;

mod exits;

mod provider;

mod sync;

mod sign_in;

mod refresh;

mod guards;

mod api;

mod sign_out;

mod leaving;

mod leaks;
