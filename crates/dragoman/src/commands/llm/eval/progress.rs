//! How far it is, for somebody who looks at a terminal.

use std::io::{IsTerminal, Write, stderr};

use crate::environment;

const WIDTH: usize = 24;
/// Of a case's name; a line that wraps could not be written over.
const NAME: usize = 44;

/// A line that is written over. On a pipe it says nothing.
pub(super) struct Progress {
    by: String,
    done: usize,
    of: usize,
    is_seen: bool,
    is_coloured: bool,
}

impl Progress {
    pub(super) fn new(by: &str, of: usize) -> Self {
        let is_seen = stderr().is_terminal();
        let is_coloured = is_seen && environment::variable("NO_COLOR").is_none();
        Self { by: by.to_owned(), done: 0, of, is_seen, is_coloured }
    }

    /// This one is done.
    pub(super) fn goes_on(&mut self, name: &str) {
        self.done += 1;
        if self.is_seen {
            // Nobody is left to be told when the terminal itself is gone.
            let _ = write!(stderr(), "\r\x1b[K{}", self.line(name));
        }
    }

    pub(super) fn ends(&self) {
        if self.is_seen {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }

    fn line(&self, name: &str) -> String {
        let full = (self.done * WIDTH / self.of.max(1)).min(WIDTH);
        let (bar, rest) = ("█".repeat(full), "░".repeat(WIDTH - full));
        let bar = if self.is_coloured { format!("\x1b[32m{bar}\x1b[0m") } else { bar };
        let name: String = name.chars().take(NAME).collect();
        format!("{} {bar}{rest} {}/{} {name}", self.by, self.done, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_as_full_as_the_work_is_done() {
        let progress = Progress { by: "a/b".to_owned(), done: 6, of: 12, is_seen: true, is_coloured: false };
        let wanted = format!("a/b {}{} 6/12 a case", "█".repeat(12), "░".repeat(12));
        assert_eq!(progress.line("a case"), wanted);
        let coloured = Progress { is_coloured: true, ..progress };
        assert!(coloured.line("a case").contains("\x1b[32m"));
    }
}
