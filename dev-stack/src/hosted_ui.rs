//! The pages of the Hosted UI, with forms that work without scripts, and the session cookie.
//! `user_pool` checks passwords and codes, and `oauth2` makes the authorization response.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::extract::{Form, FromRequestParts, Query, RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum_extra::extract::CookieJar;
use maud::{Markup, html};
use serde::Deserialize;

use crate::oauth2::{AuthorizationRequest, Parameters, RequestError, redirect};
use crate::page::page;
use crate::user_pool::{PoolError, User, password_hint};
use crate::{CLIENT_ID, DevStack, SESSION_COOKIE_LIFETIME, now};

const COOKIE: &str = "cognito";

/// The only external identity provider.
pub(crate) const PROVIDER: &str = "Google";

pub(crate) fn routes() -> Router<DevStack> {
    Router::new()
        .route("/oauth2/authorize", get(authorize))
        .route("/login", get(login_page).post(login))
        .route("/signup", get(sign_up_page).post(sign_up))
        .route("/confirm", post(confirm))
        .route("/resend", post(resend))
        .route(
            "/forgotPassword",
            get(forgot_password_page).post(forgot_password),
        )
        .route("/resetPassword", post(reset_password))
        .route("/provider", post(provider))
        .route("/logout", get(logout))
        .route("/error", get(error_page))
}

/// The fields of all forms. Each form has some of them.
#[derive(Default, Deserialize)]
struct Fields {
    #[serde(default)]
    username: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
}

/// A valid authorization request, and its query string for the page's forms and links.
struct PageRequest {
    request: AuthorizationRequest,
    query: String,
}

impl FromRequestParts<DevStack> for PageRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, stack: &DevStack) -> Result<Self, Response> {
        let parameters = Query::<Parameters>::try_from_uri(&parts.uri);
        let Query(parameters) = parameters.map_err(IntoResponse::into_response)?;
        let request = parameters.validate(stack).map_err(error_redirect)?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        Ok(Self { request, query })
    }
}

/// `/oauth2/authorize` redirects to the login page.
async fn authorize(RawQuery(query): RawQuery) -> Response {
    redirect(&format!("/login?{}", query.unwrap_or_default()))
}

async fn login_page(
    State(stack): State<DevStack>,
    PageRequest { request, query }: PageRequest,
    cookies: CookieJar,
) -> Response {
    if let Some(provider) = &request.identity_provider {
        return match provider == PROVIDER {
            true => provider_form(&query).into_response(),
            false => error_redirect(RequestError::ErrorPage("invalid_request")),
        };
    }
    let prompt = request.prompt.as_deref();
    let ignores_session = matches!(prompt, Some("login" | "select_account"));
    let session = cookies
        .get(COOKIE)
        .and_then(|cookie| stack.session(cookie.value()));
    if let (Some((sub, auth_time)), false) = (session, ignores_session) {
        let user = stack.pool().by_sub(&sub);
        if let Some(user) = user {
            return redirect(&stack.authorization_response(&request, user, auth_time));
        }
    }
    if prompt == Some("none") {
        return redirect(&request.error_url("login_required", "login_required"));
    }
    let hint = request.login_hint.as_deref().unwrap_or_default();
    login_form(&query, hint, None).into_response()
}

/// Signs in a user of the identity provider, without a password.
async fn provider(
    State(stack): State<DevStack>,
    PageRequest { request, .. }: PageRequest,
    Form(fields): Form<Fields>,
) -> Response {
    let user = stack.pool().federated_user(&fields.username);
    complete_sign_in(&stack, &request, user)
}

async fn login(
    State(stack): State<DevStack>,
    PageRequest { request, query }: PageRequest,
    Form(fields): Form<Fields>,
) -> Response {
    let outcome = stack
        .pool()
        .authenticate(&fields.username, &fields.password);
    match outcome {
        Ok(user) => complete_sign_in(&stack, &request, user),
        Err(error @ PoolError::UserNotConfirmed) => {
            send_confirmation_code(&stack, &fields.username);
            confirm_form(&query, &fields.username, Some(error)).into_response()
        }
        Err(error) => login_form(&query, &fields.username, Some(error)).into_response(),
    }
}

