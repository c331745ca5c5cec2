//! What a seed's world is like: how the app, Cognito and the browser are set up, and which faults can happen, how often. Most
//! seeds have only some of the faults, so that the others get far.

use cognito_session::cognito_hosted_ui::Grant;
use cognito_session::{ApiToken, StorageArea};

use crate::rng::Rng;

/// How the app is deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Which of the two app clients.
    pub client: usize,
    pub grant: Grant,
    pub area: StorageArea,
}

/// When other tabs get a `storage` event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StorageEvents {
    Soon,
    Late,
    Never,
}

/// The `auth_time` of a refreshed ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthTime {
    OfTheSignIn,
    /// Of the user's last sign-in.
    Newest,
    Missing,
}

/// The chances, in percent, that something goes wrong for a while.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// Requests or responses that are lost.
    pub losses: u64,
    pub slowness: u64,
    /// 5xx, 429, and text that is no answer.
    pub errors: u64,
    pub repeats: u64,
    /// `400 invalid_request` at the token endpoint.
    pub invalid_requests: u64,
    /// Refreshed tokens that are odd, but not wrong.
    pub oddities: u64,
    /// Tokens that Cognito cannot have issued for this user and app.
    pub forgeries: u64,
    /// `invalid_client` and `unauthorized_client`.
    pub refusals: u64,
    pub stale_keys: u64,
    /// A 401 for a good token.
    pub api_refusals: u64,
    /// Navigations that do not arrive.
    pub lost_navigations: u64,
}

/// Chances are in percent, times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub deployment: Deployment,
    pub api_token: ApiToken,

    pub has_locks: bool,
    pub has_channel: bool,
    pub storage_events: StorageEvents,
    /// How long another tab may not see what this one has stored.
    pub storage_lag: u64,
    /// An area that the browser blocks.
    pub blocked: Option<StorageArea>,
    pub has_http_cache: bool,
    pub tells_online: bool,
    pub server_tells_time: bool,
    /// By how many seconds the app's server is behind.
    pub server_delay: u64,

    pub rotates: bool,
    pub grace: u64,
    /// Of ID and access tokens, in seconds.
    pub lifetime: u64,
    /// Of refresh tokens.
    pub refresh_lifetime: u64,
    pub has_email: bool,
    pub auth_time: AuthTime,

    pub faults: Faults,

    pub clock_jumps: bool,
    pub fills_storage: bool,
    pub crashes: bool,
    pub suspends: bool,
    pub caches_pages: bool,
    pub deploys: bool,
    pub rotates_keys: bool,
    pub goes_offline: bool,
    pub sleeps: bool,
    pub has_two_users: bool,
    pub dawdles: bool,
    pub corrupts: bool,
    pub bans: bool,
    pub signs_out_often: bool,
    pub hurries: bool,
    /// The user leaves Cognito's page without a sign-in.
    pub cancels: u64,
    /// Whether anyone acts by chance.
    pub has_chance: bool,
}

impl Weather {
    pub fn of_seed(rng: &Rng) -> Self {
        // A third of the seeds have few faults.
        let fault = match rng.below(3) {
            0 => 12,
            1 => 25,
            _ => 45,
        };
        let is = || rng.percent(fault);
        let sometimes = |chances: &[u64]| {
            if rng.percent(fault) {
                rng.pick(chances)
            } else {
                0
            }
        };
        Self {
            deployment: Deployment {
                client: 0,
                grant: if rng.percent(70) {
                    Grant::Code
                } else {
                    Grant::Implicit
                },
                area: if rng.percent(60) {
                    StorageArea::Local
                } else {
                    StorageArea::Session
                },
            },
            api_token: if rng.percent(70) {
                ApiToken::Id
            } else {
                ApiToken::Access
            },
            has_locks: rng.percent(92),
            has_channel: rng.percent(90),
            storage_events: match rng.below(10) {
                0 | 1 => StorageEvents::Never,
                2..=4 => StorageEvents::Late,
                _ => StorageEvents::Soon,
            },
            storage_lag: if rng.percent(30) { 150 } else { 0 },
            blocked: match rng.below(60) {
                0 => Some(StorageArea::Local),
                1 => Some(StorageArea::Session),
                _ => None,
            },
            has_http_cache: rng.percent(50),
            tells_online: rng.percent(75),
            server_tells_time: rng.percent(85),
            server_delay: if rng.percent(20) { rng.below(60) } else { 0 },
            rotates: rng.percent(70),
            grace: rng.pick(&[0, 0, 10_000, 60_000]),
            lifetime: rng.pick(&[300, 300, 300, 600, 3_600]),
            refresh_lifetime: rng.pick(&[600_000, 3_600_000, 3_600_000, 2_592_000_000]),
            has_email: rng.percent(70),
            auth_time: rng.pick(&[AuthTime::OfTheSignIn, AuthTime::Newest, AuthTime::Missing]),
            faults: Faults {
                losses: sometimes(&[3, 8, 20]),
                slowness: sometimes(&[5, 20, 50]),
                errors: sometimes(&[3, 10, 30]),
                repeats: sometimes(&[2, 10]),
                invalid_requests: sometimes(&[5, 25]),
                oddities: sometimes(&[10, 50]),
                forgeries: if rng.percent(6) {
                    rng.pick(&[5, 20])
                } else {
                    0
                },
                refusals: if rng.percent(6) {
                    rng.pick(&[5, 20])
                } else {
                    0
                },
                stale_keys: sometimes(&[20, 60]),
                api_refusals: sometimes(&[3, 10, 30]),
                lost_navigations: sometimes(&[5, 20]),
            },
            clock_jumps: is(),
            fills_storage: rng.percent(fault / 3),
            crashes: is(),
            suspends: is(),
            caches_pages: rng.percent(60),
            deploys: rng.percent(fault / 3),
            rotates_keys: is(),
            goes_offline: is(),
            sleeps: is(),
            has_two_users: is(),
            dawdles: is(),
            corrupts: rng.percent(fault / 5),
            bans: rng.percent(fault / 3),
            signs_out_often: is(),
            hurries: is(),
            cancels: 3,
            has_chance: true,
        }
    }

    /// Nothing goes wrong, and nothing happens by chance: the code grant with rotation, and tokens of an hour in localStorage.
    pub fn fine() -> Self {
        Self {
            deployment: Deployment {
                client: 0,
                grant: Grant::Code,
                area: StorageArea::Local,
            },
            api_token: ApiToken::Id,
            has_locks: true,
            has_channel: true,
            storage_events: StorageEvents::Soon,
            storage_lag: 0,
            blocked: None,
            has_http_cache: true,
            tells_online: true,
            server_tells_time: true,
            server_delay: 0,
            rotates: true,
            grace: 0,
            lifetime: 3_600,
            refresh_lifetime: 2_592_000_000,
            has_email: true,
            auth_time: AuthTime::OfTheSignIn,
            faults: Faults::default(),
            clock_jumps: false,
            fills_storage: false,
            crashes: false,
            suspends: false,
            caches_pages: false,
            deploys: false,
            rotates_keys: false,
            goes_offline: false,
            sleeps: false,
            has_two_users: false,
            dawdles: false,
            corrupts: false,
            bans: false,
            signs_out_often: false,
            hurries: false,
            cancels: 0,
            has_chance: false,
        }
    }

    /// The same world once its faults have ended. What a browser or a pool cannot do, it still cannot do.
    pub fn calm(self) -> Self {
        Self {
            storage_events: StorageEvents::Soon,
            faults: Faults::default(),
            crashes: false,
            suspends: false,
            ..self
        }
    }
}
