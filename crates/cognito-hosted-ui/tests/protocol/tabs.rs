//! What a tab does when the storage has changed.

use cognito_hosted_ui::{Held, Session, SignOut, StoredSession, TabChange};
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{NOW, claims, claims_with, implicit_grant, restored, stored_session};

fn record(member: &str, value: Value) -> Value {
    let mut stored = stored_session(&claims());
    stored[member] = value;
    stored
}

fn session() -> Session {
    restored(&stored_session(&claims()))
}

/// A session of a later sign-in.
fn later() -> Session {
    restored(&stored_session(&claims_with("iat", json!(NOW + 1))))
}

fn held(session: &Session) -> Held<'_> {
    Held {
        session,
        is_stored: true,
        is_signed_out: false,
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_stored_session_has_ended_if_the_user_has_signed_out_since() {
    let record = stored_session(&claims()).to_string();
    let last = SignOut::begin([0xab; 32], NOW);
    let read = |record: Option<&str>, seen: Option<&str>, last: Option<&SignOut>| {
        StoredSession::read(record, seen, last, &implicit_grant())
    };
    let (record, seen) = (Some(record.as_str()), Some(last.id()));
    assert_eq!(read(record, None, None), StoredSession::Session(session()));
    assert_eq!(
        read(record, seen, Some(&last)),
        StoredSession::Session(session())
    );
    assert_eq!(read(record, seen, None), StoredSession::Session(session()));
    let signed_out = StoredSession::SignedOut(session());
    assert_eq!(read(record, None, Some(&last)), signed_out);
    assert_eq!(read(record, Some("another"), Some(&last)), signed_out);
    assert_eq!(read(None, None, Some(&last)), StoredSession::None);
    assert_eq!(
        read(Some("{}"), seen, Some(&last)),
        StoredSession::Unreadable
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn a_tab_follows_the_storage() {
    let adopt = || TabChange::Adopt(later());
    let mine = session();
    let stored = StoredSession::Session;
    let change = |held: Option<Held<'_>>, stored: StoredSession| stored.change_for(held, NOW + 60);

    assert_eq!(change(None, StoredSession::None), TabChange::None);
    assert_eq!(change(None, stored(later())), adopt());
    assert_eq!(
        change(Some(held(&mine)), stored(session())),
        TabChange::None
    );
    assert_eq!(change(Some(held(&mine)), stored(later())), adopt());
    let newer = restored(&record("refresh_token", "s".into()));
    let update = TabChange::Update(newer.clone());
    assert_eq!(change(Some(held(&mine)), stored(newer)), update);
    let corrected = restored(&record("clock_offset", json!(3900)));
    let update = TabChange::Update(corrected.clone());
    assert_eq!(change(Some(held(&mine)), stored(corrected)), update);
    for held in [None, Some(held(&mine))] {
        let change = change(held, StoredSession::SignedOut(later()));
        assert_eq!(change, TabChange::RemoveSignedOut(later()));
    }
    for gone in [StoredSession::None, StoredSession::Unreadable] {
        assert_eq!(change(Some(held(&mine)), gone), TabChange::Ended);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_that_was_not_stored_lasts_until_the_user_signs_out_or_in_elsewhere() {
    let mine = session();
    let unstored = Held {
        is_stored: false,
        ..held(&mine)
    };
    let signed_out = Held {
        is_signed_out: true,
        ..unstored
    };
    let change = |held: Held<'_>, stored: StoredSession| stored.change_for(Some(held), NOW);
    for stored in [StoredSession::None, StoredSession::Unreadable] {
        assert_eq!(change(unstored, stored.clone()), TabChange::None);
        assert_eq!(change(signed_out, stored), TabChange::Ended);
    }
    let adopt = TabChange::Adopt(later());
    assert_eq!(change(unstored, StoredSession::Session(later())), adopt);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_device_clock_alone_does_not_end_a_stored_session() {
    const EXPIRED: u64 = NOW + 3600;
    let confirm = TabChange::ConfirmExpiry(session());
    let stored = || StoredSession::Session(session());
    assert_eq!(stored().change_for(None, EXPIRED), confirm);
    let valid = restored(&stored_session(&claims_with("exp", json!(NOW + 7200))));
    assert_eq!(stored().change_for(Some(held(&valid)), EXPIRED), confirm);
    // In place of one that seems to have expired, too, it is no worse.
    let adopt = TabChange::Adopt(session());
    let expired = later();
    assert_eq!(stored().change_for(Some(held(&expired)), EXPIRED), adopt);
    // A tab that shows it asks by itself.
    let mine = session();
    assert_eq!(
        stored().change_for(Some(held(&mine)), EXPIRED),
        TabChange::None
    );
    // A refresh finds out for one that can be refreshed.
    let refreshable = restored(&record("refresh_token", "r".into()));
    let adopt = TabChange::Adopt(refreshable.clone());
    let change = StoredSession::Session(refreshable).change_for(None, EXPIRED);
    assert_eq!(change, adopt);
}
