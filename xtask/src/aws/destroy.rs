//! `cargo xtask destroy`: deletes a stack and its buckets, after confirmation.

use std::io::{self, Write};

use anyhow::{Result, anyhow, bail};
use serde_json::{Value, json};

use crate::aws::function::code_bucket;
use crate::aws::stack::Stack;
use crate::aws::{Aws, Target};

/// Asks for confirmation, and deletes the stack.
pub fn run(target: &Target) -> Result<()> {
    let name = &target.stack;
    let aws = Aws::connect(target.region.as_deref())?;
    let place = format!("{} of the account {}", aws.region, aws.account);
    let Some(stack) = Stack::find(&aws, name)? else {
        bail!("there is no stack {name} in {place}");
    };
    println!(
        "This deletes the stack {name} in {place}: the site{}, the API and the logs.\n\
         It cannot be undone.",
        users(&aws, &stack)?
    );
    print!("Type {name} to continue: ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() != name {
        bail!("the answer was not {name}; nothing was taken down");
    }

    // CloudFormation deletes only empty buckets.
    if let Ok(bucket) = stack.output("SiteBucket") {
        empty(&aws, bucket)?;
    }
    Stack::delete(&aws, name)?;
    let code_bucket = code_bucket(&aws, name);
    let bucket = [("--bucket", code_bucket.as_str())];
    if aws.find("s3api head-bucket", &bucket, "(404)")?.is_some() {
        empty(&aws, &code_bucket)?;
        aws.ask("s3api delete-bucket", &bucket)?;
    }
    println!(
        "✓ {name} is deleted, except API Gateway's role for writing logs, because other APIs may use it \
         (docs/aws.md, “Take it down”)."
    );
    Ok(())
}

/// The pool's number of users, as a part of a sentence. Empty if an earlier attempt has deleted the pool.
fn users(aws: &Aws, stack: &Stack) -> Result<String> {
    let Ok(pool) = stack.output("UserPoolId") else {
        return Ok(String::new());
    };
    let pool = [("--user-pool-id", pool)];
    let describe = "cognito-idp describe-user-pool";
    let found = aws.find(describe, &pool, "ResourceNotFoundException")?;
    Ok(found.map_or(String::new(), |found| {
        let number = &found["UserPool"]["EstimatedNumberOfUsers"];
        format!(", about {number} users")
    }))
}

/// Deletes all versions of all objects.
fn empty(aws: &Aws, bucket: &str) -> Result<()> {
    println!("▸ empty the bucket {bucket}");
    loop {
        let batch = [("--bucket", bucket), ("--max-items", "250")];
        let listed = aws.find("s3api list-object-versions", &batch, "NoSuchBucket")?;
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
