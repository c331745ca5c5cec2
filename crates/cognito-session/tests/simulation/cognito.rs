//! Cognito, its keys, and the API behind its tokens. Tokens are real JWTs; a signature is a keyed hash. It knows the truth about
//! each of its tokens, which the invariants ask for.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cognito_session::{ApiToken, HttpCache, HttpRequest, Method};

use crate::weather::AuthTime;
use crate::world::{EPOCH, World};

pub const DOMAIN: &str = "https://my-app.auth.eu-west-1.amazoncognito.com";
pub const POOL: &str = "eu-west-1_AbCdEfGhI";
pub const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEfGhI";
pub const CLIENTS: [&str; 2] = ["1client", "2client"];
pub const API: &str = "https://api.example.com/prod";
pub const APP: &str = "https://app.example.com/";
/// The app's server, which only says what time it is.
pub const APP_CLOCK: &str = "https://app.example.com/index.html";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    Ada,
    Bob,
}

impl User {
    pub fn sub(self) -> &'static str {
        match self {
            Self::Ada => "ada",
            Self::Bob => "bob",
        }
    }

    pub fn other(self) -> Self {
        match self {
            Self::Ada => Self::Bob,
            Self::Bob => Self::Ada,
        }
    }
}

/// Cognito's own session in the browser.
#[derive(Clone, Copy, Debug)]
pub struct Cookie {
    pub user: User,
    pub since: u64,
}

impl Cookie {
    /// In milliseconds. It is not extended.
    const LIFETIME: u64 = 3_600_000;

    pub fn is_valid(self, now: u64) -> bool {
        now < self.since + Self::LIFETIME
    }
}

/// A request for a sign-in, from the URL that the browser goes to.
#[derive(Clone, Debug)]
pub struct Authorization {
    pub state: String,
    pub nonce: String,
    pub client: usize,
    pub is_code: bool,
}

/// A sign-in at Cognito, and what comes from it.
pub struct SignIn {
    pub user: User,
    pub client: usize,
    pub state: String,
    nonce: String,
    auth_time: u64,
    ends_at: u64,
    pub is_banned: bool,
    pub is_refused_by_api: bool,
}

pub struct RefreshToken {
    pub sign_in: usize,
    replaced_at: Option<u64>,
    pub is_revoked: bool,
}

/// An ID token.
#[derive(Clone, Copy)]
pub struct IdToken {
    pub sign_in: usize,
    /// The user that it names, who is another one if it is forged.
    pub user: User,
    /// In seconds since 1970.
    pub exp: u64,
    pub forgery: Option<Forgery>,
}

#[derive(Clone, Copy)]
pub struct AccessToken {
    pub sign_in: usize,
    exp: u64,
}

struct Code {
    sign_in: usize,
    issued_at: u64,
    is_used: bool,
}

/// A token that Cognito cannot have issued for this user and this app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    Signature,
    Algorithm,
    Issuer,
    Audience,
    TokenUse,
    Subject,
}

/// A refreshed token that is unusual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Oddity {
    AuthorizedParty,
    Nonce,
    NoNonce,
    EarlyIssue,
    AccessTokenHash,
    ShortLife,
}

/// What an answer means for a session, once a page has received it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    None,
    /// The first tokens of a sign-in.
    Began {
        sign_in: usize,
        refresh_token: Option<usize>,
    },
    /// New tokens, with a new refresh token if the pool rotates them.
    Refreshed {
        sign_in: usize,
        refresh_token: Option<usize>,
        forgery: Option<Forgery>,
    },
    /// The refresh token will never work again.
    Ended {
        sign_in: usize,
    },
    Unauthorized {
        ask: usize,
        sign_in: Option<usize>,
    },
    UserInfo {
        is_forged: bool,
    },
}

pub struct Reply {
    pub status: u16,
    pub body: String,
    pub effect: Effect,
}

impl Reply {
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self {
            status,
            body,
            effect: Effect::None,
        }
    }
}

