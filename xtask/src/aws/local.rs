//! Tests the stack on MiniStack, a local AWS: starts it, points the AWS CLI to it, and runs the tests that deploy to it.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::engines::Browser;
use crate::step::{cargo, output_of, program, root, step, target};

/// Checks the template and tests the stack. Returns the reason if this machine cannot, and the tests are skipped.
pub fn test(browser: &Browser) -> Result<Option<&'static str>> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(Some(
            "it needs Linux on x86_64, for which the function is built",
        ));
    }
    let Some(python) = find_python() else {
        return Ok(Some("it needs Python 3.10 or later with venv"));
    };
    if output_of("node", &["--version"]).is_none() {
        return Ok(Some("it needs Node.js, which runs CloudFront's function"));
    }
    let programs = virtual_environment(
        python,
        "venv",
        "requirements.txt",
        "MiniStack, the AWS CLI and cfn-lint (about 400 MB, a minute or two)",
    )?;
    step(
        "check the template with cfn-lint",
        program(programs.join("cfn-lint"))
            .args([
                "--non-zero-exit-code",
                "informational",
                "--include-checks",
                "I",
            ])
            .args(["--", "infra/template.yaml"]),
    )?;
    let checkov = virtual_environment(
        python,
        "venv-checkov",
        "requirements-checkov.txt",
        "checkov (about 300 MB, a minute or two)",
    )?;
    step(
        "check the template with checkov",
        program(checkov.join("checkov"))
            .args(["--file", "infra/template.yaml"])
            .args(["--framework", "cloudformation"])
            // Without this, checkov also asks its maker's server for descriptions of its checks.
            .arg("--skip-download")
            .args(["--compact", "--quiet"]),
    )?;
    let local_aws = LocalAws::start(&programs)?;
    let mut tests = cargo();
    local_aws.set_variables(&mut tests);
    browser.set_variables(&mut tests);
    step(
        "test the stack on a local AWS",
        tests
            .args(["test", "--locked", "--package", "e2e"])
            .args(["--features", "local-aws", "--test", "stack"])
            .env("XTASK", std::env::current_exe()?),
    )?;
    Ok(None)
}

fn find_python() -> Option<&'static str> {
    let enough = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
    ["python3", "python"]
        .into_iter()
        .find(|python| output_of(python, &["-c", enough]).is_some())
}

/// Creates a virtual environment in `target/` with the packages that a file in `infra/` pins. Returns the folder with its
/// programs.
fn virtual_environment(
    python: &str,
    name: &str,
    requirements: &str,
    content: &str,
) -> Result<PathBuf> {
    let folder = target().join(name);
    let programs = folder.join("bin");
    let requirements = root().join("infra").join(requirements);
    let wanted = fs::read_to_string(&requirements)?;
    let done = folder.join("requirements.txt");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(programs);
    }
    step(
        &format!("create a virtual environment in target/{name}"),
        program(python).args(["-m", "venv", "--clear"]).arg(&folder),
    )?;
    step(
        &format!("install {content} into it, once"),
        program(programs.join("python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg("--requirement")
            .arg(&requirements),
    )?;
    fs::write(done, wanted)?;
    Ok(programs)
}

/// A running MiniStack, which ends when this value is dropped.
struct LocalAws {
    port: u16,
    programs: PathBuf,
    process: Child,
}

impl LocalAws {
    fn start(programs: &Path) -> Result<Self> {
        println!("▸ start a local AWS");
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let files = target().join("local-aws");
        fs::create_dir_all(&files)?;
        let log = files.join("log");
        let output = fs::File::create(&log)?;
        let process = program(programs.join("python"))
            .arg("infra/local_aws.py")
            // MiniStack recognizes its API Gateway's hosts by this name only.
            .env("MINISTACK_HOST", "localhost")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("TMPDIR", &files)
            .env("STATE_DIR", files.join("state"))
            .stdin(Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output)
            .spawn()
            .context("MiniStack could not be started")?;
        let mut started = Self {
            port,
            programs: programs.to_path_buf(),
            process,
        };
        let start = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if started.process.try_wait()?.is_some() || start.elapsed() > Duration::from_secs(60) {
                bail!("MiniStack does not start; see {}", log.display());
            }
            thread::sleep(Duration::from_millis(200));
        }
        Ok(started)
    }

    /// Points the AWS CLI to MiniStack only, whatever its configuration says.
    fn set_variables(&self, command: &mut Command) {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.programs.clone()]
            .into_iter()
            .chain(std::env::split_paths(&path));
        if let Ok(path) = std::env::join_paths(folders) {
            command.env("PATH", path);
        }
        command
            .env(
                "AWS_ENDPOINT_URL",
                format!("http://localhost:{}", self.port),
            )
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_DEFAULT_REGION", "eu-west-1")
            .env("AWS_CONFIG_FILE", "none")
            .env("AWS_SHARED_CREDENTIALS_FILE", "none")
            .env("NO_PROXY", "localhost,127.0.0.1");
        for name in [
            "AWS_PROFILE",
            "AWS_SESSION_TOKEN",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        ] {
            command.env_remove(name);
        }
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        // On SIGTERM, MiniStack ends the processes that it has started.
        let status = program("kill").arg(self.process.id().to_string()).status();
        if !status.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}
