//! A value that lives as long as the page, and that Leptos knows of: what has read it is told when it changes.
//! Leptos' own signals lie in an arena with owners, which a value that is never given back does not need: 2 KB.

use std::sync::{PoisonError, RwLock};

use leptos::prelude::*;

/// A value, and the news that it has changed.
pub(super) struct Watched<T> {
    value: RwLock<T>,
    changed: ArcTrigger,
}

impl<T> Watched<T> {
    pub(super) fn new(value: T) -> Self {
        Self {
            value: RwLock::new(value),
            changed: ArcTrigger::new(),
        }
    }

    /// Reads the value, now and, in an effect, whenever it changes.
    pub(super) fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        self.changed.track();
        self.with_untracked(read)
    }

    /// Reads the value once.
    pub(super) fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(&self.value.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the value.
    pub(super) fn update(&self, change: impl FnOnce(&mut T)) {
        change(&mut self.value.write().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify();
    }
}
