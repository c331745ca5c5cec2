//! Cognito's Hosted UI as a set of URLs that the browser leaves by.
//! Knows how to write them; whether and when to leave is decided elsewhere.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::authorization::{PendingSignIn, base64url};
use super::id_token::{Expected, Origin};
use super::json::joined;
use super::secure_url::SecureUrl;
use super::should_be::ShouldBe;

/// One app client's Hosted UI, with all that its URLs and tokens are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedUi {
    /// Where the Hosted UI's pages are.
    pub domain: UserPoolDomain,
    /// The `iss` of the pool's tokens, compared to the letter.
    pub issuer: SecureUrl,
    /// The app client in the user pool.
    pub client: AppClient,
    /// How far, in seconds, this device's clock and Cognito's may be apart.
    pub clock_skew: u64,
}

/// How the tokens come: the app client has to allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grant {
    /// In the answer's fragment (RFC 6749, section 4.2).
    Implicit,
    /// From the token endpoint, for a code that only this page can use (RFC 6749, section 4.1; RFC 7636).
    Code,
}

/// By which of Cognito's doors a person goes in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Door {
    /// The page that asks for a password, or whatever else the pool asks for.
    SignIn,
    /// The page that makes an account.
    SignUp,
    /// The page that sets a new password.
    ForgotPassword,
    /// None, for whom Cognito still knows; else the first.
    GoOn,
    /// This identity provider's page, by the name it has in the pool.
    Provider(String),
}

/// `https://<prefix>.auth.<region>.amazoncognito.com`, or a custom domain; never with a path.
/// [AWS: user pool domain](https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPoolDomain(SecureUrl);

/// An app client as it is registered in the user pool.
/// [AWS: app clients](https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-client-apps.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppClient {
    /// The client's identifier; an ID token's `aud`.
    pub client_id: ClientId,
    /// How the tokens come.
    pub grant: Grant,
    /// Which scopes are asked for; `openid` is always among them.
    pub scopes: Vec<String>,
    /// One of the client's allowed callback URLs, to the letter.
    pub redirect_uri: SecureUrl,
    /// One of the client's allowed sign-out URLs, to the letter.
    pub logout_uri: SecureUrl,
    /// `lang`, `login_hint` and `prompt`, as far as they are set
    /// ([AWS: authorize endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/authorization-endpoint.html)).
    pub hints: Vec<(&'static str, String)>,
    /// The identity providers that have a button of their own.
    pub identity_providers: Vec<String>,
}

/// An app client's identifier (RFC 6749, section 2.2). Public, no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(String);

