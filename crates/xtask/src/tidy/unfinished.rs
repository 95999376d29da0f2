//! What is not finished is not committed: a note to oneself is an issue, and a stub is nothing.

use super::{Finding, Rule, has_word};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "unfinished", find };

/// Whole words, anywhere: code, texts, pages.
const WORDS: &[&str] =
    &["TODO", "FIXME", "XXX", "HACK", "(to be written)", "not implemented yet", "coming soon", "lorem ipsum"];

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in
        workspace.files.iter().filter(|(path, _)| *path != file!() && !path.ends_with(".lock"))
    {
        for (index, line) in text.lines().enumerate() {
            for word in WORDS.iter().filter(|word| has_word(line, word)) {
                findings.push(Finding::at(
                    path,
                    index,
                    format!("says {word}: finish it or write it down elsewhere"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_to_oneself_is_found_in_code_and_in_pages() {
        let files = [
            ("crates/x/src/a.rs", "// TODO: later\nlet f = mktemp(\"aXXXXXX\");\n"),
            ("docs/a.md", "(to be written)\n"),
        ];
        let found: Vec<_> = find(&Workspace::of(&files)).into_iter().map(|f| (f.path, f.line)).collect();
        assert_eq!(found, [("crates/x/src/a.rs".to_owned(), Some(1)), ("docs/a.md".to_owned(), Some(1))]);
    }
}
