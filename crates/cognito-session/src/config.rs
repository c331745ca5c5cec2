//! The configuration: your user pool, your API and the storage.

use cognito_hosted_ui::{
    AppClient, ClientId, Constraint, Grant, HostedUi, SecureUrl, Session, UserPoolDomain,
    UserPoolId,
};
use thiserror::Error;

use crate::platform::StorageArea;

/// The configuration of a [`SessionClient`](crate::SessionClient).
///
/// [`AuthConfig::with_app_url`] takes the values that have no default. You can set the other fields:
///
/// ```
/// # use cognito_session::{AuthConfig, StorageArea};
/// # fn example(mut config: AuthConfig) {
/// config.storage = StorageArea::Local;
/// config.hosted_ui.client.scopes.push("https://api.example.com/read".to_owned());
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthConfig {
    /// The Hosted UI and the app client.
    pub hosted_ui: HostedUi,
    /// The API that [`SessionClient::request`](crate::SessionClient::request) calls.
    pub api: ApiConfig,
    /// Where the session is stored.
    pub storage: StorageArea,
}

/// The API, and how it expects the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiConfig {
    /// The API's base URL, without a trailing slash. Paths are appended to it.
    pub url: SecureUrl,
    /// Which token the API expects.
    pub token: ApiToken,
    /// The form of the `Authorization` header.
    pub scheme: AuthorizationScheme,
}

/// Which token the API expects
/// ([AWS: authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiToken {
    /// The ID token, if the method has no scopes.
    Id,
    /// The access token, if the method requires scopes.
    Access,
}

/// The form of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationScheme {
    /// The token alone, as API Gateway documents it.
    Bare,
    /// `Bearer`, a space and the token (RFC 6750, section 2.1).
    Bearer,
}

/// An argument of [`AuthConfig::with_app_url`] is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{argument}: {constraint}")]
pub struct ConfigError {
    /// The argument's name.
    pub argument: &'static str,
    /// The constraint that it violates.
    pub constraint: Constraint,
}

impl AuthConfig {
    /// A configuration with these defaults: the scopes `openid`, `email` and `profile`, the pool's default issuer, the bare ID
    /// token in the `Authorization` header, and `sessionStorage`.
    ///
    /// - `user_pool_domain`: `https://my-app.auth.eu-west-1.amazoncognito.com`, or a custom domain
    /// - `user_pool_id`: `eu-west-1_AbCdEfGhI`
    /// - `client_id`: the app client's ID
    /// - `api_url`: `https://abc123.execute-api.eu-west-1.amazonaws.com/prod`
    /// - `app_url`: the app's own URL, which is the callback URL and the sign-out URL
    ///
    /// # Errors
    /// [`ConfigError`] for the first argument that is not valid.
    pub fn with_app_url(
        user_pool_domain: &str,
        user_pool_id: &str,
        client_id: &str,
        grant: Grant,
        api_url: &str,
        app_url: &str,
    ) -> Result<Self, ConfigError> {
        let invalid = |argument| {
            move |constraint| ConfigError {
                argument,
                constraint,
            }
        };
        let domain =
            UserPoolDomain::parse(user_pool_domain).map_err(invalid("user_pool_domain"))?;
        let pool = UserPoolId::parse(user_pool_id).map_err(invalid("user_pool_id"))?;
        let client_id = ClientId::parse(client_id).map_err(invalid("client_id"))?;
        let api_url = SecureUrl::parse(api_url).map_err(invalid("api_url"))?;
        let app_url = SecureUrl::parse(app_url).map_err(invalid("app_url"))?;
        let client = AppClient::new(client_id, grant, app_url);
        Ok(Self {
            hosted_ui: HostedUi::new(domain, &pool, client),
            api: ApiConfig::new(api_url),
            storage: StorageArea::Session,
        })
    }
}

impl ApiConfig {
    /// An API that expects the bare ID token in the `Authorization` header.
    #[must_use]
    pub fn new(url: SecureUrl) -> Self {
        Self {
            url: url.without_trailing_slash(),
            token: ApiToken::Id,
            scheme: AuthorizationScheme::Bare,
        }
    }

    /// The session's token that the API expects. `None` if that is the access token and the session has none.
    #[must_use]
    pub fn token_of<'a>(&self, session: &'a Session) -> Option<&'a str> {
        match self.token {
            ApiToken::Id => Some(session.id_token().authorization()),
            ApiToken::Access => session.access_token().map(|it| it.authorization()),
        }
    }
}
