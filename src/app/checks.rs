//! Whether what the settings name answers, as seen from this browser: each outcome with its likely cause.

use crate::api::{self, ApiError, HI_USERS};
use crate::browser::http::{self, Response, Unreachable};
use crate::browser::{clock, location};
use crate::cognito::json::decimal;
use crate::cognito::keys::JsonWebKeySet;
use crate::config::ApiSettings;

use super::auth::Auth;
use super::screen::Mark;
use super::words::Word;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The user pool's keys can be had.
    Keys,
    /// The Hosted UI's domain answers.
    Domain,
    /// The API answers, lets this page read that, and lets nobody in without a token.
    Api,
    /// This device's clock is right.
    Clock,
    /// This browser stores what a sign-in needs.
    Storage,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is as it should be; nothing yet, if it has no mark.
    pub mark: Mark,
    /// What it means.
    pub word: Word,
    /// What is filled in.
    pub value: String,
    /// What is filled in instead, as a length of time.
    pub seconds: Option<u64>,
}

impl Default for Finding {
    fn default() -> Self {
        Self::of(Mark::None, Word::Checking, "")
    }
}

impl Finding {
    fn of(mark: Mark, word: Word, value: &str) -> Self {
        Self {
            mark,
            word,
            value: value.to_owned(),
            seconds: None,
        }
    }
}

impl Check {
    /// All of them, in the order in which a sign-in meets them.
    pub const ALL: [Self; 5] = [
        Self::Storage,
        Self::Domain,
        Self::Keys,
        Self::Clock,
        Self::Api,
    ];

    /// What it is called.
    #[must_use]
    pub fn name(self) -> Word {
        match self {
            Self::Keys => Word::CheckKeys,
            Self::Domain => Word::CheckDomain,
            Self::Api => Word::CheckApi,
            Self::Clock => Word::CheckClock,
            Self::Storage => Word::CheckStorage,
        }
    }

    /// Makes the check. Nothing secret is sent.
    pub async fn make(self, auth: Auth) -> Finding {
        let config = auth.config();
        match self {
            Self::Storage => match auth.can_store() {
                true => good(Word::StorageGood, ""),
                false => bad(Word::StorageNone, ""),
            },
            Self::Domain => match http::get_opaque(&config.hosted_ui.user_info_url()).await {
                Ok(_) => good(Word::DomainGood, ""),
                Err(Unreachable) => bad(Word::DomainUnreachable, ""),
            },
            Self::Keys => keys(http::get(&config.hosted_ui.keys_url(), None).await),
            Self::Clock => {
                // The page itself, from the server that it came from.
                let page = http::get_fresh(".").await;
                let server = page.ok().and_then(|page| page.time);
                clock(server, clock::now(), config.hosted_ui.clock_skew)
            }
            Self::Api => ask_api(&config.api).await,
        }
    }
}

fn good(word: Word, value: &str) -> Finding {
    Finding::of(Mark::Good, word, value)
}

fn bad(word: Word, value: &str) -> Finding {
    Finding::of(Mark::Bad, word, value)
}

/// What the issuer's answer means.
#[must_use]
pub fn keys(answer: Result<Response, Unreachable>) -> Finding {
    match answer {
        Ok(Response {
            status: 200, body, ..
        }) => match JsonWebKeySet::read(&body).len() {
            0 => bad(Word::KeysNone, ""),
            keys => good(Word::KeysFound, &decimal(keys as u64)),
        },
        Ok(Response { status, .. }) => bad(Word::KeysStatus, &decimal(status.into())),
        Err(Unreachable) => bad(Word::KeysUnreachable, ""),
    }
}

/// Asks as the app does, with an `Authorization` header, which makes the browser ask for leave first (a preflight). If
/// that cannot be read, without one; and if that cannot be read either, whether anybody is there at all.
async fn ask_api(api: &ApiSettings) -> Finding {
    let url = [api.url.as_str(), HI_USERS].concat();
    if let Ok(answer) = http::get(&url, Some("none")).await {
        return api_answer(answer);
    }
    let word = if http::get(&url, None).await.is_ok() {
        Word::ApiPreflight
    } else if http::get_opaque(&url).await.is_ok() {
        Word::ApiCors
    } else {
        Word::ApiUnreachable
    };
    bad(word, &location::origin())
}

/// What the API's answer to whoever has no token means.
#[must_use]
pub fn api_answer(answer: Response) -> Finding {
    match api::read(answer.status, answer.body) {
        Ok(_) => bad(Word::ApiOpen, ""),
        Err(ApiError::Unauthorized) => good(Word::ApiGood, ""),
        Err(ApiError::NoSuchPath) => bad(Word::ApiPath, ""),
        Err(_) => bad(Word::ApiStatus, &decimal(answer.status.into())),
    }
}

/// What the difference between the server's clock and this device's means, in seconds.
#[must_use]
pub fn clock(server: Option<u64>, here: u64, skew: u64) -> Finding {
    /// What the way takes, and that the server tells whole seconds.
    const NOTHING: u64 = 5;
    let Some(server) = server else {
        return bad(Word::ClockUnknown, "");
    };
    let difference = here.abs_diff(server).max(NOTHING);
    let finding = match here > server {
        _ if difference <= skew.max(NOTHING) => good(Word::ClockGood, ""),
        true => bad(Word::ClockAhead, ""),
        false => bad(Word::ClockBehind, ""),
    };
    Finding {
        seconds: Some(difference),
        ..finding
    }
}
