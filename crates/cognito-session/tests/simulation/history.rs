//! What happened, in plain words, one line an event, with the time and the tab.
//! Nothing is written unless someone wants to read it.

use std::cell::RefCell;

pub struct History {
    lines: Option<RefCell<Vec<String>>>,
}

impl History {
    pub fn new(is_kept: bool) -> Self {
        Self {
            lines: is_kept.then(RefCell::default),
        }
    }

    /// Adds a line. `now` is in milliseconds.
    pub fn note(&self, now: u64, text: impl FnOnce() -> String) {
        if let Some(lines) = &self.lines {
            let line = format!("{:>5}.{:03} s  {}", now / 1000, now % 1000, text());
            lines.borrow_mut().push(line);
        }
    }

    pub fn lines(&self) -> Vec<String> {
        self.lines
            .as_ref()
            .map(|it| it.borrow().clone())
            .unwrap_or_default()
    }
}
