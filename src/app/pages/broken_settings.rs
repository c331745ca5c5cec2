//! The page for whoever sets the app up.

use leptos::prelude::*;

use crate::app::components::{Frame, Message};
use crate::browser::location;
use crate::config::ConfigError;

/// Names the setting that is wrong and says what it should be.
#[component]
pub fn BrokenSettings(
    /// What is wrong.
    error: ConfigError,
) -> impl IntoView {
    view! {
        <Frame>
            <h1>"This app is not set up yet"</h1>
            <Message words=error />
            <button on:click=|_| location::reload()>"Load again"</button>
        </Frame>
    }
}
