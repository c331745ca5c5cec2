//! The app's files, as they are uploaded: their names, types and how long they may be kept.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use scraper::{Html, Selector};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::build::{content_hash, hexadecimal};
use crate::step::{root, target};

/// One file.
pub struct File {
    /// Its name on the site.
    pub key: String,
    pub path: PathBuf,
    pub content_type: String,
    pub cache_control: &'static str,
}

/// The files in `dist/` in the order of their upload: what others need comes before them, the page comes last. The
/// settings are not among them, they are the stack's.
pub fn files() -> Result<Vec<File>> {
    let dist = root().join("dist");
    let mut files = Vec::new();
    let mut folders = vec![dist.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).context("there is no dist/")? {
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

/// The hashes by which a content security policy allows a page's inline scripts (CSP Level 3, section 2.3.1).
pub fn script_hashes(page: &str) -> Result<Vec<String>> {
    let inline =
        Selector::parse("script:not([src])").map_err(|error| anyhow::anyhow!("{error}"))?;
    let page = Html::parse_document(page);
    let scripts = page
        .select(&inline)
        .map(|script| script.text().collect::<String>());
    let hash = |script: String| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(script)));
    Ok(scripts.map(hash).collect())
}

impl File {
    fn new(key: String, path: PathBuf) -> Self {
        let mime = mime_guess::from_path(&key).first_or_octet_stream();
        let charset = match mime.type_() {
            mime_guess::mime::TEXT => "; charset=utf-8",
            _ => "",
        };
        let cache_control = match (key.as_str(), content_hash(&key)) {
            // Another content has another name.
            (_, Some(_)) => "public, max-age=31536000, immutable",
            ("config.json", _) => "no-store",
            _ => "no-cache",
        };
        Self {
            content_type: format!("{mime}{charset}"),
            cache_control,
            key,
            path,
        }
    }

    /// The settings.
    pub fn config(config: &Value) -> Result<Self> {
        let path = target().join("config.json");
        fs::write(&path, format!("{config:#}\n"))?;
        Ok(Self::new("config.json".to_owned(), path))
    }

    /// Whether its content never changes.
    pub fn is_immutable(&self) -> bool {
        content_hash(&self.key).is_some()
    }

    /// What S3 calls the content's ETag when it encrypts with keys of its own.
    pub fn md5(&self) -> Result<String> {
        Ok(hexadecimal(&Md5::digest(fs::read(&self.path)?)))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn what_is_named_by_its_content_is_kept_and_the_rest_asked_for_again() {
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
        check("main-a5179f3fc803e3af.css", "text/css; charset=utf-8", year);
        check("index.html", "text/html; charset=utf-8", "no-cache");
        check("robots.txt", "text/plain; charset=utf-8", "no-cache");
        check("config.json", "application/json", "no-store");
    }

    #[test]
    fn inline_scripts_are_hashed_and_no_others() -> Result<()> {
        let page = "<script src=a.js></script><script>alert('Hello, world.');</script><p>x";
        // The example of the CSP specification.
        let hash = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='";
        assert_eq!(script_hashes(page)?, [hash]);
        assert!(script_hashes("")?.is_empty());
        Ok(())
    }
}
