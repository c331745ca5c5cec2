//! What whoever is signed in sees: the greeting, who they are, their session, the call, and what is behind it all.
//! Knows nothing of drawing; whoever is not signed in sees [`sign_in`].

use crate::api::{Api, ApiError, HI_USERS};
use crate::app::auth::{Greeting, Notice, State};
use crate::app::screen::{Action, Mark, Screen, Shown};
use crate::app::ui::Ui;
use crate::app::words::Word;
use crate::cognito::hosted_ui::Door;
use crate::cognito::json::{Json, decimal, joined};
use crate::cognito::session::Session;
use crate::config::{ApiSettings, Config};

use super::sign_in;

/// The screen for this state.
#[must_use]
pub fn screen(state: &State, config: &Config, ui: &Ui) -> Screen {
    let State::SignedIn {
        session,
        notice,
        greeting,
        renewing,
        ..
    } = state
    else {
        let client = &config.hosted_ui.client;
        return sign_in::screen(state, &client.identity_providers, ui.words);
    };
    let ends = matches!(notice, Some(Notice::EndsSoon))
        || matches!(greeting, Greeting::Failed(ApiError::UnreachableAtTheEnd, _));
    let mut screen = begin(session, greeting, ui);
    match (greeting, notice) {
        (Greeting::Failed(error, _), _) => screen.warn(&ui.words.api(*error)),
        (_, Some(notice)) => screen.warn(&ui.words.notice(notice)),
        (_, None) => {}
    }
    add_person(&mut screen, session, ui);
    add_session(&mut screen, session, *renewing, ends, ui);
    add_call(&mut screen, greeting, &config.api, ui);
    add_developer(&mut screen, session, &config.api, ui);
    screen
}

fn begin(session: &Session, greeting: &Greeting, ui: &Ui) -> Screen {
    /// After how many seconds an answer is said to be slow.
    const SLOW: u64 = 4;
    let words = ui.words;
    let who = words.fill(Word::SignedInAs, session.claims().display_name());
    let title = match greeting {
        Greeting::Awaited(since) if ui.now >= since.saturating_add(SLOW) => {
            return Screen::new(words.say(Word::OneMoment), words.say(Word::Slow));
        }
        Greeting::Awaited(_) => words.say(Word::OneMoment),
        Greeting::Received(message, _) => message,
        Greeting::Failed(..) => words.say(Word::NoGreeting),
    };
    Screen::new(title, &who)
}

fn add_person(screen: &mut Screen, session: &Session, ui: &Ui) {
    let words = ui.words;
    let claims = session.claims();
    screen.section(words.say(Word::Person), "");
    let name = match claims.email {
        Some(_) => Word::Email,
        None => Word::Name,
    };
    let (mark, verified) = match claims.email_verified {
        Some(true) => (Mark::Good, words.say(Word::Verified)),
        Some(false) => (Mark::Bad, words.say(Word::NotVerified)),
        None => (Mark::None, ""),
    };
    screen.row(words.say(name), claims.display_name(), mark);
    screen.note(verified);
    let groups = joined(&claims.groups, ", ");
    let groups = match groups.is_empty() {
        true => words.say(Word::None),
        false => &groups,
    };
    screen.row(words.say(Word::Groups), groups, Mark::None);
}

fn add_session(screen: &mut Screen, session: &Session, renewing: bool, ends: bool, ui: &Ui) {
    let words = ui.words;
    let (left, whole) = session.time(ui.now);
    screen.section(words.say(Word::Session), "");
    screen.bar(words.say(Word::TimeLeft), left, whole);
    screen.row(words.say(Word::TimeLeft), &words.duration(left), Mark::None);
    if let Some(auth_time) = session.claims().auth_time {
        // Not the time itself: a browser takes 40 ms to write its first one, which the greeting would wait for.
        let ago = words.duration(session.now(ui.now).saturating_sub(auth_time));
        let ago = words.fill(Word::Ago, &ago);
        screen.row(words.say(Word::SignedInAt), &ago, Mark::None);
    }
    let is_renewable = session.is_renewable();
    let grant = match is_renewable {
        true => Word::GrantCode,
        false => Word::GrantImplicit,
    };
    screen.row(words.say(Word::Grant), words.say(grant), Mark::None);
    screen.button(Action::SignOut, words.say(Word::SignOut));
    match (is_renewable, renewing) {
        (true, true) => screen.busy_button(words.say(Word::Renewing)),
        (true, false) => {
            screen.button(Action::Renew, words.say(Word::Renew));
        }
        (false, _) => {}
    }
    if ends || !is_renewable {
        let go_on = screen.button(Action::Enter(Door::GoOn), words.say(Word::StaySignedIn));
        if ends {
            go_on.set("class", "primary");
        }
    }
}

