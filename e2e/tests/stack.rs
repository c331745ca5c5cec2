//! The stack of `infra/template.yaml`, deployed to a local AWS by `cargo xtask deploy`: CloudFront, S3, API Gateway, Lambda
//! and Cognito.
//!
//! Not tested, because MiniStack does not support it: `response_type=token`, managed login's branding, the pages for signing up
//! and for forgotten passwords, `/oauth2/revoke`, refresh token rotation, compression and caching in CloudFront, API Gateway's
//! access log, and bucket policies within an account. The tests of `infra` check the template's values for these.
// `cargo xtask test` deploys from Linux only.
#![cfg(unix)]
#![allow(clippy::panic, clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::aws::{
    ACCOUNT, HttpResponse, Site, Stack, aws, aws_as, fetch, journey_on, try_aws, xtask,
    xtask_disconnected, xtask_with_input,
};
use e2e::{EMAIL, PASSWORD};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// A stack that tests share and do not change.
async fn stack() -> Stack {
    static DEPLOYED: OnceCell<()> = OnceCell::const_new();
    DEPLOYED
        .get_or_init(async || {
            let (output, succeeded) = xtask("deploy --stack hi").await;
            assert!(succeeded && output.contains("is live"), "{output}");
            let stack = Stack::find("hi").await;
            stack.retype_password_policy().await;
            stack.sign_up(EMAIL, PASSWORD).await.unwrap();
        })
        .await;
    Stack::find("hi").await
}

/// The site's response for this path.
async fn get(stack: &Stack, path: &str) -> HttpResponse {
    fetch("GET", &format!("{}{path}", stack.output("SiteUrl")), &[]).await
}

/// The names of the page's script and its WebAssembly module.
async fn hashed_files(stack: &Stack) -> Vec<String> {
    let page = get(stack, "").await.text();
    let names = page.split(['"', '\'', '=', ' ', '>', '/']);
    let is_hashed = |name: &&str| name.contains('-') && !name.contains(':');
    let files = names.filter(|name| name.ends_with(".js") || name.ends_with(".wasm"));
    let mut files: Vec<String> = files.filter(is_hashed).map(str::to_owned).collect();
    // The page preloads a file and then loads it.
    files.sort();
    files.dedup();
    files
}

