//! The setup page's checks: whether Cognito and the API respond as expected, as seen from this browser. Sends no secrets.

use cognito_hosted_ui::JsonWebKeySet;
use gloo_net::http::{Request, RequestBuilder};
use leptos::prelude::location;
use leptos_cognito::cognito_session::web::server_time;
use leptos_cognito::{ApiConfig, ApiError, Auth, AuthConfig};
use web_sys::{AbortSignal, RequestCache, RequestMode, RequestRedirect};

use crate::api::HI_USERS;
use crate::components::row::Mark;
use crate::locales::Texts;

/// A check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The browser stores what a sign-in needs.
    Storage,
    /// The Hosted UI's domain responds.
    Domain,
    /// The user pool's keys can be fetched.
    Keys,
    /// This device's clock is correct.
    Clock,
    /// The API responds, lets this page read the response, and rejects requests without a token.
    Api,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The check is still running.
    Checking,
    /// The browser stores values.
    StorageGood,
    /// The browser does not store values.
    StorageNone,
    /// The domain responds.
    DomainGood,
    /// The domain does not respond.
    DomainUnreachable,
    /// The key set has this number of usable keys.
    KeysFound(u64),
    /// The response contains no usable key.
    KeysNone,
    /// The issuer responded with this status.
    KeysStatus(u16),
    /// The issuer does not respond.
    KeysUnreachable,
    /// The clocks differ by at most this number of seconds, which is within the tolerance.
    ClockGood(u64),
    /// This device's clock is ahead by this number of seconds.
    ClockAhead(u64),
    /// This device's clock is behind by this number of seconds.
    ClockBehind(u64),
    /// The server does not report its time.
    ClockUnknown,
    /// The API rejects requests without a token.
    ApiGood,
    /// The API accepts requests without a token.
    ApiOpen,
    /// The API has no such path.
    ApiPath,
    /// The API responded with this status instead of 401.
    ApiStatus(u16),
    /// The API responds, but its preflight response does not allow the `Authorization` header for this origin.
    ApiPreflight(String),
    /// The API responds, but without CORS headers for this origin.
    ApiCors(String),
    /// The API does not respond.
    ApiUnreachable,
}

/// The parts of a response that the checks use.
struct Response {
    status: u16,
    body: String,
}

impl Check {
    /// All checks, in the order in which a sign-in depends on them.
    pub const ALL: [Self; 5] = [
        Self::Storage,
        Self::Domain,
        Self::Keys,
        Self::Clock,
        Self::Api,
    ];

    /// The check's name.
    #[must_use]
    pub fn name(self, t: &Texts) -> &'static str {
        match self {
            Self::Storage => t.check_storage,
            Self::Domain => t.check_domain,
            Self::Keys => t.check_keys,
            Self::Clock => t.check_clock,
            Self::Api => t.check_api,
        }
    }

    /// Runs the check.
    pub async fn run(self, config: &AuthConfig, auth: Auth) -> Finding {
        let hosted_ui = &config.hosted_ui;
        match self {
            Self::Storage => match auth.can_store() {
                true => Finding::StorageGood,
                false => Finding::StorageNone,
            },
            Self::Domain => match send(opaque(&hosted_ui.user_info_url())).await {
                Some(_) => Finding::DomainGood,
                None => Finding::DomainUnreachable,
            },
            Self::Keys => match send(readable(&hosted_ui.jwks_url())).await {
                Some(response) => keys(response.status, &response.body),
                None => Finding::KeysUnreachable,
            },
            Self::Clock => clock(server_time().await, now(), hosted_ui.clock_tolerance),
            Self::Api => check_api(&config.api).await,
        }
    }
}

/// Evaluates the response to the request for the keys.
#[must_use]
pub fn keys(status: u16, body: &str) -> Finding {
    match (status, JsonWebKeySet::read(body).len()) {
        (200, 0) => Finding::KeysNone,
        (200, count) => Finding::KeysFound(count as u64),
        (status, _) => Finding::KeysStatus(status),
    }
}

/// Compares the server's clock with this device's. All values are in seconds.
#[must_use]
pub fn clock(server: Option<u64>, here: u64, tolerance: u64) -> Finding {
    /// Allows for the duration of the request and the precision of the `Date` header.
    const PRECISION: u64 = 5;
    let Some(server) = server else {
        return Finding::ClockUnknown;
    };
    let difference = here.abs_diff(server).max(PRECISION);
    match here > server {
        _ if difference <= tolerance.max(PRECISION) => Finding::ClockGood(difference),
        true => Finding::ClockAhead(difference),
        false => Finding::ClockBehind(difference),
    }
}

