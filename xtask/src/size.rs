//! `cargo xtask size`: what a first visit downloads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;

use crate::build;
use crate::step::{root, target};

/// The largest size of each kind of file in a first visit, in bytes packed by Brotli 11: the size on the day it was set,
/// plus 3 %. It vetoes accidents, not designs: a dependency that slipped in fails the tests, and a feature that is worth its
/// bytes changes this constant.
const BUDGET: [(&str, usize); 3] = [("html", 2_340), ("js", 6_400), ("wasm", 152_250)];

/// Builds the app, prints the table, and fails if a kind is over its budget. Then prints what plain Trunk makes.
pub fn run() -> Result<()> {
    build::run()?;
    check()?;
    let dist = target().join("plain-dist");
    build::plain(&dist)?;
    let mut total = 0;
    for (kind, _) in BUDGET {
        total += measure(&dist, kind)?.packed;
    }
    println!("plain `trunk build --release`: {total} bytes (brotli)");
    Ok(())
}

/// Prints the table for `dist/`, and fails if a kind is over its budget.
pub fn check() -> Result<()> {
    let dist = root().join("dist");
    println!("{:<6} {:>9} {:>9} {:>9}", "kind", "raw", "brotli", "budget");
    let mut total = Size::default();
    let mut total_budget = 0;
    let mut over = Vec::new();
    for (kind, budget) in BUDGET {
        let Size { raw, packed } = measure(&dist, kind)?;
        println!("{kind:<6} {raw:>9} {packed:>9} {budget:>9}");
        total.raw += raw;
        total.packed += packed;
        total_budget += budget;
        if packed > budget {
            over.push(format!(
                "{kind} is {} bytes over its budget",
                packed - budget
            ));
        }
    }
    let Size { raw, packed } = total;
    println!("{:<6} {raw:>9} {packed:>9} {total_budget:>9}", "all");
    if !over.is_empty() {
        bail!("{} (xtask/src/size.rs)", over.join(", "));
    }
    Ok(())
}

/// Sizes in bytes.
#[derive(Default)]
struct Size {
    raw: usize,
    packed: usize,
}

/// The size of all files of a kind in a build.
fn measure(dist: &Path, kind: &str) -> Result<Size> {
    let mut size = Size::default();
    for entry in fs::read_dir(dist).with_context(|| format!("there is no {}", dist.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            let bytes = fs::read(path)?;
            size.raw += bytes.len();
            size.packed += pack(&bytes)?.len();
        }
    }
    if size.raw == 0 {
        bail!("{} has no .{kind} file", dist.display());
    }
    Ok(size)
}

/// Makes a copy of `dist/` that also has each file packed, as `*.br`.
pub fn packed_dist() -> Result<PathBuf> {
    let (from, to) = (root().join("dist"), target().join("packed-dist"));
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    pack_folder(&from, &to)?;
    Ok(to)
}

fn pack_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            pack_folder(&path, &copy)?;
            continue;
        }
        let bytes = fs::read(&path)?;
        let mut packed = copy.clone().into_os_string();
        packed.push(".br");
        fs::write(packed, pack(&bytes)?)?;
        fs::write(copy, bytes)?;
    }
    Ok(())
}

/// Compresses by Brotli at its highest level.
pub fn pack(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: bytes.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut packed, &parameters)?;
    Ok(packed)
}
