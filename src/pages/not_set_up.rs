//! The page that is shown if the settings are wrong: which one, and what its value must be.

use leptos::prelude::*;

use crate::components::hero::Hero;
use crate::language::use_language;
use crate::messages;
use crate::pages::setup::Register;
use crate::route::Route;
use crate::settings::SettingsError;

/// The page without settings. At `#setup`, it also shows the URLs to register.
#[component]
pub fn NotSetUp(
    /// What is wrong.
    error: SettingsError,
    /// The current route.
    route: ReadSignal<Route>,
) -> impl IntoView {
    let language = use_language();
    move || {
        let t = language.texts();
        let message = Some(messages::settings(&error, t));
        let page = leptos_cognito::base_url();
        let register = (route.get() == Route::Setup)
            .then(|| view! { <Register callback_url=page.clone() sign_out_url=page t/> });
        view! {
            <main>
                <Hero title=t.not_set_up message>
                    <button type="button" class="primary" on:click=|_| reload()>
                        {t.load_again}
                    </button>
                </Hero>
                {register}
            </main>
        }
    }
}

/// Reloads the page, and with it the settings.
fn reload() {
    let _ = location().reload();
}
