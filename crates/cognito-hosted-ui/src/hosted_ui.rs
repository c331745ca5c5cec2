//! The URLs of Cognito's Hosted UI and its endpoints.
//! Knows how to build them, but not when to use them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use crate::authorization::PendingSignIn;
use crate::constraint::Constraint;
use crate::hash::sha_256;
use crate::id_token::{TokenSource, Validation};
use crate::secure_url::SecureUrl;

/// The Hosted UI of one app client: everything that is needed to build its URLs and to validate its tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedUi {
    /// The domain of the Hosted UI's pages.
    pub domain: UserPoolDomain,
    /// The `iss` claim of the pool's tokens. It must match exactly.
    pub issuer: SecureUrl,
    /// The app client in the user pool.
    pub client: AppClient,
    /// How far this device's clock and Cognito's may differ, in seconds.
    pub clock_tolerance: u64,
}

/// The OAuth grant. The app client must allow it. As JSON: `"implicit"` or `"code"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Grant {
    /// The implicit grant: tokens in the response's fragment (RFC 6749, section 4.2). RFC 9700, section 2.1.2 advises
    /// against it.
    Implicit,
    /// The authorization code grant with PKCE: a code in the response's query, which the token endpoint exchanges for tokens
    /// (RFC 6749, section 4.1; RFC 7636).
    Code,
}

/// A page of the Hosted UI.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum HostedUiPage {
    /// The sign-in page.
    #[default]
    SignIn,
    /// The page that creates an account.
    SignUp,
    /// The page that resets a password.
    ForgotPassword,
    /// No page for a user who is still signed in to Cognito; otherwise the sign-in page.
    Reauthenticate,
    /// The page of an identity provider, given its name in the user pool.
    IdentityProvider(String),
}

/// The `prompt` parameter: whether Cognito shows its pages to a user who is still signed in to it (OIDC Core, section
/// 3.1.2.1). Managed login only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Show no page. A user who is not signed in to Cognito comes back with the error `login_required`.
    None,
    /// Ask for the password again.
    Login,
    /// Ask which account to use.
    SelectAccount,
    /// Ask for consent.
    Consent,
}

/// `https://<prefix>.auth.<region>.amazoncognito.com`, or a custom domain, without a path.
/// [AWS: user pool domain](https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPoolDomain(SecureUrl);

/// An app client as it is registered in the user pool.
/// [AWS: app clients](https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppClient {
    /// The client's identifier, which is the `aud` claim of its ID tokens.
    pub client_id: ClientId,
    /// The grant.
    pub grant: Grant,
    /// The requested scopes. Without `openid`, Cognito issues no ID token.
    pub scopes: Vec<String>,
    /// One of the client's allowed callback URLs. It must match exactly.
    pub redirect_uri: SecureUrl,
    /// One of the client's allowed sign-out URLs. It must match exactly.
    pub logout_uri: SecureUrl,
    /// The language of managed login's pages, such as `es` or `pt-BR`
    /// ([AWS: authorize endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html)).
    pub lang: Option<String>,
    /// A username or email address to fill in.
    pub login_hint: Option<String>,
    /// Whether Cognito shows its pages to a user who is still signed in to it.
    pub prompt: Option<Prompt>,
}

/// An app client's identifier (RFC 6749, section 2.2). Public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

/// A user pool's identifier, `<region>_<letters and digits>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPoolId(String);

