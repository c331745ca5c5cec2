//! The README shows files of the project. They are the same, byte for byte.
#![cfg(not(target_arch = "wasm32"))]

#[test]
fn the_page_in_the_readme_is_the_one_in_the_example() {
    let readme = include_str!("../README.md");
    let page = include_str!("../examples/with-router/src/pages/orders.rs");
    assert!(readme.contains(&format!("```rust\n{page}```\n")));
}
