//! `cargo xtask test` and `cargo xtask check`.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::aws::local;
use crate::build;
use crate::fuzz;
use crate::size;
use crate::step::{cargo, output_of, root, step};
use crate::tools::{self, Browser, WASM};

/// Runs all tests.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::wasm_bindgen()?;
    let browser = tools::browser()?;
    step(
        "test natively",
        cargo().args(["test", "--locked", "--workspace", "--exclude", "e2e"]),
    )?;
    let mut skipped = Vec::new();
    // libFuzzer is at home on Unix and written in C++.
    if cfg!(unix) && output_of("c++", &["--version"]).is_some() {
        fuzz::run(5)?;
    } else {
        skipped.push("fuzzing: it needs Unix and a C++ compiler".to_owned());
    }
    step(
        "test in the browser",
        cargo()
            .args(["test", "--locked", "--target", WASM, "--test", "web"])
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                "wasm-bindgen-test-runner",
            )
            .env("CHROMEDRIVER", &browser.chromedriver),
    )?;
    build::run()?;
    size::run()?;
    let mut end_to_end = e2e(&browser, &root().join("dist"))?;
    if tools::axe()?.is_none() {
        skipped.push("accessibility by axe: it needs Node.js with npm".to_owned());
        end_to_end.args(["--", "--skip", "axe_finds_nothing"]);
    }
    step("test end to end", &mut end_to_end)?;
    if let Some(reason) = local::test(&browser)? {
        skipped.push(format!("the stack on a local AWS: {reason}"));
    }
    for what in &skipped {
        println!("– skipped {what}");
    }
    match skipped.len() {
        0 => println!("✓ all tests passed"),
        number => println!("✓ the tests passed, but for {number} skipped"),
    }
    Ok(())
}

/// The tests in `e2e`, with what they need, of this build.
fn e2e(browser: &Browser, dist: &Path) -> Result<Command> {
    let mut command = cargo();
    command
        .args(["test", "--locked", "--package", "e2e"])
        .env("E2E_DIST", dist)
        .env("CHROME", &browser.chrome)
        .env("CHROMEDRIVER", &browser.chromedriver);
    if let Some(axe) = tools::axe()? {
        command.env("AXE", axe);
    }
    Ok(command)
}

/// Takes the pictures in `docs/` anew.
pub fn screenshots() -> Result<()> {
    let browser = tools::browser()?;
    build::run()?;
    let mut pictures = e2e(&browser, &root().join("dist"))?;
    pictures
        .args(["--test", "screenshots", "--", "--ignored"])
        .env("PICTURES", root().join("docs"));
    step("take pictures of the release build", &mut pictures)
}

/// Measures the release build, packed as a good host packs it.
pub fn bench() -> Result<()> {
    let browser = tools::browser()?;
    build::run()?;
    let mut measure = e2e(&browser, &size::packed_dist()?)?;
    // One after the other: they would slow each other down.
    measure.args(["--test", "measure", "--", "--ignored", "--nocapture"]);
    measure.arg("--test-threads=1");
    step("measure the release build", &mut measure)
}

/// Runs the checks that need no test.
pub fn check() -> Result<()> {
    tools::wasm_target()?;
    step(
        "check the formatting",
        cargo().args(["fmt", "--all", "--check"]),
    )?;
    let strict = ["--", "--deny", "warnings"];
    step(
        "clippy for this machine",
        cargo()
            .args([
                "clippy",
                "--locked",
                "--workspace",
                "--all-targets",
                "--all-features",
            ])
            .args(strict),
    )?;
    step(
        "clippy for the browser",
        cargo()
            .args(["clippy", "--locked", "--target", WASM, "--all-targets"])
            .args(strict),
    )
}
