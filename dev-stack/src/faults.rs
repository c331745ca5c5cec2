//! The faults that the dev-stack can inject, and the page at `/` that selects one.
//! Each module applies the faults that concern it.

use axum::Router;
use axum::extract::{Form, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::response::{Html, Redirect};
use axum::routing::{any, get};
use maud::html;
use serde::Deserialize;
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

use crate::DevStack;
use crate::page::page;

/// The path to which the faults redirect.
const ELSEWHERE: &str = "/elsewhere";

/// A fault. At most one is active at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The callback has a different `state` than the request.
    State,
    /// The ID token has a different `nonce` than the request.
    Nonce,
    /// The ID token has the `iss` of another user pool.
    Issuer,
    /// The ID token's `aud` is another client.
    Audience,
    /// The ID token's `aud` lists another client in addition to this one.
    ExtraAudience,
    /// The ID token expired a day ago.
    Expired,
    /// The ID token's `iat` is a day in the future.
    Future,
    /// The ID token's `token_use` is `access`.
    TokenUse,
    /// The ID token's signature is invalid.
    Signature,
    /// The ID token has `"alg": "none"` and no signature.
    AlgNone,
    /// The ID token is signed with HS256, with the public key as the secret.
    AlgHs256,
    /// The ID token's `kid` is not in the pool's key set.
    UnknownKey,
    /// The ID token's `at_hash` belongs to another access token.
    AccessTokenHash,
    /// The pool's key set is unavailable (status 500).
    NoKeys,
    /// The pool's key set is the one from before the last rotation, as from a cache. After one response, the fault ends.
    StaleKeys,
    /// The ID token is truncated.
    CutOff,
    /// The authorization response is the error `access_denied`.
    Denied,
    /// The token endpoint returns `invalid_grant` for every code and refresh token.
    InvalidGrant,
    /// The token endpoint returns `invalid_request` once, then the fault ends.
    InvalidRequestOnce,
    /// The token endpoint returns status 500.
    TokenEndpointDown,
    /// The token endpoint returns HTML.
    TokenEndpointNotJson,
    /// The token endpoint redirects. A client that follows repeats its request elsewhere, with the code or the refresh token.
    TokenEndpointRedirect,
    /// The token endpoint carries out a request, but responds only when the fault has ended.
    TokenEndpointHeld,
    /// The revocation endpoint carries out a request and responds only when the fault has ended.
    RevocationHeld,
    /// A refreshed ID token has another user's `sub`.
    Subject,
    /// A refreshed ID token has a newer `auth_time`, as Cognito's have with rotation after a second sign-in of the same user.
    AuthTime,
    /// A refreshed ID token's `iat` is one second before that of the ID token that it replaces.
    IssuedEarlier,
    /// The ID token has no `email`, as a pre token generation trigger can do. `userInfo` still has it.
    NoEmail,
    /// Like [`Fault::NoEmail`], and `userInfo` has another user's `sub`.
    UserInfo,
    /// The API returns 401 once, then the fault ends.
    UnauthorizedOnce,
    /// The API returns 401.
    Unauthorized,
    /// The API returns 500.
    ServerError,
    /// The API's responses have no CORS header.
    NoCors,
    /// The API returns HTML.
    NotJson,
    /// The API redirects. A client that follows repeats its request elsewhere, with the token.
    ApiRedirect,
}

