//! The tools that the commands need. Each function looks for one, and installs it if it is missing.
//!
//! Each version is pinned in one place: Trunk's and wasm-opt's in Trunk.toml, wasm-bindgen's in Cargo.lock, cargo-fuzz's in
//! fuzz/Cargo.toml, axe-core's in e2e/Cargo.toml.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use toml::Table;

use crate::step::{cargo, cargo_install_root, output_of, program, root, step, target, which};

/// The app's target.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The paths of a browser and its driver.
pub struct Browser {
    pub chrome: PathBuf,
    pub chromedriver: PathBuf,
}

/// What every build of the app needs: the wasm target, Trunk and wasm-bindgen.
pub fn app() -> Result<()> {
    wasm_target()?;
    trunk()?;
    wasm_bindgen()
}

/// The standard library for the app's target.
pub fn wasm_target() -> Result<()> {
    rust_target(WASM)
}

/// The standard library for a target.
pub fn rust_target(name: &str) -> Result<()> {
    let folder = output_of("rustc", &["--print", "target-libdir", "--target", name]);
    if folder.is_some_and(|folder| fs::exists(folder).unwrap_or(false)) {
        return Ok(());
    }
    step(
        &format!("install the Rust target {name}"),
        program("rustup").args(["target", "add", name]),
    )
    .context("adding a target needs rustup; see https://rustup.rs")
}

/// The standard library's source, which the release build compiles.
pub fn rust_source() -> Result<()> {
    let sysroot = output_of("rustc", &["--print", "sysroot"]).context("rustc could not be run")?;
    let lock = format!("{sysroot}/lib/rustlib/src/rust/library/Cargo.lock");
    if fs::exists(lock)? {
        return Ok(());
    }
    step(
        "install the standard library's source",
        program("rustup").args(["component", "add", "rust-src"]),
    )
    .context("adding a component needs rustup; see https://rustup.rs")
}

/// Trunk, which builds and serves the app.
fn trunk() -> Result<()> {
    let wanted = trunk_toml()?["trunk-version"]
        .as_str()
        .map(|version| version.trim_start_matches('=').to_owned())
        .context("Trunk.toml has no trunk-version")?;
    install("trunk", "trunk", &wanted, "about 6 minutes on two cores")
}

/// wasm-bindgen's command, which generates the app's JavaScript, and its test runner. Its version must equal the library's.
pub fn wasm_bindgen() -> Result<()> {
    let lock: Table = fs::read_to_string(root().join("Cargo.lock"))?.parse()?;
    let packages = lock.get("package").and_then(|packages| packages.as_array());
    let wanted = packages
        .into_iter()
        .flatten()
        .find(|package| package.get("name").and_then(|name| name.as_str()) == Some("wasm-bindgen"))
        .and_then(|package| package.get("version")?.as_str())
        .context("Cargo.lock has no wasm-bindgen")?;
    install(
        "wasm-bindgen-cli",
        "wasm-bindgen",
        wanted,
        "about 2 minutes on two cores",
    )
}

/// wasm-opt, which makes the app smaller. It comes from npm, which is reachable in more networks than the release that Trunk
/// downloads. Without npm, Trunk downloads it.
pub fn wasm_opt() -> Result<()> {
    let wanted = trunk_toml()?["tools"]["wasm_opt"]
        .as_str()
        .map(|version| version.trim_start_matches("version_").to_owned())
        .context("Trunk.toml has no tools.wasm_opt")?;
    let is_wanted = |version: &String| version.split(' ').nth(2) == Some(wanted.as_str());
    if output_of("wasm-opt", &["--version"])
        .as_ref()
        .is_some_and(is_wanted)
    {
        return Ok(());
    }
    if output_of(NPM, &["--version"]).is_none() {
        println!("▸ wasm-opt {wanted} and npm are missing: Trunk will download wasm-opt");
        println!(
            "  If the download fails, install Node.js with npm, or Binaryen {wanted}, and try again."
        );
        return Ok(());
    }
    step(
        &format!("install wasm-opt {wanted} from npm"),
        program(NPM)
            .args(["install", "--global", "--no-fund", "--no-audit", "--prefix"])
            .arg(cargo_install_root())
            .arg(format!("binaryen@{wanted}.0.0")),
    )
}

/// axe-core, which tests accessibility. `None` if npm is missing.
pub fn axe() -> Result<Option<PathBuf>> {
    let manifest: Table = fs::read_to_string(root().join("e2e/Cargo.toml"))?.parse()?;
    let wanted = manifest["package"]["metadata"]["axe-core-version"]
        .as_str()
        .context("e2e/Cargo.toml has no axe-core-version")?;
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
pub fn cargo_fuzz() -> Result<()> {
    let manifest: Table = fs::read_to_string(root().join("fuzz/Cargo.toml"))?.parse()?;
    let wanted = manifest["package"]["metadata"]["cargo-fuzz-version"]
        .as_str()
        .context("fuzz/Cargo.toml has no cargo-fuzz-version")?;
    install(
        "cargo-fuzz",
        "cargo-fuzz",
        wanted,
        "about 1 minute on two cores",
    )
}

/// A browser and its driver: from `CHROME` and `CHROMEDRIVER`, or from the PATH, or installed from Debian's or Ubuntu's
/// packages.
pub fn browser() -> Result<Browser> {
    if let Some(browser) = find_browser() {
        return Ok(browser);
    }
    const ADVICE: &str = "the tests need Chromium or Chrome and its ChromeDriver: put them on the PATH (Debian: apt-get install \
                          chromium chromium-driver), or set CHROME and CHROMEDRIVER to their paths";
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let is = |id: &str| system.lines().any(|line| line == format!("ID={id}"));
    let packages = match () {
        () if output_of("id", &["-u"]).as_deref() != Some("0") => bail!(ADVICE),
        () if is("debian") => ["chromium", "chromium-driver"],
        () if is("ubuntu") => ["chromium-browser", "chromium-chromedriver"],
        () => bail!(ADVICE),
    };
    step(
        "update the list of packages",
        program("apt-get").args(["update", "--quiet"]),
    )?;
    step(
        &format!("install {} and {}", packages[0], packages[1]),
        program("apt-get")
            .args(["install", "--quiet", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )?;
    find_browser().context(ADVICE)
}

fn find_browser() -> Option<Browser> {
    let find = |variable: &str, names: &[&str]| {
        let named = std::env::var(variable).ok();
        let names = names.iter().map(|name| (*name).to_owned());
        named
            .into_iter()
            .chain(names)
            .find(|name| output_of(name, &["--version"]).is_some())
            .map(|name| which(&name))
    };
    Some(Browser {
        chrome: find(
            "CHROME",
            &[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
            ],
        )?,
        chromedriver: find("CHROMEDRIVER", &["chromedriver"])?,
    })
}

/// Installs a crate's program, unless it is installed in this version.
fn install(package: &str, name: &str, wanted: &str, time: &str) -> Result<()> {
    let output = output_of(name, &["--version"]).unwrap_or_default();
    let instead = match output.split(' ').nth(1) {
        Some(version) if version == wanted => return Ok(()),
        Some(version) => format!(" instead of {version}"),
        None => String::new(),
    };
    step(
        &format!("install {package} {wanted}{instead} ({time}, once)"),
        cargo().args([
            "install",
            "--locked",
            "--force",
            "--version",
            wanted,
            package,
        ]),
    )
}

fn trunk_toml() -> Result<Table> {
    Ok(fs::read_to_string(root().join("Trunk.toml"))?.parse()?)
}