/// The settings in a page.
fn settings_in(page: &str) -> Value {
    let (_, rest) = page.split_once(r#"type="application/json">"#).unwrap();
    let (settings, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(settings).unwrap()
}

#[tokio::test]
async fn every_response_of_the_site_has_the_security_headers() {
    let stack = stack().await;
    for (path, status) in [("", 200), ("robots.txt", 200), ("missing.js", 403)] {
        let response = get(&stack, path).await;
        assert_eq!(response.status, status, "{path}");
        #[rustfmt::skip]
        let expected = [
            ("strict-transport-security", "max-age=63072000"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ];
        for (name, value) in expected {
            assert_eq!(response.header(name), value, "{path}: {name}");
        }
        is_strict(&stack, response.header("content-security-policy"));
    }
}

#[track_caller]
fn is_strict(stack: &Stack, policy: &str) {
    let directives: Vec<Vec<&str>> = policy
        .split(';')
        .map(|directive| directive.split_whitespace().collect())
        .collect();
    let sources = |name: &str| {
        let directive = directives.iter().find(|directive| directive[0] == name);
        directive.unwrap_or_else(|| panic!("no {name} in {policy}"))[1..].to_vec()
    };
    assert_eq!(sources("default-src"), ["'none'"]);
    assert_eq!(sources("frame-ancestors"), ["'none'"]);
    assert_eq!(sources("form-action"), ["'none'"]);
    assert_eq!(sources("base-uri"), ["'self'"]);
    let is_hash = |source: &&str| source.starts_with("'sha256-");
    let styles = sources("style-src");
    assert_eq!(styles[0], "'self'");
    assert!(styles[1..].iter().all(is_hash), "{styles:?}");
    assert_eq!(sources("img-src"), ["'self'", "data:"]);
    let scripts = sources("script-src");
    assert_eq!(scripts[..2], ["'self'", "'wasm-unsafe-eval'"]);
    assert!(scripts[2..].iter().all(is_hash), "{scripts:?}");
    let cognito = format!("{}/oauth2/", stack.output("UserPoolDomain"));
    let keys = format!("{}/", stack.output("Issuer"));
    let api = format!("{}/", stack.output("ApiUrl"));
    assert_eq!(sources("connect-src"), ["'self'", &cognito, &keys, &api]);
    assert_eq!(directives.len(), 8, "{policy}");
}

#[tokio::test]
async fn files_are_cached_for_a_year_and_the_page_is_revalidated() {
    let stack = stack().await;
    let year = "public, max-age=31536000, immutable";
    let files = hashed_files(&stack).await;
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        let content_type = match file.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            _ => "application/wasm",
        };
        let response = get(&stack, &file).await;
        assert_eq!(response.status, 200, "{file}");
        assert_eq!(response.header("content-type"), content_type);
        assert_eq!(response.header("cache-control"), year, "{file}");
        assert_eq!(response.header("content-encoding"), "br", "{file}");
    }
    let page = get(&stack, "").await;
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    assert_eq!(page.header("content-encoding"), "");
    let config = settings_in(&page.text());
    for (key, output) in [
        ("userPoolDomain", "UserPoolDomain"),
        ("userPoolId", "UserPoolId"),
        ("issuer", "Issuer"),
        ("clientId", "ClientId"),
        ("apiUrl", "ApiUrl"),
        ("grant", "Grant"),
    ] {
        assert_eq!(config[key], stack.output(output), "{key}");
    }
}

#[tokio::test]
async fn a_path_inside_the_app_returns_the_page_and_a_missing_file_does_not() {
    let stack = stack().await;
    let page = get(&stack, "").await.text();
    assert!(page.contains("<title>Hi Users</title>"), "{page}");
    for path in [
        "orders",
        "orders/7?page=2",
        "people/ada@example.com",
        "v1.2/notes",
    ] {
        let response = get(&stack, path).await;
        assert_eq!(
            (response.status.as_u16(), response.text()),
            (200, page.clone()),
            "{path}"
        );
    }
    for path in [
        "missing.js",
        "orders/missing.wasm",
        "old-0123456789abcdef.css",
    ] {
        let response = get(&stack, path).await;
        assert_eq!(response.status, 403, "{path}");
        assert!(!response.text().contains("<title>"), "{path}");
    }
    let site = stack.output("SiteUrl");
    let plain = fetch(
        "GET",
        &format!("{}orders", site.replace("https:", "http:")),
        &[],
    )
    .await;
    assert_eq!(plain.status, 301);
    assert_eq!(plain.header("location"), format!("{site}orders"));
    assert_eq!(fetch("POST", site, &[]).await.status, 403);

    // Only CloudFront can read the bucket.
    let bucket = [("--bucket", stack.output("SiteBucket"))];
    let blocked = aws("s3api get-public-access-block", &bucket).await;
    for setting in [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ] {
        assert_eq!(
            blocked["PublicAccessBlockConfiguration"][setting], true,
            "{setting}"
        );
    }
}

#[tokio::test]
async fn the_api_requires_a_token_of_the_pool_and_allows_only_the_sites_origin() {
    let stack = stack().await;
    let url = format!("{}/hiUsers", stack.output("ApiUrl"));
    let origin = stack.output("SiteUrl").trim_end_matches('/');
    // The header and the claims look right, but no one has signed them.
    let claims = format!(
        r#"{{"sub":"1","aud":"{}","token_use":"id"}}"#,
        stack.output("ClientId")
    );
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let forged = format!(
        "{}.{}.{}",
        encode(r#"{"alg":"none"}"#),
        encode(&claims),
        encode("x")
    );
    for headers in [
        &[][..],
        &[("authorization", "x")],
        &[("authorization", forged.as_str())],
    ] {
        let response = fetch("GET", &url, headers).await;
        assert_eq!(response.status, 401);
        assert_eq!(response.text(), r#"{"message":"Unauthorized"}"#);
        assert_eq!(response.header("access-control-allow-origin"), origin);
    }
    let missing = fetch("GET", &format!("{url}/x"), &[]).await;
    assert_eq!(missing.status, 403);
    assert!(missing.text().contains("Missing Authentication Token"));
    assert_eq!(missing.header("access-control-allow-origin"), origin);
    for caller in [origin, "https://example.org"] {
        let response = fetch("OPTIONS", &url, &[("origin", caller)]).await;
        assert_eq!(response.status, 204);
        assert_eq!(response.header("access-control-allow-origin"), origin);
        assert_eq!(
            response.header("access-control-allow-headers"),
            "Authorization"
        );
    }
}

#[tokio::test]
async fn the_api_rejects_an_id_token_of_another_app_client_of_the_pool() {
    let stack = stack().await;
    let create = [
        stack.pool(),
        ("--client-name", "other"),
        ("--explicit-auth-flows", "ALLOW_USER_PASSWORD_AUTH"),
    ];
    let client = aws("cognito-idp create-user-pool-client", &create).await;
    let credentials = format!("USERNAME={EMAIL},PASSWORD={PASSWORD}");
    let sign_in = [
        (
            "--client-id",
            client["UserPoolClient"]["ClientId"].as_str().unwrap(),
        ),
        ("--auth-flow", "USER_PASSWORD_AUTH"),
        ("--auth-parameters", &credentials),
    ];
    let tokens = aws("cognito-idp initiate-auth", &sign_in).await;
    let token = tokens["AuthenticationResult"]["IdToken"].as_str().unwrap();
    let url = format!("{}/hiUsers", stack.output("ApiUrl"));
    let response = fetch("GET", &url, &[("authorization", token)]).await;
    assert_eq!(response.status, 401, "{}", response.text());
}

/// The bucket's policy denies plain HTTP. MiniStack does not apply policies to the bucket's own account.
async fn denies_plain_http(bucket: &str) {
    let answer = aws("s3api get-bucket-policy", &[("--bucket", bucket)]).await;
    let policy: Value = serde_json::from_str(answer["Policy"].as_str().unwrap()).unwrap();
    let arn = format!("arn:aws:s3:::{bucket}");
    let denial = json!({
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, format!("{arn}/*")],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    });
    let statements = policy["Statement"].as_array().unwrap();
    assert!(statements.contains(&denial), "{bucket}: {policy}");
}

#[tokio::test]
async fn both_buckets_deny_plain_http() {
    let stack = stack().await;
    denies_plain_http(stack.output("SiteBucket")).await;
    denies_plain_http(&format!("hi-code-{ACCOUNT}-eu-west-1")).await;
}

#[tokio::test]
async fn a_bucket_that_another_account_has_created_first_is_not_used() {
    let other = "111122223333";
    let name = format!("squatted-code-{ACCOUNT}-eu-west-1");
    let bucket = ("--bucket", name.as_str());
    let place = "LocationConstraint=eu-west-1";
    let create = [bucket, ("--create-bucket-configuration", place)];
    aws_as(other, "s3api create-bucket", &create).await;
    // The other account lets us do everything, so that nothing seems wrong.
    let arn = format!("arn:aws:s3:::{name}");
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{ACCOUNT}:root") },
            "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
        }],
    });
    let policy = policy.to_string();
    aws_as(
        other,
        "s3api put-bucket-policy",
        &[bucket, ("--policy", &policy)],
    )
    .await;
    aws("s3api head-bucket", &[bucket]).await;

    let (output, succeeded) = xtask("deploy --stack squatted").await;
    let message = format!("S3 refuses access to the bucket {name}.");
    assert!(!succeeded && output.contains(&message), "{output}");
    // The first operation has failed already.
    assert!(output.contains("HeadBucket"), "{output}");
    let listed = aws_as(other, "s3api list-objects-v2", &[bucket]).await;
    assert_eq!(listed["Contents"], Value::Null);
    let stacks = aws("cloudformation describe-stacks", &[]).await.to_string();
    assert!(!stacks.contains("squatted"), "{stacks}");
}

