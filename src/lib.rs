//! The app: its pages, languages and settings. The library `leptos-cognito` signs the user in and keeps the session, and
//! `cognito-hosted-ui` is the protocol.

pub mod app;

pub mod route;

pub mod settings;

pub mod api;

pub mod messages;

pub mod locales;

pub mod language;

pub mod checks;

pub mod components;

pub mod pages;

pub mod loading;

/// Compiles the README's examples.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
