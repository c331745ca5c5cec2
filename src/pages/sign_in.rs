//! The page for users who are not signed in, or whose sign-in is in progress.

use cognito_hosted_ui::HostedUiPage;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_cognito::{AuthState, Notice, SignInButton, use_auth};

use crate::components::hero::Hero;
use crate::language::use_language;
use crate::messages;
use crate::settings::Settings;

/// The sign-in page.
#[component]
pub fn SignIn(
    /// The settings.
    settings: StoredValue<Settings>,
) -> impl IntoView {
    let auth = use_auth();
    let language = use_language();
    move || {
        let t = language.texts();
        let waiting_for = match auth.state().get() {
            AuthState::SignedOut => None,
            AuthState::Redirecting { .. } => Some(t.leaving),
            AuthState::SigningIn | AuthState::SignedIn(_) => Some(t.verifying),
        };
        let is_waiting = waiting_for.is_some();
        let title = if is_waiting { t.one_moment } else { t.welcome };
        let notice = auth.notice().get().filter(|_| !is_waiting);
        let is_unfinished = notice == Some(Notice::SignOutUnfinished);
        let invitation = if is_unfinished { "" } else { t.invitation };
        let text = waiting_for.unwrap_or(invitation);
        let message = notice.map(|notice| messages::notice(&notice, t));
        let providers = settings.with_value(|settings| settings.identity_providers.clone());
        let buttons = (!is_waiting).then(|| {
            if is_unfinished {
                let finish = move |_| auth.finish_sign_out();
                return Either::Left(view! {
                    <button type="button" class="primary" on:click=finish>
                        {t.finish_sign_out}
                    </button>
                });
            }
            let providers = providers.into_iter().map(|provider| {
                let name = (t.sign_in_with)(display_name(&provider));
                let page = HostedUiPage::IdentityProvider(provider);
                view! { <SignInButton page>{name}</SignInButton> }
            });
            Either::Right(view! {
                <SignInButton class="primary enter">{t.sign_in}</SignInButton>
                {providers.collect_view()}
                <SignInButton page=HostedUiPage::SignUp>{t.create_account}</SignInButton>
                <SignInButton page=HostedUiPage::ForgotPassword>{t.forgot_password}</SignInButton>
            })
        });
        view! {
            <main aria-busy=is_waiting.then_some("true")>
                <Hero title is_waiting text message>{buttons}</Hero>
            </main>
        }
    }
}

/// Cognito's names for Apple and Amazon are `SignInWithApple` and `LoginWithAmazon`.
fn display_name(provider: &str) -> &str {
    let name = provider.strip_prefix("SignInWith").unwrap_or(provider);
    name.strip_prefix("LoginWith").unwrap_or(name)
}
