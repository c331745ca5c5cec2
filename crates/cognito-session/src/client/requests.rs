//! (E) Requests to the API with the session's token.

use cognito_hosted_ui::{ApiAnswer, Expiry, Retry, Session, is_api_path};

use super::SessionClient;
use crate::config::{ApiConfig, AuthorizationScheme};
use crate::platform::{HttpError, HttpRequest, Platform};
use crate::request::{ApiError, ApiRequest};
use crate::state::SessionEnd;

impl<P: Platform> SessionClient<P> {
    /// Sends a request with the session's token and returns the response's body. If the session is about to expire, refreshes it
    /// first. If the API rejects the token, refreshes the session if it has a refresh token, and repeats the request once. If the
    /// API rejects the token again, the session ends.
    ///
    /// # Errors
    /// [`ApiError`], one variant for each cause.
    pub async fn request(&self, request: &ApiRequest) -> Result<String, ApiError> {
        if !is_api_path(&request.path) {
            return Err(ApiError::InvalidPath);
        }
        let shown = self.session().ok_or(ApiError::SignedOut)?;
        let sub = shown.claims().sub.clone();
        let mut sent = self.fresh_session_of(&sub).await?;
        let mut response = self.send(request, &sent).await;
        let mut refusals = u8::from(response == Err(ApiError::Unauthorized));
        let is_idempotent = request.method.is_idempotent();
        let retry = answer(&response).retry(&sent, is_idempotent, self.now());
        if retry != Retry::No {
            if retry == Retry::AfterRefresh {
                self.refresh(&sent).await;
            }
            // Another tab may have changed the session in the meantime, and the new one may be due, too.
            self.follow_storage();
            let current = self.fresh_session_of(&sub).await?;
            if retry == Retry::SameToken || !current.has_same_token(&sent) {
                response = self.send(request, &current).await;
                refusals += u8::from(response == Err(ApiError::Unauthorized));
                sent = current;
            }
        }
        if response == Err(ApiError::Unauthorized) {
            // Another tab may have changed the session, which would explain it.
            self.follow_storage();
        }
        // The response is only for the user who made the request.
        let current = self.session_of(&sub)?;
        if response != Err(ApiError::Unauthorized) {
            return response;
        }
        if refusals < 2 {
            // A single 401 proves nothing, and there is no other token for now.
            return Err(ApiError::Unreachable);
        }
        if current.has_same_token(&sent) {
            self.revoke(&current);
            self.end_session(&current, SessionEnd::Refused);
        }
        response
    }

    /// This user's current session, after a refresh if it is about to expire. Another user may have signed in from another tab:
    /// their token must not authorize the request.
    async fn fresh_session_of(&self, sub: &str) -> Result<Session, ApiError> {
        let session = self.session_of(sub)?;
        if session.expiry(self.now()) != Expiry::NeedsRefresh {
            return Ok(session);
        }
        self.refresh(&session).await;
        self.session_of(sub)
    }

    /// The current session, if it is this user's, and the page is not leaving.
    fn session_of(&self, sub: &str) -> Result<Session, ApiError> {
        if self.is_away() {
            return Err(ApiError::Aborted);
        }
        let session = self.session().filter(|it| it.claims().sub == sub);
        session.ok_or(ApiError::SignedOut)
    }

    async fn send(&self, request: &ApiRequest, session: &Session) -> Result<String, ApiError> {
        let api = &self.config().api;
        let url = format!("{}{}", api.url.as_str(), request.path);
        let authorization = authorization(api, session).ok_or(ApiError::NoAccessToken)?;
        let authorized = HttpRequest::authorized(request.method.clone(), url, &authorization);
        let sent = HttpRequest {
            // The last header of a name wins.
            headers: [request.headers.clone(), authorized.headers].concat(),
            body: request.body.clone(),
            ..authorized
        };
        let is_too_large = is_too_large(&sent);
        match self.platform().send(sent).await {
            Ok(response) => ApiError::check(response.status, response.body),
            Err(HttpError::Invalid(reason)) => Err(ApiError::InvalidRequest(reason)),
            Err(HttpError::Unreachable) => {
                if is_too_large {
                    Err(ApiError::TokenTooLarge)
                } else if ApiAnswer::Unreachable.may_be_refusal(session, self.now()) {
                    Err(ApiError::UnreachableNearExpiry)
                } else {
                    Err(ApiError::Unreachable)
                }
            }
        }
    }
}

/// What the protocol needs to know about a response.
fn answer(response: &Result<String, ApiError>) -> ApiAnswer {
    match response {
        Ok(_) => ApiAnswer::Status(200),
        Err(error) => error
            .status()
            .map_or(ApiAnswer::Unreachable, ApiAnswer::Status),
    }
}

/// The value of the `Authorization` header, unless the session lacks the token.
fn authorization(api: &ApiConfig, session: &Session) -> Option<String> {
    let token = api.token_of(session)?;
    Some(match api.scheme {
        AuthorizationScheme::Bare => token.to_owned(),
        AuthorizationScheme::Bearer => format!("Bearer {token}"),
    })
}

/// Whether a request is larger than API Gateway accepts, with the headers that the browser adds.
fn is_too_large(request: &HttpRequest) -> bool {
    /// For the request line and all headers, in bytes.
    const LIMIT: usize = 10_240;
    /// What browsers add, in bytes: `User-Agent`, `Accept-Language`, `Origin` and the like.
    const ADDED: usize = 1_000;
    let headers = request.headers.iter();
    let headers: usize = headers.map(|(name, value)| name.len() + value.len()).sum();
    request.url.len() + headers + ADDED > LIMIT
}
