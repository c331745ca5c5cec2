//! `cargo xtask serve`: the app and its stand-in for Cognito and the API, until Ctrl-C.

use std::env::{self, consts::EXE_SUFFIX};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::step::{cargo, program, step};
use crate::tools;

/// Serves the app on `port` and the stand-in on the next one.
pub fn run(port: u16) -> Result<()> {
    let Some(stack_port) = port.checked_add(1) else {
        bail!("--port should be at most 65534: the stand-in takes the next one");
    };
    for port in [port, stack_port] {
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
            bail!("port {port} is in use; choose two free ones with cargo xtask serve --port N");
        }
    }
    tools::wasm_target()?;
    tools::trunk()?;
    tools::wasm_bindgen()?;
    step(
        "build the stand-in for Cognito and the API",
        cargo().args(["build", "--locked", "--package", "dev-stack"]),
    )?;

    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;

    let app_url = format!("http://localhost:{port}/");
    let beside_us = env::current_exe()?.with_file_name(format!("dev-stack{EXE_SUFFIX}"));
    let stack = program(&beside_us.to_string_lossy())
        .args([&stack_port.to_string(), &app_url])
        .spawn()
        .context("the stand-in could not be started")?;
    let mut stack = Running("the stand-in", stack);

    println!("▸ build and serve the app (the first time takes a minute or two)");
    let config = format!("--proxy-backend=http://127.0.0.1:{stack_port}/config.json");
    let trunk = program("trunk")
        .args(["serve", "--port", &port.to_string(), &config])
        .env("TRUNK_SKIP_VERSION_CHECK", "true")
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
                 http://127.0.0.1:{stack_port}/ lets things go wrong. Ctrl-C ends all.\n"
            );
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// A process that ends with us.
struct Running(&'static str, Child);

impl Running {
    /// Fails if the process has ended.
    fn check(&mut self) -> Result<()> {
        match self.1.try_wait()? {
            Some(status) => bail!("{} has ended: {status}", self.0),
            None => Ok(()),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself: Ctrl-C reaches the whole group.
        let _ = self.1.kill();
        let _ = self.1.wait();
    }
}
