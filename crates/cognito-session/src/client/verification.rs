//! (D) Turns an accepted response into a session: code exchange, the pool's keys, signature, and userInfo.

use cognito_hosted_ui::{
    Accepted, JsonWebKey, JsonWebKeySet, PendingSignIn, Session, SignInError, TokenEndpointError,
    TokenError, TokenResponse, UnverifiedSession, sign_in, token_endpoint,
};
use http::Method;

use super::SessionClient;
use super::sign_in::Attempt;
use crate::platform::{HttpCache, HttpError, HttpRequest, HttpResponse, Platform};

impl<P: Platform> SessionClient<P> {
    /// Completes a sign-in.
    pub(super) async fn complete(
        &self,
        accepted: Accepted,
        attempt: &Attempt,
    ) -> Result<Session, SignInError> {
        let client = &self.hosted_ui().client;
        let response = match accepted {
            Accepted::Tokens(response) => response,
            Accepted::Code(code, verifier) => {
                let form = token_endpoint::exchange(client, &code, &verifier);
                let response = self.request_tokens(form).await?;
                token_endpoint::read(response.status, &response.body)?
            }
        };
        let refresh_token = response.refresh_token.as_ref();
        let revocation = refresh_token.map(|it| token_endpoint::revoke(client, it));
        // At once, because this page may soon be gone.
        let session = if self.overtaken(attempt).is_some() {
            Err(SignInError::SignedOut)
        } else {
            self.verify_sign_in(response, &attempt.request).await
        };
        if let (Err(_), Some(form)) = (&session, revocation) {
            self.post_revocation(form);
        }
        session
    }

    async fn verify_sign_in(
        &self,
        response: TokenResponse,
        request: &PendingSignIn,
    ) -> Result<Session, SignInError> {
        let unverified = sign_in::validate(self.hosted_ui(), response, request, self.now())?;
        let session = self.verify(unverified).await?;
        self.add_user_info(session).await
    }

    /// Posts a form to the token endpoint.
    pub(super) async fn request_tokens(
        &self,
        form: String,
    ) -> Result<HttpResponse, TokenEndpointError> {
        let request = HttpRequest::form(self.hosted_ui().token_url(), form);
        let response = self.platform().send(request).await;
        response.map_err(|_| TokenEndpointError::Unreachable)
    }

    /// Verifies the signature with the pool's stored keys. If the key is missing, fetches the keys again. Fails without the
    /// key.
    pub(super) async fn verify(
        &self,
        unverified: UnverifiedSession,
    ) -> Result<Session, SignInError> {
        let key = self.find_key(&unverified).await?;
        let (signature, signed) = (unverified.signature(), unverified.signed_part());
        let is_valid = self.platform().verify_rs256(&key, signature, signed).await;
        unverified.verify(is_valid)
    }

    async fn find_key(&self, unverified: &UnverifiedSession) -> Result<String, SignInError> {
        let stored = JsonWebKeySet::read(&self.store().jwks().unwrap_or_default());
        if let Some(key) = unverified.key(&stored) {
            return Ok(key.to_json());
        }
        // The pool may have new keys, and Cognito lets browsers cache the old ones for a day.
        let uncached = HttpRequest {
            cache: HttpCache::Reload,
            ..self.jwks_request()
        };
        let fetched = self.platform().send(uncached).await;
        let fetched = self
            .save_jwks(fetched)
            .ok_or(SignInError::JwksUnavailable)?;
        let key = unverified.key(&fetched).map(JsonWebKey::to_json);
        Ok(key.ok_or(TokenError::UnknownKey)?)
    }

    /// Fetches and stores the pool's keys.
    pub(super) async fn fetch_jwks(&self) {
        let response = self.platform().send(self.jwks_request()).await;
        self.save_jwks(response);
    }

    fn jwks_request(&self) -> HttpRequest {
        HttpRequest::new(Method::GET, self.hosted_ui().jwks_url())
    }

    /// Stores a key set, unless the response is something else.
    fn save_jwks(&self, response: Result<HttpResponse, HttpError>) -> Option<JsonWebKeySet> {
        let response = response.ok().filter(|response| response.status == 200)?;
        let keys = JsonWebKeySet::read(&response.body);
        if !keys.is_empty() {
            self.store().save_jwks(&response.body);
        }
        Some(keys)
    }

    /// Adds the email address from the userInfo endpoint, if the ID token has none.
    async fn add_user_info(&self, session: Session) -> Result<Session, SignInError> {
        let access_token = session.needs_user_info().filter(|_| !self.is_away());
        let Some(access_token) = access_token else {
            return Ok(session);
        };
        let authorization = format!("Bearer {}", access_token.authorization());
        let url = self.hosted_ui().user_info_url();
        let request = HttpRequest::authorized(Method::GET, url, &authorization);
        match self.platform().send(request).await {
            Ok(response) if response.status == 200 => Ok(session.with_user_info(&response.body)?),
            // The email address is optional, so the sign-in succeeds without it.
            _ => Ok(session),
        }
    }
}
