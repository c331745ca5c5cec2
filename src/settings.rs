//! (A) Reads the settings, `config.json` or the element `#config` in the page, into [`Settings`]. Errors name the setting.

use cognito_hosted_ui::{
    AppClient, ClientId, Constraint, Grant, HostedUi, Prompt, SecureUrl, UserPoolDomain, UserPoolId,
};
use gloo_net::http::Request;
use leptos::prelude::document;
use leptos_cognito::{ApiConfig, ApiToken, AuthConfig, AuthorizationScheme, StorageArea};
use serde_json::{Map, Value};

/// Everything that differs between environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The configuration of the sign-in and of the API calls.
    pub auth: AuthConfig,
    /// The identity providers that get a button, by their names in the user pool.
    pub identity_providers: Vec<String>,
    /// Every setting with its effective value, including defaults, for the setup page.
    pub effective: Vec<(&'static str, String)>,
}

/// Why there are no settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// There is no response: no network, or something blocks the request.
    Unreachable,
    /// The server responded with this HTTP status.
    Status(u16),
    /// There is no such file: the server says so, or responds with the page instead.
    NotFound,
    /// The file is not JSON. Contains the parser's message.
    NotJson(String),
    /// The file is JSON, but not an object.
    NotAnObject,
    /// The file contains a setting that does not exist.
    UnknownKey(String),
    /// A required setting is missing.
    Missing {
        /// The setting's name.
        key: &'static str,
        /// What its value must be.
        expected: Expected,
    },
    /// A setting has an invalid value.
    Invalid {
        /// The setting's name.
        key: &'static str,
        /// What its value must be.
        expected: Expected,
        /// Its current value, as JSON.
        found: String,
    },
}

/// What a setting's value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A string that satisfies this constraint.
    Constraint(Constraint),
    /// A list of scopes that includes `openid`.
    Scopes,
    /// A list of identity providers.
    IdentityProviders,
    /// A number of seconds from 0 to 600.
    Seconds,
    /// A language tag.
    Lang,
    /// A username or an email address.
    LoginHint,
    /// One of these values.
    OneOf(&'static [&'static str]),
}

/// The names of all settings. Any other name is probably misspelled.
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

/// Loads the settings. `page` is the app's own URL, with a trailing slash.
///
/// # Errors
/// [`SettingsError`] for the first error found.
pub async fn load(page: &str) -> Result<Settings, SettingsError> {
    // `cargo xtask deploy` puts them into the page, which saves a request.
    if let Some(element) = document().get_element_by_id("config") {
        return Settings::read(200, &element.text_content().unwrap_or_default(), page);
    }
    let response = Request::get("config.json").send().await;
    let response = response.map_err(|_| SettingsError::Unreachable)?;
    let body = response.text().await;
    let body = body.map_err(|_| SettingsError::Unreachable)?;
    Settings::read(response.status(), &body, page)
}

impl Settings {
    /// Reads the response to `GET config.json`. `page` is the app's own URL, with a trailing slash. It is the default for the
    /// callback URL and the sign-out URL.
    ///
    /// # Errors
    /// [`SettingsError`] for the first error found.
    pub fn read(status: u16, body: &str, page: &str) -> Result<Self, SettingsError> {
        match status {
            200 => {}
            // For a missing object, S3 responds with 403 unless listing is allowed.
            403 | 404 => return Err(SettingsError::NotFound),
            _ => return Err(SettingsError::Status(status)),
        }
        // A host for single-page apps responds with the page if a file does not exist.
        if body.trim_start().starts_with('<') {
            return Err(SettingsError::NotFound);
        }
        // Some editors write a byte order mark, which JSON does not allow.
        let body = body.strip_prefix('\u{feff}').unwrap_or(body);
        match serde_json::from_str(body) {
            Ok(Value::Object(members)) => Self::from_members(&members, page),
            Ok(_) => Err(SettingsError::NotAnObject),
            Err(error) => Err(SettingsError::NotJson(error.to_string())),
        }
    }

    fn from_members(members: &Map<String, Value>, page: &str) -> Result<Self, SettingsError> {
        // Checked first, because a required setting can be present under a misspelled name.
        if let Some(key) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(SettingsError::UnknownKey(key.clone()));
        }
        let mut reader = Reader {
            members,
            effective: Vec::new(),
        };
        let domain = reader.text("userPoolDomain", None, UserPoolDomain::parse)?;
        let pool = reader.text("userPoolId", None, UserPoolId::parse)?;
        let default_issuer = pool.default_issuer();
        let issuer = reader.text("issuer", Some(default_issuer.as_str()), SecureUrl::parse)?;
        let client_id = reader.text("clientId", None, ClientId::parse)?;
        let api_url = reader.text("apiUrl", None, SecureUrl::parse)?;
        let grant =
            [Grant::Implicit, Grant::Code][reader.one_of("grant", &["implicit", "code"])?];
        let scopes = reader.list(
            "scopes",
            &["openid", "email", "profile"],
            Expected::Scopes,
            are_scopes,
        )?;
        let redirect_uri = reader.text("redirectUri", Some(page), SecureUrl::parse)?;
        let logout_uri = reader.text("logoutUri", Some(page), SecureUrl::parse)?;
        let storage = [StorageArea::Session, StorageArea::Local]
            [reader.one_of("storage", &["session", "local"])?];
        let identity_providers = reader.list(
            "identityProviders",
            &[],
            Expected::IdentityProviders,
            are_identity_providers,
        )?;
        let lang = reader.optional("lang", Expected::Lang, |text| {
            is_language_tag(text).then(|| text.to_owned())
        })?;
        let login_hint = reader.optional("loginHint", Expected::LoginHint, |text| {
            (1..=256).contains(&text.len()).then(|| text.to_owned())
        })?;
        let prompt = reader.optional(
            "prompt",
            Expected::OneOf(&["none", "login", "select_account", "consent"]),
            |text| PROMPTS.into_iter().find(|prompt| prompt.as_str() == text),
        )?;
        let scheme = [AuthorizationScheme::Bare, AuthorizationScheme::Bearer]
            [reader.one_of("authorizationScheme", &["bare", "Bearer"])?];
        let token =
            [ApiToken::Id, ApiToken::Access][reader.one_of("apiToken", &["id", "access"])?];
        let clock_tolerance = reader.seconds("clockSkewSeconds", 120)?;
        let client = AppClient {
            scopes,
            logout_uri,
            lang,
            login_hint,
            prompt,
            ..AppClient::new(client_id, grant, redirect_uri)
        };
        Ok(Self {
            auth: AuthConfig {
                hosted_ui: HostedUi {
                    issuer,
                    clock_tolerance,
                    ..HostedUi::new(domain, &pool, client)
                },
                api: ApiConfig {
                    token,
                    scheme,
                    ..ApiConfig::new(api_url)
                },
                storage,
            },
            identity_providers,
            effective: reader.effective,
        })
    }
}

