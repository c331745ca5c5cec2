//! The app's components, mounted into their own element. Tests look at them by role and text. They are unmounted on drop.

use cognito_hosted_ui::{AuthorizationCallback, Session};
use cognito_spa::app::App;
use cognito_spa::components::copy_button::provide_copied;
use cognito_spa::components::footer::Footer;
use cognito_spa::components::header::UserHeader;
use cognito_spa::language::provide_language;
use cognito_spa::locales::{Texts, en};
use cognito_spa::pages::home::Home;
use cognito_spa::pages::setup::Setup;
use cognito_spa::pages::sign_in::SignIn;
use cognito_spa::route::{Route, use_route};
use cognito_spa::settings::{Settings, SettingsError};
use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos_cognito::{AuthState, Notice, SignedIn, base_url, testing};
use serde_json::Value;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::browser::until;
use crate::fixtures::config_json_with;

/// The language of the tests.
pub const T: &Texts = &en::TEXTS;

/// A mounted page.
pub struct Page {
    handle: Option<UnmountHandle<<AnyView as Render>::State>>,
    element: HtmlElement,
}

/// The settings of an app that is served where the test is.
pub fn settings() -> Settings {
    settings_with("grant", "implicit")
}

pub fn settings_with(key: &str, value: impl Into<Value>) -> Settings {
    let config = config_json_with(key, value.into());
    Settings::read(200, &config.to_string(), &base_url()).unwrap()
}

impl Page {
    /// Mounts the app.
    pub async fn open_app(
        settings: Result<Settings, SettingsError>,
        callback: Option<AuthorizationCallback>,
    ) -> Self {
        Self::mount(move || view! { <App settings callback/> }.into_any()).await
    }

    /// Mounts the page that the address bar points to, with this state.
    pub async fn open(settings: Settings, state: AuthState, notice: Option<Notice>) -> Self {
        Self::mount(move || {
            provide_language();
            provide_copied();
            let route = use_route();
            let config = settings.auth.clone();
            let settings = StoredValue::new(settings);
            let page = move || match route.get() {
                Route::Setup => view! { <Setup settings/> }.into_any(),
                Route::Home => view! {
                    <SignedIn fallback=move || view! { <SignIn settings/> } let:session>
                        <Home session settings/>
                    </SignedIn>
                }
                .into_any(),
            };
            view! {
                <testing::AuthProvider config state notice>
                    <UserHeader/>
                    {page}
                    <Footer route/>
                </testing::AuthProvider>
            }
            .into_any()
        })
        .await
    }

    /// Mounts the page of a signed-out user.
    pub async fn open_signed_out(notice: Option<Notice>) -> Self {
        Self::open(settings(), AuthState::SignedOut, notice).await
    }

    /// Mounts the page of a signed-in user.
    pub async fn open_signed_in(session: Session) -> Self {
        Self::open(settings(), AuthState::SignedIn(session), None).await
    }

    async fn mount(view: impl FnOnce() -> AnyView + 'static) -> Self {
        let element = document().create_element("section").unwrap();
        document().body().unwrap().append_child(&element).unwrap();
        let element: HtmlElement = element.unchecked_into();
        let page = Self {
            handle: Some(mount_to(element.clone(), view)),
            element,
        };
        leptos::task::tick().await;
        page
    }

    /// Waits until the page has this heading.
    #[track_caller]
    pub fn until_titled(&self, heading: &str) -> impl Future<Output = ()> {
        until(move || self.heading() == heading)
    }

    /// Everything that is written on the page.
    pub fn text(&self) -> String {
        self.element.inner_text()
    }

    #[track_caller]
    pub fn assert_shows(&self, text: &str) {
        let all = self.text();
        assert!(all.contains(text), "“{text}” is not in:\n{all}");
    }

    #[track_caller]
    pub fn assert_hides(&self, text: &str) {
        let all = self.text();
        assert!(!all.contains(text), "“{text}” is in:\n{all}");
    }

    /// The text of the one heading of the first level.
    #[track_caller]
    pub fn heading(&self) -> String {
        let headings = self.all("h1");
        assert_eq!(headings.len(), 1, "{}", self.text());
        headings[0].inner_text()
    }

