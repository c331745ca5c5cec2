//! The browser engines that the tests run in: which of them this machine has, and how to get the others.

use std::env;
use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::ValueEnum;
use serde_json::json;

use crate::step::{output_of, program, run_all, step, target, which};
use crate::tools;

/// A browser engine.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Engine {
    Chromium,
    Firefox,
    #[value(name = "webkit")]
    WebKit,
}

/// An engine that this machine has.
pub struct Browser {
    pub engine: Engine,
    /// The browser's program.
    pub program: PathBuf,
    /// The program that drives it by WebDriver.
    pub driver: PathBuf,
}

/// A program that an engine needs, and where it may be.
struct Program {
    /// The environment variable that may have its path.
    variable: Option<&'static str>,
    names: Vec<PathBuf>,
    /// Whether it supports `--version`. We run that, because Ubuntu's `firefox` is a script that fails if the snap is not
    /// installed.
    has_version: bool,
    /// Whether it works as a snap. A snap can read only some of the user's files.
    may_be_snap: bool,
    /// The package that has it on Debian, and on Ubuntu.
    packages: [Option<&'static str>; 2],
}

impl Engine {
    /// All engines, Chromium first.
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// The engine, if this machine has all that it needs.
    pub fn find(self) -> Option<Browser> {
        let programs = self.programs();
        let found: Option<Vec<PathBuf>> = programs.iter().map(Program::find).collect();
        let mut found = found?.into_iter();
        Some(Browser {
            engine: self,
            program: found.next()?,
            driver: found.next()?,
        })
    }

    /// Says that the engine is missing, and how to get it.
    pub fn what_is_missing(self) -> String {
        let advice = self.advice();
        format!("{self}: the browser, its driver or another program is missing; {advice}")
    }

    /// How to get it.
    fn advice(self) -> &'static str {
        match self {
            Self::Chromium => {
                "install Chromium or Chrome and its ChromeDriver (Debian: apt-get install chromium chromium-driver), and put \
                 them on the PATH or set CHROME and CHROMEDRIVER to their paths"
            }
            Self::Firefox => {
                "install Firefox (Debian: apt-get install firefox-esr; Ubuntu: Mozilla's own package, not the snap) and \
                 geckodriver (cargo install geckodriver), and put them on the PATH or set FIREFOX and GECKODRIVER to their paths"
            }
            Self::WebKit if cfg!(target_os = "linux") => {
                "install WebKitGTK's MiniBrowser and WebKitWebDriver, and Xvfb (Debian and Ubuntu: apt-get install \
                 webkit2gtk-driver xvfb); if they are not found, set MINIBROWSER and WEBKITWEBDRIVER to their paths, and put \
                 Xvfb on the PATH"
            }
            Self::WebKit => "run these tests on Linux, because they use WebKitGTK",
        }
    }

    /// The browser, its driver, and what else it needs.
    fn programs(self) -> Vec<Program> {
        let program = |variable, names, packages| Program {
            variable,
            names,
            has_version: self != Self::WebKit,
            // Firefox's snap cannot read the profiles that geckodriver creates.
            may_be_snap: self != Self::Firefox,
            packages,
        };
        let names = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        let chromium = [
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
        ];
        let firefox = ["firefox", "firefox-esr"];
        match self {
            Self::Chromium => vec![
                program(
                    Some("CHROME"),
                    names(&chromium),
                    [Some("chromium"), Some("chromium-browser")],
                ),
                program(
                    Some("CHROMEDRIVER"),
                    names(&["chromedriver"]),
                    [Some("chromium-driver"), Some("chromium-chromedriver")],
                ),
            ],
            Self::Firefox => vec![
                // Ubuntu's package installs a snap.
                program(
                    Some("FIREFOX"),
                    names(&firefox),
                    [Some("firefox-esr"), None],
                ),
                program(Some("GECKODRIVER"), names(&["geckodriver"]), [None; 2]),
            ],
            Self::WebKit => vec![
                program(
                    Some("MINIBROWSER"),
                    mini_browsers(),
                    [Some("webkit2gtk-driver"); 2],
                ),
                program(
                    Some("WEBKITWEBDRIVER"),
                    names(&["WebKitWebDriver"]),
                    [Some("webkit2gtk-driver"); 2],
                ),
                program(None, names(&["Xvfb"]), [Some("xvfb"); 2]),
            ],
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str(match self {
            Self::Chromium => "Chromium",
            Self::Firefox => "Firefox",
            Self::WebKit => "WebKit",
        })
    }
}

impl Browser {
    /// Tells the tests in `e2e` to run in this browser.
    pub fn set_variables(&self, command: &mut Command) {
        let name = self.engine.to_string().to_lowercase();
        command
            .env("E2E_ENGINE", name)
            .env("E2E_BROWSER", &self.program)
            .env("E2E_DRIVER", &self.driver)
            // The driver is on this machine, whatever proxy the user has.
            .env("NO_PROXY", "localhost,127.0.0.1")
            .env("no_proxy", "localhost,127.0.0.1");
    }

