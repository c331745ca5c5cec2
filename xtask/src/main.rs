//! The commands of this project. Each prints its steps, installs missing tools once, and fails if any step fails.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

mod serve;

mod test;

mod fuzz;

mod build;

mod size;

mod aws;

mod engines;

mod tools;

mod step;

/// The commands of this project.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app with a local Cognito and API, and rebuild on each change, until Ctrl-C
    Serve {
        /// The app's port; the local Cognito and API use the next one
        #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..=65534))]
        port: u16,
    },
    /// Run all tests: native tests, fuzzing, tests in Chromium and every other installed browser engine, and the stack on a local AWS
    Test(test::Options),
    /// Run each fuzz target
    Fuzz {
        /// Seconds for each target
        #[arg(default_value_t = 600)]
        seconds: u32,
    },
    /// Run the session engine in simulated worlds with random failures
    Simulate {
        /// The number of worlds
        #[arg(default_value_t = 200_000)]
        worlds: u32,
    },
    /// Build the release in dist/
    Build,
    /// Build the release, print what a first visit downloads, and fail if it is over the budget
    Size,
    /// Check formatting, lints (for this machine and the browser), documentation and packaging
    Check,
    /// Measure the release build's speed, with usual and with large data
    Bench,
    /// Retake the screenshots in docs/
    Screenshots,
    /// Create or update the stack on AWS, upload the app, and print its address
    Deploy(aws::deploy::Options),
    /// Delete a stack and its users, after confirmation
    Destroy(aws::Target),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve { port } => serve::run(port),
        Command::Test(options) => test::run(&options),
        Command::Fuzz { seconds } => fuzz::run(seconds),
        Command::Simulate { worlds } => test::simulate(worlds),
        Command::Build => build::run(),
        Command::Size => size::run(),
        Command::Check => test::check(),
        Command::Bench => test::bench(),
        Command::Screenshots => test::screenshots(),
        Command::Deploy(options) => aws::deploy::run(&options),
        Command::Destroy(target) => aws::destroy::run(&target),
    }
}