/// This device's clock. It is read directly, because it is what the check is about.
#[allow(clippy::disallowed_methods)]
fn now() -> u64 {
    (js_sys::Date::now() / 1000.0) as u64
}

/// Evaluates the API's response to a request without a valid token.
#[must_use]
pub fn api(status: u16, body: &str) -> Finding {
    match ApiError::check(status, body.to_owned()) {
        Ok(_) => Finding::ApiOpen,
        Err(ApiError::Unauthorized) => Finding::ApiGood,
        Err(ApiError::MissingAuthenticationToken) => Finding::ApiPath,
        Err(_) => Finding::ApiStatus(status),
    }
}

/// Sends a request with an `Authorization` header, which requires a preflight request, as the app does. If the response cannot
/// be read, sends one without the header. If that response cannot be read either, checks whether there is a server at all.
async fn check_api(config: &ApiConfig) -> Finding {
    let url = format!("{}{HI_USERS}", config.url.as_str());
    let with_header = readable(&url).header("Authorization", "none");
    let origin = || location().origin().unwrap_or_default();
    if let Some(response) = send(with_header).await {
        api(response.status, &response.body)
    } else if send(readable(&url)).await.is_some() {
        Finding::ApiPreflight(origin())
    } else if send(opaque(&url)).await.is_some() {
        Finding::ApiCors(origin())
    } else {
        Finding::ApiUnreachable
    }
}

/// A request whose response shows what the server answers now. As in the library, it does not follow redirects.
fn readable(url: &str) -> RequestBuilder {
    Request::get(url)
        .cache(RequestCache::NoStore)
        .redirect(RequestRedirect::Error)
}

/// A request whose response the page cannot read. It only shows whether there is a server.
fn opaque(url: &str) -> RequestBuilder {
    Request::get(url).mode(RequestMode::NoCors)
}

async fn send(request: RequestBuilder) -> Option<Response> {
    /// The maximum duration of a request, in milliseconds.
    const TIMEOUT: u32 = 30_000;
    let signal = AbortSignal::timeout_with_u32(TIMEOUT);
    let response = request.abort_signal(Some(&signal)).send().await.ok()?;
    Some(Response {
        status: response.status(),
        body: response.text().await.ok()?,
    })
}

impl Finding {
    /// Whether the result is good or bad.
    #[must_use]
    pub fn mark(&self) -> Mark {
        match self {
            Self::Checking => Mark::None,
            Self::StorageGood
            | Self::DomainGood
            | Self::KeysFound(_)
            | Self::ClockGood(_)
            | Self::ApiGood => Mark::Good,
            _ => Mark::Bad,
        }
    }

    /// The result as text.
    #[must_use]
    pub fn text(&self, t: &Texts) -> String {
        let text = match self {
            Self::KeysFound(count) => return (t.keys_found)(*count),
            Self::KeysStatus(status) => return (t.keys_status)(*status),
            Self::ClockGood(seconds) => return (t.clock_good)(&t.duration(*seconds)),
            Self::ClockAhead(seconds) => return (t.clock_ahead)(&t.duration(*seconds)),
            Self::ClockBehind(seconds) => return (t.clock_behind)(&t.duration(*seconds)),
            Self::ApiStatus(status) => return (t.api_status)(*status),
            Self::ApiPreflight(origin) => return (t.api_preflight)(origin),
            Self::ApiCors(origin) => return (t.api_cors)(origin),
            Self::Checking => t.checking,
            Self::StorageGood => t.storage_good,
            Self::StorageNone => t.storage_none,
            Self::DomainGood => t.domain_good,
            Self::DomainUnreachable => t.domain_unreachable,
            Self::KeysNone => t.keys_none,
            Self::KeysUnreachable => t.keys_unreachable,
            Self::ClockUnknown => t.clock_unknown,
            Self::ApiGood => t.api_good,
            Self::ApiOpen => t.api_open,
            Self::ApiPath => t.api_path,
            Self::ApiUnreachable => t.api_unreachable,
        };
        text.to_owned()
    }
}
