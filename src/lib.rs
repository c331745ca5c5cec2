//! Sign-in for a single-page app in front of Amazon Cognito's Hosted UI.
//!
//! *`cognito` decides, `browser` does, `app` shows.* The rooms in reading order:
//!
//! - [`cognito`]: the protocol as pure values. No clock, no random, no storage, no network, no page.
//! - [`browser`]: the effects, each one small. Knows nothing of Cognito.
//! - [`config`]: `/config.json` into domain types.
//! - [`api`]: the call that a signed-in person makes.
//! - [`app`]: what is shown, and the one place where `cognito` meets `browser`.

/// The README's examples are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;

pub mod cognito;

pub mod browser;

pub mod config;

pub mod api;

pub mod app;
