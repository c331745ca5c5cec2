//! What the app says, in the language that is chosen. The texts stand in `languages/*.txt`, one file for each language;
//! the first part of English belongs to the app, all else is fetched when it is needed.

mod file;

mod outcomes;

pub use outcomes::Message;

use crate::cognito::json::decimal;

include!(concat!(env!("OUT_DIR"), "/words.rs"));

/// One language's texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// The language's tag (RFC 5646), as Cognito's `lang` and HTML's know it.
    pub tag: &'static str,
    /// With NUL between them, in the order of [`Word`]: a table of addresses would be larger than the texts.
    texts: &'static str,
    /// Whether all of them are there.
    pub is_whole: bool,
}

impl Words {
    /// What is there without being asked for, also where nothing can be fetched.
    pub const ENGLISH: Self = Self {
        tag: "en",
        texts: ENGLISH,
        is_whole: false,
    };

    /// Reads a language's file; `None` if it is no such file, or another version's.
    #[must_use]
    pub fn read(tag: &'static str, file: &str) -> Option<Self> {
        if file::fingerprint(file) != KEYS {
            return None;
        }
        let mut texts = String::new();
        for (_, text) in file::entries(file) {
            texts.push_str(text);
            texts.push('\0');
        }
        Some(Self {
            tag,
            // A person changes the language a few times in a page's life, if at all.
            texts: texts.leak(),
            is_whole: true,
        })
    }

    /// The text; nothing, if it is not there yet.
    #[must_use]
    pub fn say(self, word: Word) -> &'static str {
        self.texts
            .split('\0')
            .nth(word as usize)
            .unwrap_or_default()
    }

    /// A length of time: whole days, hours, minutes or, below two minutes, seconds.
    #[must_use]
    pub fn duration(self, seconds: u64) -> String {
        let (number, word) = match seconds {
            0..120 => (seconds, Word::Seconds),
            120..7200 => (seconds / 60, Word::Minutes),
            7200..172_800 => (seconds / 3600, Word::Hours),
            _ => (seconds / 86_400, Word::Days),
        };
        self.fill(word, &decimal(number))
    }

    /// The text with this in the place `{0}`.
    #[must_use]
    pub fn fill(self, word: Word, value: &str) -> String {
        self.fill_two(word, value, "")
    }

    /// The text with these in the places `{0}` and `{1}`.
    #[must_use]
    pub fn fill_two(self, word: Word, first: &str, second: &str) -> String {
        let mut pieces = self.say(word).split('{');
        let mut text = pieces.next().unwrap_or_default().to_owned();
        // In pieces, so that what was filled in is not looked at again.
        for piece in pieces {
            let (value, rest) = match piece.split_once('}') {
                Some(("0", rest)) => (first, rest),
                Some(("1", rest)) => (second, rest),
                // A brace of the text's own.
                _ => ("{", piece),
            };
            text.push_str(value);
            text.push_str(rest);
        }
        text
    }
}

/// The first of the wanted languages that there is, by its whole tag or by its first part; else English.
#[must_use]
pub fn choose(wanted: &[String]) -> &'static str {
    let primary = |tag: &str| tag.find('-').unwrap_or(tag.len());
    let find = |wanted: &String| {
        let is = |(tag, _): &&(&str, &str)| tag.eq_ignore_ascii_case(wanted);
        let is_like = |(tag, _): &&(&str, &str)| {
            tag[..primary(tag)].eq_ignore_ascii_case(&wanted[..primary(wanted)])
        };
        let exactly = LANGUAGES.iter().find(is);
        exactly.or_else(|| LANGUAGES.iter().find(is_like))
    };
    let found = wanted.iter().find_map(find);
    found.map_or(Words::ENGLISH.tag, |(tag, _)| tag)
}
