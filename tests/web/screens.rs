//! What a person sees and can do, for every state.

use cognito_spa::api::ApiError;
use cognito_spa::app::auth::{Greeting, Notice, State};
use cognito_spa::app::pages::{self, home, setup};
use cognito_spa::app::screen::{Action, Screen, Shown};
use cognito_spa::app::ui::Ui;
use cognito_spa::app::words::{LANGUAGES, Message};
use cognito_spa::browser::elements::Element;
use cognito_spa::cognito::authorization::{AuthorizationError, Malformed};
use cognito_spa::cognito::hosted_ui::Door;
use cognito_spa::cognito::id_token::TokenError;
use cognito_spa::cognito::session::SessionEnd;
use cognito_spa::cognito::sign_in::SignInError;
use cognito_spa::cognito::token_endpoint::TokenEndpointError;
use cognito_spa::config::ConfigError;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

use crate::given::{NOW, claims, claims_with, config, config_with, session, stored, ui, words};

/// All texts, one on each line.
fn text(screen: &Screen) -> String {
    fn add(element: &Element, text: &mut String) {
        text.push_str(element.text());
        text.push('\n');
        element.children().iter().for_each(|child| add(child, text));
    }
    let mut text = String::new();
    add(&screen.main, &mut text);
    text
}

/// The first element of this kind.
fn find<'a>(element: &'a Element, tag: &str) -> Option<&'a Element> {
    match element.tag() == tag {
        true => Some(element),
        false => element.children().iter().find_map(|child| find(child, tag)),
    }
}

fn title(screen: &Screen) -> &str {
    find(&screen.main, "h1").unwrap().text()
}

#[track_caller]
fn says(screen: &Screen, words: &str) {
    let text = text(screen);
    assert!(text.contains(words), "“{words}” is not in:\n{text}");
}

#[track_caller]
fn is_silent_of(screen: &Screen, words: &str) {
    let text = text(screen);
    assert!(!text.contains(words), "“{words}” is in:\n{text}");
}

/// What can be done about the session and the call.
fn actions(screen: &Screen) -> &[Action] {
    screen.actions.as_slice()
}

fn signed_in_to(stored: &Value, notice: Option<Notice>, greeting: Greeting, ui: &Ui) -> Screen {
    let state = State::SignedIn {
        session: session(stored).into(),
        kept: true,
        notice,
        greeting,
        renewing: false,
    };
    home::screen(&state, &config(), ui)
}

fn signed_in_with(notice: Option<Notice>, greeting: Greeting) -> Screen {
    signed_in_to(&stored(&claims()), notice, greeting, &ui())
}

fn signed_in(greeting: Greeting) -> Screen {
    signed_in_with(None, greeting)
}

fn signed_out(notice: Option<Notice>) -> Screen {
    home::screen(&State::SignedOut { notice }, &config(), &ui())
}

fn message(notice: Notice) -> Message {
    let screen = signed_out(Some(notice.clone()));
    let message = words().notice(&notice);
    says(&screen, &message.happened);
    says(&screen, message.remedy);
    message
}

fn greeted() -> Greeting {
    Greeting::Received("Hi, ada@example.com!".to_owned(), 84)
}

/// The ways in, for whoever is signed out.
fn doors() -> [Action; 3] {
    [Door::SignIn, Door::SignUp, Door::ForgotPassword].map(Action::Enter)
}

/// Each of these has words of its own, and each says what to do.
fn told_apart(notices: Vec<Notice>) {
    let mut seen = Vec::new();
    for notice in notices {
        let words = message(notice);
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
    assert_eq!(actions(&screen), doors());
    assert!(find(&screen.main, "blockquote").is_none());
    assert!(!screen.needs_words);
}

#[wasm_bindgen_test(unsupported = test)]
fn each_identity_provider_has_a_button() {
    let providers = json!(["Google", "SignInWithApple", "LoginWithAmazon"]);
    let config = config_with("identityProviders", providers);
    let screen = home::screen(&State::SignedOut { notice: None }, &config, &ui());
    let names: Vec<String> = text(&screen)
        .lines()
        .filter(|line| line.starts_with("Sign in") && !line.ends_with('.'))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        names,
        [
            "Sign in",
            "Sign in with Google",
            "Sign in with Apple",
            "Sign in with Amazon",
        ]
    );
    let google = Action::Enter(Door::Provider("Google".to_owned()));
    assert_eq!(actions(&screen)[1], google);
}

