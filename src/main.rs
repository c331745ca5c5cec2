//! Reads the address, then the settings, then shows the app.

use cognito_spa::app;
use cognito_spa::browser::{http, location};
use cognito_spa::cognito::authorization::Callback;
use cognito_spa::config::{Config, ConfigError};

/// Smaller than the one that comes with Rust, by 400 bytes for every visitor.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {
    // First of all, before anything can fail: tokens leave the address bar and the history.
    let callback = find_callback();
    if let Some(callback) = &callback {
        location::replace_query_and_fragment(&callback.remaining_query);
    }
    // The Hosted UI's answer opens the page anew. One that is put into the address bar of an open page does not.
    location::on_fragment_change(|| {
        if find_callback().is_some() {
            location::reload();
        }
    });
    wasm_bindgen_futures::spawn_local(async move {
        let config = match http::get("config.json", None).await {
            Ok(response) => Config::read(response.status, &response.body, &location::base().0),
            Err(_) => Err(ConfigError::Unreachable),
        };
        app::mount(config, callback);
    });
}

fn find_callback() -> Option<Callback> {
    let (query, fragment) = location::query_and_fragment();
    Callback::find(&query, &fragment)
}
