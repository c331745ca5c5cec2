//! Pages of your own, for whoever is signed in: whoever is not sees how to, and comes back to the page.
//! They are drawn by Leptos' own views, which cost nothing as long as there are none.

use std::sync::Arc;

use leptos::prelude::*;
use web_sys::HtmlElement;

use crate::cognito::session::Session;

use super::auth::Auth;
use super::ui::Ui;
use super::watched::Watched;
use super::words::Message;

/// A page by its route, which is what follows `#` in the address.
pub type Page = (&'static str, fn(SignedIn) -> AnyView);

/// Who is signed in: a page that takes one cannot be shown to anybody else.
#[derive(Clone)]
pub struct SignedIn {
    ui: &'static Watched<Ui>,
    auth: Auth,
    session: Arc<Session>,
}

impl SignedIn {
    /// The session with which the page was opened.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Sends a GET request for this path of the API, such as `/orders`, with the session's token, which is renewed first
    /// if need be, and returns the answer's body. A session that the API refuses for good is over, and the page with it.
    ///
    /// # Errors
    /// What happened and what can be done about it, in the person's language.
    pub async fn get(&self, path: &str) -> Result<String, Message> {
        match self.auth.call(path).await {
            Some(answer) => answer.map_err(|error| self.ui.with(|ui| ui.words.api(error))),
            // Whoever asked is not there any more.
            None => Ok(String::new()),
        }
    }
}

/// Shows the page of these that the address points to, in this element, while somebody is signed in.
pub(super) fn mount(
    place: HtmlElement,
    auth: Auth,
    ui: &'static Watched<Ui>,
    pages: &'static [Page],
) {
    let view = move || {
        // Another page only for another route or another person, and not whenever time passes.
        let who_and_where = Memo::new(move |_| (auth.person(), ui.with(|ui| ui.route.clone())));
        move || {
            let (_, route) = who_and_where.get();
            let (_, page) = pages.iter().find(|(name, _)| *name == route)?;
            let session = auth.session()?;
            Some(page(SignedIn { ui, auth, session }))
        }
    };
    leptos::mount::mount_to(place, view).forget();
}
