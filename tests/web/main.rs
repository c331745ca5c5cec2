//! The app: its settings, texts and checks, natively and in a browser; its pages and the token handling in a browser only.
//! Pages are mounted, and the tests look at them by role and text.
// Tests may fail loudly, and stop the clock.
#![allow(clippy::disallowed_methods, clippy::panic, clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod fixtures;

mod settings;

mod messages;

mod locales;

mod api;

mod checks;

#[cfg(target_arch = "wasm32")]
mod browser;

#[cfg(target_arch = "wasm32")]
mod network;

#[cfg(target_arch = "wasm32")]
mod page;

#[cfg(target_arch = "wasm32")]
#[path = "../../crates/leptos-cognito/tests/web/user_pool.rs"]
mod user_pool;

#[cfg(target_arch = "wasm32")]
mod pages;

#[cfg(target_arch = "wasm32")]
mod app;

#[cfg(target_arch = "wasm32")]
mod token_handling;
