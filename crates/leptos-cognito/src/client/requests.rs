//! (E) Requests to the API with the session's token.

use std::sync::Arc;

use cognito_hosted_ui::{Expiry, Session};
use leptos::prelude::ReadValue;

use super::Client;
use crate::api::{ApiError, ApiRequest};
use crate::browser::http::HttpError;
use crate::browser::{clock, http};
use crate::config::{ApiConfig, AuthorizationScheme};
use crate::state::SessionEnd;

impl Client {
    /// Sends a request with the session's token and returns the response's body. Refreshes the session once if it is about to
    /// expire or the API rejects its token. If the API then rejects the new token, the session ends.
    pub async fn request(self: &Arc<Self>, request: &ApiRequest) -> Result<String, ApiError> {
        if !request.path.starts_with('/') {
            return Err(ApiError::InvalidPath);
        }
        let body = request.body.clone()?;
        let body = body.as_deref();
        let mut sent = self.session().ok_or(ApiError::SignedOut)?;
        let sub = sent.claims().sub.clone();
        if sent.expiry(clock::now()) == Expiry::NeedsRefresh {
            let _ = self.refresh(sent).await;
            sent = self.session_of(&sub).ok_or(ApiError::SignedOut)?;
        }
        let mut response = self.send(request, body, &sent).await;
        let is_refused = match response {
            Err(ApiError::Unauthorized) => true,
            // It may have been processed: only an idempotent request can be repeated (RFC 9110, section 9.2.2).
            Err(ApiError::UnreachableNearExpiry) => request.method.is_idempotent(),
            _ => false,
        };
        if is_refused {
            let _ = self.refresh(sent.clone()).await;
            // Another user may have signed in from another tab. Their token must not authorize this request.
            match self.session_of(&sub) {
                Some(refreshed) if !refreshed.has_same_token(&sent) => {
                    response = self.send(request, body, &refreshed).await;
                    sent = refreshed;
                }
                _ => {}
            }
        }
        // The response is only for the user who made the request.
        let current = self.session_of(&sub).ok_or(ApiError::SignedOut)?;
        if response != Err(ApiError::Unauthorized) {
            return response;
        }
        if self.refreshes.read_value().have_failed() {
            // The API rejected the token only because the refresh has failed so far.
            return Err(ApiError::Unreachable);
        }
        if current.has_same_token(&sent) {
            self.revoke(&self.newest(current));
            self.end_session(SessionEnd::Refused);
        }
        response
    }

    /// The current session, if it is this user's.
    fn session_of(&self, sub: &str) -> Option<Session> {
        self.session().filter(|session| session.claims().sub == sub)
    }

    async fn send(
        &self,
        request: &ApiRequest,
        body: Option<&str>,
        session: &Session,
    ) -> Result<String, ApiError> {
        /// How many seconds before its expiry the API may already reject a token, because clocks differ.
        const NEAR_EXPIRY: u64 = 60;
        let api = &self.config.api;
        let url = format!("{}{}", api.url.as_str(), request.path);
        let authorization = authorization(api, session);
        let headers = request.headers.iter();
        let mut headers: Vec<_> = headers
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        headers.push(("Authorization", &authorization));
        let method = request.method.clone();
        match http::send(method, &url, &headers, body, http::TIMEOUT).await {
            Ok(response) => ApiError::check(response.status, response.body),
            Err(HttpError::Invalid(reason)) => Err(ApiError::InvalidRequest(reason)),
            // API Gateway's own 401 may have no CORS headers.
            Err(HttpError::Unreachable) if session.time_left(clock::now()) <= NEAR_EXPIRY => {
                Err(ApiError::UnreachableNearExpiry)
            }
            Err(HttpError::Unreachable) => Err(ApiError::Unreachable),
        }
    }
}

/// The value of the `Authorization` header.
fn authorization(api: &ApiConfig, session: &Session) -> String {
    let token = api.token_of(session);
    match api.scheme {
        AuthorizationScheme::Bare => token.to_owned(),
        AuthorizationScheme::Bearer => format!("Bearer {token}"),
    }
}
