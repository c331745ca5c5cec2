//! The configuration of an app whose URL the browser knows.

use cognito_hosted_ui::Grant;

use super::base_url;
use crate::config::{AuthConfig, ConfigError};

impl AuthConfig {
    /// A configuration with these defaults: the scopes `openid`, `email` and `profile`, the pool's default issuer, the bare ID
    /// token in the `Authorization` header, and `sessionStorage`. The callback URL and the sign-out URL are the app's own URL,
    /// with a trailing slash; see [`base_url`].
    ///
    /// - `user_pool_domain`: `https://my-app.auth.eu-west-1.amazoncognito.com`, or a custom domain
    /// - `user_pool_id`: `eu-west-1_AbCdEfGhI`
    /// - `client_id`: the app client's ID
    /// - `api_url`: `https://abc123.execute-api.eu-west-1.amazonaws.com/prod`
    ///
    /// # Errors
    /// [`ConfigError`] for the first argument that is not valid.
    pub fn new(
        user_pool_domain: &str,
        user_pool_id: &str,
        client_id: &str,
        grant: Grant,
        api_url: &str,
    ) -> Result<Self, ConfigError> {
        let app_url = base_url();
        Self::with_app_url(
            user_pool_domain,
            user_pool_id,
            client_id,
            grant,
            api_url,
            &app_url,
        )
    }
}
