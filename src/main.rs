//! Reads the address, then the settings and the language, then shows the app.

use cognito_spa::app::{self, shell};
use cognito_spa::browser::{http, location, page, task};
use cognito_spa::cognito::authorization::Callback;
use cognito_spa::config::{Config, ConfigError};

/// Smaller than the one that comes with Rust, by 400 bytes for every visitor.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    // First of all, before anything can fail: tokens leave the address bar and the history.
    let (query, fragment) = location::query_and_fragment();
    let callback = Callback::find(&query, &fragment);
    if let Some(callback) = &callback {
        location::replace_query_and_fragment(&callback.remaining_query);
    }
    task::spawn(async move {
        let base = location::base().0;
        let config = match page::text("#config") {
            // Put there by whoever has deployed it: no round trip.
            Some(settings) => Config::read(200, &settings, &base),
            // Asked for since the page began to load (index.html), so that what comes next waits for nothing.
            None => match http::get("config.json", None).await {
                Ok(response) => Config::read(response.status, &response.body, &base),
                Err(_) => Err(ConfigError::Unreachable),
            },
        };
        app::mount(config, callback, shell::words().await);
    });
}
