//! The browser's two storage areas. If the browser blocks them, reads return nothing and writes fail.

use web_sys::Storage;

use super::window;
use crate::platform::{StorageArea, StorageError};

/// The value of `key`.
pub fn get(area: StorageArea, key: &str) -> Option<String> {
    storage(area)?.get_item(key).ok().flatten()
}

/// Stores a value.
pub fn set(area: StorageArea, key: &str, value: &str) -> Result<(), StorageError> {
    let storage = storage(area).ok_or(StorageError)?;
    storage.set_item(key, value).map_err(|_| StorageError)
}

/// Removes the value of `key`.
pub fn remove(area: StorageArea, key: &str) {
    if let Some(storage) = storage(area) {
        // This fails only if the browser blocks all access.
        let _ = storage.remove_item(key);
    }
}

/// The keys that start with `prefix`.
pub fn keys(area: StorageArea, prefix: &str) -> Vec<String> {
    let Some(storage) = storage(area) else {
        return Vec::new();
    };
    (0..storage.length().unwrap_or_default())
        .filter_map(|index| storage.key(index).ok().flatten())
        .filter(|key| key.starts_with(prefix))
        .collect()
}

/// The storage area, unless the browser blocks it. Not by gloo-storage, whose accessors would panic then.
fn storage(area: StorageArea) -> Option<Storage> {
    match area {
        StorageArea::Session => window().session_storage().ok()?,
        StorageArea::Local => window().local_storage().ok()?,
    }
}
