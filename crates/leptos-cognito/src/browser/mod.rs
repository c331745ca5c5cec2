//! Small functions around the browser's APIs. Knows nothing of Cognito and makes no decisions.

pub mod clock;

pub mod crypto;

pub mod http;

pub mod location;

pub mod locks;

pub mod random;

pub mod storage;

#[cfg(all(test, target_arch = "wasm32"))]
#[allow(clippy::panic, clippy::unwrap_used)]
mod tests;
