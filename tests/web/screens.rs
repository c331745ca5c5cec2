//! What a person sees and can do, for every state.

use cognito_spa::api::ApiError;
use cognito_spa::app::auth::{Greeting, Notice, State};
use cognito_spa::app::screen::{Action, Screen};
use cognito_spa::cognito::authorization::AuthorizationError;
use cognito_spa::cognito::id_token::TokenError;
use cognito_spa::cognito::session::{Session, SessionEnd, SessionTokens};
use cognito_spa::cognito::sign_in::SignInError;
use cognito_spa::config::ConfigError;
use serde_json::json;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{NOW, claims, hosted_ui, token};

fn signed_in(greeting: Greeting) -> Screen {
    let stored = json!({ "id_token": token(&claims()).authorization() });
    let tokens = SessionTokens::from_stored(&stored).unwrap();
    let session = Session::restore(tokens, &hosted_ui(), NOW).unwrap();
    Screen::of(&State::SignedIn {
        session,
        notice: None,
        greeting,
    })
}

fn signed_out(notice: Option<Notice>) -> Screen {
    Screen::of(&State::SignedOut { notice })
}

#[wasm_bindgen_test(unsupported = test)]
fn whoever_is_signed_out_can_sign_in() {
    let screen = signed_out(None);
    assert_eq!(
        (screen.message, screen.actions),
        (None, [Action::SignIn].as_slice())
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn whoever_is_signed_in_sees_the_greeting_and_can_sign_out() {
    let screen = signed_in(Greeting::Received("Hi, ada@example.com!".to_owned()));
    assert_eq!(screen.title, "Hi, ada@example.com!");
    assert!(screen.text.contains("ada@example.com"));
    assert_eq!(
        (screen.message, screen.actions),
        (None, [Action::SignOut].as_slice())
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn waiting_is_not_silence() {
    let screen = signed_in(Greeting::Awaited);
    assert!(!screen.title.is_empty());
    assert_eq!(screen.actions, [Action::SignOut]);
}

#[wasm_bindgen_test(unsupported = test)]
fn each_failure_of_the_api_has_its_own_words_and_a_way_on() {
    let errors = [
        ApiError::Status(500),
        ApiError::Status(403),
        ApiError::Unreachable,
        ApiError::NotAGreeting,
    ];
    let mut seen = Vec::new();
    for error in errors {
        let screen = signed_in(Greeting::Failed(error));
        let words = screen.message.unwrap();
        assert!(
            !words.remedy.is_empty() && !seen.contains(&words.happened),
            "{words:?}"
        );
        assert_eq!(screen.actions, [Action::SignOut, Action::AskAgain]);
        seen.push(words.happened);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn each_refusal_of_a_token_has_its_own_words_and_a_way_on() {
    let errors = [
        TokenError::NotAJwt,
        TokenError::NotBase64Url,
        TokenError::NotJson,
        TokenError::Claim("sub"),
        TokenError::Algorithm,
        TokenError::Critical,
        TokenError::UnknownKey,
        TokenError::Signature,
        TokenError::AccessTokenHash,
        TokenError::Issuer,
        TokenError::Audience,
        TokenError::ExtraAudience,
        TokenError::AuthorizedParty,
        TokenError::TokenUse,
        TokenError::Expired,
        TokenError::IssuedInTheFuture,
        TokenError::Nonce,
    ];
    let mut seen = Vec::new();
    for error in errors {
        let screen = signed_out(Some(Notice::SignInFailed(SignInError::Token(error))));
        let words = screen.message.unwrap();
        assert!(
            !words.remedy.is_empty() && !seen.contains(&words.happened),
            "{words:?}"
        );
        assert_eq!(screen.actions, [Action::SignIn]);
        seen.push(words.happened);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_end_of_a_session_is_explained() {
    let expired = signed_out(Some(Notice::Ended(SessionEnd::Expired)))
        .message
        .unwrap();
    assert!(expired.happened.contains("expired"));
    let rejected = signed_out(Some(Notice::Ended(SessionEnd::Rejected)))
        .message
        .unwrap();
    assert!(rejected.happened.contains("does not accept"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_foreign_text_is_quoted_and_cut() {
    let error = AuthorizationError {
        error: "access_denied".to_owned(),
        description: Some("é".repeat(1000)),
    };
    let screen = signed_out(Some(Notice::SignInFailed(SignInError::Refused(error))));
    let quoted = screen.message.unwrap().quoted.unwrap();
    assert_eq!(quoted.chars().count(), 301);
}

#[wasm_bindgen_test(unsupported = test)]
fn broken_settings_offer_to_load_again() {
    let screen = Screen::broken_settings(&ConfigError::NotFound);
    assert!(screen.message.unwrap().happened.contains("config.json"));
    assert_eq!(screen.actions, [Action::Reload]);
}
