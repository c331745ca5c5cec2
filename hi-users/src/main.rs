//! [`hi_users::handle`] as an AWS Lambda function.

use std::convert::Infallible;
use std::env;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let allowed_origins = env::var("ALLOWED_ORIGINS")
        .map_err(|_| "the environment variable ALLOWED_ORIGINS is missing")?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        Ok::<_, Infallible>(hi_users::handle(&event.payload, &allowed_origins))
    }))
    .await
}
