//! The rules that the compiler does not know. Each is a file that says what it forbids and why, with a
//! bad example as its test; `RULES` is the list.

mod attributes;
mod containment;
mod crate_docs;
mod dependencies;
mod length;
mod links;
mod machine_paths;
mod mains;
mod migrations;
mod tiers;
mod unfinished;
mod unused;

use anyhow::bail;

use crate::shell::say;
use crate::workspace::Workspace;

/// One rule.
pub struct Rule {
    pub name: &'static str,
    pub find: fn(&Workspace) -> Vec<Finding>,
}

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// From the root.
    pub path: String,
    /// Counted from one.
    pub line: Option<usize>,
    /// What is wrong and what to do.
    pub what: String,
    /// Worth saying, but no failure.
    pub notice: bool,
}

/// Every rule there is.
pub const RULES: &[Rule] = &[
    tiers::RULE,
    containment::RULE,
    dependencies::RULE,
    unused::RULE,
    crate_docs::RULE,
    mains::RULE,
    length::RULE,
    attributes::RULE,
    unfinished::RULE,
    machine_paths::RULE,
    migrations::RULE,
    links::RULE,
];

impl Finding {
    fn in_file(path: &str, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: None, what: what.into(), notice: false }
    }

    fn at(path: &str, index: usize, what: impl Into<String>) -> Self {
        Self { line: Some(index + 1), ..Self::in_file(path, what) }
    }

    fn notice(path: &str, what: impl Into<String>) -> Self {
        Self { notice: true, ..Self::in_file(path, what) }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        write!(f, "{}{line}: {}", self.path, self.what)
    }
}

/// What every rule finds, by rule.
pub fn findings(workspace: &Workspace) -> impl Iterator<Item = (&'static str, Finding)> {
    RULES.iter().flat_map(|rule| (rule.find)(workspace).into_iter().map(|finding| (rule.name, finding)))
}

/// Prints what the rules find; an error if any of it is a failure.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<()> {
    let mut failures = 0;
    for (rule, finding) in findings(workspace) {
        failures += usize::from(!finding.notice);
        say(&format!("{} {rule}: {finding}", if finding.notice { "note" } else { "FAIL" }));
    }
    if failures > 0 {
        bail!("tidy: {failures} to put right");
    }
    say(&format!("tidy: {} rules hold in {} files", RULES.len(), workspace.files.len()));
    Ok(())
}

/// Whether `word` stands in `line` with nothing of a name before or after it.
fn has_word(line: &str, word: &str) -> bool {
    let of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(of_name) && !after.is_some_and(of_name)
    })
}

/// The part of a line of Rust that is not a comment. A `//` inside a string is taken for one, which
/// hides the rest of that line and no more.
fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_not_a_part_of_a_name() {
        assert!(has_word("use sqlx::Pool;", "sqlx"));
        assert!(has_word("#[sqlx(rename)]", "sqlx"));
        assert!(!has_word("use jiff_sqlx::ToSqlx;", "sqlx"));
        assert!(!has_word("let sqlx_error = 1;", "sqlx"));
    }
}
