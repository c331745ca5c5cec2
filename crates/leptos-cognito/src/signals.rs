//! The engine's snapshot as signals.

use cognito_session::{AuthState, Notice, Snapshot};
use leptos::prelude::*;

/// What the page shows, as signals. They are not bound to an owner, because the client may outlive the provider: a refresh
/// that has used up a refresh token must store the new one.
#[derive(Clone)]
pub(crate) struct Signals {
    pub state: ArcRwSignal<AuthState>,
    pub notice: ArcRwSignal<Option<Notice>>,
    pub is_refreshing: ArcRwSignal<bool>,
    pub now: ArcRwSignal<u64>,
}

impl Signals {
    pub fn new() -> Self {
        Self {
            state: ArcRwSignal::new(AuthState::SigningIn),
            notice: ArcRwSignal::new(None),
            is_refreshing: ArcRwSignal::new(false),
            now: ArcRwSignal::new(0),
        }
    }

    pub fn show(&self, snapshot: &Snapshot) {
        set(&self.notice, &snapshot.notice);
        set(&self.state, &snapshot.state);
        set(&self.is_refreshing, &snapshot.is_refreshing);
        set(&self.now, &snapshot.now);
    }
}

/// Notifies the readers of a signal only if its value changes: a tick is nothing to those who do not read the time.
fn set<T: PartialEq + Clone + Send + Sync + 'static>(signal: &ArcRwSignal<T>, value: &T) {
    if signal.with_untracked(|current| current != value) {
        signal.set(value.clone());
    }
}
