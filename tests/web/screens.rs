//! What a person sees and can do, for every state.

use cognito_spa::api::ApiError;
use cognito_spa::app::auth::{Greeting, Notice, State};
use cognito_spa::app::screen::{Action, Screen};
use cognito_spa::cognito::authorization::{AuthorizationError, Malformed};
use cognito_spa::cognito::hosted_ui::Door;
use cognito_spa::cognito::id_token::TokenError;
use cognito_spa::cognito::session::SessionEnd;
use cognito_spa::cognito::sign_in::SignInError;
use cognito_spa::cognito::token_endpoint::TokenEndpointError;
use cognito_spa::config::ConfigError;
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{claims, session, stored};

fn signed_in_with(notice: Option<Notice>, greeting: Greeting) -> Screen {
    let state = State::SignedIn {
        session: session(&stored(&claims())).into(),
        kept: true,
        notice,
        greeting,
    };
    Screen::of(&state, &[])
}

fn signed_in(greeting: Greeting) -> Screen {
    signed_in_with(None, greeting)
}

fn signed_out(notice: Option<Notice>) -> Screen {
    Screen::of(&State::SignedOut { notice }, &[])
}

fn greeted() -> Greeting {
    Greeting::Received("Hi, ada@example.com!".to_owned())
}

/// The ways in, for whoever is signed out.
fn doors() -> [Action; 3] {
    [Door::SignIn, Door::SignUp, Door::ForgotPassword].map(Action::Enter)
}

/// Each of these has words of its own, and each says what to do.
fn told_apart(notices: Vec<Notice>) {
    let mut seen = Vec::new();
    for notice in notices {
        let words = signed_out(Some(notice)).message.unwrap();
        assert!(
            !words.remedy.is_empty() && !seen.contains(&words.happened),
            "{words:?}"
        );
        seen.push(words.happened);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn whoever_is_signed_out_can_sign_in_and_sign_up() {
    let screen = signed_out(None);
    assert_eq!(screen.message, None);
    assert_eq!(screen.actions, doors());
}

#[wasm_bindgen_test(unsupported = test)]
fn each_identity_provider_has_a_button() {
    let providers = ["Google", "SignInWithApple", "LoginWithAmazon"].map(str::to_owned);
    let screen = Screen::of(&State::SignedOut { notice: None }, &providers);
    let names: Vec<String> = screen.actions.iter().map(Action::name).collect();
    assert_eq!(
        names,
        [
            "Sign in",
            "Sign in with Google",
            "Sign in with Apple",
            "Sign in with Amazon",
            "Create account",
            "Forgot password",
        ]
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn nobody_is_greeted_without_a_session() {
    for state in [
        State::SignedOut { notice: None },
        State::SigningIn,
        State::Leaving(0),
    ] {
        let screen = Screen::of(&state, &[]);
        assert!(!screen.actions.contains(&Action::SignOut), "{screen:?}");
        assert!(!screen.text.contains("Signed in"), "{screen:?}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn whoever_is_signed_in_sees_the_greeting_and_can_sign_out() {
    let screen = signed_in(greeted());
    assert_eq!(screen.title, "Hi, ada@example.com!");
    assert!(screen.text.contains("ada@example.com"));
    assert_eq!(screen.message, None);
    assert_eq!(screen.actions, [Action::SignOut]);
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_that_ends_soon_can_be_gone_on_with() {
    let screen = signed_in_with(Some(Notice::EndsSoon), greeted());
    assert!(screen.message.unwrap().happened.contains("will expire"));
    assert_eq!(screen.actions, [Action::SignOut, Action::Enter(Door::GoOn)]);
    let screen = signed_in(Greeting::Failed(ApiError::UnreachableAtTheEnd));
    assert!(screen.actions.contains(&Action::Enter(Door::GoOn)));
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
        ApiError::NoSuchPath,
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
        TokenError::IssuedBefore,
        TokenError::Subject,
        TokenError::AuthTime,
    ];
    let refused = |error| Notice::SignInFailed(SignInError::Token(error));
    told_apart(errors.map(refused).into());
    assert_eq!(
        signed_out(Some(refused(TokenError::Nonce))).actions,
        doors()
    );
}

#[wasm_bindgen_test(unsupported = test)]
fn each_other_failure_has_its_own_words_and_a_way_on() {
    let malformed = [
        Malformed::Repeated,
        Malformed::NoIdToken,
        Malformed::TokenType,
        Malformed::TokensInQuery,
        Malformed::OtherGrant,
    ];
    let token_endpoint = [
        TokenEndpointError::Unreachable,
        TokenEndpointError::Refused("invalid_grant".to_owned()),
        TokenEndpointError::Malformed,
    ];
    let errors = malformed
        .map(SignInError::Malformed)
        .into_iter()
        .chain(token_endpoint.map(SignInError::TokenEndpoint))
        .chain([SignInError::Unsolicited, SignInError::NoKeys]);
    let others = [
        Notice::Ended(SessionEnd::Expired),
        Notice::Ended(SessionEnd::Rejected),
        Notice::Ended(SessionEnd::Elsewhere),
        Notice::Ended(SessionEnd::Unreadable),
        Notice::EndsSoon,
        Notice::NotRenewed,
        Notice::CannotStore,
        Notice::NotKept,
    ];
    told_apart(errors.map(Notice::SignInFailed).chain(others).collect());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_wrong_clock_is_explained() {
    for error in [
        TokenError::Expired,
        TokenError::IssuedInTheFuture,
        TokenError::IssuedBefore,
    ] {
        let screen = signed_out(Some(Notice::SignInFailed(SignInError::Token(error))));
        let remedy = screen.message.unwrap().remedy;
        assert!(remedy.contains("date, time and time zone"), "{remedy}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_end_of_a_session_is_explained() {
    #[track_caller]
    fn check(end: SessionEnd, expected: &str) {
        let words = signed_out(Some(Notice::Ended(end))).message.unwrap();
        assert!(words.happened.contains(expected), "{words:?}");
    }
    check(SessionEnd::SignedOut, "You have signed out");
    check(SessionEnd::Expired, "expired");
    check(SessionEnd::Rejected, "does not accept");
    check(SessionEnd::Elsewhere, "in another tab");
    check(SessionEnd::Unreadable, "could not be read");
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
