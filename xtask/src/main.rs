//! The commands of this project. Each says what it does, installs what it needs once, and ends with a failure if
//! anything in it failed.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use anyhow::{Result, bail};

mod serve;

mod test;

mod build;

mod size;

mod tools;

mod step;

const USAGE: &str = "\
cargo xtask <command>

  serve [--port N]  install what is missing, start the stand-in for Cognito and the API, serve the app on
                    port N (8080 unless given) and rebuild it at each change; Ctrl-C ends all
  test              all tests: native, in a headless browser, and end to end against the release build
  build             the release build in dist/
  size              build, then show what a first visit downloads; fails above the limit
  check             formatting, and clippy for both targets";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve"] => serve::run(8080),
        ["serve", "--port", port] => match port.parse() {
            Ok(port) => serve::run(port),
            Err(_) => bail!("--port should be a number from 1 to 65534, not {port}"),
        },
        ["test"] => test::run(),
        ["build"] => build::run(),
        ["size"] => {
            build::run()?;
            size::run()
        }
        ["check"] => test::check(),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("there is no such command\n\n{USAGE}"),
    }
}
