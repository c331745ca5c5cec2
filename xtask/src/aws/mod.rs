//! `deploy`, `destroy`, and `local`, which tests them. This module wraps the AWS CLI, the only way to AWS from here: it
//! returns answers as JSON, and errors with the CLI's own message.

use std::env;
use std::io;
use std::process::Command;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use crate::step::program;

pub mod deploy;

pub mod destroy;

pub mod local;

mod stack;

mod site;

mod function;

/// A stack's name and region.
#[derive(Args)]
pub struct Target {
    /// The stack's name, which is also part of its resources' names
    #[arg(long, value_parser = stack_name)]
    pub stack: String,
    /// The AWS region; the default is the AWS CLI's
    #[arg(long)]
    pub region: Option<String>,
}

/// The AWS CLI's account, in one region.
pub struct Aws {
    pub account: String,
    pub region: String,
    /// The partition in ARNs: `aws`, or `aws-cn` in China and `aws-us-gov` in GovCloud.
    pub partition: String,
}

impl Aws {
    /// Asks for the caller's identity, so that missing access is reported before anything is done.
    pub fn connect(region: Option<&str>) -> Result<Self> {
        let region = match region {
            Some(region) => region.to_owned(),
            None => default_region()?,
        };
        let mut aws = Self {
            account: String::new(),
            region,
            partition: String::new(),
        };
        let identity = aws.ask("sts get-caller-identity", &[]).context(
            "the AWS CLI has no access to an account; run `aws configure` or `aws sso login`",
        )?;
        let account = identity["Account"].as_str();
        account
            .context("the AWS CLI returned no account")?
            .clone_into(&mut aws.account);
        let arn = identity["Arn"].as_str().unwrap_or_default();
        let partition = arn.split(':').nth(1);
        partition.unwrap_or("aws").clone_into(&mut aws.partition);
        Ok(aws)
    }

    /// Runs a command such as `s3api head-bucket` with these options. Returns its answer, or `null` if it prints nothing.
    pub fn ask(&self, command: &str, options: &[(&str, &str)]) -> Result<Value> {
        answer(&mut self.command(command, options))
    }

    /// The same for a resource that may not exist: `None` if the command fails with a message that contains `absent`.
    pub fn find(
        &self,
        command: &str,
        options: &[(&str, &str)],
        absent: &str,
    ) -> Result<Option<Value>> {
        unless(absent, self.ask(command, options))
    }

    /// Runs an operation of `aws s3api`, such as `list-objects-v2`, on a bucket of this account.
    pub fn s3(&self, operation: &str, bucket: &str, options: &[(&str, &str)]) -> Result<Value> {
        s3_answer(bucket, &mut self.s3_command(operation, bucket, options))
    }

    /// The same for a bucket or an object that may not exist.
    pub fn find_s3(
        &self,
        operation: &str,
        bucket: &str,
        options: &[(&str, &str)],
        absent: &str,
    ) -> Result<Option<Value>> {
        unless(absent, self.s3(operation, bucket, options))
    }

    /// A command of `aws s3api`, which S3 rejects if the bucket belongs to another account
    /// ([AWS: bucket owner condition](https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html)).
    /// Bucket names are global and ours can be guessed, so someone else may have created the bucket first.
    pub fn s3_command(&self, operation: &str, bucket: &str, options: &[(&str, &str)]) -> Command {
        let mut command = self.command(&format!("s3api {operation}"), options);
        command.args(["--bucket", bucket]);
        // A new bucket has no owner yet.
        if operation != "create-bucket" {
            command.args(["--expected-bucket-owner", &self.account]);
        }
        command
    }

    /// A command in this region that answers in JSON.
    pub fn command(&self, command: &str, options: &[(&str, &str)]) -> Command {
        let mut aws = program("aws");
        aws.args(command.split(' '))
            .args(options.iter().flat_map(|(name, value)| [name, value]))
            .args(["--region", &self.region, "--output", "json"])
            .env("AWS_PAGER", "");
        aws
    }
}

