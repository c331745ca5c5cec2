//! What can be made to go wrong, so that one can see what the app makes of it.

use axum::Router;
use axum::extract::{Form, State};
use axum::response::{Html, Redirect};
use axum::routing::get;
use maud::html;
use serde::Deserialize;

use crate::DevStack;
use crate::page::page;

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The answer carries another `state` than the request.
    State,
    /// The ID token carries another `nonce` than the request.
    Nonce,
    /// The ID token was issued by another pool.
    Issuer,
    /// The ID token is for another client.
    Audience,
    /// The ID token is for another client as well.
    ExtraAudience,
    /// The ID token has expired.
    Expired,
    /// The ID token comes from the future.
    Future,
    /// The ID token says that it is an access token.
    TokenUse,
    /// The ID token's signature is broken.
    Signature,
    /// The ID token is not signed at all.
    AlgNone,
    /// The ID token is signed with HS256, by what everybody knows.
    AlgHs256,
    /// The ID token names a key that the pool does not have.
    UnknownKey,
    /// The ID token's `at_hash` is another access token's.
    AccessTokenHash,
    /// The pool's keys cannot be had.
    NoKeys,
    /// The ID token is cut off.
    CutOff,
    /// The answer is an error.
    Denied,
    /// The token endpoint does not know the code or the refresh token.
    InvalidGrant,
    /// The token endpoint answers 500.
    TokenEndpointDown,
    /// The token endpoint answers with a page instead of JSON.
    TokenEndpointNotJson,
    /// A refreshed ID token is about somebody else.
    Subject,
    /// A refreshed ID token belongs to another sign-in.
    AuthTime,
    /// The ID token has no e-mail address, as a trigger of the pool can have it; `userInfo` has.
    NoEmail,
    /// The same, and `userInfo` is about somebody else.
    UserInfo,
    /// The API answers 401, and only the first time.
    UnauthorizedOnce,
    /// The API answers 401.
    Unauthorized,
    /// The API answers 500.
    ServerError,
    /// The API's answers carry no CORS header.
    NoCors,
    /// The API answers with a page instead of JSON.
    NotJson,
}

impl Fault {
    /// All of them, with the name that switches each one on.
    pub const ALL: [(&'static str, Self); 28] = [
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
        ("cut-off", Self::CutOff),
        ("denied", Self::Denied),
        ("token-invalid-grant", Self::InvalidGrant),
        ("token-500", Self::TokenEndpointDown),
        ("token-not-json", Self::TokenEndpointNotJson),
        ("refresh-sub", Self::Subject),
        ("refresh-auth-time", Self::AuthTime),
        ("no-email", Self::NoEmail),
        ("userinfo-sub", Self::UserInfo),
        ("api-401-once", Self::UnauthorizedOnce),
        ("api-401", Self::Unauthorized),
        ("api-500", Self::ServerError),
        ("api-no-cors", Self::NoCors),
        ("api-not-json", Self::NotJson),
    ];
}

pub(crate) fn routes() -> Router<DevStack> {
    Router::new().route("/", get(show).post(switch))
}

/// The stack's front page: what there is, and the faults to choose from.
async fn show(State(stack): State<DevStack>) -> Html<String> {
    let current = stack.fault();
    page(
        "Dev stack",
        html! {
            p { "A stand-in for Amazon Cognito and the API. The app is at "
                a href=(stack.0.app_url) { (stack.0.app_url) } "." }
            form method="post" {
                label for="fault" { "From now on, let this go wrong:" }
                select id="fault" name="fault" {
                    option value="" { "nothing" }
                    @for (name, fault) in Fault::ALL {
                        option value=(name) selected[current == Some(fault)] { (name) }
                    }
                }
                label for="grant" { "The app signs in by:" }
                select id="grant" name="grant" {
                    option value="" { "the implicit grant" }
                    option value="code" selected[stack.is_for_code_grant()] { "the code grant" }
                }
                label for="lifetime" { "Tokens live for so many seconds:" }
                input id="lifetime" name="lifetime" type="number" min="1" max="86400" value=(stack.token_lifetime());
                label for="rotation" { "A refresh token serves:" }
                select id="rotation" name="rotation" {
                    option value="" { "until it is revoked" }
                    option value="on" selected[stack.rotates_refresh_tokens()] { "once (rotation)" }
                }
                button { "Set" }
            }
        },
    )
}

#[derive(Deserialize)]
struct Choice {
    fault: String,
    grant: String,
    lifetime: u64,
    rotation: String,
}

async fn switch(State(stack): State<DevStack>, Form(choice): Form<Choice>) -> Redirect {
    let chosen = Fault::ALL.iter().find(|(name, _)| *name == choice.fault);
    stack.set_fault(chosen.map(|(_, fault)| *fault));
    stack.set_code_grant(choice.grant == "code");
    stack.set_token_lifetime(choice.lifetime);
    stack.set_refresh_token_rotation(choice.rotation == "on");
    Redirect::to("/")
}
