//! (D) Turns an accepted response into a session: code exchange, the pool's keys, signature, and userInfo.

use cognito_hosted_ui::{
    Accepted, JsonWebKey, JsonWebKeySet, PendingSignIn, Session, SignInError, TokenEndpointError,
    TokenError, TokenResponse, TokenSource, UnverifiedSession, sign_in, token_endpoint,
};
use futures::future::join;

use super::Client;
use crate::browser::http::{HttpError, Response};
use crate::browser::{clock, crypto, http};

impl Client {
    /// Completes a sign-in.
    pub(super) async fn complete(
        &self,
        accepted: Accepted,
        request: &PendingSignIn,
    ) -> Result<Session, SignInError> {
        let response = match accepted {
            Accepted::Tokens(response) => response,
            Accepted::Code(code, verifier) => {
                let client = &self.hosted_ui().client;
                let form = token_endpoint::exchange(client, &code, &verifier);
                self.request_tokens(&form).await?
            }
        };
        let refresh_token = response.refresh_token.as_ref();
        let revocation =
            refresh_token.map(|it| token_endpoint::revoke(&self.hosted_ui().client, it));
        let session = self.verify_sign_in(response, request).await;
        if session.is_err() {
            self.post_revocation(revocation).await;
        }
        session
    }

    async fn verify_sign_in(
        &self,
        response: TokenResponse,
        request: &PendingSignIn,
    ) -> Result<Session, SignInError> {
        let source = TokenSource::SignIn {
            nonce: request.nonce.as_str(),
            started_at: request.started_at,
        };
        let session = self.verify(response, source).await?;
        self.add_user_info(session).await
    }

    /// Posts a form to the token endpoint.
    pub(super) async fn request_tokens(&self, form: &str) -> Result<TokenResponse, SignInError> {
        let url = self.hosted_ui().token_url();
        let response = http::post_form(&url, form, http::TIMEOUT).await;
        let response = response.map_err(|_| TokenEndpointError::Unreachable)?;
        Ok(token_endpoint::read(response.status, &response.body)?)
    }

    /// Validates the tokens and verifies their signature with the pool's stored keys. If the key is missing, fetches the keys
    /// again. Fails without the key.
    pub(super) async fn verify(
        &self,
        response: TokenResponse,
        source: TokenSource<'_>,
    ) -> Result<Session, SignInError> {
        let unverified = sign_in::validate(self.hosted_ui(), response, source, clock::now())?;
        let key = self.find_key(&unverified).await?;
        let signature =
            crypto::verify_rs256(&key, unverified.signature(), unverified.signed_part());
        let hash = crypto::sha_256(unverified.access_token().as_bytes());
        let (is_valid, hash) = join(signature, hash).await;
        unverified.verify(is_valid, hash.as_ref())
    }

    async fn find_key(&self, unverified: &UnverifiedSession) -> Result<String, SignInError> {
        let stored = JsonWebKeySet::read(&self.store.jwks().unwrap_or_default());
        if let Some(key) = unverified.key(&stored) {
            return Ok(key.to_json());
        }
        // The pool may have new keys, and Cognito lets browsers cache the old ones for a day.
        let response = http::get_uncached(&self.hosted_ui().jwks_url()).await;
        let fetched = self
            .save_jwks(response)
            .ok_or(SignInError::JwksUnavailable)?;
        let fetched = JsonWebKeySet::read(&fetched);
        let key = unverified.key(&fetched).map(JsonWebKey::to_json);
        Ok(key.ok_or(TokenError::UnknownKey)?)
    }

    /// Fetches and stores the pool's keys.
    pub(super) async fn fetch_jwks(&self) {
        let response = http::get(&self.hosted_ui().jwks_url(), None).await;
        self.save_jwks(response);
    }

    fn save_jwks(&self, response: Result<Response, HttpError>) -> Option<String> {
        let response = response.ok().filter(|response| response.status == 200)?;
        self.store.save_jwks(&response.body);
        Some(response.body)
    }

    /// Adds the email address from the userInfo endpoint, if the ID token has none.
    async fn add_user_info(&self, session: Session) -> Result<Session, SignInError> {
        let Some(access_token) = session.needs_user_info() else {
            return Ok(session);
        };
        let authorization = format!("Bearer {}", access_token.authorization());
        let url = self.hosted_ui().user_info_url();
        match http::get(&url, Some(&authorization)).await {
            Ok(response) if response.status == 200 => Ok(session.with_user_info(&response.body)?),
            // The email address is optional, so the sign-in succeeds without it.
            _ => Ok(session),
        }
    }
}