/// Runs a command of the AWS CLI. Returns its answer, or `null` if it prints nothing.
fn answer(command: &mut Command) -> Result<Value> {
    let output = command.output().map_err(not_started)?;
    if !output.status.success() {
        let words = command
            .get_args()
            .take(2)
            .map(|word| word.to_string_lossy());
        let words = words.collect::<Vec<_>>().join(" ");
        let message = String::from_utf8_lossy(&output.stderr);
        bail!("aws {words}: {}", message.trim());
    }
    if output.stdout.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs a command of `aws s3api` for this bucket. If S3 refuses access, the error names the likely causes.
pub fn s3_answer(bucket: &str, command: &mut Command) -> Result<Value> {
    answer(command).map_err(|error| {
        let message = error.to_string();
        let mut refusals = ["(403)", "(AccessDenied)", "(BucketAlreadyExists)"].iter();
        if !refusals.any(|refusal| message.contains(refusal)) {
            return error;
        }
        error.context(format!(
            "S3 refuses access to the bucket {bucket}. If `aws s3api list-buckets` lists it, your S3 permissions are incomplete. \
             Otherwise, it probably belongs to another AWS account: choose another name for the stack."
        ))
    })
}

/// `None` if the error's message contains `absent`.
pub fn unless(absent: &str, answer: Result<Value>) -> Result<Option<Value>> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.to_string().contains(absent) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Cognito restricts the user pool's domain prefix, which is made from the stack's name.
fn stack_name(name: &str) -> Result<String, String> {
    let starts = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let is_good =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !starts || !name.chars().all(is_good) || name.ends_with('-') || name.len() > 28 {
        let rule = "use at most 28 lower-case letters, digits and hyphens; start with a letter, do not end with a hyphen";
        return Err(rule.to_owned());
    }
    match ["aws", "amazon", "cognito"]
        .iter()
        .find(|word| name.contains(**word))
    {
        Some(word) => Err(format!("Cognito allows no domain that contains “{word}”")),
        None => Ok(name.to_owned()),
    }
}

fn default_region() -> Result<String> {
    let named = ["AWS_REGION", "AWS_DEFAULT_REGION"]
        .iter()
        .find_map(|name| env::var(name).ok());
    if let Some(region) = named {
        return Ok(region);
    }
    let configured = program("aws")
        .args(["configure", "get", "region"])
        .output()
        .map_err(not_started)?;
    let region = String::from_utf8_lossy(&configured.stdout)
        .trim()
        .to_owned();
    if region.is_empty() {
        bail!("no region is configured; choose one, such as --region eu-west-1");
    }
    Ok(region)
}

fn not_started(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::NotFound => {
            anyhow::anyhow!("the AWS CLI is missing; see https://aws.amazon.com/cli/")
        }
        _ => anyhow::Error::new(error).context("the AWS CLI could not be started"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws() -> Aws {
        Aws {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            partition: "aws".to_owned(),
        }
    }

    #[test]
    fn every_operation_on_a_bucket_but_its_creation_names_the_expected_owner() {
        let owner = ["--expected-bucket-owner", "111122223333"];
        for (operation, names_owner) in [
            ("head-bucket", true),
            ("put-object", true),
            ("delete-bucket", true),
            ("create-bucket", false),
        ] {
            let command = aws().s3_command(operation, "b", &[("--key", "k")]);
            let words: Vec<_> = command.get_args().collect();
            let found = words.windows(2).any(|pair| pair == owner);
            assert_eq!(found, names_owner, "{words:?}");
            assert!(words.windows(2).any(|pair| pair == ["--bucket", "b"]));
            assert!(words.windows(2).any(|pair| pair == ["--key", "k"]));
        }
        // The other modules have no way around it.
        let modules = [
            include_str!("deploy.rs"),
            include_str!("destroy.rs"),
            include_str!("function.rs"),
            include_str!("site.rs"),
            include_str!("stack.rs"),
        ];
        for module in modules {
            assert!(!module.contains("\"s3api ") && !module.contains("\"s3 "));
        }
    }
}
