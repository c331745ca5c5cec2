//! The provider, the routes, and the header that all pages share.

use leptos::prelude::*;

use leptos_cognito::{
    AuthConfig, AuthProvider, AuthorizationCallback, SignInButton, SignOutButton, SignedIn,
    SignedOut,
};
use leptos_router::components::{A, Route, Router, Routes};
use leptos_router::path;

use crate::guarded::Guarded;
use crate::notice::NoticeBar;
use crate::pages::{Home, Orders, Profile};

#[component]
pub fn App(config: AuthConfig, callback: Option<AuthorizationCallback>) -> impl IntoView {
    // The provider is outside of the router: it restores the path that the user signed in from before the router reads it.
    view! {
        <AuthProvider config callback>
            <Router>
                <Header/>
                <main>
                    <NoticeBar/>
                    <Routes fallback=NotFound>
                        <Route path=path!("/") view=Home/>
                        <Route
                            path=path!("/orders")
                            view=|| view! {
                                <Guarded what="your orders" let:session>
                                    <Orders session/>
                                </Guarded>
                            }
                        />
                        <Route
                            path=path!("/profile")
                            view=|| view! {
                                <Guarded what="your profile" let:session>
                                    <Profile session/>
                                </Guarded>
                            }
                        />
                    </Routes>
                </main>
            </Router>
        </AuthProvider>
    }
}

#[component]
fn Header() -> impl IntoView {
    view! {
        <header>
            <nav>
                <A href="/" exact=true>"Home"</A>
                <A href="/orders">"Orders"</A>
                <A href="/profile">"Profile"</A>
            </nav>
            <SignedIn let:session>
                <p>
                    "Signed in as "
                    {move || session.with(|session| session.claims().email.clone())}
                </p>
                <SignOutButton>"Sign out"</SignOutButton>
            </SignedIn>
            <SignedOut>
                <SignInButton>"Sign in"</SignInButton>
            </SignedOut>
        </header>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <h1>"Page not found"</h1>
        <p><A href="/">"Go to the home page"</A></p>
    }
}