#[tokio::test]
async fn a_preset_and_a_plan_configure_the_pool_which_only_destroy_deletes() {
    let deploy = "deploy --stack strict --parameter";
    let plus = "UserPoolTier=PLUS --parameter TokenValidityMinutes=20";
    let (output, succeeded) =
        xtask(&format!("{deploy} Preset=production --parameter {plus}")).await;
    assert!(succeeded, "{output}");
    let stack = Stack::find("strict").await;
    let pool = stack.user_pool().await;
    let length = &pool["Policies"]["PasswordPolicy"]["MinimumLength"];
    assert_eq!(length.to_string().replace('"', ""), "12");
    assert_eq!(pool["MfaConfiguration"], "OPTIONAL");
    assert_eq!(pool["UserPoolAddOns"]["AdvancedSecurityMode"], "ENFORCED");
    assert_eq!(pool["DeletionProtection"], "ACTIVE");
    let mfa = aws("cognito-idp get-user-pool-mfa-config", &[stack.pool()]).await;
    assert_eq!(mfa["SoftwareTokenMfaConfiguration"]["Enabled"], true);
    let client = stack.client().await;
    assert_eq!(client["ExplicitAuthFlows"], json!(["ALLOW_USER_SRP_AUTH"]));
    assert_eq!(validity(&client, "IdToken"), "20");
    assert_eq!(validity(&client, "RefreshToken"), "30");

    // LITE cannot rotate refresh tokens. An empty parameter has the preset's value again.
    let lite = format!("{deploy} UserPoolTier=LITE --parameter");
    let (output, succeeded) = xtask(&format!("{lite} RefreshTokenValidityDays=30")).await;
    let message = "RefreshTokenValidityDays must be 1 or empty";
    assert!(!succeeded && output.contains(message), "{output}");
    let (output, succeeded) = xtask(&format!("{lite} TokenValidityMinutes=")).await;
    assert!(succeeded, "{output}");
    let client = stack.client().await;
    assert_eq!(validity(&client, "IdToken"), "15");
    assert_eq!(validity(&client, "RefreshToken"), "1");
    let pool = stack.user_pool().await;
    assert_eq!(pool["UserPoolAddOns"]["AdvancedSecurityMode"], Value::Null);

    // Nobody deletes the users by accident: CloudFormation alone cannot.
    let named = [("--stack-name", "strict")];
    aws("cloudformation delete-stack", &named).await;
    let deleted = try_aws("cloudformation wait stack-delete-complete", &named).await;
    assert!(deleted.is_err(), "the stack is deleted");
    assert_eq!(stack.user_pool().await["DeletionProtection"], "ACTIVE");
    let (output, succeeded) = xtask_with_input("destroy --stack strict", "no\n").await;
    assert!(!succeeded, "{output}");
    assert_eq!(stack.user_pool().await["DeletionProtection"], "ACTIVE");
    let (output, succeeded) = xtask_with_input("destroy --stack strict", "strict\n").await;
    assert!(succeeded, "{output}");
    for message in [
        "This command lifts the protection",
        "lift the user pool's deletion protection",
    ] {
        assert!(output.contains(message), "{output}");
    }
    let gone = try_aws("cognito-idp describe-user-pool", &[stack.pool()]).await;
    assert!(gone.is_err_and(|message| message.contains("ResourceNotFoundException")));
}

