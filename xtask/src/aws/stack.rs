//! A stack of `infra/template.yaml` in CloudFormation's hands.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::aws::Aws;
use crate::step::{root, step};

/// A stack that is there.
pub struct Stack {
    status: String,
    last_update: Value,
    outputs: Value,
}

impl Stack {
    /// The stack of this name, if there is one.
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

    /// Makes the stack of this name, or updates it, with these parameters; the others stay as they are.
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
        Self::find(aws, name)?.context("the stack has gone")
    }

    /// Takes the stack of this name down.
    pub fn delete(aws: &Aws, name: &str) -> Result<()> {
        let named = [("--stack-name", name)];
        println!("▸ delete the stack {name} (CloudFront alone takes some 5 minutes)");
        aws.ask("cloudformation delete-stack", &named)?;
        step(
            "wait until it has gone",
            &mut aws.command("cloudformation wait stack-delete-complete", &named),
        )
        .with_context(|| {
            let reasons = failures(aws, name);
            format!("the stack could not be taken down to the end; try again{reasons}")
        })
    }

    /// Whether there is nothing of it but the name.
    pub fn is_not_begun(&self) -> bool {
        self.status == "REVIEW_IN_PROGRESS"
    }

    /// Fails if it cannot be updated now.
    pub fn check_ready(&self, name: &str) -> Result<()> {
        match self.status.as_str() {
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

    /// Whether it has been updated since it was `before`.
    pub fn has_changed_since(&self, before: &Self) -> bool {
        self.last_update != before.last_update
    }

    /// An output; one that was never finished has none.
    pub fn output(&self, name: &str) -> Result<&str> {
        let output = self.outputs[name].as_str();
        output.with_context(|| format!("the stack has no output {name}"))
    }
}

/// Why the last change of a stack failed, a line each.
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
    // The newest first, back to where the change began.
    let last_change = events.take_while(|event| {
        let status = event["ResourceStatus"].as_str().unwrap_or_default();
        event["ResourceType"] != "AWS::CloudFormation::Stack" || !BEGINNINGS.contains(&status)
    });
    let reasons = last_change.filter_map(|event| {
        let failed = event["ResourceStatus"].as_str()?.ends_with("_FAILED");
        let reason = event["ResourceStatusReason"].as_str()?;
        // Those that were under way when another failed.
        let caused = !reason.contains("cancelled");
        let resource = event["LogicalResourceId"].as_str()?;
        (failed && caused).then(|| format!("\n  {resource}: {reason}"))
    });
    reasons.collect()
}
