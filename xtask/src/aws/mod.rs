//! What has to do with AWS: `deploy` and `destroy`, and `local`, where they are tested. Here is the AWS CLI, through
//! which all of it goes: its answers as JSON, its failures in its own words.

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

/// Which stack.
#[derive(Args)]
pub struct Target {
    /// The stack's name; its resources are named after it
    #[arg(long, value_parser = stack_name)]
    pub stack: String,
    /// The AWS region; without it, the one that the AWS CLI is set to
    #[arg(long)]
    pub region: Option<String>,
}

/// An account in a region, as the AWS CLI is set to it.
pub struct Aws {
    pub account: String,
    pub region: String,
}

impl Aws {
    /// Asks who we are, so that whatever is missing is said before anything is done.
    pub fn connect(region: Option<&str>) -> Result<Self> {
        let region = match region {
            Some(region) => region.to_owned(),
            None => default_region()?,
        };
        let mut aws = Self {
            account: String::new(),
            region,
        };
        let identity = aws
            .ask("sts get-caller-identity", &[])
            .context("the AWS CLI has no access to an account; `aws configure` or `aws sso login` gives it one")?;
        let account = identity["Account"].as_str();
        account
            .context("the AWS CLI names no account")?
            .clone_into(&mut aws.account);
        Ok(aws)
    }

    /// What a command answers, such as `s3api head-bucket`, with these options; `null` where it says nothing.
    pub fn ask(&self, command: &str, options: &[(&str, &str)]) -> Result<Value> {
        let output = self.command(command, options).output();
        let output = output.map_err(not_started)?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            bail!("aws {command}: {}", words.trim());
        }
        if output.stdout.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// The same for something that may not be there: then the AWS CLI's message contains `absent`.
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

    /// A command in this region whose answer is JSON.
    pub fn command(&self, command: &str, options: &[(&str, &str)]) -> Command {
        let mut aws = program("aws");
        aws.args(command.split(' '))
            .args(options.iter().flat_map(|(name, value)| [name, value]))
            .args(["--region", &self.region, "--output", "json"])
            .env("AWS_PAGER", "");
        aws
    }
}

/// The domain prefix is made of it, and Cognito takes no others.
fn stack_name(name: &str) -> Result<String, String> {
    let starts = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let is_good =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if !starts || !name.chars().all(is_good) || name.ends_with('-') || name.len() > 28 {
        return Err("small letters, digits and hyphens, at most 28, and a letter first".to_owned());
    }
    match ["aws", "amazon", "cognito"]
        .iter()
        .find(|word| name.contains(**word))
    {
        Some(word) => Err(format!("Cognito takes no domain with “{word}” in it")),
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
        bail!("in which region? Say it with --region, as in --region eu-west-1");
    }
    Ok(region)
}

fn not_started(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::NotFound => {
            anyhow::anyhow!("the AWS CLI is needed and not here; see https://aws.amazon.com/cli/")
        }
        _ => anyhow::Error::new(error).context("the AWS CLI could not be started"),
    }
}
