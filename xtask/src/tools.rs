//! The tools that the commands need. Each function looks for one, and returns the step that installs it if it is missing.
//!
//! Each version is pinned in one place: Trunk's and wasm-opt's in Trunk.toml, wasm-bindgen's in Cargo.lock, cargo-fuzz's in
//! fuzz/Cargo.toml, axe-core's and geckodriver's in e2e/Cargo.toml.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use toml::Table;

use crate::step::{Step, cargo, cargo_install_root, output_of, program, root, step, target};

/// The app's target.
pub const WASM: &str = "wasm32-unknown-unknown";

/// What every build of the app needs: the wasm target, Trunk and wasm-bindgen.
pub fn app() -> Result<Vec<Step>> {
    let tools = [wasm_target(), trunk()?, wasm_bindgen()?];
    Ok(tools.into_iter().flatten().collect())
}

/// The standard library for the app's target.
pub fn wasm_target() -> Option<Step> {
    rust_target(WASM)
}

/// The standard library for a target.
pub fn rust_target(name: &str) -> Option<Step> {
    let folder = output_of("rustc", &["--print", "target-libdir", "--target", name]);
    if folder.is_some_and(|folder| fs::exists(folder).unwrap_or(false)) {
        return None;
    }
    Some(rustup(
        &format!("the Rust target {name}"),
        &["target", "add", name],
    ))
}

/// The standard library's source, which the release build compiles.
pub fn rust_source() -> Result<Option<Step>> {
    let sysroot = output_of("rustc", &["--print", "sysroot"]).context("rustc could not be run")?;
    let lock = format!("{sysroot}/lib/rustlib/src/rust/library/Cargo.lock");
    if fs::exists(lock)? {
        return Ok(None);
    }
    Ok(Some(rustup(
        "the standard library's source",
        &["component", "add", "rust-src"],
    )))
}

fn rustup(what: &str, arguments: &[&str]) -> Step {
    let mut rustup = program("rustup");
    rustup.args(arguments);
    Step::new(
        format!("install {what} with rustup (https://rustup.rs)"),
        rustup,
    )
}

/// Trunk, which builds and serves the app.
fn trunk() -> Result<Option<Step>> {
    let wanted = trunk_toml()?["trunk-version"]
        .as_str()
        .map(|version| version.trim_start_matches('=').to_owned())
        .context("Trunk.toml has no trunk-version")?;
    let time = "about 2 minutes on two cores";
    Ok(install("trunk", "trunk", &wanted, time, &[]))
}

/// wasm-bindgen's command, which generates the app's JavaScript, and its test runner. Its version must equal the library's.
pub fn wasm_bindgen() -> Result<Option<Step>> {
    let lock: Table = fs::read_to_string(root().join("Cargo.lock"))?.parse()?;
    let packages = lock.get("package").and_then(|packages| packages.as_array());
    let wanted = packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").and_then(|name| name.as_str()) == Some("wasm-bindgen"))
        .and_then(|package| package.get("version")?.as_str())
        .context("Cargo.lock has no wasm-bindgen")?;
    // These two crates read and write the .wasm file. Without optimization, each rebuild of the app takes a second longer.
    let options = [
        "--config",
        "profile.release.package.walrus.opt-level=3",
        "--config",
        "profile.release.package.wasmparser.opt-level=3",
        // Without TLS: the test runner talks to browsers on this machine.
        "--no-default-features",
    ];
    let time = "about a minute on two cores";
    Ok(install(
        "wasm-bindgen-cli",
        "wasm-bindgen",
        wanted,
        time,
        &options,
    ))
}

/// wasm-opt, which makes the app smaller. It comes from npm, which is reachable in more networks than the release that Trunk
/// downloads. Without npm, Trunk downloads it.
pub fn wasm_opt() -> Result<Option<Step>> {
    let wanted = trunk_toml()?["tools"]["wasm_opt"]
        .as_str()
        .map(|version| version.trim_start_matches("version_").to_owned())
        .context("Trunk.toml has no tools.wasm_opt")?;
    let is_wanted = |version: &String| version.split(' ').nth(2) == Some(wanted.as_str());
    if output_of("wasm-opt", &["--version"])
        .as_ref()
        .is_some_and(is_wanted)
    {
        return Ok(None);
    }
    // On Windows, npm makes scripts of the programs, and Trunk does not find them.
    if cfg!(windows) {
        return Ok(None);
    }
    if output_of(NPM, &["--version"]).is_none() {
        println!("▸ wasm-opt {wanted} and npm are missing: Trunk will download wasm-opt");
        println!(
            "  If the download fails, install Node.js with npm, or Binaryen {wanted}, and try again."
        );
        return Ok(None);
    }
    let mut npm = program(NPM);
    npm.args(["install", "--global", "--no-fund", "--no-audit", "--prefix"])
        .arg(cargo_install_root())
        .arg(format!("binaryen@{wanted}.0.0"));
    Ok(Some(Step::new(
        format!("install wasm-opt {wanted} from npm"),
        npm,
    )))
}