#[derive(Default)]
pub struct Cognito {
    pub cookie: Cell<Option<Cookie>>,
    /// When `/logout` was last processed: the order among all events.
    pub last_logout: Cell<u64>,
    pub sign_ins: RefCell<Vec<SignIn>>,
    pub refresh_tokens: RefCell<Vec<RefreshToken>>,
    id_tokens: RefCell<Vec<IdToken>>,
    access_tokens: RefCell<Vec<AccessToken>>,
    by_text: RefCell<HashMap<String, usize>>,
    codes: RefCell<Vec<Code>>,
    newest_key: Cell<usize>,
    cached_key: Cell<Option<usize>>,
    /// What the browser's HTTP cache has of the API.
    cached_response: RefCell<Option<String>>,
    last_auth_time: Cell<[u64; 2]>,
}

impl Cognito {
    /// The index and the truth of an ID token.
    pub fn id_token(&self, text: &str) -> Option<(usize, IdToken)> {
        let index = self.by_text.borrow().get(text).copied()?;
        Some((index, self.id_tokens.borrow()[index]))
    }

    pub fn access_token(&self, text: &str) -> Option<AccessToken> {
        let index: usize = text.strip_prefix("access-")?.parse().ok()?;
        self.access_tokens.borrow().get(index).copied()
    }

    pub fn refresh_token_index(text: &str) -> Option<usize> {
        text.strip_prefix("refresh-")?.parse().ok()
    }

    pub fn sign_in_of_refresh_token(&self, index: usize) -> Option<usize> {
        self.refresh_tokens.borrow().get(index).map(|it| it.sign_in)
    }

    pub fn sign_in_of_state(&self, state: &str) -> Option<usize> {
        self.sign_ins
            .borrow()
            .iter()
            .rposition(|it| it.state == state)
    }

    pub fn user_of(&self, sign_in: usize) -> User {
        self.sign_ins.borrow()[sign_in].user
    }

    /// When the newest ID token of a sign-in expires, in seconds since 1970.
    pub fn last_exp(&self, sign_in: usize) -> u64 {
        let tokens = self.id_tokens.borrow();
        let of = tokens.iter().filter(|it| it.sign_in == sign_in);
        of.map(|it| it.exp).max().unwrap_or(0)
    }

    pub fn rotate_keys(&self) {
        self.newest_key.set(self.newest_key.get() + 1);
    }
}

impl World {
    /// The user has signed in at Cognito's page.
    pub fn sign_in_at_cognito(&self, user: User) {
        let since = self.now();
        self.cognito.cookie.set(Some(Cookie { user, since }));
        let mut times = self.cognito.last_auth_time.get();
        times[user as usize] = self.cognito_seconds();
        self.cognito.last_auth_time.set(times);
    }

    pub fn cookie(&self) -> Option<Cookie> {
        self.cognito
            .cookie
            .get()
            .filter(|it| it.is_valid(self.now()))
    }

    /// `/logout`.
    pub fn end_cookie(&self) {
        self.cognito.cookie.set(None);
        self.cognito.last_logout.set(self.next_order());
    }

    /// Cognito's answer to a request: the query or the fragment of the URL that it redirects to.
    pub fn answer(&self, request: &Authorization, user: User) -> String {
        let weather = self.weather.get();
        let sign_in = self.cognito.sign_ins.borrow().len();
        self.cognito.sign_ins.borrow_mut().push(SignIn {
            user,
            client: request.client,
            state: request.state.clone(),
            nonce: request.nonce.clone(),
            auth_time: self.cognito.last_auth_time.get()[user as usize],
            ends_at: self.now() + weather.refresh_lifetime,
            is_banned: false,
            is_refused_by_api: false,
        });
        self.ledger.sign_in_issued(self, sign_in, &request.state);
        let state = &request.state;
        if request.is_code {
            let mut codes = self.cognito.codes.borrow_mut();
            codes.push(Code {
                sign_in,
                issued_at: self.now(),
                is_used: false,
            });
            return format!("?code=code-{}&state={state}", codes.len() - 1);
        }
        let (id, access, _) = self.issue(sign_in, self.chosen_forgery(false), None);
        format!(
            "#id_token={id}&access_token={access}&expires_in=3600&token_type=Bearer&state={state}"
        )
    }

