//! The web server. It serves a build of the app. A journey can change `config.json`, add scripts that run before the app,
//! refuse files, and set the server's clock.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, DATE, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tower_http::services::{ServeDir, ServeFile};

/// A running server.
pub(crate) struct WebServer {
    site: Arc<Site>,
}

struct Site {
    page: PathBuf,
    changes: Mutex<Changes>,
}

/// What a journey has changed.
#[derive(Default)]
struct Changes {
    config: Option<String>,
    scripts: Vec<String>,
    refused: Option<&'static str>,
    /// In seconds.
    clock_ahead: u64,
}

impl WebServer {
    /// Serves the build in `dist`, with its page for paths that are not files.
    pub(crate) fn start(listener: TcpListener, dist: PathBuf, config: &str) -> Self {
        let page = dist.join("index.html");
        let site = Arc::new(Site {
            page: page.clone(),
            changes: Mutex::new(Changes {
                config: Some(config.to_owned()),
                ..Changes::default()
            }),
        });
        // `cargo xtask bench` compresses the files in advance.
        let page = ServeFile::new(page).precompressed_br();
        let files = ServeDir::new(dist).precompressed_br().fallback(page);
        let files = Router::new()
            .fallback_service(files)
            .layer(middleware::from_fn_with_state(Arc::clone(&site), change));
        let routes = Router::new()
            .route("/config.json", get(config_file))
            .route("/api/hiUsers", get(no_such_path))
            .with_state(Arc::clone(&site))
            .fallback_service(files);
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { site }
    }

    pub(crate) fn set_config(&self, text: Option<&str>) {
        self.site.changes.lock().expect("a lock").config = text.map(str::to_owned);
    }

    pub(crate) fn add_script(&self, script: &str) {
        let mut changes = self.site.changes.lock().expect("a lock");
        changes.scripts.push(script.to_owned());
    }

    pub(crate) fn set_clock_ahead(&self, seconds: u64) {
        self.site.changes.lock().expect("a lock").clock_ahead = seconds;
    }

    pub(crate) fn refuse(&self, extension: Option<&'static str>) {
        self.site.changes.lock().expect("a lock").refused = extension;
    }
}

impl Site {
    /// The page with the journey's scripts, if there are any.
    fn changed_page(&self) -> Option<String> {
        let scripts = &self.changes.lock().expect("a lock").scripts;
        if scripts.is_empty() {
            return None;
        }
        let page = std::fs::read_to_string(&self.page).expect("the page");
        let tags = scripts
            .iter()
            .map(|script| format!("<script>{{ {script} }}</script>"));
        let tags: String = tags.collect();
        // The first tag in the page's head. Trunk's minifier leaves `<head>` out.
        Some(page.replacen("<meta", &format!("{tags}<meta"), 1))
    }

    /// The server's time.
    fn date(&self) -> HeaderValue {
        let ahead = self.changes.lock().expect("a lock").clock_ahead;
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(ahead));
        HeaderValue::from_str(&date).expect("a date")
    }
}

/// Refuses the files that the journey refuses, and adds its scripts to the page.
async fn change(State(site): State<Arc<Site>>, mut request: Request, next: Next) -> Response {
    let path = Path::new(request.uri().path());
    let extension = path.extension().and_then(|extension| extension.to_str());
    let refused = site.changes.lock().expect("a lock").refused;
    if refused.is_some() && refused == extension {
        return (StatusCode::FORBIDDEN, [(CACHE_CONTROL, "no-store")]).into_response();
    }
    let changed_page = site.changed_page();
    if changed_page.is_some() {
        // The browser may have cached the page without these scripts. The file has not changed, so a conditional request would
        // get a 304.
        request.headers_mut().remove(IF_MODIFIED_SINCE);
        request.headers_mut().remove(IF_NONE_MATCH);
    }
    let mut response = next.run(request).await;
    let content_type = response.headers().get(CONTENT_TYPE);
    if content_type.is_none_or(|content_type| content_type != "text/html") {
        return response;
    }
    if let Some(page) = changed_page {
        response = Html(page).into_response();
    }
    // As CloudFront sends the page.
    let cache_control = HeaderValue::from_static("no-cache");
    response.headers_mut().insert(CACHE_CONTROL, cache_control);
    response.headers_mut().insert(DATE, site.date());
    response
}

/// API Gateway's response for an unknown path, at the app's own origin.
async fn no_such_path() -> Response {
    let body = r#"{"message":"Missing Authentication Token"}"#;
    let json = [(CONTENT_TYPE, "application/json")];
    (StatusCode::FORBIDDEN, json, body).into_response()
}

async fn config_file(State(site): State<Arc<Site>>) -> Response {
    match site.changes.lock().expect("a lock").config.clone() {
        Some(text) => ([(CONTENT_TYPE, "application/json")], text).into_response(),
        None => Html("<!doctype html><title>Hi Users</title>").into_response(),
    }
}
