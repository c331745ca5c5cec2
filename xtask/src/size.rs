//! `cargo xtask size`: what a first visit downloads.

use std::fs;

use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;

use crate::step::root;

/// The most that the first load may take, in bytes, brotli 11.
const LIMIT: usize = 60_000;

/// Prints the table, and fails when the sum is over the limit.
pub fn run() -> Result<()> {
    println!("{:<6} {:>9} {:>9}", "kind", "raw", "brotli");
    let (mut raw, mut packed) = (0, 0);
    for kind in ["html", "css", "js", "wasm"] {
        let (kind_raw, kind_packed) = measure(kind)?;
        println!("{kind:<6} {kind_raw:>9} {kind_packed:>9}");
        raw += kind_raw;
        packed += kind_packed;
    }
    println!("{:<6} {raw:>9} {packed:>9}", "all");
    if packed > LIMIT {
        bail!(
            "the first load is {} bytes over its limit of {LIMIT}",
            packed - LIMIT
        );
    }
    println!("{} bytes below the limit of {LIMIT}", LIMIT - packed);
    Ok(())
}

/// The bytes of all files of a kind in `dist/`, raw and packed.
fn measure(kind: &str) -> Result<(usize, usize)> {
    let (mut raw, mut packed) = (0, 0);
    for entry in fs::read_dir(root().join("dist")).context("there is no dist/")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == kind) {
            let bytes = fs::read(path)?;
            let parameters = BrotliEncoderParams {
                quality: 11,
                lgwin: 22,
                size_hint: bytes.len(),
                ..BrotliEncoderParams::default()
            };
            let mut output = Vec::new();
            brotli::BrotliCompress(&mut bytes.as_slice(), &mut output, &parameters)?;
            raw += bytes.len();
            packed += output.len();
        }
    }
    if raw == 0 {
        bail!("dist/ has no .{kind} file");
    }
    Ok((raw, packed))
}
