//! `cargo xtask deploy` and `cargo xtask destroy`: from this checkout to a stack on AWS, as often as one likes.
//!
//! Whatever fails leaves the site as it was: the page changes last, and the content security policy lets the old page
//! and the new one run.

use std::fs;
use std::io::{self, Write};
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde_json::{Map, Value, json};

use crate::aws::{Aws, text};
use crate::build;
use crate::function::Function;
use crate::site::{self, File};
use crate::step::{root, step, target};

/// The parameters of the template that only this command can know.
const OURS: [&str; 4] = [
    "CodeBucket",
    "CodeKey",
    "ScriptHashes",
    "CreateApiGatewayLogRole",
];

/// The status of a stack of which there is nothing but the name.
const NOT_BEGUN: &str = "REVIEW_IN_PROGRESS";

/// Which stack.
#[derive(Args)]
pub struct Target {
    /// The stack's name; its resources are named after it
    #[arg(long, value_parser = stack_name)]
    stack: String,
    /// The AWS region; without it, the one that the AWS CLI is set to
    #[arg(long)]
    region: Option<String>,
}

/// What to deploy.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    target: Target,
    /// How the app gets its tokens; a new stack has "code"
    #[arg(long, value_parser = ["code", "implicit"])]
    grant: Option<String>,
    /// Another parameter of infra/template.yaml; what is not given stays as it is
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    parameters: Vec<(String, String)>,
    /// Build, and say what would be done; asks no account and changes nothing
    #[arg(long)]
    dry_run: bool,
}

/// Makes or updates the stack, and puts the app on it.
pub fn run(options: &Options) -> Result<()> {
    let stack = &options.target.stack;
    let mut parameters = options.parameters.clone();
    parameters.extend(
        options
            .grant
            .iter()
            .map(|it| ("Grant".to_owned(), it.clone())),
    );
    let more_settings = more_settings()?;

    let aws = match options.dry_run {
        true => None,
        false => Some(Aws::connect(options.target.region.as_deref())?),
    };
    build::run()?;
    let files = site::files()?;
    let page = fs::read_to_string(root().join("dist/index.html"))?;
    let mut script_hashes = site::script_hashes(&page)?;
    let function = Function::build()?;
    let Some(aws) = aws else {
        parameters.push(("ScriptHashes".to_owned(), script_hashes.join(" ")));
        print_plan(options, &parameters, &files, &function);
        return Ok(());
    };

    let code_bucket = code_bucket(&aws, stack);
    put_code(&aws, &code_bucket, &function)?;
    let before = find_stack(&aws, stack)?.filter(|it| it["StackStatus"] != NOT_BEGUN);
    let mut old_page = String::new();
    match &before {
        Some(before) => {
            refuse_unready(stack, before)?;
            old_page = page_of(&aws, before)?;
            // Until the new page is there, the old one is to run.
            for hash in site::script_hashes(&old_page)? {
                if !script_hashes.contains(&hash) {
                    script_hashes.push(hash);
                }
            }
        }
        None => {
            println!("▸ the stack {stack} is new: CloudFront alone takes some 5 minutes");
            let account = aws.ask("apigateway get-account", &[])?;
            let has_role = account["cloudwatchRoleArn"].is_string();
            parameters.push((
                "CreateApiGatewayLogRole".to_owned(),
                (!has_role).to_string(),
            ));
        }
    }
    parameters.push(("CodeBucket".to_owned(), code_bucket));
    parameters.push(("CodeKey".to_owned(), function.key.clone()));
    parameters.push(("ScriptHashes".to_owned(), script_hashes.join(" ")));
    update_stack(&aws, stack, &parameters)?;

    let after = find_stack(&aws, stack)?.context("the stack has gone")?;
    let outputs = outputs(&after);
    if before.is_some_and(|before| before["LastUpdatedTime"] != after["LastUpdatedTime"]) {
        let api = text(&outputs, "ApiId")?;
        println!("▸ let the API's stage serve what has changed");
        let stage = [("--rest-api-id", api.as_str()), ("--stage-name", "prod")];
        aws.ask("apigateway create-deployment", &stage)?;
    }
    let config = config(&outputs, &more_settings)?;
    put_site(&aws, &outputs, files, &config, &old_page)?;
    println!("\n  {} is live.\n", text(&outputs, "SiteUrl")?);
    Ok(())
}