impl Fault {
    /// All faults, each with its name in the form.
    pub const ALL: [(&'static str, Self); 35] = [
        ("state", Self::State),
        ("nonce", Self::Nonce),
        ("iss", Self::Issuer),
        ("aud", Self::Audience),
        ("aud-extra", Self::ExtraAudience),
        ("exp", Self::Expired),
        ("iat", Self::Future),
        ("token-use", Self::TokenUse),
        ("signature", Self::Signature),
        ("alg-none", Self::AlgNone),
        ("alg-hs256", Self::AlgHs256),
        ("kid", Self::UnknownKey),
        ("at-hash", Self::AccessTokenHash),
        ("no-keys", Self::NoKeys),
        ("stale-keys", Self::StaleKeys),
        ("cut-off", Self::CutOff),
        ("denied", Self::Denied),
        ("token-invalid-grant", Self::InvalidGrant),
        ("token-invalid-request-once", Self::InvalidRequestOnce),
        ("token-500", Self::TokenEndpointDown),
        ("token-not-json", Self::TokenEndpointNotJson),
        ("token-redirect", Self::TokenEndpointRedirect),
        ("token-held", Self::TokenEndpointHeld),
        ("revocation-held", Self::RevocationHeld),
        ("refresh-sub", Self::Subject),
        ("refresh-auth-time", Self::AuthTime),
        ("refresh-iat", Self::IssuedEarlier),
        ("no-email", Self::NoEmail),
        ("userinfo-sub", Self::UserInfo),
        ("api-401-once", Self::UnauthorizedOnce),
        ("api-401", Self::Unauthorized),
        ("api-500", Self::ServerError),
        ("api-no-cors", Self::NoCors),
        ("api-not-json", Self::NotJson),
        ("api-redirect", Self::ApiRedirect),
    ];
}

pub(crate) fn routes() -> Router<DevStack> {
    let cors = CorsLayer::new()
        .allow_origin(Any)
        .allow_headers(AllowHeaders::mirror_request());
    Router::new()
        .route(ELSEWHERE, any(elsewhere).layer(cors))
        .route("/", get(control_page).post(apply))
}

/// A redirect that keeps the request's method and body.
pub(crate) fn redirect_elsewhere() -> Redirect {
    Redirect::temporary(ELSEWHERE)
}

/// Belongs neither to Cognito nor to the API. Remembers the token and the body of each request.
async fn elsewhere(State(stack): State<DevStack>, headers: HeaderMap, body: String) {
    let token = headers.get(AUTHORIZATION);
    let token = token.and_then(|token| token.to_str().ok());
    let request = format!("{}{body}", token.unwrap_or_default());
    stack.requests_elsewhere_mut().push(request);
}

async fn control_page(State(stack): State<DevStack>) -> Html<String> {
    let active = stack.fault();
    page(
        "Dev stack",
        html! {
            p { "A local emulator of Amazon Cognito and an API. The app is at "
                a href=(stack.0.app_url) { (stack.0.app_url) } "." }
            form method="post" {
                label for="fault" { "Fault to inject" }
                select id="fault" name="fault" {
                    option value="" { "none" }
                    @for (name, fault) in Fault::ALL {
                        option value=(name) selected[active == Some(fault)] { (name) }
                    }
                }
                label for="grant" { "The app's grant" }
                select id="grant" name="grant" {
                    option value="" { "implicit grant" }
                    option value="code" selected[stack.uses_code_grant()] { "code grant" }
                }
                label for="lifetime" { "Lifetime of ID and access tokens, in seconds" }
                input id="lifetime" name="lifetime" type="number" min="1" max="86400" value=(stack.token_lifetime());
                label for="rotation" { "Refresh tokens are valid" }
                select id="rotation" name="rotation" {
                    option value="" { "until they are revoked" }
                    option value="on" selected[stack.rotates_refresh_tokens()] { "once (rotation)" }
                }
                button { "Apply" }
            }
        },
    )
}

#[derive(Deserialize)]
struct Controls {
    fault: String,
    grant: String,
    lifetime: u64,
    rotation: String,
}

async fn apply(State(stack): State<DevStack>, Form(controls): Form<Controls>) -> Redirect {
    let fault = Fault::ALL.iter().find(|(name, _)| *name == controls.fault);
    stack.set_fault(fault.map(|(_, fault)| *fault));
    stack.set_code_grant(controls.grant == "code");
    stack.set_token_lifetime(controls.lifetime);
    stack.set_refresh_token_rotation(controls.rotation == "on");
    Redirect::to("/")
}
