//! The stack of `infra/template.yaml`, deployed to a local AWS by `cargo xtask deploy` and used as CloudFront, API
//! Gateway, Lambda and Cognito serve it there.
//!
//! Left out, because MiniStack has it not: `response_type=token`, managed login's branding, the pages for signing up
//! and for forgotten passwords, `/oauth2/revoke`, refresh token rotation at `/oauth2/token`, compression and caching in
//! CloudFront, and the authorizer's refusal of an access token.
#![allow(clippy::panic, clippy::unwrap_used)]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use e2e::aws::{Answer, Stack, ask, aws, journey_at, xtask, xtask_answered, xtask_cut_off};
use e2e::{EMAIL, PASSWORD};
use serde_json::Value;
use tokio::sync::OnceCell;

/// The stack that tests look at and leave as it is.
async fn stack() -> Stack {
    static DEPLOYED: OnceCell<()> = OnceCell::const_new();
    DEPLOYED
        .get_or_init(async || {
            let (said, succeeded) = xtask("deploy --stack hi").await;
            assert!(succeeded && said.contains("is live"), "{said}");
            let stack = Stack::find("hi").await;
            stack.retype_password_policy().await;
            stack.sign_up(EMAIL, PASSWORD).await.unwrap();
        })
        .await;
    Stack::find("hi").await
}

/// What the site answers to this path.
async fn get(stack: &Stack, path: &str) -> Answer {
    ask("GET", &format!("{}{path}", stack.output("SiteUrl")), &[]).await
}

/// The names of the page's script and its module.
async fn hashed_files(stack: &Stack) -> Vec<String> {
    let page = get(stack, "").await.text();
    let names = page.split(['"', '\'', '=', ' ', '>', '/']);
    let is_hashed = |name: &&str| name.contains('-') && !name.contains(':');
    let files = names.filter(|name| name.ends_with(".js") || name.ends_with(".wasm"));
    files.filter(is_hashed).map(str::to_owned).collect()
}

/// The settings that a page carries.
fn settings_in(page: &str) -> Value {
    let (_, rest) = page.split_once(r#"type="application/json">"#).unwrap();
    let (settings, _) = rest.split_once("</script>").unwrap();
    serde_json::from_str(settings).unwrap()
}

#[tokio::test]
async fn every_answer_of_the_site_carries_its_headers() {
    let stack = stack().await;
    let page = get(&stack, "").await;
    assert_eq!(page.status, 200);
    for answer in [
        page,
        get(&stack, "languages/en.txt").await,
        get(&stack, "missing.js").await,
    ] {
        #[rustfmt::skip]
        let expected = [
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("permissions-policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.header(name), value, "{name}");
        }
        is_strict(&stack, answer.header("content-security-policy"));
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
async fn files_are_kept_for_a_year_and_the_page_is_asked_for_again() {
    let stack = stack().await;
    let year = "public, max-age=31536000, immutable";
    let files = hashed_files(&stack).await;
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        let content_type = match file.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            _ => "application/wasm",
        };
        let answer = get(&stack, &file).await;
        assert_eq!(answer.status, 200, "{file}");
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("cache-control"), year, "{file}");
        assert_eq!(answer.header("content-encoding"), "br", "{file}");
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
async fn a_place_inside_the_app_is_answered_with_the_app_and_a_missing_file_is_not() {
    let stack = stack().await;
    let page = get(&stack, "").await.text();
    assert!(page.contains("<title>Hi Users</title>"), "{page}");
    for path in [
        "orders",
        "orders/7?page=2",
        "people/ada@example.com",
        "v1.2/notes",
    ] {
        let answer = get(&stack, path).await;
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, page.clone()),
            "{path}"
        );
    }
    for path in [
        "missing.js",
        "orders/missing.wasm",
        "old-0123456789abcdef.css",
    ] {
        let answer = get(&stack, path).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(!answer.text().contains("<title>"), "{path}");
    }
    let site = stack.output("SiteUrl");
    let plain = ask(
        "GET",
        &format!("{}orders", site.replace("https:", "http:")),
        &[],
    )
    .await;
    assert_eq!(plain.status, 301);
    assert_eq!(plain.header("location"), format!("{site}orders"));
    assert_eq!(ask("POST", site, &[]).await.status, 403);

    // Nobody reads the bucket but CloudFront.
    let bucket = [("--bucket", stack.output("SiteBucket"))];
    let blocked = aws("s3api get-public-access-block", &bucket).await;
    for way in [
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    ] {
        assert_eq!(
            blocked["PublicAccessBlockConfiguration"][way], true,
            "{way}"
        );
    }
}

#[tokio::test]
async fn the_api_lets_nobody_in_without_a_token_of_the_pool_and_tells_the_site_alone() {
    let stack = stack().await;
    let url = format!("{}/hiUsers", stack.output("ApiUrl"));
    let origin = stack.output("SiteUrl").trim_end_matches('/');
    // Signed by nobody: a header and claims that look right.
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
        let answer = ask("GET", &url, headers).await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.text(), r#"{"message":"Unauthorized"}"#);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
    }
    let missing = ask("GET", &format!("{url}/x"), &[]).await;
    assert_eq!(missing.status, 403);
    assert!(missing.text().contains("Missing Authentication Token"));
    assert_eq!(missing.header("access-control-allow-origin"), origin);
    for asking in [origin, "https://example.org"] {
        let answer = ask("OPTIONS", &url, &[("origin", asking)]).await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.header("access-control-allow-origin"), origin);
        assert_eq!(
            answer.header("access-control-allow-headers"),
            "Authorization"
        );
    }
}