#[tokio::test]
async fn the_pool_enforces_the_templates_password_policy() {
    let stack = stack().await;
    for (password, reason) in [
        ("Abc12", "length greater than or equal to 6"),
        ("abcdef1", "uppercase"),
        ("Abcdefg", "numeric"),
    ] {
        let outcome = stack.sign_up("new@example.com", password).await;
        let message = outcome.unwrap_err();
        assert!(message.contains(reason), "{password}: {message}");
    }
    stack.sign_up("new@example.com", "ABCDE1").await.unwrap();
}

/// The violations of the content security policy that the console reports.
async fn violations(site: &Site) -> Vec<String> {
    let messages = site.browser.console().await;
    messages
        .into_iter()
        .map(|message| message.text)
        .filter(|text| text.contains("Content Security Policy"))
        .collect()
}

#[tokio::test]
async fn a_user_signs_in_is_greeted_renews_and_signs_out_under_the_content_security_policy() {
    journey_on(stack().await, async |site| {
        let deep = "orders/7?page=2#list";
        site.app().open_with(deep).await;
        site.app().offers_to_sign_in().await;
        site.app().sign_in().await;
        let sign_in_page = site.browser.address().await;
        assert!(sign_in_page.starts_with(site.stack.output("UserPoolDomain")), "{sign_in_page}");
        site.sign_in_as(EMAIL, PASSWORD).await;
        site.app().greets(EMAIL).await;
        let address = site.browser.address().await;
        assert_eq!(address, format!("{}orders/7?page=2#list", site.stack.output("SiteUrl")));
        site.browser.reload().await;
        site.app().greets(EMAIL).await;

        // The authorizer rejects a token with a wrong signature, and the app renews the session and repeats the call.
        let tamper = "const key = Object.keys(sessionStorage).find(key => key.endsWith('.session'));
            const session = JSON.parse(sessionStorage[key]);
            const token = session.id_token.slice(0, -8) + 'AAAAAAAA';
            sessionStorage[key] = JSON.stringify({ ...session, id_token: token });
            return token";
        let token = site.browser.run(tamper).await;
        let token = token.as_str().unwrap();
        let api = format!("{}/hiUsers", site.stack.output("ApiUrl"));
        let headers = [("authorization", token)];
        assert_eq!(fetch("GET", &api, &headers).await.status, 401);
        // An access token has no audience.
        let access_token = "const key = Object.keys(sessionStorage).find(key => key.endsWith('.session'));
            return JSON.parse(sessionStorage[key]).access_token";
        let access_token = site.browser.run(access_token).await;
        let headers = [("authorization", access_token.as_str().unwrap())];
        assert_eq!(fetch("GET", &api, &headers).await.status, 401);
        site.browser.reload().await;
        site.app().greets(EMAIL).await;
        let stored = site.browser.stored().await;
        assert!(!stored.contains(token), "not renewed");

        site.app().sign_out().await;
        site.app().offers_to_sign_in().await;
        assert_eq!(site.browser.address().await, site.stack.output("SiteUrl"));
        assert_eq!(violations(&site).await, Vec::<String>::new());

        // The browser enforces the policy and reports violations.
        let violate = "const script = document.createElement('script');
            script.text = 'window.ran = true';
            document.head.append(script);
            return [window.ran === true, await fetch('https://example.org').then(() => true, () => false)]";
        assert_eq!(site.browser.run(violate).await, json!([false, false]));
        let reported = violations(&site).await.concat();
        for directive in ["script-src", "connect-src"] {
            assert!(reported.contains(directive), "{reported}");
        }
    })
    .await;
}

