//! What is around every page: the route, the language, the time, and what a press of a button does.

use std::sync::Mutex;

use crate::browser::elements::Element;
use crate::browser::storage::Storage;
use crate::browser::{clipboard, clock, http, locale, location, page, task};
use crate::cognito::authorization::Callback;
use crate::cognito::hosted_ui::Door;
use crate::cognito::json::digits;
use crate::config::ConfigError;

use super::auth::Auth;
use super::checks::Check;
use super::guarded;
use super::pages;
use super::screen::{Action, Shown};
use super::ui::Ui;
use super::watched::Watched;
use super::words::{Word, Words, choose};

/// The handle that the app acts through. Copies are the same handle.
#[derive(Clone, Copy)]
pub struct Shell(&'static Inner);

/// What lives as long as the page does.
struct Inner {
    auth: Result<Auth, ConfigError>,
    /// The pages besides the app's own.
    own: &'static [guarded::Page],
    ui: Watched<Ui>,
    /// What the buttons do that are on the page.
    actions: Mutex<Vec<Action>>,
    /// The tag of the language whose words are on their way, or nothing.
    wanted: Mutex<&'static str>,
    /// What the page is called when nothing else is to be said.
    brand: String,
}

/// Under which key the browser remembers the language that was chosen.
const LANG: &str = "cognito-spa.lang";

/// The language that the person has chosen, else the one that the browser asks for, as far as it can be had.
pub async fn words() -> Words {
    let mut wanted = locale::languages();
    if let Some(chosen) = Storage::Local.get(LANG) {
        wanted.insert(0, chosen);
    }
    let tag = choose(&wanted);
    if tag == Words::ENGLISH.tag {
        return Words::ENGLISH;
    }
    fetch_words(tag).await.unwrap_or(Words::ENGLISH)
}

async fn fetch_words(tag: &'static str) -> Option<Words> {
    let path = ["languages/", tag, ".txt"].concat();
    let file = http::get(&path, None).await.ok()?;
    Words::read(tag, &file.body)
}

impl Shell {
    pub(super) fn new(
        auth: Result<Auth, ConfigError>,
        words: Words,
        own: &'static [guarded::Page],
    ) -> Self {
        let shell = Self(Box::leak(Box::new(Inner {
            auth,
            own,
            ui: Watched::new(Ui {
                route: String::new(),
                words,
                words_failed: false,
                now: clock::now(),
                is_online: page::is_online(),
                shown: Shown::Nothing,
                shown_to: String::new(),
                copied: None,
                findings: Default::default(),
                base: location::base().0,
                time: locale::time,
            }),
            actions: Mutex::default(),
            wanted: Mutex::default(),
            brand: page::title(),
        })));
        shell.go();
        page::on_changes(move || shell.look());
        location::on_fragment_change(move || {
            let (query, fragment) = location::query_and_fragment();
            // The Hosted UI's answer opens the page anew. One that is put into the address bar of an open page does not.
            if Callback::find(&query, &fragment).is_some() {
                return location::reload();
            }
            shell.go();
            // Drawn by then, the new page is where the person goes on.
            task::spawn(async { page::focus("h1") });
        });
        shell
    }

    /// What is known of the session, unless the settings are broken.
    pub(super) fn auth(self) -> Option<Auth> {
        self.0.auth.as_ref().ok().copied()
    }

    /// What pages are made from besides.
    pub(super) fn ui(self) -> &'static Watched<Ui> {
        &self.0.ui
    }

    /// The page as it should be, now and whenever that changes.
    pub(super) fn page(self) -> Element {
        self.0.ui.with(|ui| {
            let words = ui.words;
            let screen = match (&self.0.auth, ui.route.as_str()) {
                (Ok(auth), "setup") => pages::setup::screen(Ok(auth.config()), ui),
                (Err(error), "setup") => pages::setup::screen(Err(error), ui),
                (Err(error), _) => pages::setup::broken(error, ui),
                (Ok(auth), _) => {
                    auth.with_state(|state| pages::home::screen(state, auth.config(), ui))
                }
            };
            let is_wanting = screen.needs_words && !words.is_whole && !ui.words_failed;
            if is_wanting && self.wants("") {
                self.speak(words.tag);
            }
            let is_own = self.0.own.iter().any(|(route, _)| *route == ui.route);
            let is_shown = !is_own || self.auth().is_none_or(|auth| auth.person().is_empty());
            let (page, actions) = pages::framed(screen, is_shown, ui);
            if let Ok(mut here) = self.0.actions.lock() {
                *here = actions;
            }
            page
        })
    }

    fn change(self, change: &mut dyn FnMut(&mut Ui)) {
        self.0.ui.update(change);
    }

    /// Goes where the address points.
    fn go(self) {
        let (_, route) = location::query_and_fragment();
        self.change(&mut |ui| ui.route.clone_from(&route));
        self.introduce();
        if route == "setup" {
            self.check();
        }
    }

    /// Says anew what page this is.
    fn introduce(self) {
        let (words, at_setup) = self
            .0
            .ui
            .with_untracked(|ui| (ui.words, ui.route == "setup"));
        page::set_language(words.tag, words.say(Word::Direction));
        let brand = self.0.brand.as_str();
        if at_setup {
            page::set_title(&[words.say(Word::Setup), " · ", brand].concat());
        } else {
            page::set_title(brand);
        }
    }

    /// Leaves to sign in, where that can be done: what was pressed before the app was there.
    pub(super) fn enter(self) {
        if let Ok(auth) = &self.0.auth
            && auth.is_signed_out()
        {
            self.act(Action::Enter(Door::SignIn));
        }
    }

    /// Does what the button with this number does.
    pub(super) fn press(self, number: &str) {
        let action = digits(number).and_then(|number| {
            let actions = self.0.actions.lock().ok()?;
            actions.get(usize::try_from(number).ok()?).cloned()
        });
        if let Some(action) = action {
            self.act(action);
        }
    }

    fn act(self, action: Action) {
        let lang = self.0.ui.with_untracked(|ui| ui.words.tag);
        match (action, &self.0.auth) {
            (Action::Enter(door), Ok(auth)) => auth.sign_in(door, lang),
            (Action::SignOut, Ok(auth)) => auth.sign_out(),
            (Action::Renew, Ok(auth)) => auth.renew_now(),
            (Action::CallAgain, Ok(auth)) => auth.ask_for_greeting(),
            (Action::CheckAgain, _) => self.check(),
            (Action::Speak(tag), _) => {
                // Not kept, it is chosen anew on the next visit.
                let _ = Storage::Local.set(LANG, tag);
                self.speak(tag);
            }
            (Action::Show(shown), _) => {
                let person = self.auth().map_or_else(String::new, Auth::person);
                self.change(&mut |ui| {
                    ui.shown = shown;
                    ui.shown_to.clone_from(&person);
                });
            }
            (Action::Copy(text), _) => task::spawn(async move {
                let copied = clipboard::copy(&text).await;
                self.change(&mut |ui| ui.copied = Some(copied));
            }),
            (_, _) => location::reload(),
        }
    }

    /// Speaks the language with this tag as soon as all of it is there, unless another is chosen meanwhile.
    fn speak(self, tag: &'static str) {
        if let Ok(mut wanted) = self.0.wanted.lock() {
            *wanted = tag;
        }
        task::spawn(async move {
            let words = fetch_words(tag).await;
            if !self.wants(tag) {
                return;
            }
            if let Ok(mut wanted) = self.0.wanted.lock() {
                *wanted = "";
            }
            self.change(&mut |ui| {
                ui.words_failed = words.is_none();
                ui.words = words.unwrap_or(ui.words);
            });
            self.introduce();
        });
    }

    /// Whether the words of the language with this tag are on their way.
    fn wants(self, tag: &str) -> bool {
        self.0.wanted.lock().is_ok_and(|wanted| *wanted == tag)
    }

    fn look(self) {
        let is_online = page::is_online();
        let (was_online, missed) = self.0.ui.with_untracked(|ui| {
            let missed = ui.words_failed.then_some(ui.words.tag);
            (ui.is_online, missed)
        });
        if let Some(tag) = missed {
            self.speak(tag);
        }
        self.change(&mut |ui| {
            ui.now = clock::now();
            ui.is_online = is_online;
            ui.copied = None;
        });
        if let Ok(auth) = &self.0.auth {
            auth.look();
            if is_online && !was_online {
                auth.come_online();
            }
        }
    }

    fn check(self) {
        let Ok(auth) = &self.0.auth else {
            return;
        };
        self.change(&mut |ui| ui.findings = Default::default());
        for (place, check) in Check::ALL.into_iter().enumerate() {
            task::spawn(async move {
                let finding = check.make(*auth).await;
                self.change(&mut |ui| ui.findings[place].clone_from(&finding));
            });
        }
    }
}