/// All characters except the unreserved ones of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl HostedUi {
    /// The Hosted UI of an app client, with the pool's default issuer and a clock tolerance of two minutes.
    #[must_use]
    pub fn new(domain: UserPoolDomain, user_pool_id: &UserPoolId, client: AppClient) -> Self {
        Self {
            domain,
            issuer: user_pool_id.default_issuer(),
            client,
            clock_tolerance: 120,
        }
    }

    /// The URL of a page of the Hosted UI for one request. `lang` is the language of the app's page; the client's own `lang`
    /// takes precedence.
    ///
    /// AWS recommends `/oauth2/authorize`; [`/login`](https://docs.aws.amazon.com/cognito/latest/developerguide/login-endpoint.html)
    /// takes the same parameters.
    #[must_use]
    pub fn authorization_url(
        &self,
        pending: &PendingSignIn,
        page: &HostedUiPage,
        lang: &str,
    ) -> String {
        let client = &self.client;
        let verifier = pending.code_verifier.as_ref();
        // RFC 7636, section 4.2.
        let challenge = verifier.map(|verifier| URL_SAFE_NO_PAD.encode(sha_256(verifier.as_str())));
        let is_code = challenge.is_some();
        let path = match page {
            HostedUiPage::SignIn if !is_code => "/login",
            HostedUiPage::SignUp => "/signup",
            HostedUiPage::ForgotPassword => "/forgotPassword",
            _ => "/oauth2/authorize",
        };
        let scopes = client.scopes.join(" ");
        let mut parameters = vec![
            ("response_type", if is_code { "code" } else { "token" }),
            ("client_id", client.client_id.as_str()),
            ("redirect_uri", client.redirect_uri.as_str()),
            ("scope", &scopes),
            ("state", pending.state.as_str()),
            ("nonce", pending.nonce.as_str()),
        ];
        if let Some(challenge) = &challenge {
            parameters.push(("code_challenge", challenge));
            parameters.push(("code_challenge_method", "S256"));
        }
        let lang = client.lang.as_deref().unwrap_or(lang);
        let provider = match page {
            HostedUiPage::IdentityProvider(name) => name,
            _ => "",
        };
        let optional = [
            ("lang", lang),
            (
                "login_hint",
                client.login_hint.as_deref().unwrap_or_default(),
            ),
            ("prompt", client.prompt.map_or("", Prompt::as_str)),
            ("identity_provider", provider),
        ];
        parameters.extend(optional.into_iter().filter(|(_, value)| !value.is_empty()));
        self.url(path, &parameters)
    }

    /// The expected values for validating an ID token of this pool and app client.
    #[must_use]
    pub fn validation<'a>(&'a self, source: TokenSource<'a>) -> Validation<'a> {
        Validation {
            issuer: self.issuer.as_str(),
            client_id: self.client.client_id.as_str(),
            clock_tolerance: self.clock_tolerance,
            source,
        }
    }

    /// The token endpoint, for the forms in [`token_endpoint`](crate::token_endpoint).
    #[must_use]
    pub fn token_url(&self) -> String {
        self.url("/oauth2/token", &[])
    }

    /// The revocation endpoint (RFC 7009).
    #[must_use]
    pub fn revocation_url(&self) -> String {
        self.url("/oauth2/revoke", &[])
    }

    /// The userInfo endpoint, for an access token with the scope `openid`
    /// ([AWS: userInfo endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html)).
    #[must_use]
    pub fn user_info_url(&self) -> String {
        self.url("/oauth2/userInfo", &[])
    }

    /// The pool's public keys (JWKS). They are at the issuer's URL, not at the Hosted UI's domain.
    #[must_use]
    pub fn jwks_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer.as_str())
    }

    /// The page that ends Cognito's own session and returns to `logout_uri`
    /// ([AWS: logout endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/logout-endpoint.html)).
    #[must_use]
    pub fn sign_out_url(&self) -> String {
        self.url(
            "/logout",
            &[
                ("client_id", self.client.client_id.as_str()),
                ("logout_uri", self.client.logout_uri.as_str()),
            ],
        )
    }

    fn url(&self, path: &str, parameters: &[(&str, &str)]) -> String {
        let separator = if parameters.is_empty() { "" } else { "?" };
        let query = form(parameters);
        format!("{}{path}{separator}{query}", self.domain.as_str())
    }
}

/// Encodes parameters as a query or a form body.
pub(crate) fn form(parameters: &[(&str, &str)]) -> String {
    let encode =
        |(name, value): &(&str, &str)| format!("{name}={}", utf8_percent_encode(value, RESERVED));
    parameters.iter().map(encode).collect::<Vec<_>>().join("&")
}

impl AppClient {
    /// An app client with the scopes `openid`, `email` and `profile`, and with `redirect_uri` also as the sign-out URL.
    #[must_use]
    pub fn new(client_id: ClientId, grant: Grant, redirect_uri: SecureUrl) -> Self {
        Self {
            client_id,
            grant,
            scopes: ["openid", "email", "profile"].map(str::to_owned).into(),
            logout_uri: redirect_uri.clone(),
            redirect_uri,
            lang: None,
            login_hint: None,
            prompt: None,
        }
    }
}

impl Prompt {
    /// The parameter's value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::SelectAccount => "select_account",
            Self::Consent => "consent",
        }
    }
}

impl UserPoolDomain {
    /// Parses the domain's URL. A trailing slash is removed.
    ///
    /// # Errors
    /// The [`Constraint`] that the text violates.
    pub fn parse(text: &str) -> Result<Self, Constraint> {
        let url = SecureUrl::parse(text)?;
        if url.has_path() {
            return Err(Constraint::NoPath);
        }
        Ok(Self(url.without_trailing_slash()))
    }

    /// The URL, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl ClientId {
    /// Parses an identifier of 1 to 128 letters, digits, `_` and `+`, which is Cognito's pattern.
    ///
    /// # Errors
    /// [`Constraint::ClientId`]
    pub fn parse(text: &str) -> Result<Self, Constraint> {
        let is_valid = (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+".contains(&byte));
        is_valid
            .then(|| Self(text.to_owned()))
            .ok_or(Constraint::ClientId)
    }

    /// The identifier.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UserPoolId {
    /// Parses `<region>_<letters and digits>`.
    ///
    /// # Errors
    /// [`Constraint::UserPoolId`]
    pub fn parse(text: &str) -> Result<Self, Constraint> {
        let is_alphanumeric =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let is_valid = text.len() <= 55
            && text.split_once('_').is_some_and(|(region, name)| {
                region.split('-').count() >= 3
                    && region.split('-').all(is_alphanumeric)
                    && is_alphanumeric(name)
            });
        is_valid
            .then(|| Self(text.to_owned()))
            .ok_or(Constraint::UserPoolId)
    }

    /// The issuer of the pool's tokens, unless the pool uses a different one
    /// ([AWS: verifying tokens](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html)).
    #[must_use]
    pub fn default_issuer(&self) -> SecureUrl {
        let region = self.0.split('_').next().unwrap_or_default();
        SecureUrl(format!(
            "https://cognito-idp.{region}.amazonaws.com/{}",
            self.0
        ))
    }
}