/// The stack's outputs and the versions of the site's files. Equal if the stack was not recreated and no file was uploaded.
async fn identity(stack: &Stack) -> (Value, Value) {
    let bucket = [("--bucket", stack.output("SiteBucket"))];
    let versions = aws("s3api list-object-versions", &bucket).await;
    (stack.outputs.clone(), versions)
}

/// The lifetime of a kind of token, such as `IdToken`, in the unit of the template.
fn validity(client: &Value, kind: &str) -> String {
    let validity = &client[format!("{kind}Validity")];
    validity.to_string().replace('"', "")
}

#[tokio::test]
async fn a_second_deploy_updates_only_what_changed_and_a_failed_one_nothing() {
    let deploy = "deploy --stack again";
    let (output, succeeded) = xtask(deploy).await;
    assert!(
        succeeded && output.contains("upload index.html"),
        "{output}"
    );

    let (output, succeeded) = xtask(deploy).await;
    assert!(succeeded && output.contains("is live"), "{output}");
    for message in [
        "No changes to deploy",
        "code is there",
        "has all of this build",
    ] {
        assert!(output.contains(message), "{message}: {output}");
    }
    assert!(
        !output.contains("upload ") && !output.contains("invalidate"),
        "{output}"
    );

    let stack = Stack::find("again").await;
    let before = identity(&stack).await;
    assert_eq!(validity(&stack.client().await, "IdToken"), "60");
    let with = async |parameter: &str| xtask(&format!("{deploy} --parameter {parameter}")).await;
    let (output, succeeded) = with("TokenValidityMinutes=5").await;
    assert!(succeeded && !output.contains("upload "), "{output}");
    assert_eq!(validity(&stack.client().await, "IdToken"), "5");
    let stack = Stack::find("again").await;
    assert_eq!(identity(&stack).await, before);

    let (output, succeeded) = xtask(&format!("{deploy} --grant implicit")).await;
    assert!(
        succeeded && output.contains("upload index.html"),
        "{output}"
    );
    assert!(!output.contains(".wasm"), "{output}");
    let page = get(&stack, "").await.text();
    assert_eq!(settings_in(&page)["grant"], "implicit");

    let (output, succeeded) = with("UserPoolDomainPrefix=Not_This").await;
    assert!(
        !succeeded && output.contains("lowercase letters"),
        "{output}"
    );
    // That a prefix is taken turns out only during the update.
    let other = crate::stack().await;
    let (_, taken) = other.output("UserPoolDomain").split_once("//").unwrap();
    let (taken, _) = taken.split_once('.').unwrap();
    let (output_later, succeeded) = with(&format!("UserPoolDomainPrefix={taken}")).await;
    assert!(
        !succeeded && output_later.contains("already exists"),
        "{output_later}"
    );
    for output in [output, output_later] {
        let message = "the site, if there was one, is as it was";
        assert!(output.contains(message), "{output}");
    }
    assert_eq!(get(&stack, "").await.text(), page);

    // A stack is deleted only after its name is confirmed, and then completely.
    let destroy = "destroy --stack again";
    let (output, succeeded) = xtask_with_input(destroy, "yes\n").await;
    assert!(
        !succeeded && output.contains("nothing was taken down"),
        "{output}"
    );
    assert_eq!(get(&stack, "").await.text(), page);
    let (output, succeeded) = xtask_with_input(destroy, "again\n").await;
    assert!(succeeded, "{output}");
    let buckets = aws("s3api list-buckets", &[]).await.to_string();
    assert!(!buckets.contains("\"again-"), "{buckets}");
    let (output, succeeded) = xtask(&format!("{deploy} --dry-run")).await;
    assert!(succeeded && output.contains("Nothing is done."), "{output}");
    let (output, succeeded) = xtask_with_input(destroy, "again\n").await;
    assert!(
        !succeeded && output.contains("there is no stack again"),
        "{output}"
    );
}

