//! `cargo xtask build`: the release build.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
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
    // cargo does only when asked like this. `trunk build --release` works without, and is that much larger. Without
    // reference types, what JavaScript owns is known by a number and not through a table of the module's: another 1 KB.
    // What the compiler's own optimiser does before LLVM's is for speed: without most of it, 200 bytes less.
    step(
        "build dist/",
        program("trunk")
            .args(["build", "--release", "--locked"])
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            .env("CARGO_UNSTABLE_BUILD_STD_FEATURES", "optimize_for_size")
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Zunstable-options -Cpanic=immediate-abort -Ctarget-feature=-reference-types -Zmir-opt-level=1",
            )
            .env("TRUNK_SKIP_VERSION_CHECK", "true"),
    )?;
    shrink(&root().join("dist"))
}

/// The module and its JavaScript know each other's functions by long names with hashes in them: 3 KB for every visitor.
/// Short ones do as well. wasm-opt gives them, with another round of optimisation that Trunk has no place for (1 KB); what
/// was edited gets another file name, because browsers keep it for a year.
fn shrink(dist: &Path) -> Result<()> {
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
    let Some(names) = short_names(wasm)? else {
        println!("  wasm-opt is not on the PATH: dist/ works, and is 4 KB larger than it could be");
        return Ok(());
    };
    let (script, module) = (names.used_in(&fs::read_to_string(js)?), fs::read(wasm)?);
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

/// What wasm-opt prints of the names that it has changed.
#[derive(Deserialize)]
struct Names {
    /// The module that a function is imported from, its name there, and its new one.
    imports: Vec<[String; 3]>,
    /// What is exported: its name, and its new one.
    exports: Vec<[String; 2]>,
}

/// Rewrites the module; `None` without wasm-opt.
fn short_names(wasm: &Path) -> Result<Option<Names>> {
    let page = fs::read_to_string(root().join("index.html"))?;
    let features = page.split("data-wasm-opt-params=\"").nth(1);
    let features = features.and_then(|rest| rest.split('"').next());
    let features = features.context("index.html has no data-wasm-opt-params")?;
    let output = program("wasm-opt")
        .args(features.split(' '))
        .args(["--flatten", "--rereloop", "-Oz", "-Oz"])
        .arg("--minify-imports-and-exports-and-modules")
        .arg(wasm)
        .arg("--output")
        .arg(wasm)
        .output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        output => output.context("wasm-opt could not be started")?,
    };
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("wasm-opt: {}\n{words}", output.status);
    }
    Ok(Some(serde_json::from_slice(&output.stdout)?))
}

impl Names {
    /// The script with the new names in it.
    fn used_in(&self, script: &str) -> String {
        let mut script = script.to_owned();
        for [module, old, new] in &self.imports {
            // All modules become one, which is called `a`.
            script = script.replace(module, "a");
            script = replace_name(&script, "", old, new);
        }
        for [old, new] in &self.exports {
            script = replace_name(&script, ".", old, new);
        }
        script
    }
}

/// Replaces a whole name that stands behind `before`.
fn replace_name(script: &str, before: &str, old: &str, new: &str) -> String {
    let is_of_name =
        |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
    let mut result = String::new();
    let mut rest = script;
    while let Some(place) = rest.find(&[before, old].concat()) {
        let (head, tail) = rest.split_at(place);
        let tail = &tail[before.len() + old.len()..];
        let is_whole =
            !tail.starts_with(is_of_name) && (!before.is_empty() || !head.ends_with(is_of_name));
        result.push_str(head);
        result.push_str(before);
        result.push_str(if is_whole { new } else { old });
        rest = tail;
    }
    result + rest
}

/// The 16 digits by which Trunk puts a file's content into its name, as in `app-1a2b3c4d5e6f7a8b.js`.
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