#[tokio::test]
async fn the_pool_takes_the_passwords_that_the_template_says() {
    let stack = stack().await;
    for (password, refusal) in [
        ("Abc12", "length greater than or equal to 6"),
        ("abcdef1", "uppercase"),
        ("Abcdefg", "numeric"),
    ] {
        let refused = stack.sign_up("new@example.com", password).await;
        let words = refused.unwrap_err();
        assert!(words.contains(refusal), "{password}: {words}");
    }
    stack.sign_up("new@example.com", "ABCDE1").await.unwrap();
}

/// The content security policy's complaints since the last time it was asked.
async fn violations(site: &e2e::aws::Site) -> Vec<String> {
    let lines = site.browser.console().await;
    lines
        .into_iter()
        .filter(|line| line.contains("Content Security Policy"))
        .collect()
}

#[tokio::test]
async fn somebody_signs_in_is_greeted_renews_and_signs_out_under_the_policy() {
    journey_at(stack().await, async |site| {
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

        // The real authorizer refuses a token with another signature, the app renews it, and the call is repeated.
        let spoil = "const key = Object.keys(sessionStorage).find(key => key.endsWith('.session'));
            const session = JSON.parse(sessionStorage[key]);
            const spoilt = session.id_token.slice(0, -8) + 'AAAAAAAA';
            sessionStorage[key] = JSON.stringify({ ...session, id_token: spoilt });
            return spoilt";
        let spoilt = site.browser.run(spoil).await;
        let api = format!("{}/hiUsers", site.stack.output("ApiUrl"));
        let headers = [("authorization", spoilt.as_str().unwrap())];
        assert_eq!(ask("GET", &api, &headers).await.status, 401);
        site.browser.reload().await;
        site.app().greets(EMAIL).await;
        let stored = site.browser.stored().await;
        assert!(!stored.contains(spoilt.as_str().unwrap()), "not renewed");

        site.app().sign_out().await;
        site.browser.sees("You have signed out.").await;
        site.app().offers_to_sign_in().await;
        assert_eq!(site.browser.address().await, site.stack.output("SiteUrl"));
        assert_eq!(violations(&site).await, Vec::<String>::new());

        // It is in force: what it forbids does not happen, and is complained of.
        let ran = "const script = document.createElement('script');
            script.text = 'window.ran = true';
            document.head.append(script);
            return [window.ran === true, await fetch('https://example.org').then(() => true, () => false)]";
        assert_eq!(site.browser.run(ran).await, serde_json::json!([false, false]));
        let complaints = violations(&site).await.concat();
        for directive in ["script-src", "connect-src"] {
            assert!(complaints.contains(directive), "{complaints}");
        }
    })
    .await;
}