/// Uploads a file that is not part of the build to a site.
async fn put(stack: &Stack, key: &str, text: &str) {
    let path = std::env::temp_dir().join(format!("{}-{key}", std::process::id()));
    std::fs::write(&path, text).unwrap();
    let object = [
        ("--bucket", stack.output("SiteBucket")),
        ("--key", key),
        ("--body", path.to_str().unwrap()),
    ];
    aws("s3api put-object", &object).await;
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn the_previous_page_works_until_the_new_one_is_deployed_everywhere() {
    let deploy = "deploy --stack before";
    let policy = async || {
        let page = get(&Stack::find("before").await, "").await;
        page.header("content-security-policy").to_owned()
    };
    let (output, succeeded) = xtask(deploy).await;
    assert!(succeeded, "{output}");
    let hashes = policy().await.matches("'sha256-").count();

    // The page of another build, its script, and a script of the build before that.
    let stack = Stack::find("before").await;
    let page =
        "<script src=app-0123456789abcdef.js></script><script>alert('Hello, world.');</script>";
    put(&stack, "index.html", page).await;
    put(&stack, "app-0123456789abcdef.js", "").await;
    put(&stack, "app-fedcba9876543210.js", "").await;

    // If the connection is lost before the page is uploaded, the old page stays and still works.
    let (output, succeeded) = xtask_disconnected(deploy, "*put-object*index.html*").await;
    assert!(!succeeded && output.contains("no connection"), "{output}");
    let message = "index.html could not be uploaded; the site shows the page it had";
    assert!(output.contains(message), "{output}");
    let old = get(&stack, "").await;
    assert_eq!(old.text(), page);
    // The hash of that script, from the CSP specification.
    let hash = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
    assert!(old.header("content-security-policy").contains(hash));

    let (output, succeeded) = xtask(deploy).await;
    assert!(
        succeeded && output.contains("upload index.html"),
        "{output}"
    );
    let both = policy().await;
    // In the directives for scripts and for styles.
    assert_eq!(both.matches("'sha256-").count(), hashes + 2, "{both}");
    assert!(both.contains(hash), "{both}");
    assert_eq!(get(&stack, "app-0123456789abcdef.js").await.status, 200);
    assert_eq!(get(&stack, "app-fedcba9876543210.js").await.status, 403);

    let (output, succeeded) = xtask(deploy).await;
    assert!(succeeded, "{output}");
    assert_eq!(policy().await.matches("'sha256-").count(), hashes);
}

#[tokio::test]
async fn a_site_can_have_its_own_domain_name_and_the_pools_identity_providers() {
    let request = [
        ("--region", "us-east-1"),
        ("--domain-name", "app.example.com"),
    ];
    let certificate = aws("acm request-certificate", &request).await;
    let certificate = certificate["CertificateArn"].as_str().unwrap();
    let deploy = "deploy --stack named --parameter";
    let name = "SiteDomainName=app.example.com";
    let (output, succeeded) = xtask(&format!("{deploy} {name}")).await;
    assert!(!succeeded, "{output}");
    assert!(
        output.contains("SiteDomainName needs CertificateArn"),
        "{output}"
    );

    let named = format!("{deploy} {name} --parameter CertificateArn={certificate}");
    let (output, succeeded) = xtask(&named).await;
    assert!(
        succeeded && output.contains("https://app.example.com/ is live"),
        "{output}"
    );
    let stack = Stack::find("named").await;
    let google = [
        stack.pool(),
        ("--provider-name", "Google"),
        ("--provider-type", "Google"),
        ("--provider-details", "client_id=x,client_secret=y"),
    ];
    aws("cognito-idp create-identity-provider", &google).await;
    let (output, succeeded) = xtask(&format!("{deploy} IdentityProviders=COGNITO,Google")).await;
    assert!(succeeded, "{output}");

    let client = stack.client().await;
    for urls in ["CallbackURLs", "LogoutURLs"] {
        assert_eq!(client[urls], json!(["https://app.example.com/"]));
    }
    let distribution = format!("https://{}/", stack.output("DistributionDomainName"));
    let config = settings_in(&fetch("GET", &distribution, &[]).await.text());
    assert_eq!(config["identityProviders"], json!(["Google"]));
    let rejected = fetch("GET", &format!("{}/hiUsers", stack.output("ApiUrl")), &[]).await;
    assert_eq!(
        rejected.header("access-control-allow-origin"),
        "https://app.example.com"
    );
}
