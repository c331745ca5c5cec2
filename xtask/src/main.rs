//! The commands of this project. Each says what it does, installs what it needs once, and ends with a failure if
//! anything in it failed.
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
    /// Serve the app and a stand-in for Cognito and the API, and rebuild at each change, until Ctrl-C
    Serve {
        /// The app's port; the stand-in takes the next one
        #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..=65534))]
        port: u16,
    },
    /// Run all tests: native, bad input by machine, in a browser, end to end, and the stack on a local AWS
    Test,
    /// Run each fuzz target
    Fuzz {
        /// For so many seconds each
        #[arg(default_value_t = 600)]
        seconds: u32,
    },
    /// Make the release build in dist/
    Build,
    /// Build, and show what a first visit downloads; fails above the limit
    Size,
    /// Check the formatting, and run clippy for both targets
    Check,
    /// Measure the release build: how quick it is, and what it does with more than usual
    Bench,
    /// Take the pictures in docs/ anew
    Screenshots,
    /// Make or update the stack on AWS and put the app on it; prints the app's address
    Deploy(aws::deploy::Options),
    /// Take a stack down, with its users, after asking
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
        Command::Test => test::run(),
        Command::Fuzz { seconds } => fuzz::run(seconds),
        Command::Build => build::run(),
        Command::Size => {
            build::run()?;
            size::run()
        }
        Command::Check => test::check(),
        Command::Bench => test::bench(),
        Command::Screenshots => test::screenshots(),
        Command::Deploy(options) => aws::deploy::run(&options),
        Command::Destroy(target) => aws::destroy::run(&target),
    }
}
