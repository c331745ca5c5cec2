//! What the user should know about the sign-in and the session, in words.

use leptos::prelude::*;
use leptos_cognito::{Notice, SessionEnd, use_auth};

#[component]
pub fn NoticeBar() -> impl IntoView {
    let notice = use_auth().notice();
    // The element is always there: screen readers announce changes in it.
    view! { <p role="status">{move || notice.get().map(|notice| text(&notice))}</p> }
}

fn text(notice: &Notice) -> String {
    match notice {
        Notice::SessionEnded(SessionEnd::SignedOut) => "You have signed out.".to_owned(),
        Notice::SessionEnded(SessionEnd::Expired) => "Your session has expired.".to_owned(),
        Notice::SessionEnded(_) => "Your session has ended. Please sign in again.".to_owned(),
        Notice::SignInFailed(error) => format!("You could not be signed in: {error}."),
        Notice::SignOutUnfinished => {
            "You are signed out here, but not at Cognito yet. Connect to the network to finish."
                .to_owned()
        }
        Notice::SignOutNotShared => {
            "You have signed out. Close the app's other tabs: they could not be told.".to_owned()
        }
        Notice::PerhapsExpired => {
            "By this device's clock, which may be wrong, your session has expired.".to_owned()
        }
        Notice::ClockWrong => "This device's clock looks wrong.".to_owned(),
        Notice::ExpiringSoon => "Your session will expire within minutes.".to_owned(),
        Notice::NotRefreshed => "Your session could not be refreshed yet.".to_owned(),
        Notice::UserChanged => "You are now signed in with a different account.".to_owned(),
        Notice::StorageUnavailable | Notice::SessionNotStored => {
            "Your browser does not let this page store anything.".to_owned()
        }
    }
}