/// Takes a stack down, after asking.
pub fn destroy(target: &Target) -> Result<()> {
    let stack = &target.stack;
    let aws = Aws::connect(target.region.as_deref())?;
    let Some(found) = find_stack(&aws, stack)? else {
        bail!(
            "there is no stack {stack} in {} of the account {}",
            aws.region,
            aws.account
        );
    };
    let outputs = outputs(&found);
    let mut users = String::new();
    if let Some(pool) = outputs["UserPoolId"].as_str() {
        let pool = [("--user-pool-id", pool)];
        let describe = "cognito-idp describe-user-pool";
        // It may have gone in a try before.
        if let Some(pool) = aws.find(describe, &pool, "ResourceNotFoundException")? {
            let number = &pool["UserPool"]["EstimatedNumberOfUsers"];
            users = format!(", some {number} users");
        }
    }
    println!(
        "This takes down the stack {stack} in {} of the account {}: the site{users}, the API, the logs.\n\
         Nothing of it can be brought back.",
        aws.region, aws.account
    );
    print!("Type {stack} to go on: ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() != stack {
        bail!("the answer was another one; nothing was taken down");
    }

    if let Some(bucket) = outputs["SiteBucket"].as_str() {
        empty(&aws, bucket)?;
    }
    let named = [("--stack-name", stack.as_str())];
    step(
        &format!("delete the stack {stack} (CloudFront takes some 5 minutes)"),
        &mut aws.command("cloudformation delete-stack", &named),
    )?;
    step(
        "wait until it has gone",
        &mut aws.command("cloudformation wait stack-delete-complete", &named),
    )
    .with_context(|| failures(&aws, stack))?;
    let code_bucket = code_bucket(&aws, stack);
    let bucket = [("--bucket", code_bucket.as_str())];
    if aws.find("s3api head-bucket", &bucket, "(404)")?.is_some() {
        empty(&aws, &code_bucket)?;
        aws.ask("s3api delete-bucket", &bucket)?;
    }
    println!(
        "✓ {stack} is gone. What stays, because other APIs may use it: API Gateway's role for writing logs \
         (docs/aws.md, “Take it down”)."
    );
    Ok(())
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

fn parameter(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is needed")?;
    let template = infra::template();
    let names = template["Parameters"].as_object();
    let mut names = names.into_iter().flat_map(Map::keys);
    if OURS.contains(&name) || !names.any(|known| known == name) {
        return Err(format!(
            "infra/template.yaml has no parameter {name} that could be given here"
        ));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// What the app should be set to beyond what the stack knows.
fn more_settings() -> Result<Map<String, Value>> {
    let text = fs::read_to_string(root().join("infra/settings.json"))?;
    serde_json::from_str(&text).context("infra/settings.json should hold a JSON object")
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
        "1. Make the bucket {stack}-code-{{account}}-{{region}} and put the function's code there:"
    );
    println!("     {} ({} bytes)", function.key, function.zip.len());
    println!(
        "2. Deploy infra/template.yaml. Parameters (those that are not given stay as they are):"
    );
    let template = infra::template();
    for (name, description) in template["Parameters"].as_object().into_iter().flatten() {
        let given = parameters.iter().rev().find(|(given, _)| given == name);
        let value = match (given, &description["Default"]) {
            (Some((_, value)), _) => value.clone(),
            (None, _) if OURS.contains(&name.as_str()) => "found out".to_owned(),
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
    println!("3. If the stack has changed, let the API's stage serve it.");
    println!("4. Upload what is not there yet, in this order:");
    for file in files {
        println!(
            "     {}: {}; {}",
            file.key, file.content_type, file.cache_control
        );
    }
    println!(
        "5. Invalidate what has changed, and remove what neither this page nor the one before needs."
    );
}

fn code_bucket(aws: &Aws, stack: &str) -> String {
    format!("{stack}-code-{}-{}", aws.account, aws.region)
}

/// Its name says its content: what is there need not be put there again.
fn put_code(aws: &Aws, bucket: &str, function: &Function) -> Result<()> {
    let bucket_named = [("--bucket", bucket)];
    let found = aws.find("s3api head-bucket", &bucket_named, "(404)")?;
    if found.is_none() {
        println!("▸ make the bucket {bucket} for the function's code");
        let place = format!("LocationConstraint={}", aws.region);
        let mut options = bucket_named.to_vec();
        // The one region that may not be named.
        if aws.region != "us-east-1" {
            options.push(("--create-bucket-configuration", &place));
        }
        aws.ask("s3api create-bucket", &options)?;
    }
    let mut object = vec![("--bucket", bucket), ("--key", &function.key)];
    let found = aws.find("s3api head-object", &object, "(404)")?;
    if found.is_some() {
        println!("✓ the function's code is there: {}", function.key);
        return Ok(());
    }
    println!("▸ upload the function's code: {}", function.key);
    let path = function.write()?;
    let path = path.to_string_lossy();
    object.push(("--body", &path));
    aws.ask("s3api put-object", &object)?;
    Ok(())
}

fn find_stack(aws: &Aws, stack: &str) -> Result<Option<Value>> {
    let named = [("--stack-name", stack)];
    let found = aws.find("cloudformation describe-stacks", &named, "does not exist")?;
    Ok(found.map(|found| found["Stacks"][0].clone()))
}

fn refuse_unready(name: &str, stack: &Value) -> Result<()> {
    match text(stack, "StackStatus")?.as_str() {
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => bail!(
            "the stack {name} was never finished, or not taken down to the end: \
             run `cargo xtask destroy --stack {name}`, and deploy again"
        ),
        status if status.ends_with("_IN_PROGRESS") => bail!(
            "the stack {name} is being changed by somebody else ({status}): wait until that has ended"
        ),
        _ => Ok(()),
    }
}

/// The page that the site shows now; nothing where there is none yet.
fn page_of(aws: &Aws, stack: &Value) -> Result<String> {
    let bucket = text(&outputs(stack), "SiteBucket")?;
    let path = target().join("old-index.html");
    let mut get = aws.command(
        "s3api get-object",
        &[("--bucket", &bucket), ("--key", "index.html")],
    );
    let output = get.arg(&path).output()?;
    match output.status.success() {
        true => Ok(fs::read_to_string(path)?),
        false if String::from_utf8_lossy(&output.stderr).contains("NoSuchKey") => Ok(String::new()),
        false => bail!("{}", String::from_utf8_lossy(&output.stderr).trim()),
    }
}

fn update_stack(aws: &Aws, stack: &str, parameters: &[(String, String)]) -> Result<()> {
    let template = root().join("infra/template.yaml");
    let template = template.to_string_lossy();
    let mut command = aws.command(
        "cloudformation deploy --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset",
        &[("--stack-name", stack), ("--template-file", &template)],
    );
    command.arg("--parameter-overrides");
    command.args(
        parameters
            .iter()
            .map(|(name, value)| format!("{name}={value}")),
    );
    step(
        &format!("deploy infra/template.yaml as {stack}"),
        &mut command,
    )
    .with_context(|| failures(aws, stack))
}

/// Why the last change of a stack failed, and what that means.
fn failures(aws: &Aws, stack: &str) -> String {
    let named = [("--stack-name", stack), ("--max-items", "100")];
    let events = aws.ask("cloudformation describe-stack-events", &named);
    let events = events.map_or(Value::Null, |events| events["StackEvents"].clone());
    // The newest first, back to where the change began.
    let reasons: Vec<String> = events
        .as_array()
        .into_iter()
        .flatten()
        .take_while(|event| {
            let begins = [
                "CREATE_IN_PROGRESS",
                "UPDATE_IN_PROGRESS",
                "DELETE_IN_PROGRESS",
            ];
            let status = event["ResourceStatus"].as_str().unwrap_or_default();
            event["ResourceType"] != "AWS::CloudFormation::Stack" || !begins.contains(&status)
        })
        .filter_map(|event| {
            let failed = event["ResourceStatus"].as_str()?.ends_with("_FAILED");
            let reason = event["ResourceStatusReason"].as_str()?;
            let caused = !reason.contains("cancelled");
            (failed && caused).then(|| format!("\n  {}: {reason}", event["LogicalResourceId"]))
        })
        .collect();
    format!(
        "the stack could not be changed; the site, if there was one, is as it was{}",
        reasons.concat()
    )
}

fn outputs(stack: &Value) -> Value {
    let outputs = stack["Outputs"].as_array().into_iter().flatten();
    let outputs = outputs.filter_map(|output| {
        let name = output["OutputKey"].as_str()?.to_owned();
        Some((name, output["OutputValue"].clone()))
    });
    Value::Object(outputs.collect())
}

/// The app's `config.json`.
fn config(outputs: &Value, more: &Map<String, Value>) -> Result<Value> {
    let mut config = more.clone();
    for (key, output) in [
        ("userPoolDomain", "UserPoolDomain"),
        ("userPoolId", "UserPoolId"),
        ("issuer", "Issuer"),
        ("clientId", "ClientId"),
        ("apiUrl", "ApiUrl"),
        ("grant", "Grant"),
    ] {
        config.insert(key.to_owned(), text(outputs, output)?.into());
    }
    let providers = text(outputs, "IdentityProviders")?;
    let providers = providers.split(',').filter(|name| *name != "COGNITO");
    config.insert("identityProviders".to_owned(), providers.collect());
    Ok(Value::Object(config))
}

/// Uploads what differs, the page last; then invalidates it, and removes what nobody needs any more.
fn put_site(
    aws: &Aws,
    outputs: &Value,
    mut files: Vec<File>,
    config: &Value,
    old_page: &str,
) -> Result<()> {
    let bucket = text(outputs, "SiteBucket")?;
    let listed = aws.ask("s3api list-objects-v2", &[("--bucket", &bucket)])?;
    let there: Vec<(&str, &str)> = listed["Contents"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|object| {
            Some((
                object["Key"].as_str()?,
                object["ETag"].as_str()?.trim_matches('"'),
            ))
        })
        .collect();

    // Before the page, which reads it.
    let page = files.pop().context("dist/ has no files")?;
    files.push(File::config(config)?);
    files.push(page);
    let mut changed = Vec::new();
    for file in &files {
        let md5 = file.md5()?;
        let is_there =
            |(key, etag): &(&str, &str)| *key == file.key && (file.is_immutable() || *etag == md5);
        if there.iter().any(is_there) {
            continue;
        }
        println!("▸ upload {} ({})", file.key, file.cache_control);
        let path = file.path.to_string_lossy();
        let object = [
            ("--bucket", bucket.as_str()),
            ("--key", &file.key),
            ("--body", &path),
            ("--content-type", &file.content_type),
            ("--cache-control", file.cache_control),
        ];
        aws.ask("s3api put-object", &object).with_context(|| {
            format!(
                "{} could not be uploaded; the site shows the page it had",
                file.key
            )
        })?;
        changed.push(file);
    }
    if changed.is_empty() {
        println!("✓ the site has all of this build already");
        return Ok(());
    }

    let mut paths: Vec<String> = changed
        .iter()
        .filter(|file| !file.is_immutable())
        .map(|file| format!("/{}", file.key))
        .collect();
    if paths.iter().any(|path| path == "/index.html") {
        paths.push("/".to_owned());
    }
    if !paths.is_empty() {
        invalidate(aws, &text(outputs, "DistributionId")?, &paths)?;
    }
    // Somebody may just have loaded the old page, and be about to ask for what it needs.
    let is_needed = |key: &str| old_page.contains(key) || files.iter().any(|file| file.key == key);
    for (key, _) in there.iter().filter(|(key, _)| !is_needed(key)) {
        println!("▸ remove {key}, which neither this page nor the one before needs");
        let object = [("--bucket", bucket.as_str()), ("--key", *key)];
        aws.ask("s3api delete-object", &object)?;
    }
    Ok(())
}

fn invalidate(aws: &Aws, distribution: &str, paths: &[String]) -> Result<()> {
    println!("▸ invalidate {}", paths.join(" "));
    let batch = json!({
        "Paths": { "Quantity": paths.len(), "Items": paths },
        "CallerReference": format!("{:?}", SystemTime::now()),
    });
    let batch = batch.to_string();
    let distribution = ("--distribution-id", distribution);
    let create = [distribution, ("--invalidation-batch", &batch)];
    let invalidation = aws.ask("cloudfront create-invalidation", &create)?;
    let id = text(&invalidation["Invalidation"], "Id")?;
    step(
        "wait until CloudFront has forgotten them",
        &mut aws.command(
            "cloudfront wait invalidation-completed",
            &[distribution, ("--id", &id)],
        ),
    )
}

/// Removes all versions of all objects.
fn empty(aws: &Aws, bucket: &str) -> Result<()> {
    println!("▸ empty the bucket {bucket}");
    loop {
        let some = [("--bucket", bucket), ("--max-items", "250")];
        let listed = aws.find("s3api list-object-versions", &some, "NoSuchBucket")?;
        let listed = listed.unwrap_or_default();
        let objects: Vec<Value> = ["Versions", "DeleteMarkers"]
            .iter()
            .filter_map(|kind| listed[kind].as_array())
            .flatten()
            .map(|object| json!({ "Key": object["Key"], "VersionId": object["VersionId"] }))
            .collect();
        if objects.is_empty() {
            return Ok(());
        }
        let objects = json!({ "Objects": objects, "Quiet": true }).to_string();
        let objects = [("--bucket", bucket), ("--delete", &objects)];
        let answer = aws.ask("s3api delete-objects", &objects)?;
        if let Some(error) = answer["Errors"].get(0) {
            return Err(anyhow!("{}: {}", error["Key"], error["Message"]));
        }
    }
}
