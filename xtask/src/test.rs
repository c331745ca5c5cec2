//! `cargo xtask test` and `cargo xtask check`.

use anyhow::Result;

use crate::build;
use crate::step::{cargo, root, step};
use crate::tools::{self, WASM};

/// Runs all tests.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::wasm_bindgen()?;
    let browser = tools::browser()?;
    step(
        "test natively",
        cargo().args(["test", "--locked", "--workspace", "--exclude", "e2e"]),
    )?;
    step(
        "test in the browser",
        cargo()
            .args(["test", "--locked", "--target", WASM, "--test", "web"])
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                "wasm-bindgen-test-runner",
            )
            .env("CHROMEDRIVER", which(&browser.chromedriver)),
    )?;
    build::run()?;
    step(
        "test end to end",
        cargo()
            .args(["test", "--locked", "--package", "e2e"])
            .env("E2E_DIST", root().join("dist"))
            .env("CHROME", which(&browser.chrome))
            .env("CHROMEDRIVER", which(&browser.chromedriver)),
    )
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
            .args(["clippy", "--locked", "--workspace", "--all-targets"])
            .args(strict),
    )?;
    step(
        "clippy for the browser",
        cargo()
            .args(["clippy", "--locked", "--target", WASM, "--all-targets"])
            .args(strict),
    )
}

/// The full path of a program, which ChromeDriver and the test runner want.
fn which(name: &str) -> String {
    if name.contains(std::path::MAIN_SEPARATOR) {
        return name.to_owned();
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|folder| folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
        .map_or_else(
            || name.to_owned(),
            |file| file.to_string_lossy().into_owned(),
        )
}
