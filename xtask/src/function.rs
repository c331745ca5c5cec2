//! `hi-users` as AWS Lambda wants it: a static Linux program named `bootstrap`, in a `.zip`.

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::build::sha256;
use crate::step::{cargo, step, target};
use crate::tools;

/// What Lambda runs it on, whatever this computer is.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// The function's code.
pub struct Function {
    /// Its name in the bucket, which says its content.
    pub key: String,
    pub zip: Vec<u8>,
}

impl Function {
    /// Compiles and packs it.
    pub fn build() -> Result<Self> {
        tools::target(TARGET)?;
        step(
            "build hi-users for Lambda",
            cargo()
                .args(["build", "--locked", "--release", "--target", TARGET])
                .args([
                    "--package",
                    "hi-users",
                    "--features",
                    "lambda",
                    "--bin",
                    "bootstrap",
                ])
                // Rust's own linker, which makes Linux programs on any computer.
                .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld"),
        )?;
        let program = target().join(TARGET).join("release/bootstrap");
        let program =
            fs::read(&program).with_context(|| format!("{} is missing", program.display()))?;

        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // The same program makes the same file, whenever it is packed.
            .last_modified_time(DateTime::default())
            .unix_permissions(0o755);
        zip.start_file("bootstrap", options)?;
        zip.write_all(&program)?;
        let zip = zip.finish()?.into_inner();
        let key = format!("hi-users-{}.zip", &sha256(&zip)[..16]);
        Ok(Self { key, zip })
    }

    /// Writes it to a file, which the AWS CLI can upload.
    pub fn write(&self) -> Result<PathBuf> {
        let path = target().join(&self.key);
        fs::write(&path, &self.zip)?;
        Ok(path)
    }
}
