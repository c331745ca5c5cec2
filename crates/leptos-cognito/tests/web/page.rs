//! A page with a provider, in an element of its own. It is unmounted on drop.

use std::sync::{Arc, OnceLock};

use leptos::mount::{UnmountHandle, mount_to};
use leptos::prelude::*;
use leptos_cognito::cognito_hosted_ui::AuthorizationCallback;
use leptos_cognito::{
    ApiClient, Auth, AuthConfig, AuthProvider, AuthState, Notice, SignedIn, SignedOut, testing,
    use_api, use_auth,
};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlElement, HtmlInputElement};

/// A mounted page.
pub struct Page {
    handle: Option<UnmountHandle<<AnyView as Render>::State>>,
    element: HtmlElement,
}

/// A page whose content is [`Content`], with the handles that its components have.
pub struct AuthPage {
    page: Page,
    pub auth: Auth,
    pub api: ApiClient,
}

impl Page {
    pub fn mount<V: IntoView + 'static>(view: impl FnOnce() -> V + 'static) -> Self {
        let element = document().create_element("section").unwrap();
        document().body().unwrap().append_child(&element).unwrap();
        let element: HtmlElement = element.unchecked_into();
        Self {
            handle: Some(mount_to(element.clone(), || view().into_any())),
            element,
        }
    }

    pub fn text(&self) -> String {
        self.element.text_content().unwrap_or_default()
    }

    /// The element with this role, if there is exactly one.
    pub fn role(&self, role: &str) -> Option<HtmlElement> {
        let selector = match role {
            "button" => "button",
            "heading" => "h1",
            "status" => "output",
            "textbox" => "input",
            role => panic!("{role}"),
        };
        let found = self.element.query_selector_all(selector).unwrap();
        assert!(found.length() < 2, "{}", self.element.inner_html());
        Some(found.item(0)?.unchecked_into())
    }

    /// The text of the element with this role.
    pub fn text_of(&self, role: &str) -> Option<String> {
        self.role(role)?.text_content()
    }

    pub fn input(&self) -> HtmlInputElement {
        self.role("textbox").unwrap().unchecked_into()
    }

    /// Presses the button with this text.
    pub async fn press(&self, text: &str) {
        let buttons = self.element.query_selector_all("button").unwrap();
        let mut buttons = (0..buttons.length()).filter_map(|index| buttons.item(index));
        let button = buttons.find(|button| button.text_content().as_deref() == Some(text));
        button.unwrap().unchecked_into::<HtmlElement>().click();
        leptos::task::tick().await;
    }

    /// Unmounts the page and returns the element, to look for what is left.
    pub fn unmount(mut self) -> HtmlElement {
        self.handle = None;
        self.element.clone()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.handle = None;
        self.element.remove();
    }
}

impl std::ops::Deref for AuthPage {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.page
    }
}

impl AuthPage {
    /// Mounts the real provider.
    pub async fn open(config: AuthConfig) -> Self {
        Self::open_with(config, None).await
    }

    /// Mounts the real provider with a response of the Hosted UI.
    pub async fn open_with(config: AuthConfig, callback: Option<AuthorizationCallback>) -> Self {
        Self::mount(move |handles| {
            view! {
                <AuthProvider config callback>
                    <Content handles/>
                </AuthProvider>
            }
        })
        .await
    }

    /// Mounts the provider of `testing`.
    pub async fn with_state(config: AuthConfig, state: AuthState) -> Self {
        Self::mount(move |handles| {
            view! {
                <testing::AuthProvider config state>
                    <Content handles/>
                </testing::AuthProvider>
            }
        })
        .await
    }

    async fn mount<V: IntoView + 'static>(view: impl FnOnce(Handles) -> V + 'static) -> Self {
        let handles = Handles::default();
        let given = handles.clone();
        let page = Page::mount(move || view(given));
        leptos::task::tick().await;
        let &(auth, api) = handles.0.get().unwrap();
        Self { page, auth, api }
    }

    pub fn notice(&self) -> Option<Notice> {
        self.auth.notice().get_untracked()
    }

    /// The heading, which is the user's e-mail address.
    pub fn user(&self) -> Option<String> {
        self.text_of("heading")
    }

    pub fn shows_signed_out(&self) -> bool {
        self.text().contains("You are signed out.")
    }

    pub fn unmount(self) -> HtmlElement {
        self.page.unmount()
    }
}

/// Dispatches an event on `window`, and waits until the page shows what it did.
pub async fn dispatch(event: &str) {
    window()
        .dispatch_event(&Event::new(event).unwrap())
        .unwrap();
    leptos::task::tick().await;
}

/// What the content's components have.
#[derive(Clone, Default)]
struct Handles(Arc<OnceLock<(Auth, ApiClient)>>);

#[component]
fn Content(handles: Handles) -> impl IntoView {
    let auth = use_auth();
    let _ = handles.0.set((auth, use_api()));
    let notice = move || auth.notice().get().map(|notice| notice.to_string());
    view! {
        <output>{notice}</output>
        <SignedIn fallback=|| view! { <p>"No user."</p> } let:session>
            <h1>{move || session.with(|session| session.claims().display_name().to_owned())}</h1>
            <p>"Until " {move || session.with(|session| session.claims().exp)}</p>
            <input aria-label="Note"/>
        </SignedIn>
        <SignedOut>
            <p>"You are signed out."</p>
        </SignedOut>
    }
}
