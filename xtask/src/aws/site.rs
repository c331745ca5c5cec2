//! The app's files on the site: keys, content types, caching and upload. Also writes the settings into the page.

use std::fs;
use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use scraper::{Html, Selector};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::aws::stack::Stack;
use crate::aws::{Aws, s3_answer, unless};
use crate::build::{content_hash, hexadecimal};
use crate::size::pack;
use crate::step::{root, step, target};

/// A file of the site.
pub struct File {
    /// Its path on the site.
    pub key: String,
    pub path: PathBuf,
    pub content_type: String,
    pub cache_control: &'static str,
}

/// The files in `dist/` in upload order: a file comes after the files that it needs, and the page comes last. Leaves out
/// `config.json`, a developer's own settings.
pub fn files() -> Result<Vec<File>> {
    let dist = root().join("dist");
    let mut files = Vec::new();
    let mut folders = vec![dist.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).context("dist/ is missing")? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let parts = path
                .strip_prefix(&dist)?
                .iter()
                .map(|part| part.to_string_lossy());
            let key = parts.collect::<Vec<_>>().join("/");
            if key != "config.json" {
                files.push(File::new(key, path));
            }
        }
    }
    files.sort_by_key(|file| {
        (
            file.key == "index.html",
            !file.is_immutable(),
            file.key.clone(),
        )
    });
    Ok(files)
}

/// The hashes of a page's inline scripts and styles for its content security policy (CSP Level 3, section 2.3.1).
pub fn inline_hashes(page: &str) -> Result<Vec<String>> {
    // Browsers do not run a JSON script, so the policy need not allow it.
    let inline = r#"style, script:not([src]):not([type="application/json"])"#;
    let inline = Selector::parse(inline).map_err(|error| anyhow::anyhow!("{error}"))?;
    let page = Html::parse_document(page);
    let texts = page
        .select(&inline)
        .map(|element| element.text().collect::<String>());
    let hash = |text: String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    Ok(texts.map(hash).collect())
}

/// The page that is on the site now; empty if there is none.
pub fn page(aws: &Aws, stack: &Stack) -> Result<String> {
    let bucket = stack.output("SiteBucket")?;
    let path = target().join("old-index.html");
    let mut get = aws.s3_command("get-object", bucket, &[("--key", "index.html")]);
    match unless("NoSuchKey", s3_answer(bucket, get.arg(&path)))? {
        Some(_) => Ok(fs::read_to_string(path)?),
        None => Ok(String::new()),
    }
}

/// Uploads the files that differ, the page last; then invalidates them in CloudFront, and deletes files that are no longer
/// needed.
pub fn put(
    aws: &Aws,
    stack: &Stack,
    mut files: Vec<File>,
    config: &Value,
    old_page: &str,
) -> Result<()> {
    let page = files.pop().context("dist/ has no files")?;
    files.push(page.with_settings(config)?);
    let bucket = stack.output("SiteBucket")?;
    let there = listed(aws, bucket)?;
    let mut changed = Vec::new();
    for file in &files {
        if !file.is_among(&there)? {
            file.upload(aws, bucket)?;
            changed.push(file);
        }
    }
    if changed.is_empty() {
        println!("✓ the site already has all of this build");
        return Ok(());
    }

    changed.retain(|file| !file.is_immutable());
    let mut paths: Vec<String> = changed
        .iter()
        .map(|file| format!("/{}", file.key))
        .collect();
    if paths.iter().any(|path| path == "/index.html") {
        paths.push("/".to_owned());
    }
    if !paths.is_empty() {
        invalidate(aws, stack.output("DistributionId")?, &paths)?;
    }
    // A browser that has just loaded the old page may still request that page's files.
    let is_needed = |key: &str| old_page.contains(key) || files.iter().any(|file| file.key == key);
    for (key, _) in there.iter().filter(|(key, _)| !is_needed(key)) {
        println!("▸ delete {key}, which neither this page nor the previous one needs");
        aws.s3("delete-object", bucket, &[("--key", key)])?;
    }
    Ok(())
}

/// The keys and ETags of a bucket's objects.
fn listed(aws: &Aws, bucket: &str) -> Result<Vec<(String, String)>> {
    let listed = aws.s3("list-objects-v2", bucket, &[])?;
    let objects = listed["Contents"].as_array().into_iter().flatten();
    let objects = objects.filter_map(|object| {
        let etag = object["ETag"].as_str()?.trim_matches('"');
        Some((object["Key"].as_str()?.to_owned(), etag.to_owned()))
    });
    Ok(objects.collect())
}

fn invalidate(aws: &Aws, distribution: &str, paths: &[String]) -> Result<()> {
    println!("▸ invalidate {}", paths.join(" "));
    let batch = json!({
        "Paths": { "Quantity": paths.len(), "Items": paths },
        "CallerReference": format!("{:?}", SystemTime::now()),
    });
    let batch = batch.to_string();
    let distribution = ("--distribution-id", distribution);
    let create = [distribution, ("--invalidation-batch", &batch)];
    let invalidation = aws.ask("cloudfront create-invalidation", &create)?;
    let id = invalidation["Invalidation"]["Id"].as_str();
    step(
        "wait until CloudFront has invalidated them",
        &mut aws.command(
            "cloudfront wait invalidation-completed",
            &[distribution, ("--id", id.unwrap_or_default())],
        ),
    )
}

impl File {
    fn new(key: String, path: PathBuf) -> Self {
        let mime = mime_guess::from_path(&key).first_or_octet_stream();
        let charset = match mime.type_() {
            mime_guess::mime::TEXT => "; charset=utf-8",
            _ => "",
        };
        let cache_control = match content_hash(&key) {
            // The name changes with the content.
            Some(_) => "public, max-age=31536000, immutable",
            None => "no-cache",
        };
        Self {
            content_type: format!("{mime}{charset}"),
            cache_control,
            key,
            path,
        }
    }

