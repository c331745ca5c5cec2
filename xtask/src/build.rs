//! `cargo xtask build`: the release build.

use anyhow::Result;

use crate::step::{program, step};
use crate::tools;

/// Makes `dist/`.
pub fn run() -> Result<()> {
    tools::wasm_target()?;
    tools::rust_source()?;
    tools::trunk()?;
    tools::wasm_bindgen()?;
    tools::wasm_opt()?;
    // A panic becomes a bare trap, and its messages and source paths (of the machine that built it) stay out of the
    // download: about 10 KB for every visitor. The standard library has to be compiled along for that, which stable
    // cargo does only when asked like this. `trunk build --release` works without, and is that much larger.
    step(
        "build dist/",
        program("trunk")
            .args(["build", "--release", "--locked"])
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
            .env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                "-Zunstable-options -Cpanic=immediate-abort",
            )
            .env("TRUNK_SKIP_VERSION_CHECK", "true"),
    )
}
