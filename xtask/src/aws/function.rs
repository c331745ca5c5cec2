//! Builds `hi-users` for AWS Lambda: a static Linux program named `bootstrap`, in a `.zip`.

use std::fs;
use std::io::{Cursor, Write};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::aws::Aws;
use crate::build::sha256;
use crate::step::{cargo, run_all, step, target};
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
        run_all(tools::rust_target(TARGET))?;
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
        let found = aws.find_s3("head-bucket", &bucket, &[], "(404)")?;
        if found.is_none() {
            println!("▸ create the bucket {bucket} for the function's code");
            let place = format!("LocationConstraint={}", aws.region);
            // S3 rejects a location constraint for this one region.
            let options = match aws.region.as_str() {
                "us-east-1" => &[][..],
                _ => &[("--create-bucket-configuration", place.as_str())],
            };
            aws.s3("create-bucket", &bucket, options)?;
        }
        // On every deploy, because an earlier one may have stopped before this step.
        let policy = https_only(&aws.partition, &bucket).to_string();
        aws.s3("put-bucket-policy", &bucket, &[("--policy", &policy)])?;
        let mut object = vec![("--key", self.key.as_str())];
        if aws
            .find_s3("head-object", &bucket, &object, "(404)")?
            .is_some()
        {
            println!("✓ the function's code is there already: {}", self.key);
            return Ok(bucket);
        }
        println!("▸ upload the function's code: {}", self.key);
        let file = target().join(&self.key);
        fs::write(&file, &self.zip)?;
        let file = file.to_string_lossy();
        object.push(("--body", &file));
        aws.s3("put-object", &bucket, &object)?;
        Ok(bucket)
    }
}

/// A bucket policy that denies plain HTTP, like `SiteBucketPolicy` in the template.
fn https_only(partition: &str, bucket: &str) -> Value {
    let arn = format!("arn:{partition}:s3:::{bucket}");
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }],
    })
}

/// The bucket for a stack's code.
pub fn code_bucket(aws: &Aws, stack: &str) -> String {
    format!("{stack}-code-{}-{}", aws.account, aws.region)
}
