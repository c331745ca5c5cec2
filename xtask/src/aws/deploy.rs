//! `cargo xtask deploy`: from this checkout to a stack on AWS.
//!
//! A failure leaves the site as it was: the page changes last, and the content security policy allows both the old page and
//! the new one.

use std::fs;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Map, Value};

use crate::aws::function::Function;
use crate::aws::site::{self, File};
use crate::aws::stack::Stack;
use crate::aws::{Aws, Target};
use crate::build;
use crate::step::root;

/// The template's parameters that this command sets itself.
const OURS: [&str; 5] = [
    "ApiToken",
    "CodeBucket",
    "CodeKey",
    "InlineHashes",
    "CreateApiGatewayLogRole",
];

/// The command's options.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    /// The OAuth grant; a new stack uses "code"
    #[arg(long, value_parser = ["code", "implicit"])]
    grant: Option<String>,
    /// Another parameter of infra/template.yaml; parameters that are not given keep their values
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Build and print the plan; contacts no account and changes nothing
    #[arg(long)]
    dry_run: bool,
}

/// Creates or updates the stack, and uploads the app.
pub fn run(options: &Options) -> Result<()> {
    let name = &options.target.stack;
    let mut parameters = options.parameters.clone();
    let grant = options.grant.iter();
    parameters.extend(grant.map(|grant| ("Grant".to_owned(), grant.clone())));
    let more_settings = more_settings()?;
    parameters.push(("ApiToken".to_owned(), api_token(&more_settings)?));
    let aws = match options.dry_run {
        true => None,
        // Before the build, so that missing access is reported at once.
        false => Some(Aws::connect(options.target.region.as_deref())?),
    };

    build::run()?;
    let files = site::files()?;
    let page = fs::read_to_string(root().join("dist/index.html"))?;
    let mut inline_hashes = site::inline_hashes(&page)?;
    let function = Function::build()?;
    let Some(aws) = aws else {
        parameters.push(("InlineHashes".to_owned(), inline_hashes.join(" ")));
        print_plan(options, &parameters, &files, &function);
        return Ok(());
    };

    let code_bucket = function.put(&aws, name)?;
    let before = Stack::find(&aws, name)?.filter(|stack| !stack.is_not_begun());
    let mut old_page = String::new();
    match &before {
        Some(before) => {
            before.check_ready(name)?;
            old_page = site::page(&aws, before)?;
            // The policy allows the old page until the new one is uploaded.
            for hash in site::inline_hashes(&old_page)? {
                if !inline_hashes.contains(&hash) {
                    inline_hashes.push(hash);
                }
            }
        }
        None => {
            println!("▸ the stack {name} is new: CloudFront alone takes about 5 minutes");
            let account = aws.ask("apigateway get-account", &[])?;
            let has_none = !account["cloudwatchRoleArn"].is_string();
            parameters.push(("CreateApiGatewayLogRole".to_owned(), has_none.to_string()));
        }
    }
    parameters.push(("CodeBucket".to_owned(), code_bucket));
    parameters.push(("CodeKey".to_owned(), function.key));
    parameters.push(("InlineHashes".to_owned(), inline_hashes.join(" ")));
    let stack = Stack::put(&aws, name, &parameters)?;
    if before.is_some_and(|before| stack.has_changed_since(&before)) {
        println!("▸ deploy the changes to the API's stage");
        let stage = [
            ("--rest-api-id", stack.output("ApiId")?),
            ("--stage-name", "prod"),
        ];
        aws.ask("apigateway create-deployment", &stage)?;
    }
    site::put(
        &aws,
        &stack,
        files,
        &config(&stack, more_settings)?,
        &old_page,
    )?;
    println!("\n  {} is live.\n", stack.output("SiteUrl")?);
    Ok(())
}

/// The app's settings that are not outputs of the stack.
fn more_settings() -> Result<Map<String, Value>> {
    let text = fs::read_to_string(root().join("infra/settings.json"))?;
    serde_json::from_str(&text).context("infra/settings.json must contain a JSON object")
}