    /// The page with the settings in it, which saves visitors a request. Also writes the settings to `target/config.json`,
    /// for development against the stack.
    fn with_settings(self, config: &Value) -> Result<Self> {
        fs::write(target().join("config.json"), format!("{config:#}\n"))?;
        let path = target().join("index.html");
        fs::write(
            &path,
            page_with_settings(&fs::read_to_string(self.path)?, config)?,
        )?;
        Ok(Self { path, ..self })
    }

    /// Whether the content under this key never changes.
    fn is_immutable(&self) -> bool {
        content_hash(&self.key).is_some()
    }

    /// Whether the bucket has the same file, by key and ETag. With S3-managed encryption, the ETag is the content's MD5.
    fn is_among(&self, there: &[(String, String)]) -> Result<bool> {
        let md5 = hexadecimal(&Md5::digest(fs::read(&self.path)?));
        Ok(there
            .iter()
            .any(|(key, etag)| *key == self.key && (self.is_immutable() || *etag == md5)))
    }

    fn upload(&self, aws: &Aws, bucket: &str) -> Result<()> {
        println!("▸ upload {} ({})", self.key, self.cache_control);
        let (path, packed) = (self.path.to_string_lossy(), target().join("packed"));
        let packed_path = packed.to_string_lossy();
        let mut object = vec![
            ("--key", self.key.as_str()),
            ("--content-type", &self.content_type),
            ("--cache-control", self.cache_control),
        ];
        if self.is_immutable() {
            // CloudFront compresses too, but less well and not always. All browsers with WebAssembly accept Brotli over HTTPS.
            fs::write(&packed, pack(&fs::read(&self.path)?)?)?;
            object.extend([("--body", &*packed_path), ("--content-encoding", "br")]);
        } else {
            object.push(("--body", &path));
        }
        aws.s3("put-object", bucket, &object).with_context(|| {
            format!(
                "{} could not be uploaded; the site shows the page it had",
                self.key
            )
        })?;
        Ok(())
    }
}

/// Replaces the tag that preloads `config.json` with the settings.
fn page_with_settings(page: &str, config: &Value) -> Result<String> {
    let place = page.find("config.json");
    let tag = place.and_then(|place| {
        let start = page[..place].rfind('<')?;
        Some((start, place + page[place..].find('>')? + 1))
    });
    let (start, end) = tag.context("dist/index.html has no tag with config.json")?;
    // HTML ends a script at the first `</script`, even inside a JSON string.
    let settings = config.to_string().replace('<', r"\u003c");
    // The app calls both hosts soon: the token endpoint during a sign-in, the API after it.
    let connections: String = ["apiUrl", "userPoolDomain"]
        .iter()
        .filter_map(|key| Url::parse(config[key].as_str()?).ok())
        .map(|url| url.origin().ascii_serialization())
        .map(|origin| format!(r#"<link rel="preconnect" href="{origin}" crossorigin>"#))
        .collect();
    Ok([
        &page[..start],
        &connections,
        r#"<script id="config" type="application/json">"#,
        &settings,
        "</script>",
        &page[end..],
    ]
    .concat())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn files_with_a_content_hash_are_cached_for_a_year_and_others_are_revalidated() {
        #[track_caller]
        fn check(key: &str, content_type: &str, cache_control: &str) {
            let file = File::new(key.to_owned(), Path::new(key).to_path_buf());
            assert_eq!(file.content_type, content_type);
            assert_eq!(file.cache_control, cache_control);
        }
        let year = "public, max-age=31536000, immutable";
        check("app-7c94e69197a7d5fe_bg.wasm", "application/wasm", year);
        check(
            "app-7c94e69197a7d5fe.js",
            "text/javascript; charset=utf-8",
            year,
        );
        check("logo-a5179f3fc803e3af.svg", "image/svg+xml", year);
        // Trunk leaves out leading zeros.
        check("app-df2e11d5fbf5761_bg.wasm", "application/wasm", year);
        check("photo-20261130184500.png", "image/png", "no-cache");
        check("index.html", "text/html; charset=utf-8", "no-cache");
        check("robots.txt", "text/plain; charset=utf-8", "no-cache");
    }

    #[test]
    fn the_page_contains_the_settings_and_escapes_them() -> Result<()> {
        let page = "<title>t</title><link href=config.json rel=preload><p>x";
        let config = json!({ "apiUrl": "https://api.example.com/dev", "clientId": "</script><b>" });
        let made = page_with_settings(page, &config)?;
        assert_eq!(
            made,
            concat!(
                r#"<title>t</title><link rel="preconnect" href="https://api.example.com" crossorigin>"#,
                r#"<script id="config" type="application/json">{"apiUrl":"https://api.example.com/dev","#,
                r#""clientId":"\u003c/script>\u003cb>"}</script><p>x"#
            )
        );
        assert!(inline_hashes(&made)?.is_empty());
        assert!(page_with_settings("<p>x", &json!({})).is_err());
        Ok(())
    }

    #[test]
    fn only_inline_scripts_and_styles_are_hashed() -> Result<()> {
        let page = "<script src=a.js></script><script>alert('Hello, world.');</script><p>x";
        // The example from the CSP specification.
        let hash = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert_eq!(inline_hashes(page)?, [hash]);
        assert_eq!(inline_hashes("<style>p{}</style>")?.len(), 1);
        assert!(inline_hashes("")?.is_empty());
        Ok(())
    }
}
