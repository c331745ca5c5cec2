//! `cargo xtask fuzz`: runs the fuzz targets with libFuzzer.

use std::fs;

use anyhow::{Context, Result};
use toml::Table;

use crate::step::{cargo, root, run_all, step};
use crate::tools;

/// Runs each fuzz target for `seconds`.
pub fn run(seconds: u32) -> Result<()> {
    run_all(tools::cargo_fuzz()?)?;
    step(
        "build the fuzz targets (a few minutes, once)",
        // The sanitizers look for mistakes in unsafe code, and there is none.
        cargo().args(["fuzz", "build", "--sanitizer", "none"]),
    )?;
    for target in targets()? {
        // Inputs that libFuzzer finds interesting stay in the corpus for the next run.
        let corpus = format!("fuzz/corpus/{target}");
        fs::create_dir_all(root().join(&corpus))?;
        step(
            &format!("fuzz {target} for {seconds} s"),
            cargo()
                .args(["fuzz", "run", "--sanitizer", "none", &target, &corpus])
                .arg(format!("fuzz/seeds/{target}"))
                .args(["--", "-max_len=8192", "-timeout=5", "-verbosity=0"])
                .args([
                    "-print_final_stats=1",
                    &format!("-max_total_time={seconds}"),
                ]),
        )?;
    }
    Ok(())
}

fn targets() -> Result<Vec<String>> {
    let manifest: Table = fs::read_to_string(root().join("fuzz/Cargo.toml"))?.parse()?;
    let bins = manifest.get("bin").and_then(|bins| bins.as_array());
    bins.context("fuzz/Cargo.toml has no [[bin]]")?
        .iter()
        .map(|bin| {
            Ok(bin["name"]
                .as_str()
                .context("a [[bin]] without a name")?
                .to_owned())
        })
        .collect()
}
