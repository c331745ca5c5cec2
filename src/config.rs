//! (A) `/config.json`, turned into domain types once, at the edge.
//! Knows the keys and what each should be; where the text comes from is its caller's business.

use crate::cognito::hosted_ui::{AppClient, ClientId, Grant, HostedUi, UserPoolDomain, UserPoolId};
use crate::cognito::json::{Json, Object};
use crate::cognito::secure_url::{SecureUrl, ShouldBe};

/// Everything that differs between one environment and another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `userPoolDomain`, `userPoolId`, `issuer`, `clockSkewSeconds`, and all that concerns the app client.
    pub hosted_ui: HostedUi,
    /// `apiUrl`, `apiToken` and `authorizationScheme`.
    pub api: ApiSettings,
    /// `storage`.
    pub storage: StorageArea,
}

/// The API, and what it wants to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiSettings {
    /// What stands before `/hiUsers`, without a slash at its end.
    pub url: SecureUrl,
    /// Which token it asks for.
    pub token: ApiToken,
    /// What stands before the token in the `Authorization` header.
    pub scheme: AuthorizationScheme,
}

/// Which token the API asks for
/// ([AWS: authorizer](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiToken {
    /// `id`: the authorizer has no scopes.
    Id,
    /// `access`: the authorizer asks for scopes.
    Access,
}

/// The form of the `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthorizationScheme {
    /// `bare`: the token alone, as API Gateway documents it.
    Bare,
    /// `Bearer` (RFC 6750, section 2.1).
    Bearer,
}

/// Where the session is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageArea {
    /// `session`: this tab alone, gone when it is closed.
    Session,
    /// `local`: all tabs, until sign-out.
    Local,
}

/// Why there are no settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// The file could not be asked for: no network, or something in between.
    Unreachable,
    /// The server answered with this HTTP status.
    Status(u16),
    /// There is no such file: the server says so, or answers with a page instead.
    NotFound,
    /// The file is not JSON: what its reader says.
    NotJson(String),
    /// The file is JSON, but no object.
    NotAnObject,
    /// No setting has this name.
    Unknown(String),
    /// This setting has no default and is not there.
    Missing {
        /// The setting's name.
        key: &'static str,
        /// What belongs there.
        should_be: &'static str,
    },
    /// This setting has a value that it cannot have.
    Invalid {
        /// The setting's name.
        key: &'static str,
        /// What belongs there.
        should_be: &'static str,
        /// What is there: a text in quotation marks, a number, or its kind.
        found: String,
    },
}

impl Config {
    /// Reads the server's answer to `GET config.json`. `page` is the address that the app is served under, with its
    /// slash: where the Hosted UI comes back to unless the settings say otherwise.
    ///
    /// # Errors
    /// [`ConfigError`] for the first thing that is wrong.
    pub fn read(status: u16, body: &str, page: &str) -> Result<Self, ConfigError> {
        match status {
            200 => {}
            // S3 answers 403 for a missing object unless listing is allowed.
            403 | 404 => return Err(ConfigError::NotFound),
            _ => return Err(ConfigError::Status(status)),
        }
        // A single-page host answers with its page for whatever it does not have.
        if body.trim_ascii_start().starts_with('<') {
            return Err(ConfigError::NotFound);
        }
        // Some editors write a byte order mark, which JSON does not know.
        let body = body.strip_prefix('\u{feff}').unwrap_or(body);
        match Json::read(body) {
            Ok(Json::Object(settings)) => Self::from_settings(&Settings(settings), page),
            Ok(_) => Err(ConfigError::NotAnObject),
            Err(words) => Err(ConfigError::NotJson(words)),
        }
    }

    fn from_settings(settings: &Settings, page: &str) -> Result<Self, ConfigError> {
        if let Some(unknown) = settings.0.names().find(|key| !KEYS.contains(key)) {
            return Err(ConfigError::Unknown(unknown.to_owned()));
        }
        let domain = settings.text("userPoolDomain", "", UserPoolDomain::parse)?;
        let pool = settings.text("userPoolId", "", UserPoolId::parse)?;
        let issuer = pool.default_issuer();
        let mut hints = Vec::new();
        for (key, name, parse) in HINTS {
            if settings.0.get(key).is_some() {
                hints.push((name, settings.text(key, "", parse)?));
            }
        }
        Ok(Self {
            hosted_ui: HostedUi {
                domain,
                issuer: settings.text("issuer", issuer.as_str(), SecureUrl::parse)?,
                client: AppClient {
                    client_id: settings.text("clientId", "", ClientId::parse)?,
                    grant: settings.text("grant", "implicit", grant)?,
                    scopes: settings.list("scopes", &["openid", "email", "profile"], SCOPES)?,
                    redirect_uri: settings.text("redirectUri", page, SecureUrl::parse)?,
                    logout_uri: settings.text("logoutUri", page, SecureUrl::parse)?,
                    hints,
                    identity_providers: settings.list("identityProviders", &[], PROVIDERS)?,
                },
                clock_skew: settings.seconds("clockSkewSeconds", 120)?,
            },
            api: ApiSettings {
                url: settings
                    .text("apiUrl", "", SecureUrl::parse)?
                    .without_trailing_slash(),
                token: settings.text("apiToken", "id", api_token)?,
                scheme: settings.text("authorizationScheme", "bare", authorization_scheme)?,
            },
            storage: settings.text("storage", "session", storage_area)?,
        })
    }
}

