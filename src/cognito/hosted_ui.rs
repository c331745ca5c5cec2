//! Cognito's Hosted UI as a set of URLs that the browser leaves by.
//! Knows how to write them; whether and when to leave is decided elsewhere.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::authorization::PendingSignIn;
use super::id_token::Expected;
use super::secure_url::{SecureUrl, ShouldBe};

/// One app client's Hosted UI, with all that its URLs and tokens are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostedUi {
    /// Where the Hosted UI's pages are.
    pub domain: UserPoolDomain,
    /// The `iss` of the pool's tokens, compared to the letter.
    pub issuer: SecureUrl,
    /// The app client in the user pool.
    pub client: AppClient,
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
    /// Which scopes are asked for; `openid` is always among them.
    pub scopes: Vec<String>,
    /// One of the client's allowed callback URLs, to the letter.
    pub redirect_uri: SecureUrl,
    /// One of the client's allowed sign-out URLs, to the letter.
    pub logout_uri: SecureUrl,
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
    /// The sign-in page for this one request
    /// ([AWS: login endpoint](https://docs.aws.amazon.com/cognito/latest/developerguide/login-endpoint.html)).
    #[must_use]
    pub fn sign_in_url(&self, pending: &PendingSignIn) -> String {
        self.url(
            "/login",
            &[
                ("response_type", "token"),
                ("client_id", self.client.client_id.as_str()),
                ("redirect_uri", self.client.redirect_uri.as_str()),
                ("scope", &self.client.scopes.join(" ")),
                ("state", pending.state.as_str()),
                ("nonce", pending.nonce.as_str()),
            ],
        )
    }

    /// What an ID token has to agree with, to be this pool's and for this client.
    #[must_use]
    pub fn expected<'a>(&'a self, nonce: Option<&'a str>) -> Expected<'a> {
        Expected {
            issuer: self.issuer.as_str(),
            client_id: self.client.client_id.as_str(),
            nonce,
        }
    }

    /// The pool's public keys, at the issuer and not at the Hosted UI.
    #[must_use]
    pub fn keys_url(&self) -> String {
        format!("{}/.well-known/jwks.json", self.issuer)
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
        let mut url = format!("{}{path}", self.domain.0);
        let mut separator = '?';
        for (name, value) in parameters {
            url.push(separator);
            url.push_str(name);
            url.push('=');
            url.extend(utf8_percent_encode(value, RESERVED));
            separator = '&';
        }
        url
    }
}

impl UserPoolDomain {
    /// Reads the domain's address; a slash at its end is forgiven.
    ///
    /// # Errors
    /// [`ShouldBe`] names the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, ShouldBe> {
        let url = SecureUrl::parse(text)?;
        if url.has_path() {
            return Err(ShouldBe(
                "the domain alone, without a path, like https://my-app.auth.eu-west-1.amazoncognito.com",
            ));
        }
        Ok(Self(url.without_trailing_slash()))
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
        valid.then(|| Self(text.to_owned())).ok_or(ShouldBe(
            "the app client's ID: letters and digits, like 1example23456789",
        ))
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
        valid.then(|| Self(text.to_owned())).ok_or(ShouldBe(
            "the user pool's ID: its region, _ and letters or digits, like eu-west-1_AbCdEfGhI",
        ))
    }

    /// The issuer that a pool has unless it is set otherwise
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
