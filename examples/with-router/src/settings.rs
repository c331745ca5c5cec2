//! The settings in `/config.json`. Knows their names; the library checks their values.

use std::error::Error;

use gloo_net::http::Request;
use leptos_cognito::{AuthConfig, Grant, SecureUrl, StorageArea};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    user_pool_domain: String,
    user_pool_id: String,
    client_id: String,
    api_url: String,
    issuer: Option<String>,
    grant: Option<Grant>,
    storage: Option<StorageArea>,
}

/// Loads the settings.
pub async fn load() -> Result<AuthConfig, Box<dyn Error>> {
    let settings: Settings = Request::get("/config.json").send().await?.json().await?;
    let mut config = AuthConfig::new(
        &settings.user_pool_domain,
        &settings.user_pool_id,
        &settings.client_id,
        settings.grant.unwrap_or(Grant::Code),
        &settings.api_url,
    )?;
    if let Some(issuer) = &settings.issuer {
        config.hosted_ui.issuer = SecureUrl::parse(issuer)?;
    }
    if let Some(storage) = settings.storage {
        config.storage = storage;
    }
    Ok(config)
}