#[wasm_bindgen_test(unsupported = test)]
fn nobody_is_greeted_without_a_session() {
    for state in [
        State::SignedOut { notice: None },
        State::SigningIn,
        State::Leaving(0),
    ] {
        let screen = home::screen(&state, &config(), &ui());
        assert!(!actions(&screen).contains(&Action::SignOut), "{screen:?}");
        is_silent_of(&screen, "Signed in");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn whoever_is_signed_in_sees_the_greeting_and_can_sign_out() {
    let screen = signed_in(greeted());
    assert_eq!(title(&screen), "Hi, ada@example.com!");
    says(&screen, "Signed in as ada@example.com");
    says(&screen, "200 in 84 ms");
    assert!(find(&screen.main, "blockquote").is_none());
    assert!(actions(&screen).contains(&Action::SignOut));
    assert!(actions(&screen).contains(&Action::CallAgain));
}

#[wasm_bindgen_test(unsupported = test)]
fn the_person_is_told_what_is_known_of_them() {
    let screen = |name, value| {
        let claims = claims_with(name, value);
        signed_in_to(&stored(&claims), None, greeted(), &ui())
    };
    says(&screen("email_verified", json!(true)), "\nverified\n");
    says(&screen("email_verified", json!("true")), "\nverified\n");
    says(&screen("email_verified", json!(false)), "not verified");
    is_silent_of(&screen("email_verified", Value::Null), "verified");
    says(&screen("cognito:groups", json!(["a", "b"])), "a, b");
    says(&screen("cognito:groups", Value::Null), "none");
    says(&screen("email", Value::Null), "Signed in as ada");
}

#[wasm_bindgen_test(unsupported = test)]
fn the_session_is_shown_in_words_and_as_a_bar() {
    let mut ui = ui();
    ui.now = NOW + 900;
    let screen = signed_in_to(&stored(&claims()), None, greeted(), &ui);
    says(&screen, "45 min");
    says(&screen, "15 min ago");
    let bar = find(&screen.main, "progress").unwrap();
    assert_eq!(bar.attribute("value"), Some("2700"));
    assert_eq!(bar.attribute("max"), Some("3600"));
    assert!(bar.attribute("aria-label").is_some());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_with_a_refresh_token_can_be_renewed_and_another_gone_on_with() {
    let go_on = Action::Enter(Door::GoOn);
    let implicit = signed_in(greeted());
    assert!(actions(&implicit).contains(&go_on));
    assert!(!actions(&implicit).contains(&Action::Renew));
    let mut stored = stored(&claims());
    stored["refresh_token"] = json!("r");
    let code = signed_in_to(&stored, None, greeted(), &ui());
    assert!(actions(&code).contains(&Action::Renew));
    assert!(!actions(&code).contains(&go_on));
}

#[wasm_bindgen_test(unsupported = test)]
fn nothing_at_work_can_be_pressed_again() {
    let state = |greeting, renewing| {
        let mut stored = stored(&claims());
        stored["refresh_token"] = json!("r");
        State::SignedIn {
            session: session(&stored).into(),
            kept: true,
            notice: None,
            greeting,
            renewing,
        }
    };
    let renewing = home::screen(&state(greeted(), true), &config(), &ui());
    assert!(!actions(&renewing).contains(&Action::Renew));
    says(&renewing, "Renewing…");
    let calling = home::screen(&state(Greeting::Awaited(NOW), false), &config(), &ui());
    assert!(!actions(&calling).contains(&Action::CallAgain));
    says(&calling, "Calling…");
    let leaving = home::screen(&State::Leaving(NOW), &config(), &ui());
    assert!(actions(&leaving).is_empty());
}

#[wasm_bindgen_test(unsupported = test)]
fn a_session_that_ends_soon_can_be_gone_on_with() {
    let screen = signed_in_with(Some(Notice::EndsSoon), greeted());
    says(&screen, "will expire");
    let go_on = Action::Enter(Door::GoOn);
    assert!(actions(&screen).contains(&go_on));
    let screen = signed_in(Greeting::Failed(ApiError::UnreachableAtTheEnd, 1));
    assert!(actions(&screen).contains(&go_on));
}

#[wasm_bindgen_test(unsupported = test)]
fn waiting_is_not_silence() {
    let mut ui = ui();
    let screen = |ui: &Ui| {
        let awaited = Greeting::Awaited(NOW);
        signed_in_to(&stored(&claims()), None, awaited, ui)
    };
    assert_eq!(title(&screen(&ui)), "One moment…");
    is_silent_of(&screen(&ui), "taking its time");
    ui.now = NOW + 4;
    says(&screen(&ui), "taking its time");
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
        let screen = signed_in(Greeting::Failed(error, 7));
        let message = words().api(error);
        says(&screen, &message.happened);
        says(&screen, message.remedy);
        assert!(
            !message.remedy.is_empty() && !seen.contains(&message.happened),
            "{message:?}"
        );
        match error.status() {
            Some(status) => says(&screen, &format!("{status} in 7 ms")),
            None => says(&screen, "none, after 7 ms"),
        }
        assert!(actions(&screen).contains(&Action::CallAgain));
        seen.push(message.happened);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn a_developer_sees_the_claims_and_the_token_only_after_a_warning() {
    let screen_to = |sub: &str, shown| {
        let mut ui = ui();
        ui.shown = shown;
        ui.shown_to = sub.to_owned();
        let claims = claims_with("custom:team", json!("blue"));
        signed_in_to(&stored(&claims), None, greeted(), &ui)
    };
    let sub = claims()["sub"].as_str().unwrap().to_owned();
    let screen = |shown| screen_to(&sub, shown);
    let token = session(&stored(&claims_with("custom:team", json!("blue"))));
    let token = token.tokens().id_token.authorization().to_owned();

    let nothing = screen(Shown::Nothing);
    is_silent_of(&nothing, "cognito:username");
    assert!(actions(&nothing).contains(&Action::Show(Shown::Claims)));

    let claims = screen(Shown::Claims);
    says(
        &claims,
        "custom:team\n\nblue\nAn attribute of this user pool’s own",
    );
    says(
        &claims,
        &format!("exp\n\nat {}\nWhen the token ends", NOW + 3600),
    );
    says(&claims, "$TOKEN");
    is_silent_of(&claims, &token);
    assert!(!actions(&claims).contains(&Action::Show(Shown::Token)));

    let warning = screen(Shown::Warning);
    says(&warning, "is taken for you until");
    is_silent_of(&warning, &token);
    assert!(actions(&warning).contains(&Action::Show(Shown::Token)));

    let shown = screen(Shown::Token);
    says(&shown, "is taken for you until");
    says(&shown, &token);
    assert!(actions(&shown).contains(&Action::Show(Shown::Claims)));

    // Whoever was here before has seen it, and not whoever is here now.
    is_silent_of(&screen_to("somebody else", Shown::Token), &token);
}

#[wasm_bindgen_test(unsupported = test)]
fn setup_names_the_addresses_to_register_and_says_where_this_page_has_another() {
    let screen = setup::screen(Ok(&config()), &ui());
    assert_eq!(
        text(&screen).matches("https://app.example.com/\n").count(),
        4
    );
    let copy = Action::Copy("https://app.example.com/".to_owned());
    assert_eq!(actions(&screen)[..2], [copy.clone(), copy]);
    is_silent_of(&screen, "has another address");
    let elsewhere = config_with("redirectUri", json!("https://other.example.com/"));
    let screen = setup::screen(Ok(&elsewhere), &ui());
    says(
        &screen,
        "This page has another address, https://app.example.com/",
    );
    for key in ["userPoolDomain", "clockSkewSeconds"] {
        says(&screen, key);
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn setup_is_there_without_settings_as_well() {
    let screen = setup::screen(Err(&ConfigError::NotFound), &ui());
    says(&screen, "There is no config.json");
    says(&screen, "Allowed callback URL");
    says(&screen, "https://app.example.com/");
    assert_eq!(actions(&screen)[0], Action::Reload);
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
    let screen = signed_out(Some(refused(TokenError::Nonce)));
    assert_eq!(actions(&screen), doors());
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
        let remedy = message(Notice::SignInFailed(SignInError::Token(error))).remedy;
        assert!(remedy.contains("date, time and time zone"), "{remedy}");
    }
}

#[wasm_bindgen_test(unsupported = test)]
fn the_end_of_a_session_is_explained() {
    #[track_caller]
    fn check(end: SessionEnd, expected: &str) {
        let words = message(Notice::Ended(end));
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
    let quoted = message(Notice::SignInFailed(SignInError::Refused(error))).quoted;
    let quoted = quoted.unwrap();
    assert_eq!(quoted.chars().count(), 301);
}

#[wasm_bindgen_test(unsupported = test)]
fn broken_settings_offer_to_load_again() {
    let screen = setup::broken(&ConfigError::NotFound, &ui());
    says(&screen, "There is no config.json beside this page.");
    assert_eq!(actions(&screen), [Action::Reload]);
}

#[wasm_bindgen_test(unsupported = test)]
fn below_every_page_are_news_the_way_to_the_other_page_and_the_languages() {
    let framed = |ui: &Ui| {
        let (page, actions) = pages::framed(signed_out(None), true, ui);
        let footer = find(&page, "footer").unwrap().clone();
        (footer, actions)
    };
    let (footer, actions) = framed(&ui());
    assert_eq!(find(&footer, "p").unwrap().text(), "");
    let link = find(&footer, "a").unwrap();
    assert_eq!(
        (link.text(), link.attribute("href")),
        ("Setup", Some("#setup"))
    );
    let buttons: Vec<&Element> = footer
        .children()
        .iter()
        .filter(|element| element.tag() == "button")
        .collect();
    for (button, (tag, name)) in buttons.iter().zip(LANGUAGES) {
        assert_eq!(button.text(), *name);
        let number: usize = button.attribute("value").unwrap().parse().unwrap();
        assert_eq!(actions[number], Action::Speak(tag));
        let is_spoken = if *tag == "en" { "true" } else { "false" };
        assert_eq!(button.attribute("aria-pressed"), Some(is_spoken));
    }
    assert_eq!(buttons.len(), LANGUAGES.len());

    let said = |change: fn(&mut Ui)| {
        let mut ui = ui();
        change(&mut ui);
        find(&framed(&ui).0, "p").unwrap().text().to_owned()
    };
    assert_eq!(said(|ui| ui.copied = Some(true)), "Copied.");
    assert!(said(|ui| ui.copied = Some(false)).contains("copy it yourself"));
    assert!(said(|ui| ui.is_online = false).contains("You are offline"));
    assert!(said(|ui| ui.words_failed = true).contains("could not be loaded"));
}

#[wasm_bindgen_test(unsupported = test)]
fn a_page_of_ones_own_stands_in_the_place_of_the_app_s() {
    let (page, _) = pages::framed(signed_out(None), false, &ui());
    assert!(find(&page, "main").is_none());
    assert!(find(&page, "footer").is_some());
}
