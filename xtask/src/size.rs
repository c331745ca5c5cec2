//! `cargo xtask size`: what a first visit downloads.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;

use crate::step::{root, target};

/// The most that the files of each kind may take in a first visit, in bytes, brotli 11. What makes one of them larger is
/// either not worth it, or changes this line. Some hundred bytes are left, because other compilers make other code.
const BUDGET: [(&str, usize); 3] = [("html", 2_300), ("js", 3_400), ("wasm", 44_000)];

/// Prints the table, and fails when a kind is over its budget.
pub fn run() -> Result<()> {
    println!("{:<6} {:>9} {:>9} {:>9}", "kind", "raw", "brotli", "budget");
    let (mut raw, mut packed, mut budget) = (0, 0, 0);
    let mut over = Vec::new();
    for (kind, most) in BUDGET {
        let (kind_raw, kind_packed) = measure(kind)?;
        println!("{kind:<6} {kind_raw:>9} {kind_packed:>9} {most:>9}");
        raw += kind_raw;
        packed += kind_packed;
        budget += most;
        if kind_packed > most {
            over.push(format!(
                "{kind} is {} bytes over its budget",
                kind_packed - most
            ));
        }
    }
    println!("{:<6} {raw:>9} {packed:>9} {budget:>9}", "all");
    if !over.is_empty() {
        bail!("{} (xtask/src/size.rs)", over.join(", "));
    }
    Ok(())
}

/// The bytes of all files of a kind in `dist/`, raw and packed.
fn measure(kind: &str) -> Result<(usize, usize)> {
    let (mut raw, mut packed) = (0, 0);
    for entry in fs::read_dir(root().join("dist")).context("there is no dist/")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            let bytes = fs::read(path)?;
            let output = pack(&bytes)?;
            raw += bytes.len();
            packed += output.len();
        }
    }
    if raw == 0 {
        bail!("dist/ has no .{kind} file");
    }
    Ok((raw, packed))
}

/// A copy of `dist/` with each file packed beside itself.
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

/// Brotli, as tight as it gets.
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
