//! Takes the screenshots in `docs/` of the release build: `cargo xtask screenshots`.

// Tests fail by panicking.
#![allow(clippy::expect_used)]

use std::path::PathBuf;

use e2e::{EMAIL, Preferences, World, journey_in_light_and_dark};
use serde_json::json;

#[tokio::test]
#[ignore = "changes files: `cargo xtask screenshots`"]
async fn screenshots_are_taken() {
    journey_in_light_and_dark(Preferences::default(), async |world| {
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

/// Takes a screenshot of the page.
async fn take(world: &World, name: &str) {
    let folder = std::env::var_os("PICTURES").map(PathBuf::from);
    let folder = folder.expect("PICTURES names no folder: run `cargo xtask screenshots`");
    let scheme = match world.browser.is_dark {
        true => "dark",
        false => "light",
    };
    let screenshot = world.browser.screenshot(1000).await;
    std::fs::write(folder.join(format!("{name}-{scheme}.png")), screenshot).expect("a file");
}
