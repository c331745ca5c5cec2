#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod client;

mod platform;

mod state;

mod config;

mod request;

mod store;

#[cfg(feature = "web")]
pub mod web;

pub use cognito_hosted_ui;
pub use http::Method;

pub use client::SessionClient;
pub use config::{ApiConfig, ApiToken, AuthConfig, AuthorizationScheme, ConfigError};
pub use platform::{
    Arrival, Event, HttpCache, HttpError, HttpRequest, HttpResponse, Platform, StorageArea,
    StorageError,
};
pub use request::{ApiError, ApiRequest};
pub use state::{AuthState, Notice, SessionEnd, Snapshot};
