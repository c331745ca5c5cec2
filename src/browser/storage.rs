//! The browser's storage, by key. What does not parse any more is nothing stored.

use gloo_storage::{LocalStorage, SessionStorage, Storage as _};
use serde::Serialize;
use serde_json::Value;

/// One of the browser's two storage areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// `sessionStorage`: this tab alone.
    Session,
    /// `localStorage`: every tab of this origin.
    Local,
}

/// The value was not stored: storage is switched off, or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotStored;

impl Storage {
    /// What is stored under `key`, if anything is and it still parses.
    ///
    /// A [`Value`] and not a type of one's choice: each further type costs every visitor 2 KB.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Value> {
        match self.available()? {
            Self::Session => SessionStorage::get(key).ok(),
            Self::Local => LocalStorage::get(key).ok(),
        }
    }

    /// Stores `value` under `key`.
    ///
    /// # Errors
    /// [`NotStored`] if the browser refuses.
    pub fn set<T: Serialize>(self, key: &str, value: &T) -> Result<(), NotStored> {
        match self.available().ok_or(NotStored)? {
            Self::Session => SessionStorage::set(key, value),
            Self::Local => LocalStorage::set(key, value),
        }
        .map_err(|_| NotStored)
    }

    /// Takes what is stored under `key` away, whether it parses or not.
    pub fn take(self, key: &str) -> Option<Value> {
        let value = self.get(key);
        self.remove(key);
        value
    }

    /// Forgets what is stored under `key`.
    pub fn remove(self, key: &str) {
        match self.available() {
            Some(Self::Session) => SessionStorage::delete(key),
            Some(Self::Local) => LocalStorage::delete(key),
            None => {}
        }
    }

    /// gloo's storage panics where the browser forbids the very access (cookies blocked), so that is asked first.
    fn available(self) -> Option<Self> {
        let window = web_sys::window()?;
        let area = match self {
            Self::Session => window.session_storage(),
            Self::Local => window.local_storage(),
        };
        area.ok().flatten().map(|_| self)
    }
}
