//! `cargo xtask test` and `cargo xtask check`.

use anyhow::Result;

use crate::build;
use crate::fuzz;
use crate::step::{cargo, output_of, root, step};
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
    // libFuzzer is at home on Unix and written in C++.
    if cfg!(unix) && output_of("c++", &["--version"]).is_some() {
        fuzz::run(5)?;
    } else {
        println!("▸ fuzzing: skipped, it needs Unix and a C++ compiler");
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
    step(
        "test end to end",
        cargo()
            .args(["test", "--locked", "--package", "e2e"])
            .env("E2E_DIST", root().join("dist"))
            .env("CHROME", &browser.chrome)
            .env("CHROMEDRIVER", &browser.chromedriver),
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
