//! MiniStack, a local AWS, under AWS's own domain names: the browser resolves `*.cloudfront.net`, `*.amazoncognito.com` and
//! `*.amazonaws.com` to it. The stack and the app's settings do not know that they are local.
//!
//! `cargo xtask test` starts MiniStack and sets the AWS CLI's variables, and `XTASK`, the program that deploys.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt;
use std::process::{Output, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::header::HOST;
use axum::http::{HeaderValue, Response, StatusCode, Uri, Version};
use axum::response::IntoResponse;
use axum_server::tls_rustls::RustlsConfig;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::browser::Browser;
use crate::engine::{Engine, Preferences};
use crate::pages::App;
use crate::{close_after, variable};

/// Only one deploy runs at a time, because all of them build in the same folder.
static DEPLOYING: Mutex<()> = Mutex::const_new(());

/// A deployed stack, and a browser that resolves its domain names.
pub struct Site {
    /// The user's browser.
    pub browser: Browser,
    /// The stack.
    pub stack: Stack,
}

/// A deployed stack.
pub struct Stack {
    /// Its outputs by name.
    pub outputs: Value,
}

/// A response with its whole body.
pub struct HttpResponse {
    /// The HTTP status.
    pub status: StatusCode,
    head: http::response::Parts,
    body: Bytes,
}

/// Runs a journey on a stack, with a new browser that ends with it.
pub async fn journey_on<F: Future<Output = ()> + Send + 'static>(
    stack: Stack,
    steps: impl FnOnce(Arc<Site>) -> F,
) {
    let proxy = serve_aws_names().await;
    let rules = ["cloudfront.net", "amazoncognito.com", "amazonaws.com"]
        .map(|domain| format!("MAP *.{domain} {proxy}"))
        .join(",");
    let arguments = [
        format!("--host-resolver-rules={rules}"),
        "--ignore-certificate-errors".to_owned(),
    ];
    let preferences = Preferences::default();
    let browser = Browser::start(Engine::Chromium, &preferences, &arguments).await;
    let site = Arc::new(Site { browser, stack });
    close_after(&site.browser, steps(Arc::clone(&site))).await;
}

impl Site {
    /// The app's page.
    #[must_use]
    pub fn app(&self) -> App<'_> {
        App {
            browser: &self.browser,
            url: self.stack.output("SiteUrl"),
        }
    }

    /// Signs in on MiniStack's sign-in page, whose texts differ from Cognito's.
    pub async fn sign_in_as(&self, email: &str, password: &str) {
        self.browser.fill_in("Username", email).await;
        self.browser.fill_in("Password", password).await;
        self.browser.press("Sign in").await;
    }
}

impl Stack {
    /// The stack with this name, which must exist.
    pub async fn find(name: &str) -> Self {
        let query = "Stacks[0].Outputs[].{key: OutputKey, value: OutputValue}";
        let options = [("--stack-name", name), ("--query", query)];
        let listed = aws("cloudformation describe-stacks", &options).await;
        let outputs = listed.as_array().into_iter().flatten().map(|output| {
            let key = output["key"].as_str().expect("a key").to_owned();
            (key, output["value"].clone())
        });
        Self {
            outputs: Value::Object(outputs.collect()),
        }
    }

