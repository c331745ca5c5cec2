//! A CloudFormation stack of `infra/template.yaml`.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::aws::Aws;
use crate::step::{root, step};

/// An existing stack.
pub struct Stack {
    status: String,
    last_update: Value,
    outputs: Value,
}

impl Stack {
    /// The stack with this name, if it exists.
    pub fn find(aws: &Aws, name: &str) -> Result<Option<Self>> {
        let named = [("--stack-name", name)];
        let found = aws.find("cloudformation describe-stacks", &named, "does not exist")?;
        let Some(found) = found else {
            return Ok(None);
        };
        let stack = &found["Stacks"][0];
        let outputs = stack["Outputs"].as_array().into_iter().flatten();
        let outputs = outputs.filter_map(|output| {
            let name = output["OutputKey"].as_str()?.to_owned();
            Some((name, output["OutputValue"].clone()))
        });
        Ok(Some(Self {
            status: stack["StackStatus"].as_str().unwrap_or_default().to_owned(),
            last_update: stack["LastUpdatedTime"].clone(),
            outputs: Value::Object(outputs.collect()),
        }))
    }

    /// Creates or updates the stack with these parameters. Other parameters keep their values.
    pub fn put(aws: &Aws, name: &str, parameters: &[(String, String)]) -> Result<Self> {
        let template = root().join("infra/template.yaml");
        let template = template.to_string_lossy();
        let mut command = aws.command(
            "cloudformation deploy --capabilities CAPABILITY_IAM --no-fail-on-empty-changeset",
            &[("--stack-name", name), ("--template-file", &template)],
        );
        let parameters = parameters.iter();
        command
            .arg("--parameter-overrides")
            .args(parameters.map(|(name, value)| format!("{name}={value}")));
        let what = format!("deploy infra/template.yaml as {name}");
        step(&what, &mut command).with_context(|| {
            let reasons = failures(aws, name);
            format!(
                "the stack could not be changed; the site, if there was one, is as it was{reasons}"
            )
        })?;
        Self::find(aws, name)?.context("the stack does not exist any more")
    }

    /// Deletes the stack with this name.
    pub fn delete(aws: &Aws, name: &str) -> Result<()> {
        let named = [("--stack-name", name)];
        println!("▸ delete the stack {name} (CloudFront alone takes about 5 minutes)");
        aws.ask("cloudformation delete-stack", &named)?;
        step(
            "wait until it is deleted",
            &mut aws.command("cloudformation wait stack-delete-complete", &named),
        )
        .with_context(|| {
            let reasons = failures(aws, name);
            format!("the stack could not be deleted completely; try again{reasons}")
        })
    }

    /// Whether the stack has a name, and nothing else yet.
    pub fn is_not_begun(&self) -> bool {
        self.status == "REVIEW_IN_PROGRESS"
    }

    /// Fails if the stack cannot be updated now.
    pub fn check_ready(&self, name: &str) -> Result<()> {
        match self.status.as_str() {
            "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "CREATE_FAILED" | "DELETE_FAILED" => bail!(
                "the stack {name} was never completed, or not deleted completely: \
                 run `cargo xtask destroy --stack {name}`, and deploy again"
            ),
            status if status.ends_with("_IN_PROGRESS") => bail!(
                "another change of the stack {name} is in progress ({status}): wait until it has ended"
            ),
            _ => Ok(()),
        }
    }

    /// Whether the stack was updated after `before` was read.
    pub fn has_changed_since(&self, before: &Self) -> bool {
        self.last_update != before.last_update
    }

    /// An output. A stack that was never completed has none.
    pub fn output(&self, name: &str) -> Result<&str> {
        let output = self.outputs[name].as_str();
        output.with_context(|| format!("the stack has no output {name}"))
    }
}

/// The reasons why the stack's last change failed, one per line.
fn failures(aws: &Aws, stack: &str) -> String {
    const BEGINNINGS: [&str; 3] = [
        "CREATE_IN_PROGRESS",
        "UPDATE_IN_PROGRESS",
        "DELETE_IN_PROGRESS",
    ];
    let named = [("--stack-name", stack), ("--max-items", "100")];
    let events = aws.ask("cloudformation describe-stack-events", &named);
    let events = events.unwrap_or_default();
    let events = events["StackEvents"].as_array().into_iter().flatten();
    // Newest first, back to the start of the change.
    let last_change = events.take_while(|event| {
        let status = event["ResourceStatus"].as_str().unwrap_or_default();
        event["ResourceType"] != "AWS::CloudFormation::Stack" || !BEGINNINGS.contains(&status)
    });
    let reasons = last_change.filter_map(|event| {
        let failed = event["ResourceStatus"].as_str()?.ends_with("_FAILED");
        let reason = event["ResourceStatusReason"].as_str()?;
        // CloudFormation cancels resources in progress when another one fails: those are no causes.
        let caused = !reason.contains("cancelled");
        let resource = event["LogicalResourceId"].as_str()?;
        (failed && caused).then(|| format!("\n  {resource}: {reason}"))
    });
    reasons.collect()
}
