//! (A) `/config.json`, turned into domain types once, at the edge.
//! Knows the keys and what each should be; where the text comes from is its caller's business.

use serde_json::{Map, Value};

use crate::cognito::hosted_ui::{AppClient, ClientId, HostedUi, UserPoolDomain, UserPoolId};
use crate::cognito::secure_url::{SecureUrl, ShouldBe};

/// Everything that differs between one environment and another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `userPoolDomain`, `userPoolId`, `issuer`, `clientId`, `scopes`, `redirectUri`, `logoutUri`.
    pub hosted_ui: HostedUi,
    /// `apiUrl`: what stands before `/hiUsers`, without a slash at its end.
    pub api_url: SecureUrl,
    /// `storage`.
    pub storage: StorageArea,
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
    /// The file is not JSON; from this line and column on, counted from 1.
    NotJson {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
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
        /// What is there: a text in quotation marks, or its kind.
        found: String,
    },
}

const KEYS: [&str; 10] = [
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
];

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
        let value = serde_json::from_str(body).map_err(|error| ConfigError::NotJson {
            line: error.line(),
            column: error.column(),
        })?;
        match value {
            Value::Object(settings) => Self::from_settings(&Settings(settings), page),
            _ => Err(ConfigError::NotAnObject),
        }
    }

    fn from_settings(settings: &Settings, page: &str) -> Result<Self, ConfigError> {
        if let Some(unknown) = settings.0.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(ConfigError::Unknown(unknown.clone()));
        }
        let domain = settings.required("userPoolDomain", UserPoolDomain::parse)?;
        let pool = settings.required("userPoolId", UserPoolId::parse)?;
        let issuer = settings.optional("issuer", SecureUrl::parse)?;
        let client_id = settings.required("clientId", ClientId::parse)?;
        let api_url = settings.required("apiUrl", SecureUrl::parse)?;
        settings.optional("grant", grant)?;
        let scopes = settings.scopes()?;
        let address = |key| -> Result<SecureUrl, ConfigError> {
            match settings.optional(key, SecureUrl::parse)? {
                Some(url) => Ok(url),
                None => SecureUrl::parse(page)
                    .map_err(|ShouldBe(should_be)| invalid(key, should_be, &page.into())),
            }
        };
        Ok(Self {
            hosted_ui: HostedUi {
                domain,
                issuer: issuer.unwrap_or_else(|| pool.default_issuer()),
                client: AppClient {
                    client_id,
                    scopes,
                    redirect_uri: address("redirectUri")?,
                    logout_uri: address("logoutUri")?,
                },
            },
            api_url: api_url.without_trailing_slash(),
            storage: settings
                .optional("storage", storage_area)?
                .unwrap_or(StorageArea::Session),
        })
    }
}

struct Settings(Map<String, Value>);

impl Settings {
    fn optional<T>(
        &self,
        key: &'static str,
        parse: fn(&str) -> Result<T, ShouldBe>,
    ) -> Result<Option<T>, ConfigError> {
        let Some(value) = self.0.get(key) else {
            return Ok(None);
        };
        // What is no text is read as an empty one, which no setting can be: the parser then says what belongs there.
        match parse(value.as_str().unwrap_or_default()) {
            Ok(parsed) => Ok(Some(parsed)),
            Err(ShouldBe(should_be)) => Err(invalid(key, should_be, value)),
        }
    }

    fn required<T>(
        &self,
        key: &'static str,
        parse: fn(&str) -> Result<T, ShouldBe>,
    ) -> Result<T, ConfigError> {
        match self.optional(key, parse)? {
            Some(value) => Ok(value),
            None => match parse("") {
                Err(ShouldBe(should_be)) => Err(ConfigError::Missing { key, should_be }),
                Ok(value) => Ok(value),
            },
        }
    }

    fn scopes(&self) -> Result<Vec<String>, ConfigError> {
        let Some(value) = self.0.get("scopes") else {
            return Ok(["openid", "email", "profile"].map(str::to_owned).into());
        };
        let scopes: Option<Vec<String>> = value.as_array().and_then(|scopes| {
            scopes
                .iter()
                .map(|scope| scope.as_str().filter(|scope| is_scope(scope)))
                .map(|scope| scope.map(str::to_owned))
                .collect()
        });
        // Without `openid` Cognito issues no ID token, which is what the API asks for.
        scopes
            .filter(|scopes| scopes.iter().any(|scope| scope == "openid"))
            .ok_or_else(|| {
                let should_be = r#"a list of scopes with "openid" among them, like ["openid", "email", "profile"]"#;
                invalid("scopes", should_be, value)
            })
    }
}

fn invalid(key: &'static str, should_be: &'static str, found: &Value) -> ConfigError {
    let found = match found {
        Value::String(text) => format!("\"{text}\""),
        // Writing any JSON out again would cost every visitor the table of powers of ten.
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "true or false".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    };
    ConfigError::Invalid {
        key,
        should_be,
        found,
    }
}

/// RFC 6749, section 3.3: printable ASCII without space, `"` and `\`.
fn is_scope(scope: &str) -> bool {
    !scope.is_empty()
        && scope
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

fn grant(text: &str) -> Result<(), ShouldBe> {
    match text {
        "implicit" => Ok(()),
        _ => Err(ShouldBe(
            r#""implicit"; the code grant is not part of this version yet"#,
        )),
    }
}

fn storage_area(text: &str) -> Result<StorageArea, ShouldBe> {
    match text {
        "session" => Ok(StorageArea::Session),
        "local" => Ok(StorageArea::Local),
        _ => Err(ShouldBe(r#""session" or "local""#)),
    }
}
