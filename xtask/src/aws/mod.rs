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
        };
        let identity = aws.ask("sts get-caller-identity", &[]).context(
            "the AWS CLI has no access to an account; run `aws configure` or `aws sso login`",
        )?;
        let account = identity["Account"].as_str();
        account
            .context("the AWS CLI returned no account")?
            .clone_into(&mut aws.account);
        Ok(aws)
    }

    /// Runs a command such as `s3api head-bucket` with these options. Returns its answer, or `null` if it prints nothing.
    pub fn ask(&self, command: &str, options: &[(&str, &str)]) -> Result<Value> {
        let output = self.command(command, options).output();
        let output = output.map_err(not_started)?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            bail!("aws {command}: {}", message.trim());
        }
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The same for a resource that may not exist: `None` if the command fails with a message that contains `absent`.
    pub fn find(
        &self,
        command: &str,
        options: &[(&str, &str)],
        absent: &str,
    ) -> Result<Option<Value>> {
        match self.ask(command, options) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.to_string().contains(absent) => Ok(None),
            Err(error) => Err(error),
        }
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
