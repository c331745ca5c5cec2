//! `cargo xtask test`, `check`, and what else runs the app in a browser: `screenshots` and `bench`.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::thread;

use anyhow::{Result, bail};
use clap::Args;

use crate::aws::local;
use crate::build;
use crate::engines::{self, Browser, Engine};
use crate::fuzz;
use crate::size;
use crate::step::{cargo, cargo_home, output_of, root, run_all, step, target};
use crate::tools::{self, WASM};

/// The tests that run in a browser: package and test target. The list is explicit because other test targets are native
/// only: in a browser they would be empty and pass.
const BROWSER_TESTS: [(&str, &[&str]); 4] = [
    ("cognito-hosted-ui", &["--test", "protocol"]),
    ("cognito-session", &["--lib"]),
    ("leptos-cognito", &["--test", "web"]),
    ("cognito-spa", &["--test", "web"]),
];

/// The packages that run in a browser.
const BROWSER_PACKAGES: [&str; 5] = [
    "cognito-spa",
    "cognito-hosted-ui",
    "cognito-session",
    "leptos-cognito",
    "with-router",
];

/// The crates for crates.io.
const LIBRARIES: [&str; 3] = ["cognito-hosted-ui", "cognito-session", "leptos-cognito"];

/// The end-to-end tests that need nothing but a browser.
const JOURNEYS: &str = "journeys";

/// The journeys that measure what only Chromium can measure.
const CHROMIUM_JOURNEYS: &str = "chromium::";

/// Which tests to run. By default: all of them, in Chromium and in every other engine that this machine has.
#[derive(Args)]
pub struct Options {
    /// Run only the browser tests, in this engine. Repeat the option for more engines. Skips the native tests, fuzzing, the
    /// size budget and the stack on a local AWS
    #[arg(long, value_name = "ENGINE")]
    browser: Vec<Engine>,
    /// Run all tests in all three engines, and fail if one is missing. On Debian and Ubuntu, install missing engines if you are
    /// root
    #[arg(long, conflicts_with = "browser")]
    all_browsers: bool,
    /// Run only the tests that need no browser: native tests and fuzzing
    #[arg(long, conflicts_with_all = ["browser", "all_browsers"])]
    native: bool,
}

/// What was skipped and what failed, printed at the end.
#[derive(Default)]
struct Summary {
    skipped: Vec<String>,
    failed: Vec<String>,
}

/// Runs the tests.
pub fn run(options: &Options) -> Result<()> {
    let mut summary = Summary::default();
    // First, so that a missing browser is reported before anything is compiled.
    let browsers = browsers(options, &mut summary)?;
    let is_whole_run = options.browser.is_empty();
    if is_whole_run {
        native_tests(&mut summary)?;
    }
    if options.native {
        return summary.print();
    }
    browser_tests(&browsers, &mut summary)?;
    build::run()?;
    end_to_end_tests(&browsers, &mut summary)?;
    if is_whole_run {
        summary.record("the size budget", size::check());
        test_stack(&mut summary)?;
    }
    summary.print()
}

/// The engines to run the tests in.
fn browsers(options: &Options, summary: &mut Summary) -> Result<Vec<Browser>> {
    if options.native {
        return Ok(Vec::new());
    }
    if options.all_browsers {
        return engines::get(&Engine::ALL);
    }
    if !options.browser.is_empty() {
        return engines::get(&options.browser);
    }
    let mut browsers = vec![engines::chromium()?];
    for engine in [Engine::Firefox, Engine::WebKit] {
        match engine.find() {
            Some(browser) => browsers.push(browser),
            None => summary.skip(format!("the tests in {}", engine.what_is_missing())),
        }
    }
    Ok(browsers)
}

/// Runs the tests that need no browser.
fn native_tests(summary: &mut Summary) -> Result<()> {
    step(
        "run the native tests",
        cargo().args(["test", "--locked", "--workspace", "--exclude", "e2e"]),
    )?;
    // libFuzzer is written in C++ and supports Unix only.
    if cfg!(unix) && output_of("c++", &["--version"]).is_some() {
        return fuzz::run(5);
    }
    summary.skip("fuzzing: it needs Unix and a C++ compiler".to_owned());
    Ok(())
}

/// Runs the tests that are compiled for the browser.
fn browser_tests(browsers: &[Browser], summary: &mut Summary) -> Result<()> {
    run_all(tools::wasm_target())?;
    run_all(tools::wasm_bindgen()?)?;
    for browser in browsers {
        let display = browser.display()?;
        for (package, targets) in BROWSER_TESTS {
            let mut test = cargo();
            test.args(["test", "--locked", "--target", WASM])
                .args(["--package", package])
                .args(targets)
                .env(
                    "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                    "wasm-bindgen-test-runner",
                );
            browser.set_runner_variables(&mut test)?;
            if let Some(display) = &display {
                display.set_variables(&mut test);
            }
            summary.step(&format!("test {package} in {}", browser.engine), &mut test);
        }
    }
    Ok(())
}

