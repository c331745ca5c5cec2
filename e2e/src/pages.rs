//! Page objects: what users do and see on each page. They know the pages' texts, and no other details of them.

use crate::browser::Browser;

/// The app.
pub struct App<'a> {
    pub(crate) browser: &'a Browser,
    pub(crate) url: &'a str,
}

/// Cognito's pages.
pub struct HostedUi<'a> {
    pub(crate) browser: &'a Browser,
}

/// The app's button. The page shows another one while the app loads, in a `main` without a `footer`.
const SIGN_IN: &str = "//main[following-sibling::footer]//button[normalize-space()='Sign in']";

impl App<'_> {
    /// Opens the app.
    pub async fn open(&self) {
        self.browser.open(self.url).await;
    }

    /// Opens the app's URL with `rest` appended, such as a path, a query or a fragment.
    pub async fn open_with(&self, rest: &str) {
        self.browser.open(&format!("{}{rest}", self.url)).await;
    }

    /// Leaves for the Hosted UI.
    pub async fn sign_in(&self) {
        let button = self.browser.find(SIGN_IN).await;
        button.click().await.expect("a button to press");
    }

    /// Signs out, and waits until the app confirms it.
    pub async fn sign_out(&self) {
        self.browser.press("Sign out").await;
        self.browser.warns_of("You have signed out.").await;
    }

    /// Replaces a session that expires soon.
    pub async fn stay_signed_in(&self) {
        self.browser.press("Stay signed in").await;
    }

    /// Calls the API again.
    pub async fn call_again(&self) {
        self.browser.press("Call the API again").await;
    }

    /// Greets the user with this email address.
    pub async fn greets(&self, email: &str) {
        let heading = format!("//h1[normalize-space()='Hi, {email}!']");
        self.browser.find(&heading).await;
        self.browser.sees(&format!("Signed in as {email}")).await;
    }

    /// Shows the page for signed-out users.
    pub async fn offers_to_sign_in(&self) {
        self.browser.sees("Welcome").await;
        self.browser.find(SIGN_IN).await;
    }
}

impl HostedUi<'_> {
    /// Shows the sign-in page.
    pub async fn asks_for_credentials(&self) {
        self.browser
            .sees("Sign in with your email and password")
            .await;
    }

    /// Signs in.
    pub async fn sign_in_as(&self, email: &str, password: &str) {
        self.asks_for_credentials().await;
        self.browser.fill_in("Email", email).await;
        self.browser.fill_in("Password", password).await;
        self.browser.press("Sign in").await;
    }

    /// Signs up, from the sign-in page.
    pub async fn sign_up_as(&self, email: &str, password: &str) {
        self.browser.follow("Sign up").await;
        self.submit_sign_up(email, password).await;
    }

    /// Submits the sign-up page.
    pub async fn submit_sign_up(&self, email: &str, password: &str) {
        self.browser.sees("Sign up with a new account").await;
        self.browser.fill_in("Email", email).await;
        self.browser.fill_in("Password", password).await;
        self.browser.press("Sign up").await;
    }

    /// Confirms the account.
    pub async fn confirm(&self, code: &str) {
        self.browser.sees("Confirm your account").await;
        self.browser.fill_in("Code", code).await;
        self.browser.press("Confirm account").await;
    }

    /// Requests a code to reset the password, from the sign-in page.
    pub async fn request_password_reset(&self, email: &str) {
        self.browser.follow("Forgot your password?").await;
        self.browser.sees("reset your password").await;
        self.browser.fill_in("Email", email).await;
        self.browser.press("Reset my password").await;
        self.browser.sees("Change your password").await;
    }

    /// Sets a new password.
    pub async fn change_password(&self, code: &str, password: &str) {
        self.browser.fill_in("Code", code).await;
        self.browser.fill_in("New password", password).await;
        self.browser.press("Change password").await;
    }
}
