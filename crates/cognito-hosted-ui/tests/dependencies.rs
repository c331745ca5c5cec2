//! The protocol has no clock, no randomness, no network and no browser API, and neither has anything that it depends on.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

use std::process::Command;

/// The names of all crates that are linked into this one, for this target or for the host.
fn dependencies(target: Option<&str>) -> Vec<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["tree", "--package", env!("CARGO_PKG_NAME")])
        .args(["--edges", "normal", "--prefix", "none"])
        .args(["--offline", "--locked"]);
    if let Some(target) = target {
        cargo.args(["--target", target]);
    }
    let output = cargo.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let names = lines.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[track_caller]
fn check(target: Option<&str>) {
    let dependencies = dependencies(target);
    let contains = |name: &str| dependencies.iter().any(|dependency| dependency == name);
    assert!(contains("serde_json"), "{dependencies:?}");
    for name in [
        "web-sys",
        "js-sys",
        "wasm-bindgen",
        "leptos",
        "getrandom",
        "tokio",
        "reqwest",
    ] {
        assert!(!contains(name), "{name}: {dependencies:?}");
    }
}

#[test]
fn in_the_browser_nothing_has_an_effect() {
    check(Some("wasm32-unknown-unknown"));
}

#[test]
fn natively_nothing_has_an_effect() {
    check(None);
}
