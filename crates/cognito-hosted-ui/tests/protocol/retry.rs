//! When a request to an API is repeated.

use cognito_hosted_ui::{ApiAnswer, Retry, Session};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::fixtures::{NOW, claims, restored, stored_session};

fn implicit() -> Session {
    restored(&stored_session(&claims()))
}

fn refreshable() -> Session {
    let mut stored = stored_session(&claims());
    stored["refresh_token"] = "r".into();
    restored(&stored)
}

#[wasm_bindgen_test(unsupported = test)]
fn a_request_is_repeated_once_if_its_token_may_be_the_reason() {
    const SOON: u64 = NOW + 3540;
    let unreachable = ApiAnswer::Unreachable;
    for (answer, is_idempotent, now, with_refresh_token, without) in [
        (ApiAnswer::Status(200), true, NOW, Retry::No, Retry::No),
        (ApiAnswer::Status(200), true, SOON, Retry::No, Retry::No),
        (ApiAnswer::Status(403), true, SOON, Retry::No, Retry::No),
        (ApiAnswer::Status(500), true, SOON, Retry::No, Retry::No),
        // A request with a 401 was not processed, whatever its method.
        (
            ApiAnswer::Status(401),
            true,
            NOW,
            Retry::AfterRefresh,
            Retry::SameToken,
        ),
        (
            ApiAnswer::Status(401),
            false,
            NOW,
            Retry::AfterRefresh,
            Retry::SameToken,
        ),
        (unreachable, true, NOW, Retry::No, Retry::No),
        (unreachable, true, SOON - 1, Retry::No, Retry::No),
        (unreachable, true, SOON, Retry::AfterRefresh, Retry::No),
        (
            unreachable,
            true,
            SOON + 3600,
            Retry::AfterRefresh,
            Retry::No,
        ),
        // It may have been processed.
        (unreachable, false, SOON, Retry::No, Retry::No),
    ] {
        let retry = |session: &Session| answer.retry(session, is_idempotent, now);
        assert_eq!(
            retry(&refreshable()),
            with_refresh_token,
            "{answer:?} {now}"
        );
        assert_eq!(retry(&implicit()), without, "{answer:?} {now}");
    }
}
