//! Takes the screenshots in `docs/` of the release build: `cargo xtask screenshots`.

// Tests fail by panicking.
#![allow(clippy::expect_used)]

use std::path::PathBuf;

use e2e::{EMAIL, World, journey};
use serde_json::json;

#[tokio::test]
#[ignore = "changes files: `cargo xtask screenshots`"]
async fn screenshots_are_taken() {
    journey(async |world| {
        world.set_setting("identityProviders", json!(["Google"]));
        world.app().open().await;
        world.app().offers_to_sign_in().await;
        take(&world, "signed-out").await;
        world.app().open_with("#setup").await;
        world.browser.sees("rejects requests without a token").await;
        take(&world, "setup").await;
        world.sign_in().await;
        world.app().greets(EMAIL).await;
        take(&world, "signed-in").await;
    })
    .await;
}

/// Takes a screenshot of the page in light and in dark.
async fn take(world: &World, name: &str) {
    let folder = std::env::var_os("PICTURES").map(PathBuf::from);
    let folder = folder.expect("PICTURES names no folder: run `cargo xtask screenshots`");
    world.browser.set_width(1000).await;
    for scheme in ["light", "dark"] {
        world.browser.set_color_scheme(scheme).await;
        let screenshot = world.browser.screenshot().await;
        std::fs::write(folder.join(format!("{name}-{scheme}.png")), screenshot).expect("a file");
    }
}