async fn sign_up_page(PageRequest { query, .. }: PageRequest) -> Html<String> {
    sign_up_form(&query, "", None)
}

async fn sign_up(
    State(stack): State<DevStack>,
    PageRequest { query, .. }: PageRequest,
    Form(fields): Form<Fields>,
) -> Html<String> {
    let outcome = stack.pool().sign_up(&fields.username, &fields.password);
    match outcome {
        Ok(code) => {
            stack.send_email(&fields.username, &code);
            confirm_form(&query, &fields.username, None)
        }
        Err(error) => sign_up_form(&query, &fields.username, Some(error)),
    }
}

async fn confirm(
    State(stack): State<DevStack>,
    PageRequest { request, query }: PageRequest,
    Form(fields): Form<Fields>,
) -> Response {
    let outcome = stack.pool().confirm(&fields.username, &fields.code);
    let user = stack.pool().by_email(&fields.username);
    match (outcome, user) {
        (Ok(()), Some(user)) => complete_sign_in(&stack, &request, user),
        (outcome, _) => confirm_form(&query, &fields.username, outcome.err()).into_response(),
    }
}

async fn resend(
    State(stack): State<DevStack>,
    PageRequest { query, .. }: PageRequest,
    Form(fields): Form<Fields>,
) -> Html<String> {
    send_confirmation_code(&stack, &fields.username);
    confirm_form(&query, &fields.username, None)
}

async fn forgot_password_page(PageRequest { query, .. }: PageRequest) -> Html<String> {
    forgot_password_form(&query)
}

async fn forgot_password(
    State(stack): State<DevStack>,
    PageRequest { query, .. }: PageRequest,
    Form(fields): Form<Fields>,
) -> Html<String> {
    let code = stack.pool().forgot_password(&fields.username);
    if let Some(code) = code {
        stack.send_email(&fields.username, &code);
    }
    // The page does not reveal whether the user exists.
    reset_password_form(&query, &fields.username, None)
}

async fn reset_password(
    State(stack): State<DevStack>,
    PageRequest { query, .. }: PageRequest,
    Form(fields): Form<Fields>,
) -> Response {
    let outcome = stack
        .pool()
        .reset_password(&fields.username, &fields.code, &fields.password);
    match outcome {
        Ok(()) => redirect(&format!("/login?{query}")),
        Err(error) => reset_password_form(&query, &fields.username, Some(error)).into_response(),
    }
}

#[derive(Deserialize)]
struct LogoutParameters {
    client_id: Option<String>,
    logout_uri: Option<String>,
}

async fn logout(
    State(stack): State<DevStack>,
    Query(parameters): Query<LogoutParameters>,
    cookies: CookieJar,
) -> Response {
    if parameters.client_id.as_deref() != Some(CLIENT_ID) {
        return error_redirect(RequestError::ErrorPage("invalid_request"));
    }
    if parameters.logout_uri.as_deref() != Some(stack.0.app_url.as_str()) {
        return error_redirect(RequestError::ErrorPage("redirect_mismatch"));
    }
    stack.0.sign_outs.fetch_add(1, Ordering::Relaxed);
    if let Some(cookie) = cookies.get(COOKIE) {
        stack.end_session(cookie.value());
    }
    let expired = format!("{COOKIE}=; Path=/; Max-Age=0");
    ([(SET_COOKIE, expired)], redirect(&stack.0.app_url)).into_response()
}

#[derive(Deserialize)]
struct ErrorParameters {
    error: String,
}

async fn error_page(
    State(stack): State<DevStack>,
    Query(ErrorParameters { error }): Query<ErrorParameters>,
) -> Html<String> {
    let hint = match error.as_str() {
        "redirect_mismatch" => html! {
            p { "The URL is not registered in the app client. It must exactly match " code { (stack.0.app_url) } }
        },
        _ => html! {
            p { "The client ID should be " code { (CLIENT_ID) } "." }
        },
    };
    page(
        "An error was encountered with the requested page.",
        html! { p role="alert" { (error) } (hint) },
    )
}

