//! Makes `Word`, one variant for each key of languages/en.txt, and holds every other language to the same keys.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

#[path = "src/app/words/file.rs"]
mod file;

use file::{entries, fingerprint};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=languages");
    let english = fs::read_to_string("languages/en.txt")?;
    let mut tags: Vec<String> = Vec::new();
    for entry in fs::read_dir("languages")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let tag = name.strip_suffix(".txt");
        tags.push(
            tag.ok_or_else(|| format!("languages/{name} is no .txt file"))?
                .to_owned(),
        );
    }
    // English first: it is there without being asked for.
    tags.sort_by_key(|tag| (tag != "en", tag.clone()));

    let mut languages = String::new();
    for tag in &tags {
        let path = format!("languages/{tag}.txt");
        let text = fs::read_to_string(&path)?;
        check(&english, &text).map_err(|wrong| format!("{path}: {wrong}"))?;
        let name = entries(&text).next().map_or("", |(_, name)| name);
        write!(languages, "({tag:?}, {name:?}), ")?;
    }

    let mut variants = String::new();
    for (key, text) in entries(&english) {
        let variant: String = key.split('_').map(capitalized).collect();
        write!(variants, "    /// {text:?}\n    {variant},\n")?;
    }
    // What stands below the line is not part of the app.
    let above = english.split("\n# ---").next().unwrap_or_default();
    let texts: Vec<&str> = entries(above).map(|(_, text)| text).collect();
    let code = format!(
        "/// A text, by its key in `languages/en.txt`.\n\
         #[derive(Clone, Copy, Debug, PartialEq, Eq)]\n\
         pub enum Word {{\n{variants}}}\n\n\
         /// The languages that there are: their tags, and their names in themselves.\n\
         pub const LANGUAGES: &[(&str, &str)] = &[{languages}];\n\n\
         const ENGLISH: &str = {:?};\n\n\
         const KEYS: u32 = {};\n",
        texts.join("\0"),
        fingerprint(&english),
    );
    let out = env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    fs::write(Path::new(&out).join("words.rs"), code)?;
    Ok(())
}

/// Whether this language says all that English does, in the same order, and leaves the same places to be filled in.
fn check(english: &str, other: &str) -> Result<(), String> {
    let lines = other.lines().map(str::trim_end);
    for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if entries(line).next().is_none_or(|(_, text)| text.is_empty()) {
            return Err(format!("“{line}” should be: key = text"));
        }
    }
    let mut entries_here = entries(other);
    for (key, text) in entries(english) {
        let Some((key_here, text_here)) = entries_here.next() else {
            return Err(format!("“{key}” is missing at its end"));
        };
        if key_here != key {
            return Err(format!("“{key}” should stand where “{key_here}” does"));
        }
        if places(text) != places(text_here) {
            return Err(format!("“{key}” should have the places {:?}", places(text)));
        }
    }
    match entries_here.next() {
        Some((key, _)) => Err(format!("“{key}” is not in English")),
        None => Ok(()),
    }
}

/// The places that are filled in: `{0}`, `{1}`.
fn places(text: &str) -> BTreeSet<&str> {
    ["{0}", "{1}"]
        .into_iter()
        .filter(|place| text.contains(place))
        .collect()
}

fn capitalized(part: &str) -> String {
    let mut letters = part.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