/// All by which somebody could tell that the stack was made anew or the site changed.
async fn identity(stack: &Stack) -> (Value, Value) {
    let bucket = [("--bucket", stack.output("SiteBucket"))];
    let versions = aws("s3api list-object-versions", &bucket).await;
    (stack.outputs.clone(), versions)
}

/// How long an ID token lives, in minutes.
async fn id_token_validity(stack: &Stack) -> String {
    let validity = &stack.client().await["IdTokenValidity"];
    validity.to_string().replace('"', "")
}

#[tokio::test]
async fn a_second_deploy_changes_only_what_changed_and_a_failed_one_nothing() {
    let deploy = "deploy --stack again";
    let (said, succeeded) = xtask(deploy).await;
    assert!(succeeded && said.contains("upload index.html"), "{said}");

    let (said, succeeded) = xtask(deploy).await;
    assert!(succeeded && said.contains("is live"), "{said}");
    for words in [
        "No changes to deploy",
        "code is there",
        "has all of this build",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(
        !said.contains("upload ") && !said.contains("invalidate"),
        "{said}"
    );

    let stack = Stack::find("again").await;
    let before = identity(&stack).await;
    assert_eq!(id_token_validity(&stack).await, "60");
    let with = async |parameter: &str| xtask(&format!("{deploy} --parameter {parameter}")).await;
    let (said, succeeded) = with("TokenValidityMinutes=5").await;
    assert!(succeeded && !said.contains("upload "), "{said}");
    assert_eq!(id_token_validity(&stack).await, "5");
    let stack = Stack::find("again").await;
    assert_eq!(identity(&stack).await, before);

    let (said, succeeded) = xtask(&format!("{deploy} --grant implicit")).await;
    assert!(succeeded && said.contains("upload index.html"), "{said}");
    assert!(!said.contains(".wasm"), "{said}");
    let page = get(&stack, "").await.text();
    assert_eq!(settings_in(&page)["grant"], "implicit");

    let (said, succeeded) = with("UserPoolDomainPrefix=Not_This").await;
    assert!(!succeeded && said.contains("lower-case letters"), "{said}");
    // That it is taken is found out when the update is under way.
    let elsewhere = crate::stack().await;
    let (_, taken) = elsewhere.output("UserPoolDomain").split_once("//").unwrap();
    let (taken, _) = taken.split_once('.').unwrap();
    let (said_later, succeeded) = with(&format!("UserPoolDomainPrefix={taken}")).await;
    assert!(
        !succeeded && said_later.contains("already exists"),
        "{said_later}"
    );
    for said in [said, said_later] {
        let words = "the site, if there was one, is as it was";
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(get(&stack, "").await.text(), page);

    // Taken down only where somebody means it, and then without a rest.
    let destroy = "destroy --stack again";
    let (said, succeeded) = xtask_answered(destroy, "yes\n").await;
    assert!(
        !succeeded && said.contains("nothing was taken down"),
        "{said}"
    );
    assert_eq!(get(&stack, "").await.text(), page);
    let (said, succeeded) = xtask_answered(destroy, "again\n").await;
    assert!(succeeded, "{said}");
    let buckets = aws("s3api list-buckets", &[]).await.to_string();
    assert!(!buckets.contains("\"again-"), "{buckets}");
    let (said, succeeded) = xtask(&format!("{deploy} --dry-run")).await;
    assert!(succeeded && said.contains("Nothing is done."), "{said}");
    let (said, succeeded) = xtask_answered(destroy, "again\n").await;
    assert!(
        !succeeded && said.contains("there is no stack again"),
        "{said}"
    );
}

/// Puts a file of somebody else's making on a site.
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
async fn the_page_before_can_run_until_the_new_one_is_everywhere() {
    let deploy = "deploy --stack before";
    let policy = async || {
        let page = get(&Stack::find("before").await, "").await;
        page.header("content-security-policy").to_owned()
    };
    let (said, succeeded) = xtask(deploy).await;
    assert!(succeeded, "{said}");
    let hashes = policy().await.matches("'sha256-").count();

    // The page of another build, its script, and what was left of the build before that.
    let stack = Stack::find("before").await;
    let page =
        "<script src=app-0123456789abcdef.js></script><script>alert('Hello, world.');</script>";
    put(&stack, "index.html", page).await;
    put(&stack, "app-0123456789abcdef.js", "").await;
    put(&stack, "app-fedcba9876543210.js", "").await;

    // The connection is lost before the page is there: the old one stays, and may still run.
    let (said, succeeded) = xtask_cut_off(deploy, "*put-object*index.html*").await;
    assert!(!succeeded && said.contains("no connection"), "{said}");
    let words = "index.html could not be uploaded; the site shows the page it had";
    assert!(said.contains(words), "{said}");
    let old = get(&stack, "").await;
    assert_eq!(old.text(), page);
    // Of that script, from the CSP specification.
    let hash = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
    assert!(old.header("content-security-policy").contains(hash));

    let (said, succeeded) = xtask(deploy).await;
    assert!(succeeded && said.contains("upload index.html"), "{said}");
    let both = policy().await;
    // For scripts and styles.
    assert_eq!(both.matches("'sha256-").count(), hashes + 2, "{both}");
    assert!(both.contains(hash), "{both}");
    assert_eq!(get(&stack, "app-0123456789abcdef.js").await.status, 200);
    assert_eq!(get(&stack, "app-fedcba9876543210.js").await.status, 403);

    let (said, succeeded) = xtask(deploy).await;
    assert!(succeeded, "{said}");
    assert_eq!(policy().await.matches("'sha256-").count(), hashes);
}

#[tokio::test]
async fn a_site_has_a_name_of_its_own_and_the_providers_that_the_pool_has() {
    let request = [
        ("--region", "us-east-1"),
        ("--domain-name", "app.example.com"),
    ];
    let certificate = aws("acm request-certificate", &request).await;
    let certificate = certificate["CertificateArn"].as_str().unwrap();
    let deploy = "deploy --stack named --parameter";
    let name = "SiteDomainName=app.example.com";
    let (said, succeeded) = xtask(&format!("{deploy} {name}")).await;
    assert!(!succeeded, "{said}");
    assert!(
        said.contains("SiteDomainName needs CertificateArn"),
        "{said}"
    );

    let named = format!("{deploy} {name} --parameter CertificateArn={certificate}");
    let (said, succeeded) = xtask(&named).await;
    assert!(
        succeeded && said.contains("https://app.example.com/ is live"),
        "{said}"
    );
    let stack = Stack::find("named").await;
    let google = [
        stack.pool(),
        ("--provider-name", "Google"),
        ("--provider-type", "Google"),
        ("--provider-details", "client_id=x,client_secret=y"),
    ];
    aws("cognito-idp create-identity-provider", &google).await;
    let (said, succeeded) = xtask(&format!("{deploy} IdentityProviders=COGNITO,Google")).await;
    assert!(succeeded, "{said}");

    let client = stack.client().await;
    for urls in ["CallbackURLs", "LogoutURLs"] {
        assert_eq!(
            client[urls],
            serde_json::json!(["https://app.example.com/"])
        );
    }
    let distribution = format!("https://{}/", stack.output("DistributionDomainName"));
    let config = settings_in(&ask("GET", &distribution, &[]).await.text());
    assert_eq!(config["identityProviders"], serde_json::json!(["Google"]));
    let refused = ask("GET", &format!("{}/hiUsers", stack.output("ApiUrl")), &[]).await;
    assert_eq!(
        refused.header("access-control-allow-origin"),
        "https://app.example.com"
    );
}