/// Starts a session and redirects to the app.
fn complete_sign_in(stack: &DevStack, request: &AuthorizationRequest, user: User) -> Response {
    let cookie = format!(
        "{COOKIE}={}; Path=/; Max-Age={SESSION_COOKIE_LIFETIME}; HttpOnly; SameSite=Lax",
        stack.start_session(&user.sub)
    );
    let url = stack.authorization_response(request, user, now());
    ([(SET_COOKIE, cookie)], redirect(&url)).into_response()
}

fn error_redirect(error: RequestError) -> Response {
    match error {
        RequestError::ErrorPage(code) => {
            redirect(&format!("/error?error={code}&client_id={CLIENT_ID}"))
        }
        RequestError::Callback(url) => redirect(&url),
    }
}

fn send_confirmation_code(stack: &DevStack, email: &str) {
    let code = stack.pool().new_confirmation_code(email);
    if let Some(code) = code {
        stack.send_email(email, &code);
    }
}

fn login_form(query: &str, username: &str, error: Option<PoolError>) -> Html<String> {
    page(
        "Sign in with your email and password",
        html! {
            (alert(error))
            form method="post" action={ "/login?" (query) } {
                (email_field(username))
                (password_field("Password", "current-password"))
                button { "Sign in" }
            }
            p { a href={ "/forgotPassword?" (query) } { "Forgot your password?" } }
            p { "Need an account? " a href={ "/signup?" (query) } { "Sign up" } }
        },
    )
}

fn provider_form(query: &str) -> Html<String> {
    page(
        "Sign in with Google",
        html! {
            p { "This local emulator accepts any email address." }
            form method="post" action={ "/provider?" (query) } {
                (email_field(""))
                button { "Continue" }
            }
        },
    )
}

fn sign_up_form(query: &str, username: &str, error: Option<PoolError>) -> Html<String> {
    page(
        "Sign up with a new account",
        html! {
            (alert(error))
            form method="post" action={ "/signup?" (query) } {
                (email_field(username))
                (password_field("Password", "new-password"))
                p { (password_hint()) }
                button { "Sign up" }
            }
            p { "Already have an account? " a href={ "/login?" (query) } { "Sign in" } }
        },
    )
}

fn confirm_form(query: &str, username: &str, error: Option<PoolError>) -> Html<String> {
    page(
        "Confirm your account",
        html! {
            (alert(error))
            p { "We have sent a code by email to " (username) ". Enter it below to confirm your account. "
                "(This is a local emulator: the code is in the terminal.)" }
            form method="post" action={ "/confirm?" (query) } {
                input type="hidden" name="username" value=(username);
                (code_field())
                button { "Confirm account" }
            }
            form method="post" action={ "/resend?" (query) } {
                input type="hidden" name="username" value=(username);
                button.quiet { "Resend it" }
            }
        },
    )
}

fn forgot_password_form(query: &str) -> Html<String> {
    page(
        "Forgot your password?",
        html! {
            p { "Enter your email below and we will send a message to reset your password." }
            form method="post" action={ "/forgotPassword?" (query) } {
                (email_field(""))
                button { "Reset my password" }
            }
        },
    )
}

fn reset_password_form(query: &str, username: &str, error: Option<PoolError>) -> Html<String> {
    page(
        "Change your password",
        html! {
            (alert(error))
            p { "We have sent a password reset code by email to " (username) ". Enter it below to reset your password. "
                "(This is a local emulator: the code is in the terminal.)" }
            form method="post" action={ "/resetPassword?" (query) } {
                input type="hidden" name="username" value=(username);
                (code_field())
                (password_field("New password", "new-password"))
                button { "Change password" }
            }
        },
    )
}

fn alert(error: Option<PoolError>) -> Markup {
    html! {
        @if let Some(error) = error { p role="alert" { (error.to_string()) } }
    }
}

fn email_field(value: &str) -> Markup {
    html! {
        label for="username" { "Email" }
        input #username name="username" type="email" autocomplete="username" value=(value) required;
    }
}

fn password_field(label: &str, autocomplete: &str) -> Markup {
    html! {
        label for="password" { (label) }
        input #password name="password" type="password" autocomplete=(autocomplete) required;
    }
}

fn code_field() -> Markup {
    html! {
        label for="code" { "Code" }
        input #code name="code" inputmode="numeric" autocomplete="one-time-code" required;
    }
}