    fn chosen_forgery(&self, is_refresh: bool) -> Option<Forgery> {
        use Forgery::{Algorithm, Audience, Issuer, Signature, Subject, TokenUse};
        let is_forged = self.rng.percent(self.weather.get().faults.forgeries);
        let kinds = [Subject, Signature, Algorithm, Issuer, Audience, TokenUse];
        // Who has signed in, only Cognito can know.
        let kinds = if is_refresh { &kinds } else { &kinds[1..] };
        is_forged.then(|| self.rng.pick(kinds))
    }

    fn chosen_oddity(&self) -> Option<Oddity> {
        use Oddity::{AccessTokenHash, AuthorizedParty, EarlyIssue, NoNonce, Nonce, ShortLife};
        let is_odd = self.rng.percent(self.weather.get().faults.oddities);
        let kinds = [
            AuthorizedParty,
            Nonce,
            NoNonce,
            EarlyIssue,
            AccessTokenHash,
            ShortLife,
        ];
        is_odd.then(|| self.rng.pick(&kinds))
    }

    /// An ID token, an access token, and the index of the first.
    fn issue(
        &self,
        sign_in: usize,
        forgery: Option<Forgery>,
        oddity: Option<Oddity>,
    ) -> (String, String, usize) {
        let weather = self.weather.get();
        let is_refresh = self
            .cognito
            .refresh_tokens
            .borrow()
            .iter()
            .any(|it| it.sign_in == sign_in);
        let sign_ins = self.cognito.sign_ins.borrow();
        let of = &sign_ins[sign_in];
        let now = self.cognito_seconds();
        let exp = now + weather.lifetime;
        let access = {
            let mut tokens = self.cognito.access_tokens.borrow_mut();
            tokens.push(AccessToken { sign_in, exp });
            format!("access-{}", tokens.len() - 1)
        };
        let mut id_tokens = self.cognito.id_tokens.borrow_mut();
        let index = id_tokens.len();
        let user = match forgery {
            Some(Forgery::Subject) => of.user.other(),
            _ => of.user,
        };
        let iss = match forgery {
            Some(Forgery::Issuer) => "https://issuer.example.com",
            _ => ISSUER,
        };
        let aud = match forgery {
            Some(Forgery::Audience) => "another-client",
            _ => CLIENTS[of.client],
        };
        let token_use = match forgery {
            Some(Forgery::TokenUse) => "access",
            _ => "id",
        };
        let iat = match oddity {
            Some(Oddity::EarlyIssue) => now - self.rng.between(1, 5),
            _ => now,
        };
        let exp = match oddity {
            Some(Oddity::ShortLife) => now + self.rng.between(60, 120),
            _ => exp,
        };
        let mut payload = format!(
            r#"{{"jti":"{index}","sub":"{}","iss":"{iss}","aud":"{aud}","token_use":"{token_use}","iat":{iat},"exp":{exp}"#,
            user.sub(),
        );
        let auth_time = match weather.auth_time {
            _ if !is_refresh => Some(of.auth_time),
            AuthTime::OfTheSignIn => Some(of.auth_time),
            AuthTime::Newest => Some(self.cognito.last_auth_time.get()[of.user as usize]),
            AuthTime::Missing => None,
        };
        if let Some(auth_time) = auth_time {
            payload += &format!(r#","auth_time":{auth_time}"#);
        }
        match oddity {
            Some(Oddity::NoNonce) => {}
            Some(Oddity::Nonce) => payload += r#","nonce":"odd""#,
            _ => payload += &format!(r#","nonce":"{}""#, of.nonce),
        }
        if oddity == Some(Oddity::AuthorizedParty) {
            payload += &format!(r#","azp":"{}""#, CLIENTS[of.client]);
        }
        if weather.has_email {
            payload += &format!(
                r#","email":"{}@example.com","email_verified":true"#,
                user.sub()
            );
        }
        if oddity == Some(Oddity::AccessTokenHash) {
            payload += r#","at_hash":"AAAAAAAAAAAAAAAAAAAAAA""#;
        }
        payload.push('}');
        let alg = match forgery {
            Some(Forgery::Algorithm) => "HS256",
            _ => "RS256",
        };
        let key = self.cognito.newest_key.get();
        let header = format!(r#"{{"kid":"key{key}=","alg":"{alg}"}}"#);
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(payload, &mut token);
        let signer = match forgery {
            Some(Forgery::Signature) => usize::MAX,
            _ => key,
        };
        let signature = sign(signer, token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        id_tokens.push(IdToken {
            sign_in,
            user,
            exp,
            forgery,
        });
        self.cognito
            .by_text
            .borrow_mut()
            .insert(token.clone(), index);
        if let Some(oddity) = oddity {
            self.note(|| format!("Cognito: issues an odd token ({oddity:?})"));
        }
        if let Some(forgery) = forgery {
            self.note(|| format!("Cognito: a forged token is issued ({forgery:?})"));
        }
        (token, access, index)
    }

    /// `POST /oauth2/token`.
    pub fn token_endpoint(&self, body: &str) -> Reply {
        let weather = self.weather.get();
        if self.rng.percent(weather.faults.invalid_requests) {
            self.cover("a 400 invalid_request at the token endpoint");
            return Reply::new(400, r#"{"error":"invalid_request"}"#);
        }
        match parameter(body, "grant_type").as_deref() {
            Some("authorization_code") => self.exchange_code(body),
            Some("refresh_token") => self.refresh(body),
            _ => Reply::new(400, r#"{"error":"unsupported_grant_type"}"#),
        }
    }

    fn exchange_code(&self, body: &str) -> Reply {
        /// In milliseconds.
        const CODE_LIFETIME: u64 = 300_000;
        let refused = || Reply::new(400, r#"{"error":"invalid_grant"}"#);
        let code = parameter(body, "code");
        let index = code.and_then(|code| code.strip_prefix("code-")?.parse::<usize>().ok());
        let has_verifier = parameter(body, "code_verifier").is_some_and(|it| it.len() == 43);
        let mut codes = self.cognito.codes.borrow_mut();
        let Some(code) = index.and_then(|index| codes.get_mut(index)) else {
            return refused();
        };
        let is_late = self.now() > code.issued_at + CODE_LIFETIME;
        if code.is_used || is_late || !has_verifier {
            self.cover("a code is used twice or too late");
            return refused();
        }
        code.is_used = true;
        let sign_in = code.sign_in;
        let forgery = self.chosen_forgery(false);
        let (id, access, _) = self.issue(sign_in, forgery, None);
        let refresh_token = self.new_refresh_token(sign_in);
        Reply {
            status: 200,
            body: format!(
                r#"{{"id_token":"{id}","access_token":"{access}","refresh_token":"refresh-{refresh_token}","expires_in":300,"token_type":"Bearer"}}"#
            ),
            effect: Effect::Began {
                sign_in,
                refresh_token: Some(refresh_token),
            },
        }
    }

    fn new_refresh_token(&self, sign_in: usize) -> usize {
        let mut tokens = self.cognito.refresh_tokens.borrow_mut();
        tokens.push(RefreshToken {
            sign_in,
            replaced_at: None,
            is_revoked: false,
        });
        tokens.len() - 1
    }

    /// Whether Cognito still accepts a refresh token.
    pub fn is_alive(&self, refresh_token: usize) -> bool {
        let tokens = self.cognito.refresh_tokens.borrow();
        let token = &tokens[refresh_token];
        let sign_ins = self.cognito.sign_ins.borrow();
        let sign_in = &sign_ins[token.sign_in];
        let now = self.now();
        let is_replaced = token
            .replaced_at
            .is_some_and(|at| now > at + self.weather.get().grace);
        !token.is_revoked && !is_replaced && !sign_in.is_banned && now < sign_in.ends_at
    }

    fn refresh(&self, body: &str) -> Reply {
        let weather = self.weather.get();
        let index = parameter(body, "refresh_token");
        let index = index.and_then(|text| Cognito::refresh_token_index(&text));
        let sign_in = index.and_then(|index| self.cognito.sign_in_of_refresh_token(index));
        let (Some(index), Some(sign_in)) = (index, sign_in) else {
            return Reply::new(400, r#"{"error":"invalid_grant"}"#);
        };
        let refused = |error: &str| Reply {
            status: 400,
            body: format!(r#"{{"error":"{error}"}}"#),
            effect: Effect::Ended { sign_in },
        };
        if self.rng.percent(weather.faults.refusals) {
            return refused(self.rng.pick(&["invalid_client", "unauthorized_client"]));
        }
        if !self.is_alive(index) {
            self.cover("a refresh is refused with invalid_grant");
            return refused("invalid_grant");
        }
        let forgery = self.chosen_forgery(true);
        let oddity = self.chosen_oddity();
        let (id, access, _) = self.issue(sign_in, forgery, oddity);
        let refresh_token = weather.rotates.then(|| self.new_refresh_token(sign_in));
        let mut member = String::new();
        if let Some(new) = refresh_token {
            let mut tokens = self.cognito.refresh_tokens.borrow_mut();
            let now = self.now();
            tokens[index].replaced_at.get_or_insert(now);
            member = format!(r#""refresh_token":"refresh-{new}","#);
        }
        Reply {
            status: 200,
            body: format!(
                r#"{{"id_token":"{id}","access_token":"{access}",{member}"expires_in":300,"token_type":"Bearer"}}"#
            ),
            effect: Effect::Refreshed {
                sign_in,
                refresh_token,
                forgery,
            },
        }
    }

    /// `POST /oauth2/revoke`.
    pub fn revoke(&self, body: &str) -> Reply {
        let index = parameter(body, "token");
        let index = index.and_then(|text| Cognito::refresh_token_index(&text));
        let mut tokens = self.cognito.refresh_tokens.borrow_mut();
        if let Some(token) = index.and_then(|index| tokens.get_mut(index)) {
            token.is_revoked = true;
        }
        Reply::new(200, "")
    }

    /// `GET /oauth2/userInfo`.
    pub fn user_info(&self, authorization: &str) -> Reply {
        let token = authorization.strip_prefix("Bearer ");
        let token = token.and_then(|text| self.cognito.access_token(text));
        let Some(token) = token.filter(|it| self.cognito_seconds() < it.exp) else {
            return Reply::new(401, r#"{"error":"invalid_token"}"#);
        };
        let user = self.cognito.user_of(token.sign_in);
        let is_forged = self.rng.percent(self.weather.get().faults.forgeries);
        let user = if is_forged { user.other() } else { user };
        Reply {
            status: 200,
            body: format!(
                r#"{{"sub":"{0}","email":"{0}@example.com","email_verified":"true"}}"#,
                user.sub()
            ),
            effect: Effect::UserInfo { is_forged },
        }
    }

    /// `GET /.well-known/jwks.json`.
    pub fn keys(&self, request: &HttpRequest) -> Reply {
        let weather = self.weather.get();
        let newest = self.cognito.newest_key.get();
        let is_stale = newest > 0 && self.rng.percent(weather.faults.stale_keys);
        let cached = self
            .cognito
            .cached_key
            .get()
            .filter(|_| weather.has_http_cache);
        let served = match cached {
            Some(cached) if request.cache == HttpCache::Default => cached,
            _ if is_stale => newest - 1,
            _ => newest,
        };
        if served < newest {
            self.cover("stale keys are served");
        }
        self.cognito.cached_key.set(Some(served));
        let keys = (served.saturating_sub(1)..=served).map(|key| {
            let n = modulus(key);
            format!(r#"{{"kty":"RSA","use":"sig","alg":"RS256","kid":"key{key}=","n":"{n}","e":"AQAB"}}"#)
        });
        let keys: Vec<String> = keys.collect();
        Reply::new(200, format!(r#"{{"keys":[{}]}}"#, keys.join(",")))
    }

    /// The API. The browser's HTTP cache answers for it if it can. The cache does not know users.
    pub fn api(&self, request: &HttpRequest) -> Reply {
        let is_cacheable = request.method == Method::GET && self.weather.get().has_http_cache;
        let cached = self.cognito.cached_response.borrow().clone();
        if let Some(body) = cached.filter(|_| is_cacheable && request.cache == HttpCache::Default) {
            return Reply::new(200, body);
        }
        let reply = self.api_reply(request);
        if is_cacheable && request.cache != HttpCache::NoStore && reply.status == 200 {
            self.cognito
                .cached_response
                .replace(Some(reply.body.clone()));
        }
        reply
    }

    fn api_reply(&self, request: &HttpRequest) -> Reply {
        let ask = ask_of(request).unwrap_or(usize::MAX);
        let authorization = header(request, "Authorization").unwrap_or_default();
        let found = match self.weather.get().api_token {
            ApiToken::Id => self
                .cognito
                .id_token(authorization)
                .map(|(_, it)| (it.sign_in, it.exp)),
            ApiToken::Access => self
                .cognito
                .access_token(authorization)
                .map(|it| (it.sign_in, it.exp)),
        };
        let sign_in = found.map(|(sign_in, _)| sign_in);
        let refused = |message: &str| Reply {
            status: 401,
            body: format!(r#"{{"message":"{message}"}}"#),
            effect: Effect::Unauthorized { ask, sign_in },
        };
        let Some((sign_in, exp)) = found else {
            return refused("Unauthorized");
        };
        if self.cognito_seconds() >= exp {
            self.cover("the API refuses an expired token");
            return refused("The incoming token has expired");
        }
        if self.cognito.sign_ins.borrow()[sign_in].is_refused_by_api
            || self.rng.percent(self.weather.get().faults.api_refusals)
        {
            self.cover("the API refuses a token for no reason");
            return refused("Unauthorized");
        }
        let user = self.cognito.user_of(sign_in);
        Reply::new(200, format!("{} {ask}", user.sub()))
    }
}

/// Whether the keyed hash is right.
pub fn is_signature(jwk: &str, signature: &[u8], signed: &[u8]) -> bool {
    let key = jwk
        .split_once(r#""n":"key"#)
        .and_then(|(_, rest)| rest.split_once('x'));
    let key = key.and_then(|(key, _)| key.parse().ok());
    key.is_some_and(|key| sign(key, signed) == signature)
}

/// A modulus of the right length that says which key it is.
fn modulus(key: usize) -> String {
    format!("{:A<342}", format!("key{key}x"))
}

/// FNV-1a, keyed, four times.
fn sign(key: usize, signed: &[u8]) -> [u8; 32] {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ (key as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in signed {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let mut signature = [0; 32];
    for chunk in signature.chunks_exact_mut(8) {
        hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        chunk.copy_from_slice(&hash.to_le_bytes());
    }
    signature
}

/// A parameter of a query or a form.
pub fn parameter(form: &str, name: &str) -> Option<String> {
    let value = form
        .split('&')
        .find_map(|part| part.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.replace("%2D", "-").replace("%3D", "="))
}

pub fn header<'a>(request: &'a HttpRequest, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter().rev();
    let found = headers.find(|(it, _)| it.eq_ignore_ascii_case(name))?;
    Some(&found.1)
}

/// The header that says which of the user's requests this is.
pub const ASK: &str = "X-Ask";

/// Which of the user's requests this request to the API is.
pub fn ask_of(request: &HttpRequest) -> Option<usize> {
    header(request, ASK)?.parse().ok()
}

/// Reads the URL of a sign-in page.
pub fn authorization_of(url: &str) -> Option<Authorization> {
    let (path, query) = url.strip_prefix(DOMAIN)?.split_once('?')?;
    let is_page = matches!(
        path,
        "/login" | "/signup" | "/forgotPassword" | "/oauth2/authorize"
    );
    let client = parameter(query, "client_id")?;
    let client = CLIENTS.iter().position(|it| *it == client)?;
    let is_code = parameter(query, "response_type")? == "code";
    assert!(!is_code || parameter(query, "code_challenge").is_some_and(|it| it.len() == 43));
    is_page.then_some(Authorization {
        state: parameter(query, "state")?,
        nonce: parameter(query, "nonce")?,
        client,
        is_code,
    })
}

/// The URL that [`authorization_of`] reads.
pub fn authorization_url(request: &Authorization) -> String {
    let client = CLIENTS[request.client];
    let response_type = match request.is_code {
        true => format!("code&code_challenge={:A<43}", ""),
        false => "token".to_owned(),
    };
    let Authorization { state, nonce, .. } = request;
    format!(
        "{DOMAIN}/oauth2/authorize?client_id={client}&state={state}&nonce={nonce}&response_type={response_type}"
    )
}

pub fn is_logout(url: &str) -> bool {
    url.strip_prefix(DOMAIN)
        .is_some_and(|path| path.starts_with("/logout?"))
}

impl World {
    /// Cognito's clock, in seconds since 1970. It is right.
    pub fn cognito_seconds(&self) -> u64 {
        EPOCH + self.now() / 1000
    }
}
