//! Builds `hi-users` for AWS Lambda: a static Linux program named `bootstrap`, in a `.zip`.

use std::fs;
use std::io::{Cursor, Write};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::aws::Aws;
use crate::build::sha256;
use crate::step::{cargo, step, target};
use crate::tools;

/// Lambda's target, on any development machine.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// The function's code.
pub struct Function {
    /// Its key in the bucket, which contains a hash of its content.
    pub key: String,
    pub zip: Vec<u8>,
}

impl Function {
    /// Compiles the function and packs it.
    pub fn build() -> Result<Self> {
        tools::rust_target(TARGET)?;
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
                // Rust's own linker, which links Linux programs on any system.
                .env("CARGO_TARGET_X86_64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld"),
        )?;
        let program = target().join(TARGET).join("release/bootstrap");
        let program =
            fs::read(&program).with_context(|| format!("{} is missing", program.display()))?;

        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // A fixed time, so that the same program always makes the same file.
            .last_modified_time(DateTime::default())
            .unix_permissions(0o755);
        zip.start_file("bootstrap", options)?;
        zip.write_all(&program)?;
        let zip = zip.finish()?.into_inner();
        let key = format!("hi-users-{}.zip", &sha256(&zip)[..16]);
        Ok(Self { key, zip })
    }

    /// Uploads the code to a bucket, where CloudFormation finds it, and returns the bucket. Code with the same key is not
    /// uploaded again.
    pub fn put(&self, aws: &Aws, stack: &str) -> Result<String> {
        let bucket = code_bucket(aws, stack);
        let mut options = vec![("--bucket", bucket.as_str())];
        let found = aws.find("s3api head-bucket", &options, "(404)")?;
        if found.is_none() {
            println!("▸ create the bucket {bucket} for the function's code");
            let place = format!("LocationConstraint={}", aws.region);
            // S3 rejects a location constraint for this one region.
            if aws.region != "us-east-1" {
                options.push(("--create-bucket-configuration", &place));
            }
            aws.ask("s3api create-bucket", &options)?;
        }
        let mut object = vec![("--bucket", bucket.as_str()), ("--key", &self.key)];
        if aws.find("s3api head-object", &object, "(404)")?.is_some() {
            println!("✓ the function's code is there already: {}", self.key);
            return Ok(bucket);
        }
        println!("▸ upload the function's code: {}", self.key);
        let file = target().join(&self.key);
        fs::write(&file, &self.zip)?;
        let file = file.to_string_lossy();
        object.push(("--body", &file));
        aws.ask("s3api put-object", &object)?;
        Ok(bucket)
    }
}

/// The bucket for a stack's code.
pub fn code_bucket(aws: &Aws, stack: &str) -> String {
    format!("{stack}-code-{}-{}", aws.account, aws.region)
}
