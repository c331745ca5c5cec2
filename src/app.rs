//! The root component: the providers, and the choice of the page.

use cognito_hosted_ui::AuthorizationCallback;
use leptos::prelude::*;
use leptos_cognito::{AuthProvider, SignedIn};

use crate::components::copy_button::provide_copied;
use crate::components::footer::Footer;
use crate::components::header::{Header, UserHeader};
use crate::language::provide_language;
use crate::pages::home::Home;
use crate::pages::not_set_up::NotSetUp;
use crate::pages::setup::Setup;
use crate::pages::sign_in::SignIn;
use crate::route::{Route, use_route};
use crate::settings::{Settings, SettingsError};

/// The app.
#[component]
pub fn App(
    /// The settings, or the reason why there are none.
    settings: Result<Settings, SettingsError>,
    /// The Hosted UI's response, if the page was opened with one.
    callback: Option<AuthorizationCallback>,
) -> impl IntoView {
    provide_language();
    provide_copied();
    match settings {
        Err(error) => {
            let route = use_route();
            view! { <Header/> <NotSetUp error route/> <Footer route/> }.into_any()
        }
        Ok(settings) => {
            let config = settings.auth.clone();
            let settings = StoredValue::new(settings);
            view! { <AuthProvider config callback><Pages settings/></AuthProvider> }.into_any()
        }
    }
}

/// The pages. They are below the provider, which puts the user back on the route that they signed in from.
#[component]
fn Pages(settings: StoredValue<Settings>) -> impl IntoView {
    let route = use_route();
    let page = move || match route.get() {
        Route::Setup => view! { <Setup settings/> }.into_any(),
        Route::Home => view! {
            <SignedIn fallback=move || view! { <SignIn settings/> } let:session>
                <Home session settings/>
            </SignedIn>
        }
        .into_any(),
    };
    view! { <UserHeader/> {page} <Footer route/> }
}