    /// The output with this name.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        let output = self.outputs[name].as_str();
        output.unwrap_or_else(|| panic!("no output {name}"))
    }

    /// Adds a user who can sign in. Returns Cognito's message if it rejects the sign-up.
    pub async fn sign_up(&self, email: &str, password: &str) -> Result<(), String> {
        let sign_up = [
            ("--client-id", self.output("ClientId")),
            ("--username", email),
            ("--password", password),
            ("--user-attributes", &format!("Name=email,Value={email}")),
        ];
        try_aws("cognito-idp sign-up", &sign_up).await?;
        let confirm = [self.pool(), ("--username", email)];
        try_aws("cognito-idp admin-confirm-sign-up", &confirm).await?;
        Ok(())
    }

    /// The AWS CLI's option that names the user pool.
    #[must_use]
    pub fn pool(&self) -> (&'static str, &str) {
        ("--user-pool-id", self.output("UserPoolId"))
    }

    /// Cognito's description of the user pool.
    pub async fn user_pool(&self) -> Value {
        let described = aws("cognito-idp describe-user-pool", &[self.pool()]).await;
        described["UserPool"].clone()
    }

    /// Cognito's description of the app client.
    pub async fn client(&self) -> Value {
        let client = [self.pool(), ("--client-id", self.output("ClientId"))];
        let described = aws("cognito-idp describe-user-pool-client", &client).await;
        described["UserPoolClient"].clone()
    }

    /// Sets the password policy again with numbers and booleans. MiniStack stores CloudFormation's strings as they are, and
    /// cannot compare them with numbers.
    pub async fn retype_password_policy(&self) {
        let policy = &self.user_pool().await["Policies"]["PasswordPolicy"];
        let retyped = policy.as_object().expect("a policy").iter();
        let retyped = retyped.map(|(rule, value)| {
            let text = value.as_str().map_or(value.to_string(), str::to_owned);
            let value = serde_json::from_str(&text).expect("a number or a boolean");
            (rule.clone(), value)
        });
        let policies = json!({ "PasswordPolicy": Value::Object(retyped.collect()) }).to_string();
        let update = [self.pool(), ("--policies", &policies)];
        aws("cognito-idp update-user-pool", &update).await;
    }
}

impl HttpResponse {
    /// A header's value; empty if there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        let value = self.head.headers.get(name);
        value.map_or("", |value| value.to_str().expect("a text"))
    }

    /// The body.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends a request to a URL with one of AWS's domain names, and returns the response.
pub async fn fetch(method: &str, url: &str, headers: &[(&str, &str)]) -> HttpResponse {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let (head, body) = forward(request).await.into_parts();
    HttpResponse {
        status: head.status,
        head,
        body: to_bytes(body, usize::MAX).await.expect("a body"),
    }
}

/// Runs `cargo xtask` with these arguments and returns its output, and whether it succeeded.
pub async fn xtask(arguments: &str) -> (String, bool) {
    run_xtask(arguments, "", &variable("PATH")).await
}

/// The same with this standard input.
pub async fn xtask_with_input(arguments: &str, input: &str) -> (String, bool) {
    run_xtask(arguments, input, &variable("PATH")).await
}

/// The same with an AWS CLI that fails with “no connection” if its arguments match this shell pattern.
pub async fn xtask_disconnected(arguments: &str, pattern: &str) -> (String, bool) {
    let path = variable("PATH");
    let mut folders = std::env::split_paths(&path).map(|folder| folder.join("aws"));
    let aws = folders.find(|file| file.is_file()).expect("the AWS CLI");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in {pattern}) echo no connection >&2; exit 1;; esac\nexec '{}' \"$@\"\n",
        aws.display()
    );
    let folder = std::env::temp_dir().join(format!("disconnected-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("aws");
    std::fs::write(&file, script).expect("a script");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&file, executable).expect("a program");
    let outcome = run_xtask(arguments, "", &format!("{}:{path}", folder.display())).await;
    std::fs::remove_dir_all(folder).expect("the folder");
    outcome
}

