//! MiniStack, a local AWS, under AWS's own names: a browser that is told to asks it for
//! `https://….cloudfront.net`, `https://….amazoncognito.com` and `https://….amazonaws.com`. So nothing in the stack, and
//! nothing in the app's settings, has to know where it is.
//!
//! `cargo xtask test` starts it and sets the AWS CLI's variables, and `XTASK`, the program that deploys.

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

use crate::browser::{Browser, variable};
use crate::ends_with;
use crate::pages::App;

/// One deploys at a time: all of them build in the same folder.
static DEPLOYING: Mutex<()> = Mutex::const_new(());

/// A deployed stack, and a browser that finds it.
pub struct Site {
    /// The person's browser.
    pub browser: Browser,
    /// The stack.
    pub stack: Stack,
}

/// A deployed stack.
pub struct Stack {
    /// Its outputs.
    pub outputs: Value,
}

/// An answer, read to its end.
pub struct Answer {
    /// The HTTP status.
    pub status: StatusCode,
    head: http::response::Parts,
    body: Bytes,
}

/// Lets a journey take place at a stack, and then ends the browser, whatever the outcome.
pub async fn journey_at<F: Future<Output = ()> + Send + 'static>(
    stack: Stack,
    take_place: impl FnOnce(Arc<Site>) -> F,
) {
    let front = serve_under_aws_names().await;
    let rules = ["cloudfront.net", "amazoncognito.com", "amazonaws.com"]
        .map(|domain| format!("MAP *.{domain} {front}"))
        .join(",");
    let arguments = [
        format!("--host-resolver-rules={rules}"),
        "--ignore-certificate-errors".to_owned(),
    ];
    let browser = Browser::start(&json!({}), &arguments).await;
    let site = Arc::new(Site { browser, stack });
    ends_with(&site.browser, take_place(Arc::clone(&site))).await;
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

    /// Signs in on the local AWS's sign-in page, which has words of its own.
    pub async fn sign_in_as(&self, email: &str, password: &str) {
        self.browser.fill_in("Username", email).await;
        self.browser.fill_in("Password", password).await;
        self.browser.press("Sign in").await;
    }
}

impl Stack {
    /// The stack of this name, which has to be there.
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

    /// One of its outputs.
    #[must_use]
    pub fn output(&self, name: &str) -> &str {
        let output = self.outputs[name].as_str();
        output.unwrap_or_else(|| panic!("no output {name}"))
    }

    /// Signs up somebody new, who can then sign in; says why not if Cognito will not have them.
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

    /// The user pool, as the AWS CLI wants it named.
    #[must_use]
    pub fn pool(&self) -> (&'static str, &str) {
        ("--user-pool-id", self.output("UserPoolId"))
    }

    /// The app client, as Cognito describes it.
    pub async fn client(&self) -> Value {
        let client = [self.pool(), ("--client-id", self.output("ClientId"))];
        let described = aws("cognito-idp describe-user-pool-client", &client).await;
        described["UserPoolClient"].clone()
    }

    /// The password policy, which MiniStack keeps in CloudFormation's texts and then cannot compare with numbers: set
    /// again as what the texts say.
    pub async fn retype_password_policy(&self) {
        let described = aws("cognito-idp describe-user-pool", &[self.pool()]).await;
        let policy = &described["UserPool"]["Policies"]["PasswordPolicy"];
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

impl Answer {
    /// A header's value; nothing if there is none.
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

/// Asks for an address, one of AWS's names in it, with these headers, and over HTTPS if the address says so.
pub async fn ask(method: &str, url: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).expect("a request");
    let (head, body) = forward(request).await.into_parts();
    Answer {
        status: head.status,
        head,
        body: to_bytes(body, usize::MAX).await.expect("a body"),
    }
}

/// Runs `cargo xtask` with these arguments and returns what it says, and whether it succeeded.
pub async fn xtask(arguments: &str) -> (String, bool) {
    run_xtask(arguments, "", &variable("PATH")).await
}

/// The same with an answer to what it asks.
pub async fn xtask_answered(arguments: &str, answer: &str) -> (String, bool) {
    run_xtask(arguments, answer, &variable("PATH")).await
}

/// The same with an AWS CLI that fails, saying “no connection”, as soon as its arguments match this pattern of a shell's.
pub async fn xtask_cut_off(arguments: &str, pattern: &str) -> (String, bool) {
    let path = variable("PATH");
    let mut folders = std::env::split_paths(&path).map(|folder| folder.join("aws"));
    let aws = folders.find(|file| file.is_file()).expect("the AWS CLI");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in {pattern}) echo no connection >&2; exit 1;; esac\nexec '{}' \"$@\"\n",
        aws.display()
    );
    let folder = std::env::temp_dir().join(format!("cut-off-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("aws");
    std::fs::write(&file, script).expect("a script");
    let executable = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&file, executable).expect("a program");
    let outcome = run_xtask(arguments, "", &format!("{}:{path}", folder.display())).await;
    std::fs::remove_dir_all(folder).expect("the folder");
    outcome
}

async fn run_xtask(arguments: &str, answer: &str, path: &str) -> (String, bool) {
    let _alone = DEPLOYING.lock().await;
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
    // It may have ended without asking.
    let _ = stdin.write_all(answer.as_bytes()).await;
    drop(stdin);
    let output = child.wait_with_output().await.expect("its output");
    let said = said_by(&output);
    println!("xtask {arguments}:\n{said}");
    (said, output.status.success())
}

/// What the AWS CLI answers to a command, such as `s3api list-buckets`, with these options.
pub async fn aws(command: &str, options: &[(&str, &str)]) -> Value {
    let answer = try_aws(command, options).await;
    answer.unwrap_or_else(|error| panic!("{command} {options:?}: {error}"))
}

async fn try_aws(command: &str, options: &[(&str, &str)]) -> Result<Value, String> {
    let output = Command::new("aws")
        .args(command.split(' '))
        .args(options.iter().flat_map(|(name, value)| [name, value]))
        .args(["--output", "json"])
        .env("AWS_PAGER", "")
        .output()
        .await
        .expect("the AWS CLI does not start");
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap_or_default()),
        false => Err(said_by(&output)),
    }
}

fn said_by(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

/// Ends TLS for all of AWS's names, and hands on what it is asked.
async fn serve_under_aws_names() -> SocketAddr {
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
    let routes = Router::new().fallback(over_tls);
    let server = axum_server::from_tcp_rustls(listener, tls).expect("a server");
    tokio::spawn(server.serve(routes.into_make_service()));
    address
}

async fn over_tls(mut request: Request) -> Response<Body> {
    // HTTP/2 has no Host.
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

/// To the local AWS, which knows CloudFront's names, and the others' by names of its own.
async fn forward(mut request: Request) -> Response<Body> {
    let endpoint: Uri = variable("AWS_ENDPOINT_URL").parse().expect("an address");
    let here = endpoint.authority().expect("an authority").to_string();
    let url = request.uri().clone();
    let asked = url.host().unwrap_or_default();
    let host = match asked.split_once(".execute-api.") {
        Some((api, _)) => format!("{api}.execute-api.{here}"),
        None if asked.ends_with(".cloudfront.net") => asked.to_owned(),
        None => here.clone(),
    };
    let path = path_of(&url);
    *request.version_mut() = Version::HTTP_11;
    *request.uri_mut() = format!("http://{here}{path}").parse().expect("an address");
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
