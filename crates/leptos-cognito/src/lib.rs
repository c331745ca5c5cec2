#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod provider;

mod auth;

mod state;

mod components;

mod api;

mod config;

mod client;

mod session_store;

mod browser;

#[cfg(feature = "testing")]
pub mod testing;

pub use cognito_hosted_ui;
pub use http::Method;

pub use cognito_hosted_ui::{
    AuthorizationCallback, Claims, Constraint, Grant, HostedUi, HostedUiPage, SecureUrl, Session,
    SignInError,
};

pub use api::{ApiClient, ApiError, ApiRequest, ApiResponse, use_api};
pub use auth::{Auth, use_auth};
pub use components::{SignInButton, SignOutButton, SignedIn, SignedOut};
pub use config::{ApiConfig, ApiToken, AuthConfig, AuthorizationScheme, ConfigError, StorageArea};
pub use provider::{AuthProvider, base_url, take_callback};
pub use state::{AuthState, Notice, SessionEnd};
