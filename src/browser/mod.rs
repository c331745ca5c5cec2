//! Effects, each a thin door to one of the browser's powers. Decides nothing and knows nothing of Cognito.
//!
//! The functions that reach for the browser are disallowed everywhere else; see `clippy.toml`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod clipboard;

pub mod clock;

pub mod crypto;

pub mod elements;

pub mod http;

pub mod locale;

pub mod location;

pub mod locks;

pub mod page;

pub mod random;

pub mod storage;