    /// The text of the alert, if there is one.
    #[track_caller]
    pub fn alert(&self) -> Option<String> {
        let alerts = self.all("[role=alert]");
        assert!(alerts.len() < 2, "{}", self.text());
        alerts.first().map(HtmlElement::inner_text)
    }

    /// The text of the status.
    pub fn status(&self) -> String {
        self.only("[role=status]").inner_text()
    }

    /// The texts of the table row with this name, without those of its buttons: the value, and what it means.
    #[track_caller]
    pub fn row(&self, name: &str) -> Vec<String> {
        let row = self.find_row(name);
        let row = row.unwrap_or_else(|| panic!("no row “{name}” in:\n{}", self.text()));
        let texts = all(&row, "td > :not(button)");
        let texts = texts.iter().map(HtmlElement::inner_text);
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// Whether there is a table row with this name.
    pub fn has_row(&self, name: &str) -> bool {
        self.find_row(name).is_some()
    }

    /// How the table row with this name is marked: `good`, `bad` or not at all.
    pub fn mark(&self, name: &str) -> String {
        self.find_row(name).unwrap().class_name()
    }

    fn find_row(&self, name: &str) -> Option<HtmlElement> {
        let mut rows = self.all("tr").into_iter();
        rows.find(|row| only(row, "th[scope=row]").inner_text() == name)
    }

    /// The names of the buttons of the page itself, between header and footer.
    pub fn buttons(&self) -> Vec<String> {
        self.all("main button").iter().map(name).collect()
    }

    /// Whether there is a button with this name.
    pub fn has_button(&self, text: &str) -> bool {
        self.find_buttons(text).len() == 1
    }

    /// The button with this name.
    #[track_caller]
    pub fn button(&self, text: &str) -> HtmlElement {
        let buttons = self.find_buttons(text);
        assert_eq!(buttons.len(), 1, "“{text}” in:\n{}", self.text());
        buttons[0].clone()
    }

    fn find_buttons(&self, text: &str) -> Vec<HtmlElement> {
        let buttons = self.all("button").into_iter();
        buttons.filter(|button| name(button) == text).collect()
    }

    /// Presses the button with this name.
    #[track_caller]
    pub fn press(&self, text: &str) -> impl Future<Output = ()> + use<> {
        self.button(text).click();
        leptos::task::tick()
    }

    /// Whether the button with this name says that it cannot be pressed.
    #[track_caller]
    pub fn is_busy(&self, text: &str) -> bool {
        let disabled = self.button(text).get_attribute("aria-disabled");
        disabled.as_deref() == Some("true")
    }

    /// Whether the button with this name is the one to press next.
    #[track_caller]
    pub fn is_primary(&self, text: &str) -> bool {
        self.button(text).class_list().contains("primary")
    }

    /// The one element that this selector finds.
    #[track_caller]
    pub fn only(&self, selector: &str) -> HtmlElement {
        only(&self.element, selector)
    }

    /// The elements that this selector finds.
    pub fn all(&self, selector: &str) -> Vec<HtmlElement> {
        all(&self.element, selector)
    }

    /// The page's HTML, to see whether anything has changed.
    pub fn snapshot(&self) -> String {
        self.element.inner_html()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.handle = None;
        self.element.remove();
    }
}

/// What a screen reader calls a control.
pub fn name(control: &HtmlElement) -> String {
    let label = control.get_attribute("aria-label");
    label.unwrap_or_else(|| control.inner_text())
}

#[track_caller]
fn only(element: &Element, selector: &str) -> HtmlElement {
    let found = all(element, selector);
    assert_eq!(found.len(), 1, "{selector}");
    found[0].clone()
}

// SVG elements may be among them. The tests call only methods on them that every element has.
fn all(element: &Element, selector: &str) -> Vec<HtmlElement> {
    let found = element.query_selector_all(selector).unwrap();
    (0..found.length())
        .filter_map(|index| found.item(index))
        .map(JsCast::unchecked_into)
        .collect()
}
