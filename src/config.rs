//! (A) `/config.json`, turned into domain types once, at the edge.
//! Knows the keys and what each should be; where the text comes from is its caller's business.

use crate::cognito::hosted_ui::{AppClient, ClientId, Grant, HostedUi, UserPoolDomain, UserPoolId};
use crate::cognito::json::{Json, Object, decimal, joined, texts};
use crate::cognito::secure_url::SecureUrl;
use crate::cognito::should_be::ShouldBe;

/// Everything that differs between one environment and another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `userPoolDomain`, `issuer`, `clockSkewSeconds`, and all that concerns the app client.
    pub hosted_ui: HostedUi,
    /// `apiUrl`, `apiToken` and `authorizationScheme`.
    pub api: ApiSettings,
    /// `storage`.
    pub storage: StorageArea,
    /// All settings, those that were left out as well: their names, and their values as a person reads them.
    pub in_force: Vec<(&'static str, String)>,
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
        should_be: ShouldBe,
    },
    /// This setting has a value that it cannot have.
    Invalid {
        /// The setting's name.
        key: &'static str,
        /// What belongs there.
        should_be: ShouldBe,
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
            Ok(Json::Object(members)) => Settings::new(members).read(page),
            Ok(_) => Err(ConfigError::NotAnObject),
            Err(words) => Err(ConfigError::NotJson(words)),
        }
    }
}

/// How a setting's text becomes what it stands for.
type Parse<T> = fn(&str) -> Result<T, ShouldBe>;

/// The settings that are handed on as they are: their key, Cognito's parameter, and what is accepted.
const HINTS: [(&str, &str, Parse<String>); 3] = [
    ("lang", "lang", lang),
    ("loginHint", "login_hint", login_hint),
    ("prompt", "prompt", prompt),
];

