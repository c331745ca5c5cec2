//! `cargo xtask build`: the release build.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::step::{program, root, step};
use crate::tools;

/// Makes `dist/`.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::rust_source()?;
    tools::trunk()?;
    tools::wasm_bindgen()?;
    tools::wasm_opt()?;
    // A panic becomes a bare trap, and its messages and source paths (of the machine that built it) stay out of the
    // download: about 10 KB for every visitor. The standard library has to be compiled along for that, which stable
    // cargo does only when asked like this. `trunk build --release` works without, and is that much larger.
    step(
        "build dist/",
        program("trunk")
            .args(["build", "--release", "--locked"])
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Zunstable-options -Cpanic=immediate-abort",
            )
            .env("TRUNK_SKIP_VERSION_CHECK", "true"),
    )?;
    number_imports(&root().join("dist"))
}

/// The module asks JavaScript for functions by name, with hashes in the names: 2.4 KB for every visitor. Numbers of the
/// same length do as well, on both sides. What was edited gets another name: browsers keep it for a year.
fn number_imports(dist: &Path) -> Result<()> {
    let files: Vec<PathBuf> = fs::read_dir(dist)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    let of_kind = |kind: &str| {
        let found = files
            .iter()
            .find(|path| path.extension().is_some_and(|it| it == kind));
        found.with_context(|| format!("dist/ has no .{kind} file"))
    };
    let (js, wasm) = (of_kind("js")?, of_kind("wasm")?);
    let (mut script, mut module) = (fs::read_to_string(js)?, fs::read(wasm)?);
    for (number, name) in import_names(&script).into_iter().enumerate() {
        let short = format!("_{number:0width$}", width = name.len() - 1);
        script = script.replace(&name, &short);
        let places: Vec<usize> = module
            .windows(name.len())
            .enumerate()
            .filter(|(_, window)| *window == name.as_bytes())
            .map(|(place, _)| place)
            .collect();
        for place in places {
            module[place..place + short.len()].copy_from_slice(short.as_bytes());
        }
    }
    // Of its name alone: a folder above it may be called like a hash as well.
    let name = wasm.file_name().unwrap_or_default().to_string_lossy();
    let old_hash = content_hash(&name).context("Trunk names files by their content")?;
    // Trunk's minifier writes the same script in another order each time. So the name says what both were made of.
    let new_hash = &sha256(&[old_hash.as_bytes(), &module].concat())[..old_hash.len()];
    for (path, content) in [(js, script.as_bytes()), (wasm, &module)] {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        fs::remove_file(path)?;
        fs::write(dist.join(name.replace(old_hash, new_hash)), content)?;
    }
    let index = dist.join("index.html");
    let page = fs::read_to_string(&index)?;
    fs::write(index, page.replace(old_hash, new_hash))?;
    Ok(())
}

/// The 16 digits by which Trunk puts a file's content into its name, as in `main-1a2b3c4d5e6f7a8b.css`.
pub fn content_hash(name: &str) -> Option<&str> {
    name.split(|letter: char| !letter.is_ascii_alphanumeric())
        .find(|part| part.len() == 16 && part.chars().all(|letter| letter.is_ascii_hexdigit()))
}

/// The SHA-256 of this content in hexadecimal digits.
pub fn sha256(content: &[u8]) -> String {
    hexadecimal(&Sha256::digest(content))
}

/// These bytes in hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The keys like `__wbg_fetch_9b478faef8cda538` in the object that JavaScript hands over, the longest first, because a
/// short one may be the start of a long one.
fn import_names(script: &str) -> Vec<String> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let keys = script.split_inclusive(|letter| !is_name(letter));
    let mut names: Vec<String> = keys
        .filter_map(|key| key.strip_suffix(':'))
        .filter(|name| name.starts_with("__wbg_") || name.starts_with("__wbindgen_"))
        .map(str::to_owned)
        .collect();
    names.sort_by_key(|name| (Reverse(name.len()), name.clone()));
    names.dedup();
    names
}