async fn run_xtask(arguments: &str, input: &str, path: &str) -> (String, bool) {
    let _guard = DEPLOYING.lock().await;
    let mut child = Command::new(variable("XTASK"))
        .args(arguments.split(' '))
        .env("PATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("xtask does not start");
    let mut stdin = child.stdin.take().expect("its input");
    // It may have exited without reading its input.
    let _ = stdin.write_all(input.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.expect("its output");
    let text = text_of(&output);
    println!("xtask {arguments}:\n{text}");
    (text, output.status.success())
}

/// The account of the stacks. MiniStack takes an access key ID of twelve digits for an account, and all others for this one.
pub const ACCOUNT: &str = "000000000000";

/// Runs a command of the AWS CLI, such as `s3api list-buckets`, and returns its answer.
pub async fn aws(command: &str, options: &[(&str, &str)]) -> Value {
    aws_as(ACCOUNT, command, options).await
}

/// The same in another account.
pub async fn aws_as(account: &str, command: &str, options: &[(&str, &str)]) -> Value {
    let outcome = try_aws_as(account, command, options).await;
    outcome.unwrap_or_else(|error| panic!("{command} {options:?}: {error}"))
}

/// The same, or the CLI's message if the command fails.
pub async fn try_aws(command: &str, options: &[(&str, &str)]) -> Result<Value, String> {
    try_aws_as(ACCOUNT, command, options).await
}

async fn try_aws_as(
    account: &str,
    command: &str,
    options: &[(&str, &str)],
) -> Result<Value, String> {
    let output = Command::new("aws")
        .env("AWS_ACCESS_KEY_ID", account)
        .args(command.split(' '))
        .args(options.iter().flat_map(|(name, value)| [name, value]))
        .args(["--output", "json"])
        .env("AWS_PAGER", "")
        .output()
        .await
        .expect("the AWS CLI does not start");
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap_or_default()),
        false => Err(text_of(&output)),
    }
}

fn text_of(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

/// Serves all of AWS's domain names over TLS, and forwards their requests to MiniStack.
async fn serve_aws_names() -> SocketAddr {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]);
    let certified = certified.expect("a certificate");
    let certificate = vec![certified.cert.der().to_vec()];
    let key = certified.signing_key.serialize_der();
    let tls = RustlsConfig::from_der(certificate, key).await.expect("TLS");
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener
        .set_nonblocking(true)
        .expect("a listener for tokio");
    let address = listener.local_addr().expect("an address");
    let routes = Router::new().fallback(handle_https);
    let server = axum_server::from_tcp_rustls(listener, tls).expect("a server");
    tokio::spawn(server.serve(routes.into_make_service()));
    address
}

async fn handle_https(mut request: Request) -> Response<Body> {
    // HTTP/2 has no Host header.
    let host = match request.uri().authority() {
        Some(authority) => authority.to_string(),
        None => {
            let host = request.headers().get(HOST);
            let host = host.and_then(|host| host.to_str().ok());
            host.unwrap_or_default().to_owned()
        }
    };
    let path = path_of(request.uri());
    match format!("https://{host}{path}").parse() {
        Ok(url) => *request.uri_mut() = url,
        Err(_) => return StatusCode::BAD_REQUEST.into_response(),
    }
    forward(request).await
}

fn path_of(url: &Uri) -> String {
    let path = url.path_and_query();
    path.map_or("/", |path| path.as_str()).to_owned()
}

/// Forwards a request to MiniStack. It knows CloudFront's domain names, and has other names for API Gateway and Cognito.
async fn forward(mut request: Request) -> Response<Body> {
    let endpoint: Uri = variable("AWS_ENDPOINT_URL").parse().expect("an address");
    let ministack = endpoint.authority().expect("an authority").to_string();
    let url = request.uri().clone();
    let host = url.host().unwrap_or_default();
    let host = match host.split_once(".execute-api.") {
        Some((api, _)) => format!("{api}.execute-api.{ministack}"),
        None if host.ends_with(".cloudfront.net") => host.to_owned(),
        None => ministack.clone(),
    };
    let path = path_of(&url);
    *request.version_mut() = Version::HTTP_11;
    *request.uri_mut() = format!("http://{ministack}{path}")
        .parse()
        .expect("an address");
    let scheme = url.scheme_str().unwrap_or_default();
    let headers = request.headers_mut();
    headers.insert(HOST, HeaderValue::from_str(&host).expect("a host"));
    headers.insert(
        "x-forwarded-proto",
        HeaderValue::from_str(scheme).expect("a scheme"),
    );
    let client = Client::builder(TokioExecutor::new()).build::<_, Body>(HttpConnector::new());
    match client.request(request).await {
        Ok(response) => response.map(Body::new),
        Err(error) => (StatusCode::BAD_GATEWAY, error.to_string()).into_response(),
    }
}