fn add_call(screen: &mut Screen, greeting: &Greeting, api: &ApiSettings, ui: &Ui) {
    let words = ui.words;
    let (mark, status, took) = match greeting {
        Greeting::Awaited(_) => (Mark::None, None, 0),
        Greeting::Received(_, took) => (Mark::Good, Some(200), *took),
        Greeting::Failed(error, took) => (Mark::Bad, error.status(), *took),
    };
    let took = decimal(took);
    let answer = match (mark, status) {
        (Mark::None, _) => words.say(Word::OneMoment).to_owned(),
        (_, None) => words.fill(Word::NoAnswerIn, &took),
        (_, Some(status)) => words.fill_two(Word::AnswerIn, &decimal(status.into()), &took),
    };
    screen.section(words.say(Word::Api), "");
    let call = ["GET ", api.url.as_str(), HI_USERS].concat();
    screen.row(words.say(Word::Call), &call, Mark::None);
    screen.row(words.say(Word::Answer), &answer, mark);
    match mark {
        Mark::None => screen.busy_button(words.say(Word::Calling)),
        Mark::Good => {
            screen.button(Action::CallAgain, words.say(Word::CallAgain));
        }
        Mark::Bad => screen.primary_button(Action::CallAgain, words.say(Word::CallAgain)),
    }
}

/// What is behind it all, as far as it was asked for.
fn add_developer(screen: &mut Screen, session: &Session, api: &ApiSettings, ui: &Ui) {
    let words = ui.words;
    screen.section(words.say(Word::Developer), "");
    let shown = match ui.shown_to == session.claims().sub {
        true => ui.shown,
        false => Shown::Nothing,
    };
    let (toggle, name, is_shown) = match shown {
        Shown::Nothing => (Shown::Claims, Word::ShowClaims, "false"),
        _ => (Shown::Nothing, Word::HideClaims, "true"),
    };
    let button = screen.button(Action::Show(toggle), words.say(name));
    button.set("aria-expanded", is_shown);
    if shown == Shown::Nothing {
        return;
    }
    screen.section(words.say(Word::Claims), words.say(Word::ClaimsText));
    let claims = session.tokens().id_token.all_claims_unverified();
    for (name, value) in claims.members() {
        let value = match (name.as_str(), value) {
            ("exp" | "iat" | "auth_time", Json::Number(seconds)) => ui.time(*seconds),
            (_, value) => value.plain(),
        };
        screen.row(name, &value, Mark::None);
        screen.note(words.say(meaning(name)));
    }

    let warning = words.fill(Word::TokenWarning, &ui.time(session.claims().exp));
    let text = match shown {
        Shown::Nothing | Shown::Claims => words.say(Word::CurlText),
        Shown::Warning | Shown::Token => &warning,
    };
    let name = words.say(Word::Curl);
    screen.section(name, text);
    let curl = Api::new(api, session).curl(HI_USERS, shown == Shown::Token);
    screen.row("cURL", &curl, Mark::None);
    screen.copy(name, &curl, words);
    let mut show = |shown, name| {
        screen.button(Action::Show(shown), words.say(name));
    };
    match shown {
        Shown::Nothing | Shown::Claims => show(Shown::Warning, Word::WithToken),
        Shown::Warning => {
            show(Shown::Token, Word::ShowToken);
            show(Shown::Claims, Word::HideToken);
        }
        Shown::Token => show(Shown::Claims, Word::HideToken),
    }
}

/// What a claim means
/// ([AWS: ID token](https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-id-token.html)).
fn meaning(claim: &str) -> Word {
    const MEANINGS: [(&str, Word); 20] = [
        ("iss", Word::ClaimIss),
        ("sub", Word::ClaimSub),
        ("aud", Word::ClaimAud),
        ("azp", Word::ClaimAzp),
        ("exp", Word::ClaimExp),
        ("iat", Word::ClaimIat),
        ("auth_time", Word::ClaimAuthTime),
        ("token_use", Word::ClaimTokenUse),
        ("nonce", Word::ClaimNonce),
        ("at_hash", Word::ClaimAtHash),
        ("jti", Word::ClaimJti),
        ("origin_jti", Word::ClaimOriginJti),
        ("event_id", Word::ClaimEventId),
        ("email", Word::ClaimEmail),
        ("email_verified", Word::ClaimEmailVerified),
        ("cognito:username", Word::ClaimUsername),
        ("cognito:groups", Word::ClaimGroups),
        ("cognito:roles", Word::ClaimRoles),
        ("cognito:preferred_role", Word::ClaimPreferredRole),
        ("identities", Word::ClaimIdentities),
    ];
    let known = MEANINGS.iter().find(|(name, _)| *name == claim);
    match known {
        Some((_, meaning)) => *meaning,
        None if claim.starts_with("custom:") => Word::ClaimCustom,
        None => Word::ClaimOther,
    }
}