const PROMPTS: [Prompt; 4] = [
    Prompt::None,
    Prompt::Login,
    Prompt::SelectAccount,
    Prompt::Consent,
];

/// The file's members, and the effective values read so far.
struct Reader<'a> {
    members: &'a Map<String, Value>,
    effective: Vec<(&'static str, String)>,
}

impl Reader<'_> {
    /// Reads a string. Without a default, it is required.
    fn text<T>(
        &mut self,
        key: &'static str,
        default: Option<&str>,
        parse: fn(&str) -> Result<T, Constraint>,
    ) -> Result<T, SettingsError> {
        let text = match (self.members.get(key), default) {
            (Some(Value::String(text)), _) => text,
            (None, Some(default)) => default,
            // Not a string, or missing: parsing the empty string yields the right constraint.
            (_, _) => "",
        };
        let parsed = parse(text).map_err(|constraint| {
            let default = default.map(Value::from);
            self.mistake(key, Expected::Constraint(constraint), default.as_ref())
        })?;
        self.effective.push((key, text.to_owned()));
        Ok(parsed)
    }

    /// Reads a string that may be missing.
    fn optional<T>(
        &mut self,
        key: &'static str,
        expected: Expected,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, SettingsError> {
        let Some(value) = self.members.get(key) else {
            self.effective.push((key, String::new()));
            return Ok(None);
        };
        let text = value.as_str().unwrap_or_default();
        let parsed = parse(text).ok_or_else(|| self.mistake(key, expected, None))?;
        self.effective.push((key, text.to_owned()));
        Ok(Some(parsed))
    }

    /// A text that has these values; the first is the default. Returns the index of the value.
    fn one_of(
        &mut self,
        key: &'static str,
        names: &'static [&'static str],
    ) -> Result<usize, SettingsError> {
        let text = match self.members.get(key) {
            None => names[0],
            Some(value) => value.as_str().unwrap_or_default(),
        };
        let index = names.iter().position(|name| *name == text);
        let index = index.ok_or_else(|| self.mistake(key, Expected::OneOf(names), None))?;
        self.effective.push((key, text.to_owned()));
        Ok(index)
    }

    fn list(
        &mut self,
        key: &'static str,
        default: &[&str],
        expected: Expected,
        are_valid: fn(&[String]) -> bool,
    ) -> Result<Vec<String>, SettingsError> {
        let list = match self.members.get(key) {
            None => Some(default.iter().map(|&item| item.to_owned()).collect()),
            Some(value) => texts(value).filter(|list: &Vec<String>| are_valid(list)),
        };
        let list = list.ok_or_else(|| self.mistake(key, expected, None))?;
        self.effective.push((key, list.join(", ")));
        Ok(list)
    }

    fn seconds(&mut self, key: &'static str, default: u64) -> Result<u64, SettingsError> {
        const MAX: u64 = 600;
        let seconds = match self.members.get(key) {
            None => Some(default),
            Some(value) => value.as_u64().filter(|seconds| *seconds <= MAX),
        };
        let seconds = seconds.ok_or_else(|| self.mistake(key, Expected::Seconds, None))?;
        self.effective.push((key, seconds.to_string()));
        Ok(seconds)
    }

    fn mistake(
        &self,
        key: &'static str,
        expected: Expected,
        default: Option<&Value>,
    ) -> SettingsError {
        match self.members.get(key).or(default) {
            None => SettingsError::Missing { key, expected },
            Some(found) => SettingsError::Invalid {
                key,
                expected,
                found: found.to_string(),
            },
        }
    }
}

/// The items of an array, if all of them are strings.
fn texts(value: &Value) -> Option<Vec<String>> {
    let items = value.as_array()?.iter();
    items.map(|item| Some(item.as_str()?.to_owned())).collect()
}

/// RFC 6749, section 3.3: printable ASCII without space, `"` and `\`. Without `openid`, Cognito issues no ID token.
fn are_scopes(scopes: &[String]) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(is_allowed);
    scopes.iter().all(is_scope) && scopes.iter().any(|scope| scope == "openid")
}

/// In Cognito, the name of an identity provider has 1 to 32 characters.
fn are_identity_providers(names: &[String]) -> bool {
    names.iter().all(|name| (1..=32).contains(&name.len()))
}

/// The form of an RFC 5646 tag.
fn is_language_tag(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (2..=35).contains(&text.len()) && text.bytes().all(is_allowed)
}
