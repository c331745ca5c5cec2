//! (E) When a request to an API is repeated. Does not send requests.

use crate::session::Session;

/// How an API answered a request with a session's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiAnswer {
    /// A response with this status.
    Status(u16),
    /// No response that the page can read.
    Unreachable,
}

/// Whether to repeat a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No: the answer is final.
    No,
    /// Once, with a refreshed session.
    AfterRefresh,
    /// Once, with the same token: there is no other, and a single refusal proves nothing.
    SameToken,
}

impl ApiAnswer {
    /// How many seconds before its expiry an API may already reject a token, because clocks differ.
    const NEAR_EXPIRY: u64 = 60;

    /// Whether the token may be the reason that there is no answer: API Gateway's own 401 may have no CORS headers.
    #[must_use]
    pub fn may_be_refusal(self, session: &Session, now: u64) -> bool {
        self == Self::Unreachable && session.time_left(now) <= Self::NEAR_EXPIRY
    }

    /// Whether to repeat the request that was sent with this session's token. `is_idempotent` is about its method: a request
    /// without an answer may have been processed (RFC 9110, section 9.2.2). A request with a 401 has not.
    #[must_use]
    pub fn retry(self, sent: &Session, is_idempotent: bool, now: u64) -> Retry {
        let is_refused = self == Self::Status(401);
        let may_be_refused = is_idempotent && self.may_be_refusal(sent, now);
        if !is_refused && !may_be_refused {
            return Retry::No;
        }
        if sent.is_refreshable() {
            return Retry::AfterRefresh;
        }
        if is_refused {
            Retry::SameToken
        } else {
            Retry::No
        }
    }
}
