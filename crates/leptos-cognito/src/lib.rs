#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod provider;

mod signals;

mod auth;

mod components;

mod cleanup;

mod api;

#[cfg(feature = "testing")]
pub mod testing;

pub use cognito_session;
pub use cognito_session::cognito_hosted_ui;

pub use cognito_hosted_ui::{
    AuthorizationCallback, Claims, Constraint, Grant, HostedUi, HostedUiPage, SecureUrl, Session,
    SignInError,
};
pub use cognito_session::web::{base_url, take_callback};
pub use cognito_session::{
    ApiConfig, ApiError, ApiToken, AuthConfig, AuthState, AuthorizationScheme, ConfigError, Method,
    Notice, SessionEnd, StorageArea,
};

pub use api::{ApiClient, ApiRequest, ApiResponse, use_api};
pub use auth::{Auth, use_auth};
pub use cleanup::unsubscribe_on_cleanup;
pub use components::{SignInButton, SignOutButton, SignedIn, SignedOut};
pub use provider::AuthProvider;