/// Runs the end-to-end tests of the release build and of the example, in one engine after the other.
fn end_to_end_tests(browsers: &[Browser], summary: &mut Summary) -> Result<()> {
    let example = target().join("with-router-dist");
    build::example(&example)?;
    // Before the engines' steps, so that their times are comparable.
    step(
        "build the end-to-end tests",
        cargo()
            .args(["test", "--locked", "--package", "e2e", "--no-run"])
            .args(["--test", JOURNEYS]),
    )?;
    let has_axe = tools::axe()?.is_some();
    for browser in browsers {
        let mut test = e2e(browser, &root().join("dist"))?;
        test.env("E2E_EXAMPLE_DIST", &example)
            .args(["--test", JOURNEYS]);
        let display = browser.display()?;
        if let Some(display) = &display {
            display.set_variables(&mut test);
        }
        test.arg("--")
            .arg(format!("--test-threads={}", journeys_at_a_time()));
        if browser.engine != Engine::Chromium {
            test.args(["--skip", CHROMIUM_JOURNEYS]);
        }
        if !has_axe {
            test.args(["--skip", "axe_finds_nothing"]);
        }
        let what = format!("run the end-to-end tests in {}", browser.engine);
        summary.step(&what, &mut test);
    }
    if !has_axe {
        summary.skip("accessibility tests with axe: they need Node.js with npm".to_owned());
    }
    for Browser { engine, .. } in browsers {
        if *engine != Engine::Chromium {
            summary.skip(format!(
                "in {engine}: the journeys {CHROMIUM_JOURNEYS}, which need Chromium's measurements"
            ));
        }
        if *engine == Engine::WebKit {
            summary.skip(format!(
                "in {engine}: the console checks, because its driver cannot read the console"
            ));
        }
    }
    Ok(())
}

/// Twice as many as there are processors, because a journey waits for its browser most of the time.
fn journeys_at_a_time() -> usize {
    2 * thread::available_parallelism().map_or(1, NonZero::get)
}

/// Tests the stack on a local AWS.
fn test_stack(summary: &mut Summary) -> Result<()> {
    let what = "the stack on a local AWS";
    match local::test(&engines::chromium()?) {
        Ok(None) => {}
        Ok(Some(reason)) => summary.skip(format!("{what}: {reason}")),
        Err(error) => summary.record(what, Err(error)),
    }
    Ok(())
}

impl Summary {
    fn skip(&mut self, what: String) {
        self.skipped.push(what);
    }

    /// Runs a step. If it fails, the run continues, because other engines may pass.
    fn step(&mut self, what: &str, command: &mut Command) {
        self.record(what, step(what, command));
    }

    fn record(&mut self, what: &str, outcome: Result<()>) {
        if let Err(error) = outcome {
            eprintln!("✗ {error:#}");
            self.failed.push(what.to_owned());
        }
    }

    /// Prints the summary, and fails if a step has failed.
    fn print(self) -> Result<()> {
        for what in &self.skipped {
            println!("– skipped {what}");
        }
        if !self.failed.is_empty() {
            bail!(
                "these steps failed: {}. Search the output above for ✗",
                self.failed.join(", ")
            );
        }
        match self.skipped.len() {
            0 => println!("✓ all tests passed"),
            number => println!("✓ the tests passed ({number} skipped)"),
        }
        Ok(())
    }
}

/// A command that runs tests in `e2e` in this browser against the build in `dist`.
fn e2e(browser: &Browser, dist: &Path) -> Result<Command> {
    let mut command = cargo();
    command
        .args(["test", "--locked", "--package", "e2e"])
        .env("E2E_DIST", dist);
    browser.set_variables(&mut command);
    if let Some(axe) = tools::axe()? {
        command.env("AXE", axe);
    }
    Ok(command)
}

/// Takes the screenshots in `docs/`.
pub fn screenshots() -> Result<()> {
    let browser = engines::chromium()?;
    build::run()?;
    let mut screenshots = e2e(&browser, &root().join("dist"))?;
    screenshots
        .args(["--test", "screenshots", "--", "--ignored"])
        .env("PICTURES", root().join("docs"));
    step("take screenshots of the release build", &mut screenshots)
}

/// Measures the release build, compressed as a good host compresses it.
pub fn bench() -> Result<()> {
    let browser = engines::chromium()?;
    build::run()?;
    let mut measure = e2e(&browser, &size::packed_dist()?)?;
    // One at a time: in parallel they would slow each other down.
    measure.args(["--test", "measure", "--", "--ignored", "--nocapture"]);
    measure.arg("--test-threads=1");
    step("measure the release build", &mut measure)
}

/// Runs the session engine in this many simulated worlds, on all cores.
pub fn simulate(seeds: u32) -> Result<()> {
    step(
        &format!("simulate {seeds} worlds"),
        cargo()
            .args(["test", "--locked", "--package", "cognito-session"])
            .args([
                "--test",
                "simulation",
                "the_invariants_hold",
                "--",
                "--nocapture",
            ])
            .env("SEEDS", seeds.to_string()),
    )
}

/// Checks formatting, lints, documentation and packaging.
pub fn check() -> Result<()> {
    run_all(tools::wasm_target())?;
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
    // In one command, because each of them needs the one before, which may not be on crates.io yet. Cargo unpacks them and
    // builds them as their users will.
    remove_packaged_libraries()?;
    step(
        "package the libraries",
        cargo()
            .args(["package", "--locked", "--allow-dirty", "--target", WASM])
            .args(packages(&LIBRARIES))
            // The packages do not know the workspace's profiles. With this one, the tests reuse the dependencies.
            .env("CARGO_PROFILE_DEV_DEBUG", "false"),
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