const KEYS: [&str; 17] = [
    "userPoolDomain",
    "userPoolId",
    "issuer",
    "clientId",
    "apiUrl",
    "grant",
    "scopes",
    "redirectUri",
    "logoutUri",
    "storage",
    "identityProviders",
    "lang",
    "loginHint",
    "prompt",
    "authorizationScheme",
    "apiToken",
    "clockSkewSeconds",
];

/// How a setting's text becomes what it stands for.
type Parse<T> = fn(&str) -> Result<T, ShouldBe>;

/// The settings that are handed on as they are: their key, Cognito's parameter, and what is accepted.
const HINTS: [(&str, &str, Parse<String>); 3] = [
    ("lang", "lang", lang),
    ("loginHint", "login_hint", login_hint),
    ("prompt", "prompt", prompt),
];

/// What a list may consist of, and what it should be.
type Items = (fn(&[String]) -> bool, &'static str);

const SCOPES: Items = (
    // Without `openid` Cognito issues no ID token.
    |scopes| {
        scopes.iter().all(|scope| is_scope(scope)) && scopes.iter().any(|scope| scope == "openid")
    },
    r#"a list of scopes with "openid" among them, like ["openid", "email", "profile"]"#,
);

const PROVIDERS: Items = (
    |names| names.iter().all(|name| (1..=32).contains(&name.len())),
    r#"a list of identity providers by their names in the user pool, like ["Google"]"#,
);

struct Settings(Object);

impl Settings {
    /// A setting that is a text. An empty `default` is none.
    fn text<T>(&self, key: &'static str, default: &str, parse: Parse<T>) -> Result<T, ConfigError> {
        let text = match self.0.get(key) {
            None => default,
            // What is no text is read as an empty one, which no setting can be: the parser then says what belongs there.
            Some(value) => value.text().unwrap_or_default(),
        };
        parse(text).map_err(|ShouldBe(should_be)| self.wrong(key, default, should_be))
    }

    fn list(
        &self,
        key: &'static str,
        default: &[&str],
        (is_valid, should_be): Items,
    ) -> Result<Vec<String>, ConfigError> {
        if self.0.get(key).is_none() {
            return Ok(default.iter().map(|&item| item.to_owned()).collect());
        }
        let text = |item: &Json| item.text().map(str::to_owned);
        let items = self
            .0
            .list(key)
            .and_then(|items| items.iter().map(text).collect());
        items
            .filter(|items: &Vec<String>| is_valid(items))
            .ok_or_else(|| self.wrong(key, "", should_be))
    }

    fn seconds(&self, key: &'static str, default: u64) -> Result<u64, ConfigError> {
        const MOST: u64 = 600;
        if self.0.get(key).is_none() {
            return Ok(default);
        }
        let seconds = self.0.number(key).filter(|seconds| *seconds <= MOST);
        seconds.ok_or_else(|| self.wrong(key, "", "a number of seconds from 0 to 600"))
    }

    fn wrong(&self, key: &'static str, default: &str, should_be: &'static str) -> ConfigError {
        let found = match self.0.get(key) {
            None if default.is_empty() => return ConfigError::Missing { key, should_be },
            None => format!("\"{default}\""),
            Some(Json::Text(text)) => format!("\"{text}\""),
            Some(Json::Number(number)) => number.to_string(),
            Some(Json::List(_)) => "a list".to_owned(),
            Some(Json::Object(_)) => "an object".to_owned(),
            Some(Json::Other) => "not a text".to_owned(),
        };
        ConfigError::Invalid {
            key,
            should_be,
            found,
        }
    }
}

/// RFC 6749, section 3.3: printable ASCII without space, `"` and `\`.
fn is_scope(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(allowed)
}

fn grant(text: &str) -> Result<Grant, ShouldBe> {
    match text {
        "implicit" => Ok(Grant::Implicit),
        "code" => Ok(Grant::Code),
        _ => Err(ShouldBe(r#""implicit" or "code""#)),
    }
}

fn storage_area(text: &str) -> Result<StorageArea, ShouldBe> {
    match text {
        "session" => Ok(StorageArea::Session),
        "local" => Ok(StorageArea::Local),
        _ => Err(ShouldBe(r#""session" or "local""#)),
    }
}

fn api_token(text: &str) -> Result<ApiToken, ShouldBe> {
    match text {
        "id" => Ok(ApiToken::Id),
        "access" => Ok(ApiToken::Access),
        _ => Err(ShouldBe(r#""id" or "access""#)),
    }
}

fn authorization_scheme(text: &str) -> Result<AuthorizationScheme, ShouldBe> {
    match text {
        "bare" => Ok(AuthorizationScheme::Bare),
        "Bearer" => Ok(AuthorizationScheme::Bearer),
        _ => Err(ShouldBe(r#""bare" or "Bearer""#)),
    }
}

fn lang(text: &str) -> Result<String, ShouldBe> {
    let valid = (2..=35).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let should_be = ShouldBe(r#"a language that managed login knows, like "es" or "pt-BR""#);
    valid.then(|| text.to_owned()).ok_or(should_be)
}

fn login_hint(text: &str) -> Result<String, ShouldBe> {
    let should_be = ShouldBe("a user name or an e-mail address");
    let valid = (1..=256).contains(&text.len());
    valid.then(|| text.to_owned()).ok_or(should_be)
}

fn prompt(text: &str) -> Result<String, ShouldBe> {
    match text {
        "none" | "login" | "select_account" | "consent" => Ok(text.to_owned()),
        _ => Err(ShouldBe(
            r#""none", "login", "select_account" or "consent""#,
        )),
    }
}
