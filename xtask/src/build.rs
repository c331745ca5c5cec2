//! `cargo xtask build`: the release build. Trunk makes it; nothing edits its output.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::Result;
use sha2::{Digest, Sha256};

use crate::step::{program, root, run_all, step, target};
use crate::tools;

/// Builds `dist/`.
pub fn run() -> Result<()> {
    run_all(tools::rust_source()?)?;
    // As the Leptos book's chapter on binary size advises, the standard library is compiled along with the app, for size and
    // with `panic=immediate-abort`: a panic becomes a bare trap, and its messages and source paths stay out of the download.
    // Both are unstable, and stable Cargo accepts them only with the first of these variables. Plain `trunk build --release`
    // works too; `cargo xtask size` prints the difference.
    release(
        "build dist/",
        &root().join("dist"),
        &[
            ("RUSTC_BOOTSTRAP", "1"),
            ("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort"),
            ("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size"),
            (
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Zunstable-options -Cpanic=immediate-abort",
            ),
        ],
    )
}

/// Builds the app as plain `trunk build --release` does.
pub fn plain(dist: &Path) -> Result<()> {
    // In a folder of its own: the other flags would make Cargo compile everything again for the next `cargo xtask build`.
    let folder = target().join("plain");
    let environment = [("CARGO_TARGET_DIR", folder.as_os_str())];
    release("build with plain Trunk, to compare", dist, &environment)
}

fn release<V: AsRef<OsStr>>(what: &str, dist: &Path, environment: &[(&str, V)]) -> Result<()> {
    run_all(tools::app()?)?;
    run_all(tools::wasm_opt()?)?;
    step(
        what,
        trunk("build")
            .args(["--release", "--locked", "--dist"])
            .arg(dist)
            .envs(environment.iter().map(|(name, value)| (name, value))),
    )
}

/// Builds `examples/with-router` for its end-to-end tests. A debug build is enough: they test routes and guards, not size or
/// speed, and it takes a fraction of the time.
pub fn example(dist: &Path) -> Result<()> {
    run_all(tools::app()?)?;
    step(
        "build examples/with-router",
        trunk("build")
            .current_dir(root().join("examples/with-router"))
            .args(["--locked", "--dist"])
            .arg(dist),
    )
}

/// A Trunk command, without Trunk's search for a newer version of itself.
pub fn trunk(command: &str) -> Command {
    let mut trunk = program("trunk");
    trunk.arg(command).env("TRUNK_SKIP_VERSION_CHECK", "true");
    trunk
}

/// The up to 16 hexadecimal digits that Trunk derives from a file's content and puts into its name, as in
/// `app-1a2b3c4d5e6f7a8b.js`. Trunk leaves out leading zeros.
pub fn content_hash(name: &str) -> Option<&str> {
    // Four leading zeros are as good as impossible, and a date is no hash.
    let is_date = |part: &str| part.len() < 16 && part.bytes().all(|it| it.is_ascii_digit());
    let is_hash = |part: &str| {
        (13..=16).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_hexdigit())
    };
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .find(|part| is_hash(part) && !is_date(part))
}

/// The SHA-256 of `content`, in hexadecimal digits.
pub fn sha256(content: &[u8]) -> String {
    hexadecimal(&Sha256::digest(content))
}

/// These bytes in hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
