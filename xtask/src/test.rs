//! `cargo xtask test`, `check`, and what else runs the app in a browser: `screenshots` and `bench`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::aws::local;
use crate::build;
use crate::fuzz;
use crate::size;
use crate::step::{cargo, cargo_home, output_of, root, step, target};
use crate::tools::{self, Browser, WASM};

/// The tests that run in a browser: package and test target. The list is explicit because other test targets are native
/// only: in a browser they would be empty and pass.
const BROWSER_TESTS: [(&str, &[&str]); 3] = [
    ("cognito-hosted-ui", &["--test", "protocol"]),
    ("leptos-cognito", &["--lib", "--test", "web"]),
    ("cognito-spa", &["--test", "web"]),
];

/// The packages that run in a browser.
const BROWSER_PACKAGES: [&str; 4] = [
    "cognito-spa",
    "cognito-hosted-ui",
    "leptos-cognito",
    "with-router",
];

/// The crates for crates.io.
const LIBRARIES: [&str; 2] = ["cognito-hosted-ui", "leptos-cognito"];

/// Runs all tests.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::wasm_bindgen()?;
    let browser = tools::browser()?;
    step(
        "run the native tests",
        cargo().args(["test", "--locked", "--workspace", "--exclude", "e2e"]),
    )?;
    let mut skipped = Vec::new();
    // libFuzzer is written in C++ and supports Unix only.
    if cfg!(unix) && output_of("c++", &["--version"]).is_some() {
        fuzz::run(5)?;
    } else {
        skipped.push("fuzzing: it needs Unix and a C++ compiler".to_owned());
    }
    for (package, targets) in BROWSER_TESTS {
        step(
            &format!("test {package} in the browser"),
            cargo()
                .args(["test", "--locked", "--target", WASM])
                .args(["--package", package])
                .args(targets)
                .env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                    "wasm-bindgen-test-runner",
                )
                .env("CHROMEDRIVER", &browser.chromedriver),
        )?;
    }
    build::run()?;
    size::check()?;
    let example = target().join("with-router-dist");
    build::example(&example)?;
    let mut end_to_end = e2e(&browser, &root().join("dist"))?;
    end_to_end.env("E2E_EXAMPLE_DIST", example);
    if tools::axe()?.is_none() {
        skipped.push("accessibility tests with axe: they need Node.js with npm".to_owned());
        end_to_end.args(["--", "--skip", "axe_finds_nothing"]);
    }
    step("run the end-to-end tests", &mut end_to_end)?;
    if let Some(reason) = local::test(&browser)? {
        skipped.push(format!("the stack on a local AWS: {reason}"));
    }
    for what in &skipped {
        println!("– skipped {what}");
    }
    match skipped.len() {
        0 => println!("✓ all tests passed"),
        number => println!("✓ the tests passed ({number} skipped)"),
    }
    Ok(())
}

/// A command that runs the tests in `e2e` against the build in `dist`.
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

/// Takes the screenshots in `docs/`.
pub fn screenshots() -> Result<()> {
    let browser = tools::browser()?;
    build::run()?;
    let mut screenshots = e2e(&browser, &root().join("dist"))?;
    screenshots
        .args(["--test", "screenshots", "--", "--ignored"])
        .env("PICTURES", root().join("docs"));
    step("take screenshots of the release build", &mut screenshots)
}

/// Measures the release build, compressed as a good host compresses it.
pub fn bench() -> Result<()> {
    let browser = tools::browser()?;
    build::run()?;
    let mut measure = e2e(&browser, &size::packed_dist()?)?;
    // One at a time: in parallel they would slow each other down.
    measure.args(["--test", "measure", "--", "--ignored", "--nocapture"]);
    measure.arg("--test-threads=1");
    step("measure the release build", &mut measure)
}

/// Checks formatting, lints, documentation and packaging.
pub fn check() -> Result<()> {
    tools::wasm_target()?;
    step(
        "check the formatting",
        cargo().args(["fmt", "--all", "--check"]),
    )?;
    let strict = ["--", "--deny", "warnings"];
    step(
        "run clippy for this machine",
        cargo()
            .args(["clippy", "--locked", "--workspace"])
            .args(["--all-targets", "--all-features"])
            .args(strict),
    )?;
    step(
        "run clippy for the browser",
        cargo()
            .args(["clippy", "--locked", "--target", WASM, "--all-targets"])
            .args(packages(&BROWSER_PACKAGES))
            .args(strict),
    )?;
    step(
        "build the libraries' documentation",
        cargo()
            .args(["doc", "--locked", "--no-deps", "--all-features"])
            .args(packages(&LIBRARIES))
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    // In one command, because one of the two needs the other, which may not be on crates.io yet. Cargo unpacks both and
    // builds them as their users will.
    remove_packaged_libraries()?;
    step(
        "package the libraries",
        cargo()
            .args(["package", "--locked", "--allow-dirty", "--target", WASM])
            .args(packages(&LIBRARIES)),
    )
}

/// Removes what an earlier `cargo package` has unpacked and compiled of the protocol. Cargo takes it for the current one,
/// because it has the same version.
fn remove_packaged_libraries() -> Result<()> {
    step(
        "remove what was packaged before",
        cargo()
            .args(["clean", "--locked", "--target", WASM])
            .args(packages(&LIBRARIES)),
    )?;
    let sources = cargo_home().join("registry/src");
    let Ok(registries) = fs::read_dir(sources) else {
        return Ok(());
    };
    for registry in registries {
        let registry = registry?;
        // The name of a registry that `cargo package` makes starts with a dash, because it has no host.
        if !registry.file_name().to_string_lossy().starts_with('-') {
            continue;
        }
        for package in fs::read_dir(registry.path())? {
            let package = package?;
            let name = package.file_name().to_string_lossy().into_owned();
            if LIBRARIES.iter().any(|library| name.starts_with(library)) {
                fs::remove_dir_all(package.path())?;
            }
        }
    }
    Ok(())
}

/// `--package` for each of these.
fn packages<'a>(names: &'a [&str]) -> impl Iterator<Item = &'a str> {
    names.iter().flat_map(|name| ["--package", name])
}