/// A user pool's identifier, `<region>_<letters and digits>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPoolId(String);

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl HostedUi {
    /// The page for this one request, behind this door. `challenge` is the SHA-256 of the request's code verifier,
    /// if it has one. `lang` is the language that the page should speak unless the settings name one; it may be empty.
    ///
    /// AWS advises `/oauth2/authorize`; [`/login`](https://docs.aws.amazon.com/cognito/latest/developerguide/login-endpoint.html)
    /// takes the same parameters.
    #[must_use]
    pub fn authorization_url(
        &self,
        pending: &PendingSignIn,
        challenge: Option<&[u8; 32]>,
        door: &Door,
        lang: &str,
    ) -> String {
        let client = &self.client;
        let code = pending.code_verifier.is_some();
        let page = match door {
            Door::SignIn if !code => "/login",
            Door::SignUp => "/signup",
            Door::ForgotPassword => "/forgotPassword",
            _ => "/oauth2/authorize",
        };
        let scopes = joined(&client.scopes, " ");
        let challenge = challenge.map(base64url).unwrap_or_default();
        let mut parameters = vec![
            ("response_type", if code { "code" } else { "token" }),
            ("client_id", client.client_id.as_str()),
            ("redirect_uri", client.redirect_uri.as_str()),
            ("scope", &scopes),
            ("state", pending.state.as_str()),
            ("nonce", pending.nonce.as_str()),
        ];
        if code {
            parameters.push(("code_challenge", &challenge));
            parameters.push(("code_challenge_method", "S256"));
        }
        parameters.extend(
            client
                .hints
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        let is_set = |name| parameters.iter().any(|(set, _)| *set == name);
        if !lang.is_empty() && !is_set("lang") {
            parameters.push(("lang", lang));
        }
        if let Door::Provider(name) = door {
            parameters.push(("identity_provider", name));
        }
        self.url(page, &parameters)
    }

    /// What an ID token has to agree with, to be this pool's and for this client.
    #[must_use]
    pub fn expected<'a>(&'a self, origin: Origin<'a>) -> Expected<'a> {
        Expected {
            issuer: self.issuer.as_str(),
            client_id: self.client.client_id.as_str(),
            clock_skew: self.clock_skew,
            origin,
        }
    }

    /// Where forms of [`token_endpoint`](super::token_endpoint) go.
    #[must_use]
    pub fn token_url(&self) -> String {
        self.url("/oauth2/token", &[])
    }

    /// Where a refresh token is revoked.
    #[must_use]
    pub fn revocation_url(&self) -> String {
        self.url("/oauth2/revoke", &[])
    }

    /// Where the user's attributes are, for an access token with the scope `openid`
    /// ([AWS: userInfo endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/userinfo-endpoint.html)).
    #[must_use]
    pub fn user_info_url(&self) -> String {
        self.url("/oauth2/userInfo", &[])
    }

    /// The pool's public keys, at the issuer and not at the Hosted UI.
    #[must_use]
    pub fn keys_url(&self) -> String {
        [self.issuer.as_str(), "/.well-known/jwks.json"].concat()
    }

    /// The page that ends Cognito's own session and comes back to `logout_uri`
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
        let mark = if parameters.is_empty() { "" } else { "?" };
        [self.domain.as_str(), path, mark, &form(parameters)].concat()
    }
}

/// Parameters as a query or a form's body.
#[must_use]
pub(super) fn form(parameters: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in parameters {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(name);
        form.push('=');
        form.extend(utf8_percent_encode(value, RESERVED));
    }
    form
}

impl UserPoolDomain {
    /// Reads the domain's address; a slash at its end is forgiven.
    ///
    /// # Errors
    /// [`ShouldBe`] names the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, ShouldBe> {
        let url = SecureUrl::parse(text)?;
        if url.has_path() {
            return Err(ShouldBe::Domain);
        }
        Ok(Self(url.without_trailing_slash()))
    }

    /// The address without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl ClientId {
    /// Reads an identifier of 1 to 128 letters, digits, `_` and `+`, which is Cognito's pattern.
    ///
    /// # Errors
    /// [`ShouldBe`] says what it should be.
    pub fn parse(text: &str) -> Result<Self, ShouldBe> {
        let valid = (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+".contains(&byte));
        valid
            .then(|| Self(text.to_owned()))
            .ok_or(ShouldBe::ClientId)
    }

    /// The identifier as Cognito writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl UserPoolId {
    /// Reads `<region>_<letters and digits>`.
    ///
    /// # Errors
    /// [`ShouldBe`] says what it should be.
    pub fn parse(text: &str) -> Result<Self, ShouldBe> {
        let alphanumeric =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let valid = text.len() <= 55
            && text.split_once('_').is_some_and(|(region, name)| {
                region.split('-').count() >= 3
                    && region.split('-').all(alphanumeric)
                    && alphanumeric(name)
            });
        valid.then(|| Self(text.to_owned())).ok_or(ShouldBe::PoolId)
    }

    /// The issuer that a pool has unless it is set otherwise
    /// ([AWS: verifying tokens](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-verifying-a-jwt.html)).
    #[must_use]
    pub fn default_issuer(&self) -> SecureUrl {
        let region = self.0.split('_').next().unwrap_or_default();
        let pool = self.0.as_str();
        SecureUrl(["https://cognito-idp.", region, ".amazonaws.com/", pool].concat())
    }
}
