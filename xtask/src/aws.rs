//! The AWS CLI: its answers as JSON, its failures in its own words.

use std::env;
use std::io;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::step::program;

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
        aws.account = text(&identity, "Account")?;
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

/// The text under this key.
pub fn text(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str().map(str::to_owned);
    text.with_context(|| format!("the AWS CLI's answer has no {key}"))
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
