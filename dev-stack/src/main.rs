//! Serves the dev-stack on loopback and prints how to sign in.
#![allow(clippy::print_stdout)]

use std::error::Error;
use std::net::Ipv4Addr;

use dev_stack::DevStack;
use tokio::net::TcpListener;

/// The email address and the password of the user who exists from the start.
const USER: (&str, &str) = ("ada@example.com", "Lovelace1");

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().map_or(Ok(8081), |port| port.parse())?;
    let app_url = arguments.next();
    let app_url = app_url.unwrap_or_else(|| "http://localhost:8080/".to_owned());

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let stack = DevStack::new(listener.local_addr()?, &app_url, |email, code| {
        println!("dev-stack: email to {email}: your code is {code}");
    });
    stack.add_user(USER.0, USER.1)?;
    println!(
        "dev-stack: Cognito and the API for {app_url} are at http://{}\n\
         dev-stack: sign in as {} with the password {}, or sign up; confirmation codes appear here",
        listener.local_addr()?,
        USER.0,
        USER.1,
    );
    stack.run(listener).await?;
    Ok(())
}
