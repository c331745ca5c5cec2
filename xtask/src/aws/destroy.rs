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
    let pool = user_pool(&aws, name)?;
    let users = pool.as_ref().map_or(String::new(), |pool| {
        format!(", about {} users", pool["EstimatedNumberOfUsers"])
    });
    println!("This deletes the stack {name} in {place}: the site{users}, the API and the logs.");
    let protected = pool.filter(|pool| pool["DeletionProtection"] == "ACTIVE");
    if protected.is_some() {
        println!("The user pool is protected against deletion. This command lifts the protection.");
    }
    println!("The deletion cannot be undone.");
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
    if let Some(pool) = protected {
        lift_protection(&aws, &pool)?;
    }
    Stack::delete(&aws, name)?;
    let code_bucket = code_bucket(&aws, name);
    let found = aws.find_s3("head-bucket", &code_bucket, &[], "(404)")?;
    if found.is_some() {
        empty(&aws, &code_bucket)?;
        aws.s3("delete-bucket", &code_bucket, &[])?;
    }
    println!(
        "✓ {name} is deleted, except API Gateway's role for writing logs, because other APIs may use it \
         (docs/aws.md, “Take it down”)."
    );
    Ok(())
}

/// Cognito's description of the stack's user pool. `None` if it does not exist, because the stack was not completed, or an
/// earlier attempt has deleted the pool. A stack that was not completed has no outputs, but may have a pool: its protection
/// prevents CloudFormation from undoing a failed creation.
fn user_pool(aws: &Aws, stack: &str) -> Result<Option<Value>> {
    let resource = [
        ("--stack-name", stack),
        ("--logical-resource-id", "UserPool"),
    ];
    let describe = "cloudformation describe-stack-resource";
    let found = aws.find(describe, &resource, "does not exist")?;
    let found = found.unwrap_or_default();
    let Some(id) = found["StackResourceDetail"]["PhysicalResourceId"].as_str() else {
        return Ok(None);
    };
    let pool = [("--user-pool-id", id)];
    let describe = "cognito-idp describe-user-pool";
    let found = aws.find(describe, &pool, "ResourceNotFoundException")?;
    Ok(found.map(|mut found| found["UserPool"].take()))
}

/// Lets the pool be deleted. Cognito resets all settings of the pool that this call omits
/// ([AWS: UpdateUserPool](https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPool.html)),
/// which does not matter, because the pool is deleted next. An update by CloudFormation would keep them, but CloudFormation
/// cannot update a stack whose creation or deletion has failed, and this command must delete those, too.
fn lift_protection(aws: &Aws, pool: &Value) -> Result<()> {
    println!("▸ lift the user pool's deletion protection");
    let id = pool["Id"].as_str().unwrap_or_default();
    let inactive = [
        ("--user-pool-id", id),
        ("--deletion-protection", "INACTIVE"),
    ];
    aws.ask("cognito-idp update-user-pool", &inactive)?;
    Ok(())
}

/// Deletes all versions of all objects.
fn empty(aws: &Aws, bucket: &str) -> Result<()> {
    println!("▸ empty the bucket {bucket}");
    loop {
        let batch = [("--max-items", "250")];
        let listed = aws.find_s3("list-object-versions", bucket, &batch, "NoSuchBucket")?;
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
        let objects = [("--delete", objects.as_str())];
        let answer = aws.s3("delete-objects", bucket, &objects)?;
        if let Some(error) = answer["Errors"].get(0) {
            return Err(anyhow!("{}: {}", error["Key"], error["Message"]));
        }
    }
}
