//! (G) The record of the last sign-out, which all tabs of a browser share.
//! Does not know where it is stored.

use std::fmt::Write;

/// The last sign-out in this browser. Sessions and requests that began before it are no longer valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOut {
    id: String,
    /// Since when the sign-out is unfinished at Cognito, in seconds since 1970.
    unfinished_since: Option<u64>,
}

impl SignOut {
    /// How long Cognito keeps its own session, in seconds: after that, there is nothing left to finish
    /// ([AWS: sessions](https://docs.aws.amazon.com/cognito/latest/developerguide/managed-login-sessions.html)).
    const COGNITO_SESSION: u64 = 60 * 60;

    /// The length of a stored identifier, in hexadecimal digits.
    const ID_LENGTH: usize = 16;

    /// A placeholder that reserves space in a storage that may be full later. It is as long as any other record, but does not
    /// represent a sign-out.
    pub const ROOM: &str = "0000000000000000.0000000000";

    /// A sign-out that begins at `now` (seconds since 1970), with an identifier from fresh random bytes.
    #[must_use]
    pub fn begin(random: [u8; 32], now: u64) -> Self {
        let mut id = String::new();
        for byte in &random[..Self::ID_LENGTH / 2] {
            // Writing to a `String` cannot fail.
            let _ = write!(id, "{byte:02x}");
        }
        Self {
            id,
            unfinished_since: Some(now),
        }
    }

    /// Reads a stored record. `None` if it is not one, or is only the [placeholder](Self::ROOM).
    #[must_use]
    pub fn from_stored(stored: &str) -> Option<Self> {
        let (id, since) = stored.split_once('.')?;
        let is_record = stored.len() == Self::ROOM.len()
            && stored != Self::ROOM
            && id.len() == Self::ID_LENGTH
            && id.bytes().all(|it| it.is_ascii_hexdigit())
            && since.bytes().all(|it| it.is_ascii_digit());
        let since: u64 = since.parse().ok()?;
        is_record.then(|| Self {
            id: id.to_owned(),
            unfinished_since: (since > 0).then_some(since),
        })
    }

    /// The record to store. All records have the same length, so one can replace another in a full storage.
    #[must_use]
    pub fn to_stored(&self) -> String {
        format!("{}.{:010}", self.id, self.unfinished_since.unwrap_or(0))
    }

    /// The identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The same sign-out, when Cognito is told again at `now`.
    #[must_use]
    pub fn retried(self, now: u64) -> Self {
        Self {
            unfinished_since: Some(now),
            ..self
        }
    }

    /// The same sign-out, once Cognito's own session has ended, too.
    #[must_use]
    pub fn finished(self) -> Self {
        Self {
            unfinished_since: None,
            ..self
        }
    }

    /// Since when the sign-out is unfinished at Cognito, in seconds since 1970. `None` if Cognito's own session has ended.
    #[must_use]
    pub fn unfinished_since(&self) -> Option<u64> {
        self.unfinished_since
    }

    /// For how many seconds Cognito's own session has outlived the sign-out at `now`. `None` if it has ended.
    #[must_use]
    pub fn unfinished_for(&self, now: u64) -> Option<u64> {
        let seconds = now.abs_diff(self.unfinished_since?);
        (seconds < Self::COGNITO_SESSION).then_some(seconds)
    }

    /// Whether the user has signed out since a session or a request began. `seen` is the identifier of the last sign-out at that
    /// time. If the browser has lost the record of the last sign-out, this returns `false`.
    #[must_use]
    pub fn is_since(last: Option<&Self>, seen: Option<&str>) -> bool {
        last.is_some_and(|last| Some(last.id()) != seen)
    }
}
