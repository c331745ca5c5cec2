//! The static web server: a build of the app, and a `config.json` that a journey can replace.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tower_http::services::{ServeDir, ServeFile};

/// A running server.
pub(crate) struct WebServer {
    config: Arc<Mutex<Option<String>>>,
}

impl WebServer {
    /// Serves the build in `dist`, with its page for paths that are not files.
    pub(crate) fn start(listener: TcpListener, dist: PathBuf, config: &str) -> Self {
        let config = Arc::new(Mutex::new(Some(config.to_owned())));
        // `cargo xtask bench` compresses the files in advance.
        let page = ServeFile::new(dist.join("index.html")).precompressed_br();
        let routes = Router::new()
            .route("/config.json", get(config_file))
            .with_state(Arc::clone(&config))
            .route("/api/hiUsers", get(no_such_path))
            .fallback_service(ServeDir::new(dist).precompressed_br().fallback(page));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { config }
    }

    pub(crate) fn set_config(&self, text: Option<&str>) {
        *self.config.lock().expect("a lock") = text.map(str::to_owned);
    }
}

/// API Gateway's response for an unknown path, at the app's own origin.
async fn no_such_path() -> Response {
    let body = r#"{"message":"Missing Authentication Token"}"#;
    let json = [(CONTENT_TYPE, "application/json")];
    (StatusCode::FORBIDDEN, json, body).into_response()
}

async fn config_file(State(config): State<Arc<Mutex<Option<String>>>>) -> Response {
    match config.lock().expect("a lock").clone() {
        Some(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
        None => Html("<!doctype html><title>Hi Users</title>").into_response(),
    }
}