/// What a list may consist of, what it should be, and what stands between its items where a person reads it.
type Items = (fn(&[String]) -> bool, ShouldBe, &'static str);

const SCOPES: Items = (
    // Without `openid` Cognito issues no ID token.
    |scopes| {
        scopes.iter().all(|scope| is_scope(scope)) && scopes.iter().any(|scope| scope == "openid")
    },
    ShouldBe::Scopes,
    " ",
);

const PROVIDERS: Items = (
    |names| names.iter().all(|name| (1..=32).contains(&name.len())),
    ShouldBe::Providers,
    ", ",
);

/// The file's members, the first thing that is wrong in them, and what has been read.
struct Settings {
    members: Object,
    wrong: Option<ConfigError>,
    in_force: Vec<(&'static str, String)>,
}

impl Settings {
    fn new(members: Object) -> Self {
        Self {
            members,
            wrong: None,
            in_force: Vec::new(),
        }
    }

    // Each setting is read, whatever came of those before it: leaving at each would take 4 KB in every visitor's download.
    fn read(mut self, page: &str) -> Result<Config, ConfigError> {
        let domain = self.text("userPoolDomain", "", UserPoolDomain::parse);
        let user_pool_id = self.text("userPoolId", "", UserPoolId::parse);
        let issuer = user_pool_id.as_ref().map(UserPoolId::default_issuer);
        let issuer = issuer.as_ref().map_or("", SecureUrl::as_str);
        let issuer = self.text("issuer", issuer, SecureUrl::parse);
        let client_id = self.text("clientId", "", ClientId::parse);
        let url = self.text("apiUrl", "", SecureUrl::parse);
        let grant = self.one_of("grant", &GRANTS, ShouldBe::Grant);
        let scopes = self.list("scopes", &["openid", "email", "profile"], SCOPES);
        let redirect_uri = self.text("redirectUri", page, SecureUrl::parse);
        let logout_uri = self.text("logoutUri", page, SecureUrl::parse);
        let storage = self.one_of("storage", &STORAGE_AREAS, ShouldBe::Storage);
        let identity_providers = self.list("identityProviders", &[], PROVIDERS);
        let mut hints = Vec::new();
        for (key, name, parse) in HINTS {
            match self.members.get(key) {
                None => self.in_force.push((key, String::new())),
                Some(_) => hints.extend(self.text(key, "", parse).map(|hint| (name, hint))),
            }
        }
        let scheme = self.one_of("authorizationScheme", &SCHEMES, ShouldBe::Scheme);
        let token = self.one_of("apiToken", &API_TOKENS, ShouldBe::Token);
        let clock_skew = self.seconds("clockSkewSeconds", 120);
        let is_known =
            |(member, _): &(String, Json)| self.in_force.iter().any(|(key, _)| key == member);
        // Before all else: what is missing is there, perhaps, by a name that is misspelt.
        if let Some((key, _)) = self
            .members
            .members()
            .iter()
            .find(|member| !is_known(member))
        {
            self.wrong = Some(ConfigError::Unknown(key.clone()));
        }
        match (domain, issuer, client_id, url, redirect_uri, logout_uri) {
            (
                Some(domain),
                Some(issuer),
                Some(client_id),
                Some(url),
                Some(redirect_uri),
                Some(logout_uri),
            ) if self.wrong.is_none() => Ok(Config {
                hosted_ui: HostedUi {
                    domain,
                    issuer,
                    client: AppClient {
                        client_id,
                        grant,
                        scopes,
                        redirect_uri,
                        logout_uri,
                        hints,
                        identity_providers,
                    },
                    clock_skew,
                },
                api: ApiSettings {
                    url: url.without_trailing_slash(),
                    token,
                    scheme,
                },
                storage,
                in_force: self.in_force,
            }),
            // What is not there is what is wrong.
            _ => Err(self.wrong.unwrap_or(ConfigError::NotAnObject)),
        }
    }

    /// A setting that is a text. An empty `default` is none.
    fn text<T>(&mut self, key: &'static str, default: &str, parse: Parse<T>) -> Option<T> {
        let text = self.put_in_force(key, default);
        let refuse = |should_be| self.refuse(key, default, should_be);
        parse(&text).map_err(refuse).ok()
    }

    /// A setting that has two values; the first is its default.
    fn one_of<T: Copy>(&mut self, key: &'static str, names: &Names<T>, should_be: ShouldBe) -> T {
        let [(default, first), (second_name, second)] = *names;
        match self.put_in_force(key, default) {
            text if text == default => first,
            text if text == second_name => second,
            _ => {
                self.refuse(key, default, should_be);
                first
            }
        }
    }

    /// The text of a setting. What is no text is read as an empty one, which no setting can be: its parser then says what
    /// belongs there.
    fn put_in_force(&mut self, key: &'static str, default: &str) -> String {
        let text = match self.members.get(key) {
            None => default,
            Some(value) => value.text().unwrap_or_default(),
        };
        self.in_force.push((key, text.to_owned()));
        text.to_owned()
    }

    fn list(
        &mut self,
        key: &'static str,
        default: &[&str],
        (is_valid, should_be, between): Items,
    ) -> Vec<String> {
        let list = match self.members.get(key) {
            None => Some(default.iter().map(|&item| item.to_owned()).collect()),
            Some(Json::List(items)) => texts(items).filter(|list| is_valid(list)),
            Some(_) => None,
        };
        if list.is_none() {
            self.refuse(key, "", should_be);
        }
        let list = list.unwrap_or_default();
        self.in_force.push((key, joined(&list, between)));
        list
    }

    fn seconds(&mut self, key: &'static str, default: u64) -> u64 {
        const MOST: u64 = 600;
        let seconds = match self.members.get(key) {
            None => Some(default),
            Some(Json::Number(seconds)) => Some(*seconds).filter(|seconds| *seconds <= MOST),
            Some(_) => None,
        };
        let seconds = seconds.unwrap_or_else(|| {
            self.refuse(key, "", ShouldBe::Seconds);
            default
        });
        self.in_force.push((key, decimal(seconds)));
        seconds
    }

    /// Remembers what is wrong, unless something was wrong before.
    fn refuse(&mut self, key: &'static str, default: &str, should_be: ShouldBe) {
        let found = match self.members.get(key) {
            None if default.is_empty() => {
                self.wrong
                    .get_or_insert(ConfigError::Missing { key, should_be });
                return;
            }
            None => ["\"", default, "\""].concat(),
            Some(Json::Text(text)) => ["\"", text.as_str(), "\""].concat(),
            Some(Json::List(_)) => "a list".to_owned(),
            Some(Json::Object(_)) => "an object".to_owned(),
            Some(other) => other.plain(),
        };
        self.wrong.get_or_insert(ConfigError::Invalid {
            key,
            should_be,
            found,
        });
    }
}

/// RFC 6749, section 3.3: printable ASCII without space, `"` and `\`.
fn is_scope(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    !text.is_empty() && text.bytes().all(allowed)
}

/// The two values that a setting can have, with their names in the file; the first is the default.
type Names<T> = [(&'static str, T); 2];

const GRANTS: Names<Grant> = [("implicit", Grant::Implicit), ("code", Grant::Code)];

const STORAGE_AREAS: Names<StorageArea> = [
    ("session", StorageArea::Session),
    ("local", StorageArea::Local),
];

const API_TOKENS: Names<ApiToken> = [("id", ApiToken::Id), ("access", ApiToken::Access)];

const SCHEMES: Names<AuthorizationScheme> = [
    ("bare", AuthorizationScheme::Bare),
    ("Bearer", AuthorizationScheme::Bearer),
];

fn lang(text: &str) -> Result<String, ShouldBe> {
    let valid = (2..=35).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    valid.then(|| text.to_owned()).ok_or(ShouldBe::Lang)
}

fn login_hint(text: &str) -> Result<String, ShouldBe> {
    let valid = (1..=256).contains(&text.len());
    valid.then(|| text.to_owned()).ok_or(ShouldBe::LoginHint)
}

fn prompt(text: &str) -> Result<String, ShouldBe> {
    match text {
        "none" | "login" | "select_account" | "consent" => Ok(text.to_owned()),
        _ => Err(ShouldBe::Prompt),
    }
}