    /// Tells wasm-bindgen's test runner to run in this browser.
    pub fn set_runner_variables(&self, command: &mut Command) -> Result<()> {
        // The runner uses the first of these that is set, and the user may have set others.
        for variable in [
            "CHROMEDRIVER",
            "GECKODRIVER",
            "MSEDGEDRIVER",
            "SAFARIDRIVER",
        ] {
            command.env_remove(variable);
            command.env_remove(format!("{variable}_REMOTE"));
        }
        let (variable, capabilities) = match self.engine {
            Engine::Chromium => (
                "CHROMEDRIVER",
                json!({ "goog:chromeOptions": { "binary": self.program } }),
            ),
            Engine::Firefox => (
                "GECKODRIVER",
                json!({ "moz:firefoxOptions": { "binary": self.program } }),
            ),
            // With `SAFARIDRIVER`, the runner sends no capabilities. With `GECKODRIVER`, it sends them in the standard form.
            Engine::WebKit => (
                "GECKODRIVER",
                json!({
                    "browserName": "MiniBrowser",
                    "webkitgtk:browserOptions": {
                        "binary": self.program,
                        // With the Navigation API, the tests notice when the app leaves the page.
                        "args": ["--automation", "--features=NavigationAPI"],
                    },
                }),
            ),
        };
        let file = target().join(format!("webdriver-{}.json", self.engine));
        fs::write(&file, capabilities.to_string())?;
        command
            .env(variable, &self.driver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", file)
            // In seconds. The default values are too short for a busy machine.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30");
        Ok(())
    }

    /// The display that the browser needs, if it cannot run without one.
    pub fn display(&self) -> Result<Option<Display>> {
        match self.engine {
            Engine::Chromium | Engine::Firefox => Ok(None),
            Engine::WebKit => Display::start().map(Some),
        }
    }
}

/// A display in memory, which ends when this value is dropped.
pub struct Display {
    process: Child,
    name: String,
}

impl Display {
    fn start() -> Result<Self> {
        let mut process = program("Xvfb")
            // Choose a free number, and print it.
            .args(["-displayfd", "1"])
            .args(["-screen", "0", "1400x2400x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .spawn()
            .context("Xvfb could not be started")?;
        let mut number = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut number)?;
        }
        let name = format!(":{}", number.trim());
        let display = Self { process, name };
        ensure!(
            !number.is_empty(),
            "Xvfb exited without opening a display; its own message is above"
        );
        Ok(display)
    }

    /// Shows a program's windows on this display, in GTK's own style, whatever the user's desktop is.
    pub fn set_variables(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.name)
            .env("GDK_BACKEND", "x11")
            .env_remove("GTK_THEME");
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Program {
    /// The program's path: from its variable, or else from the PATH.
    fn find(&self) -> Option<PathBuf> {
        let named = self.variable.and_then(env::var_os).map(PathBuf::from);
        let names = named.map_or_else(|| self.names.clone(), |name| vec![name]);
        let works = |path: &PathBuf| !self.has_version || output_of(path, &["--version"]).is_some();
        let mut paths = names.iter().filter_map(which);
        paths.find(|path| (self.may_be_snap || !is_snap(path)) && works(path))
    }
}

/// Whether this is a snap, or the script that starts one.
fn is_snap(path: &Path) -> bool {
    // A program that is not a script is not text.
    let script = fs::read_to_string(path).unwrap_or_default();
    path.starts_with("/snap") || script.contains("/snap/")
}

/// Where distributions put MiniBrowser, which is not on the PATH: Debian into a folder of `/usr/lib` for each architecture,
/// Arch into `/usr/lib`, Fedora into `/usr/libexec`.
fn mini_browsers() -> Vec<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let folders = folders.map(|folder| folder.path());
    let folders: Vec<PathBuf> = folders
        .chain(["/usr/lib", "/usr/libexec"].map(PathBuf::from))
        .collect();
    let versions = ["webkit2gtk-4.1", "webkit2gtk-4.0"];
    let paths = versions.iter().flat_map(|version| {
        let folders = folders.iter();
        folders.map(move |folder| folder.join(version).join("MiniBrowser"))
    });
    paths.collect()
}

/// Finds Chromium, or installs it if it can.
pub fn chromium() -> Result<Browser> {
    Ok(get(&[Engine::Chromium])?.remove(0))
}

/// These engines. Installs what is missing, if it can.
pub fn get(engines: &[Engine]) -> Result<Vec<Browser>> {
    install_packages(engines)?;
    if engines.contains(&Engine::Firefox) {
        install_geckodriver()?;
    }
    engines
        .iter()
        .map(|engine| engine.find().with_context(|| engine.what_is_missing()))
        .collect()
}

/// Installs the packages with the missing programs, on Debian and Ubuntu as root.
fn install_packages(engines: &[Engine]) -> Result<()> {
    let programs = engines.iter().flat_map(|engine| engine.programs());
    let missing: Vec<Program> = programs
        .filter(|program| program.find().is_none())
        .collect();
    if missing.is_empty() || output_of("id", &["-u"]).as_deref() != Some("0") {
        return Ok(());
    }
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let system = ["ID=debian", "ID=ubuntu"]
        .iter()
        .position(|id| system.lines().any(|line| line == *id));
    let Some(system) = system else {
        return Ok(());
    };
    let mut packages: Vec<&str> = missing
        .iter()
        .filter_map(|program| program.packages[system])
        .collect();
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    step(
        "update the list of packages",
        program("apt-get").args(["update", "--quiet"]),
    )?;
    step(
        &format!("install {}", packages.join(", ")),
        program("apt-get")
            .args(["install", "--quiet", "--yes", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

/// Installs geckodriver if Firefox is installed without it. Cargo compiles it, because Debian has no package.
fn install_geckodriver() -> Result<()> {
    let programs = Engine::Firefox.programs();
    match [programs[0].find(), programs[1].find()] {
        [Some(_), None] => run_all(tools::geckodriver()?),
        _ => Ok(()),
    }
}
