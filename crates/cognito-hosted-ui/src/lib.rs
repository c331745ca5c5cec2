#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

mod hosted_ui;

mod authorization;

mod return_to;

mod tokens;

pub mod token_endpoint;

mod id_token;

mod jwks;

mod session;

mod refresh;

mod back_off;

pub mod clock;

mod tabs;

mod sign_out;

mod retry;

mod api_path;

pub mod sign_in;

mod secure_url;

mod constraint;

mod hash;

pub mod json;

pub use api_path::is_api_path;
pub use authorization::{
    AuthorizationCallback, AuthorizationCode, AuthorizationError, AuthorizationResponse,
    CodeVerifier, MalformedResponse, Nonce, PendingSignIn, State,
};
pub use back_off::BackOff;
pub use constraint::Constraint;
pub use hosted_ui::{
    AppClient, ClientId, Grant, HostedUi, HostedUiPage, Prompt, UserPoolDomain, UserPoolId,
};
pub use id_token::{Claims, TokenError, TokenSource, UnverifiedIdToken, Validation};
pub use jwks::{JsonWebKey, JsonWebKeySet};
pub use refresh::{Refresh, RefreshResponse, UnverifiedRefresh};
pub use retry::{ApiAnswer, Retry};
pub use return_to::ReturnTo;
pub use secure_url::SecureUrl;
pub use session::{Expiry, Fate, RestoreError, Session};
pub use sign_in::{Accepted, SignInError, UnverifiedSession};
pub use sign_out::SignOut;
pub use tabs::{Held, StoredSession, TabChange};
pub use token_endpoint::TokenEndpointError;
pub use tokens::{AccessToken, IdToken, RefreshToken, TokenResponse};
