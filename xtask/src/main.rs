//! The commands of this project. Each says what it does, installs what it needs once, and ends with a failure if
//! anything in it failed.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;

use anyhow::{Result, bail};

mod serve;

mod test;

mod fuzz;

mod build;

mod size;

mod tools;

mod step;

const USAGE: &str = "\
cargo xtask <command>

  serve [--port N]  install what is missing, start the stand-in for Cognito and the API, serve the app on
                    port N (8080 unless given) and rebuild it at each change; Ctrl-C ends all
  test              all tests: native, bad input by machine, in a headless browser, and end to end against the
                    release build
  fuzz [SECONDS]    each fuzz target for so long (600 unless given)
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
        ["fuzz"] => fuzz::run(600),
        ["fuzz", seconds] => match seconds.parse() {
            Ok(seconds) => fuzz::run(seconds),
            Err(_) => bail!("fuzz takes a number of seconds, not {seconds}"),
        },
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