/// axe-core, which tests accessibility. `None` if npm is missing.
pub fn axe() -> Result<Option<PathBuf>> {
    let wanted = metadata("e2e", "axe-core-version")?;
    let folder = target().join(format!("axe-core-{wanted}"));
    let script = folder.join("node_modules/axe-core/axe.min.js");
    if script.is_file() {
        return Ok(Some(script));
    }
    if output_of(NPM, &["--version"]).is_none() {
        return Ok(None);
    }
    fs::create_dir_all(&folder)?;
    step(
        &format!("install axe-core {wanted} from npm"),
        program(NPM)
            .args(["install", "--no-fund", "--no-audit", "--prefix"])
            .arg(&folder)
            .arg(format!("axe-core@{wanted}")),
    )?;
    Ok(Some(script))
}

/// npm's program on this system.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// cargo-fuzz, which builds and runs the fuzz targets.
pub fn cargo_fuzz() -> Result<Option<Step>> {
    let wanted = metadata("fuzz", "cargo-fuzz-version")?;
    let time = "about a minute on two cores";
    Ok(install("cargo-fuzz", "cargo-fuzz", &wanted, time, &[]))
}

/// Firefox's WebDriver server.
pub fn geckodriver() -> Result<Option<Step>> {
    let wanted = metadata("e2e", "geckodriver-version")?;
    let time = "about a minute on two cores";
    Ok(install("geckodriver", "geckodriver", &wanted, time, &[]))
}

/// The step that installs a crate's program, unless it is installed in this version. `options` are for `cargo install`.
fn install(package: &str, name: &str, wanted: &str, time: &str, options: &[&str]) -> Option<Step> {
    let output = output_of(name, &["--version"]).unwrap_or_default();
    let instead = match output.split_whitespace().nth(1) {
        Some(version) if version == wanted => return None,
        Some(version) => format!(" instead of {version}"),
        None => String::new(),
    };
    let what = format!("install {package} {wanted}{instead}");
    let mut compile = cargo_install("install", package, wanted);
    compile.args(options);
    let compile = Step::new(format!("{what} ({time}, once)"), compile);
    if output_of("cargo-binstall", &["-V"]).is_none() {
        return Some(compile);
    }
    let mut download = cargo_install("binstall", package, wanted);
    download.arg("--no-confirm");
    Some(Step::new(format!("{what} with cargo binstall"), download).or(compile))
}

/// `cargo install`, or `cargo binstall`, which downloads the program if it can.
fn cargo_install(command: &str, package: &str, version: &str) -> Command {
    let mut install = cargo();
    install
        .args([
            command,
            "--locked",
            "--force",
            "--version",
            version,
            package,
        ])
        // The tools share dependencies, and an installation that was interrupted goes on where it stopped.
        .env("CARGO_TARGET_DIR", target().join("tools"))
        // Waiting for a tool once matters more than its speed: with its own profile, Trunk takes three times as long to
        // compile (6.8 minutes on two cores instead of 2.2), and then saves 0.3 of the 9 seconds of each release build, and
        // nothing of a debug build.
        .envs([
            ("CARGO_PROFILE_RELEASE_LTO", "off"),
            ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
            ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
            ("CARGO_PROFILE_RELEASE_DEBUG", "0"),
        ]);
    install
}

/// A version in the metadata of a package's Cargo.toml.
fn metadata(package: &str, key: &str) -> Result<String> {
    let manifest: Table = fs::read_to_string(root().join(package).join("Cargo.toml"))?.parse()?;
    let version = manifest["package"]["metadata"]
        .get(key)
        .and_then(|version| version.as_str());
    let version = version.with_context(|| format!("{package}/Cargo.toml has no {key}"))?;
    Ok(version.to_owned())
}

fn trunk_toml() -> Result<Table> {
    Ok(fs::read_to_string(root().join("Trunk.toml"))?.parse()?)
}
