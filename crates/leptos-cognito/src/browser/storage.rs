//! The browser's two storage areas. If the browser blocks them, reads return nothing and writes fail.

use gloo_storage::{LocalStorage, SessionStorage, Storage};
use leptos::prelude::window;
use thiserror::Error;

use crate::config::StorageArea;

/// The browser did not store a value: the storage is blocked or full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the browser did not store the value")]
pub struct StorageError;

impl StorageArea {
    /// The value of `key`.
    pub(crate) fn get(self, key: &str) -> Option<String> {
        self.raw()?.get_item(key).ok().flatten()
    }

    /// Stores a value.
    pub(crate) fn set(self, key: &str, value: &str) -> Result<(), StorageError> {
        let storage = self.raw().ok_or(StorageError)?;
        storage.set_item(key, value).map_err(|_| StorageError)
    }

    /// Removes the value of `key` and returns it.
    pub(crate) fn take(self, key: &str) -> Option<String> {
        let value = self.get(key);
        self.remove(key);
        value
    }

    /// Removes the value of `key`.
    pub(crate) fn remove(self, key: &str) {
        if let Some(storage) = self.raw() {
            // This fails only if the browser blocks all access.
            let _ = storage.remove_item(key);
        }
    }

    /// The keys that start with `prefix`.
    pub(crate) fn keys(self, prefix: &str) -> Vec<String> {
        let Some(storage) = self.raw() else {
            return Vec::new();
        };
        (0..storage.length().unwrap_or_default())
            .filter_map(|index| storage.key(index).ok().flatten())
            .filter(|key| key.starts_with(prefix))
            .collect()
    }

    /// The storage area, unless the browser blocks it. Checks that first, because gloo's accessors would panic.
    fn raw(self) -> Option<web_sys::Storage> {
        match self {
            Self::Session => window()
                .session_storage()
                .ok()?
                .map(|_| SessionStorage::raw()),
            Self::Local => window().local_storage().ok()?.map(|_| LocalStorage::raw()),
        }
    }
}