/// The token that the app sends to the API, which the API must expect.
fn api_token(settings: &Map<String, Value>) -> Result<String> {
    match settings.get("apiToken").map(Value::as_str) {
        None => Ok("id".to_owned()),
        Some(Some(token @ ("id" | "access"))) => Ok(token.to_owned()),
        Some(_) => bail!("apiToken in infra/settings.json must be \"id\" or \"access\""),
    }
}

/// The app's settings.
fn config(stack: &Stack, more_settings: Map<String, Value>) -> Result<Value> {
    let mut config = more_settings;
    for (key, output) in [
        ("userPoolDomain", "UserPoolDomain"),
        ("userPoolId", "UserPoolId"),
        ("issuer", "Issuer"),
        ("clientId", "ClientId"),
        ("apiUrl", "ApiUrl"),
        ("grant", "Grant"),
    ] {
        config.insert(key.to_owned(), stack.output(output)?.into());
    }
    let providers = stack.output("IdentityProviders")?.split(',');
    let providers = providers.filter(|name| *name != "COGNITO");
    config.insert("identityProviders".to_owned(), providers.collect());
    Ok(Value::Object(config))
}

/// Parses a parameter's name and value.
fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("the form is NAME=VALUE")?;
    let template = infra::template();
    let names = template["Parameters"].as_object();
    let mut names = names.into_iter().flat_map(Map::keys);
    if OURS.contains(&name) || !names.any(|known| known == name) {
        return Err(format!(
            "infra/template.yaml has no parameter {name} that can be set here"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

fn print_plan(
    options: &Options,
    parameters: &[(String, String)],
    files: &[File],
    function: &Function,
) {
    let stack = &options.target.stack;
    let region = options.target.region.as_deref();
    println!(
        "\nThe plan for the stack {stack} in {}. Nothing is done.\n",
        region.unwrap_or("the AWS CLI's region")
    );
    println!(
        "1. Create the bucket {stack}-code-{{account}}-{{region}} and upload the function's code:"
    );
    println!("     {} ({} bytes)", function.key, function.zip.len());
    println!(
        "2. Deploy infra/template.yaml. Parameters (those that are not given keep their values):"
    );
    let template = infra::template();
    for (name, description) in template["Parameters"].as_object().into_iter().flatten() {
        let given = parameters.iter().rev().find(|(given, _)| given == name);
        let value = match (given, &description["Default"]) {
            (Some((_, value)), _) => value.clone(),
            (None, _) if OURS.contains(&name.as_str()) => "determined by the deploy".to_owned(),
            (None, Value::String(default)) => format!("{default:?} in a new stack"),
            (None, default) => format!("{default} in a new stack"),
        };
        println!("     {name}: {value}");
    }
    println!("   Resources:");
    for (name, resource) in template["Resources"].as_object().into_iter().flatten() {
        let condition = resource["Condition"].as_str();
        let condition = condition.map_or(String::new(), |condition| format!(" (if {condition})"));
        let kind = resource["Type"].as_str().unwrap_or_default();
        println!("     {name}: {kind}{condition}");
    }
    println!("3. If the stack has changed, deploy the changes to the API's stage.");
    println!(
        "4. Write the stack's outputs and infra/settings.json into index.html, and upload the missing files in this \
         order:"
    );
    for file in files {
        println!(
            "     {}: {}; {}",
            file.key, file.content_type, file.cache_control
        );
    }
    println!(
        "5. Invalidate the changed files, and delete files that neither this page nor the previous one needs."
    );
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_api_expects_the_token_that_the_app_sends() {
        let token = |settings: Value| {
            let settings = settings.as_object().cloned().unwrap_or_default();
            api_token(&settings).map_err(|error| error.to_string())
        };
        assert_eq!(token(json!({})), Ok("id".to_owned()));
        assert_eq!(token(json!({ "apiToken": "id" })), Ok("id".to_owned()));
        let access = json!({ "apiToken": "access" });
        assert_eq!(token(access), Ok("access".to_owned()));
        for wrong in [json!("ID"), json!(""), json!(null), json!(1)] {
            let message = token(json!({ "apiToken": wrong })).err();
            assert!(message.is_some_and(|message| message.contains("infra/settings.json")));
        }
    }
}
