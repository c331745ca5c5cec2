//! The record of the last sign-out.

use cognito_hosted_ui::SignOut;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::NOW;

const STORED: &str = "abababababababab.1800000000";

fn sign_out() -> SignOut {
    SignOut::begin([0xab; 32], NOW)
}

#[wasm_bindgen_test(unsupported = test)]
fn a_sign_out_survives_being_stored() {
    assert_eq!(sign_out().to_stored(), STORED);
    assert_eq!(SignOut::from_stored(STORED), Some(sign_out()));
    let finished = sign_out().finished();
    assert_eq!(finished.to_stored(), "abababababababab.0000000000");
    assert_eq!(SignOut::from_stored(&finished.to_stored()), Some(finished));
}

#[wasm_bindgen_test(unsupported = test)]
fn every_record_is_as_long_as_the_room_for_it() {
    for record in [
        sign_out(),
        sign_out().finished(),
        SignOut::begin([0; 32], 0),
        SignOut::begin([0xff; 32], 9_999_999_999),
    ] {
        assert_eq!(record.to_stored().len(), SignOut::ROOM.len(), "{record:?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn room_for_a_record_is_no_sign_out_and_neither_is_anything_else() {
    for stored in [
        SignOut::ROOM,
        "",
        ".",
        "abababababababab",
        "abababababababab.",
        "abababababababab.x",
        "abababababababab.-1",
        "ababababababab.1800000000",
        "ababababababababab.1800000000",
        "xbababababababab.1800000000",
        "abababababababab.1800000000.1",
        "abababababababab.18000000000",
        "abababababababab.+800000000",
        "00000000000000000.000000000",
    ] {
        assert_eq!(SignOut::from_stored(stored), None, "{stored}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_sign_out_is_unfinished_as_long_as_cognito_may_have_a_session() {
    assert_eq!(sign_out().unfinished_for(NOW), Some(0));
    assert_eq!(sign_out().unfinished_for(NOW + 3599), Some(3599));
    assert_eq!(sign_out().unfinished_for(NOW + 3600), None);
    // The clock was set back meanwhile.
    assert_eq!(sign_out().unfinished_for(NOW - 60), Some(60));
    assert_eq!(sign_out().unfinished_since(), Some(NOW));
    assert_eq!(sign_out().finished().unfinished_for(NOW), None);
    assert_eq!(sign_out().finished().unfinished_since(), None);
    let retried = sign_out().retried(NOW + 3600);
    assert_eq!(retried.unfinished_for(NOW + 3601), Some(1));
    assert_eq!(retried.id(), sign_out().id());
}

#[wasm_bindgen_test(unsupported = test)]
fn what_began_before_the_last_sign_out_has_ended() {
    let (last, id) = (sign_out(), sign_out().id().to_owned());
    assert!(!SignOut::is_since(None, None));
    assert!(!SignOut::is_since(None, Some(&id)));
    assert!(!SignOut::is_since(Some(&last), Some(&id)));
    assert!(SignOut::is_since(Some(&last), None));
    assert!(SignOut::is_since(Some(&last), Some("another")));
}
