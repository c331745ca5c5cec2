//! `cargo xtask serve`: serves the app with `dev-stack`, a local Cognito and API, until Ctrl-C.

use std::env::{self, consts::EXE_SUFFIX};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::build;
use crate::step::{Step, cargo, program};
use crate::tools;

/// Serves the app on `port` and `dev-stack` on the next one.
pub fn run(port: u16) -> Result<()> {
    let Some(stack_port) = port.checked_add(1) else {
        bail!("--port must be at most 65534: the local Cognito and API use the next one");
    };
    for port in [port, stack_port] {
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
            bail!(
                "port {port} is in use; choose two free ports, N and the next, with cargo xtask serve --port N"
            );
        }
    }
    let mut dev_stack = cargo();
    dev_stack.args(["build", "--locked", "--package", "dev-stack"]);
    let mut stages = tools::app()?;
    stages.push(Step::new("build the local Cognito and API", dev_stack));
    let number_of_stages = stages.len() + 1;
    for (number, stage) in (1..).zip(stages) {
        stage.numbered(number, number_of_stages).run()?;
    }

    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;

    let app_url = format!("http://localhost:{port}/");
    let path = env::current_exe()?.with_file_name(format!("dev-stack{EXE_SUFFIX}"));
    let stack = program(path)
        .args([&stack_port.to_string(), &app_url])
        .spawn()
        .context("dev-stack could not be started")?;
    let mut stack = Running("dev-stack", stack);

    println!(
        "▸ [{number_of_stages}/{number_of_stages}] build and serve the app (a minute or two the first time)"
    );
    let config = format!("--proxy-backend=http://127.0.0.1:{stack_port}/config.json");
    let trunk = build::trunk("serve")
        .args(["--port", &port.to_string(), &config])
        .spawn()
        .context("trunk could not be started")?;
    let mut trunk = Running("trunk", trunk);

    let mut ready = false;
    while !interrupted.load(Ordering::Relaxed) {
        stack.check()?;
        trunk.check()?;
        if !ready && TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
            ready = true;
            println!(
                "\n  Open {app_url} and sign in as ada@example.com with the password Lovelace1.\n  \
                 Open http://127.0.0.1:{stack_port}/ to switch on faults. Press Ctrl-C to stop.\n"
            );
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// A process that ends when this value is dropped.
struct Running(&'static str, Child);

impl Running {
    /// Fails if the process has exited.
    fn check(&mut self) -> Result<()> {
        match self.1.try_wait()? {
            Some(status) => bail!("{} exited: {status}", self.0),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have exited already: Ctrl-C reaches the whole process group.
        let _ = self.1.kill();
        let _ = self.1.wait();
    }
}
