//! Reads the address, then the settings, then shows the app.

use cognito_spa::app;
use cognito_spa::browser::{http, location};
use cognito_spa::cognito::authorization::Callback;
use cognito_spa::config::{Config, ConfigError};

fn main() {
    // First of all, before anything can fail: tokens leave the address bar and the history.
    let (query, fragment) = location::query_and_fragment();
    let callback = Callback::find(&query, &fragment);
    if let Some(callback) = &callback {
        location::replace_query_and_fragment(&callback.remaining_query);
    }
    wasm_bindgen_futures::spawn_local(async move {
        let config = match http::get("config.json", None).await {
            Ok(response) => Config::read(response.status, &response.body, &location::base()),
            Err(_) => Err(ConfigError::Unreachable),
        };
        app::mount(config, callback);
    });
}
