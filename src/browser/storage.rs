//! The browser's storage: texts by key.

use gloo_storage::{LocalStorage, SessionStorage, Storage as _};

/// One of the browser's two storage areas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// `sessionStorage`: this tab alone.
    Session,
    /// `localStorage`: every tab of this origin.
    Local,
}

/// The text was not stored: storage is switched off, or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotStored;

impl Storage {
    /// What is stored under `key`.
    #[must_use]
    pub fn get(self, key: &str) -> Option<String> {
        self.area()?.get_item(key).ok().flatten()
    }

    /// Stores a text under `key`.
    ///
    /// # Errors
    /// [`NotStored`] if the browser refuses.
    pub fn set(self, key: &str, text: &str) -> Result<(), NotStored> {
        let area = self.area().ok_or(NotStored)?;
        area.set_item(key, text).map_err(|_| NotStored)
    }

    /// Takes what is stored under `key` away.
    pub fn take(self, key: &str) -> Option<String> {
        let text = self.get(key);
        self.remove(key);
        text
    }

    /// Forgets what is stored under `key`.
    pub fn remove(self, key: &str) {
        if let Some(area) = self.area() {
            // The browser refuses this only where it refuses all.
            let _ = area.remove_item(key);
        }
    }

    /// The keys that start like this.
    #[must_use]
    pub fn keys(self, start: &str) -> Vec<String> {
        let mut keys = Vec::new();
        if let Some(area) = self.area() {
            for index in 0..area.length().unwrap_or_default() {
                let key = area.key(index).ok().flatten().unwrap_or_default();
                if key.starts_with(start) {
                    keys.push(key);
                }
            }
        }
        keys
    }

    fn area(self) -> Option<web_sys::Storage> {
        // gloo's storage panics where the browser forbids the very access (cookies blocked), so that is asked first.
        let window = web_sys::window()?;
        match self {
            Self::Session => window.session_storage().ok()??,
            Self::Local => window.local_storage().ok()??,
        };
        Some(match self {
            Self::Session => SessionStorage::raw(),
            Self::Local => LocalStorage::raw(),
        })
    }
}
