//! The steps of a command: printed, run and timed. And the paths that all steps share.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// A step that has yet to run.
pub struct Step {
    what: String,
    command: Command,
    fallback: Option<Box<Step>>,
}

impl Step {
    pub fn new(what: impl Into<String>, command: Command) -> Self {
        Self {
            what: what.into(),
            command,
            fallback: None,
        }
    }

    /// If this step fails, runs `fallback`.
    pub fn or(self, fallback: Self) -> Self {
        Self {
            fallback: Some(Box::new(fallback)),
            ..self
        }
    }

    /// The same step, which says that it is this one of so many.
    pub fn numbered(self, number: usize, of: usize) -> Self {
        Self {
            what: format!("[{number}/{of}] {}", self.what),
            ..self
        }
    }

    /// Runs it as [`step`] does.
    pub fn run(mut self) -> Result<()> {
        match (step(&self.what, &mut self.command), self.fallback) {
            (Err(error), Some(fallback)) => {
                println!("✗ {error:#}\n  Trying another way:");
                fallback.run()
            }
            (outcome, _) => outcome,
        }
    }
}

/// Runs these steps, one after the other.
pub fn run_all(steps: impl IntoIterator<Item = Step>) -> Result<()> {
    steps.into_iter().try_for_each(Step::run)
}

/// Prints what the step does, runs it, and prints how long it took.
///
/// # Errors
/// If the program cannot be started, or fails.
pub fn step(what: &str, command: &mut Command) -> Result<()> {
    println!("▸ {what}");
    let start = Instant::now();
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .status()
        .with_context(|| format!("{program} could not be started"))?;
    let took = start.elapsed().as_secs_f32();
    if !status.success() {
        bail!("{what}: failed after {took:.1} s ({program}: {status})");
    }
    println!("✓ {what}: {took:.1} s");
    Ok(())
}

/// A program that runs in the project's root, with Cargo's installed tools first on the PATH.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root()).env("PATH", path());
    command
}

/// The Cargo that runs this program.
pub fn cargo() -> Command {
    program(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// A program's output, or `None` if it is missing or fails.
pub fn output_of(name: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output: Output = program(name).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// The project's root.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Cargo's build folder. This program was built there, too.
pub fn target() -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    let target = program.parent().and_then(Path::parent);
    target.map_or_else(|| root().join("target"), Path::to_path_buf)
}

/// The folder that Cargo installs tools into, without `bin`.
pub fn cargo_install_root() -> PathBuf {
    let root = env::var_os("CARGO_INSTALL_ROOT");
    root.map_or_else(cargo_home, PathBuf::from)
}

/// Cargo's home directory.
pub fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// The full path of a program on [`program`]'s PATH. A full path is found, too.
pub fn which(name: impl AsRef<OsStr>) -> Option<PathBuf> {
    let name = name.as_ref();
    let mut with_suffix = name.to_owned();
    with_suffix.push(env::consts::EXE_SUFFIX);
    env::split_paths(&path())
        .flat_map(|folder| [folder.join(&with_suffix), folder.join(name)])
        .find(|file| file.is_file())
}

fn path() -> OsString {
    let inherited = env::var_os("PATH").unwrap_or_default();
    let folders = [cargo_install_root().join("bin")]
        .into_iter()
        .chain(env::split_paths(&inherited));
    // Joining fails only for a folder with a separator in its name.
    env::join_paths(folders).unwrap_or(inherited)
}
