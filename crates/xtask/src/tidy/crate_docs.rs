//! A library begins by saying what it owns.

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "crate docs", find };

fn find(workspace: &Workspace) -> Vec<Finding> {
    let libraries = workspace.sources("crates").filter(|(path, _)| path.ends_with("/src/lib.rs"));
    let silent = libraries.filter(|(_, text)| !text.starts_with("//! "));
    silent.map(|(path, _)| Finding::in_file(path, "must begin with `//! ` and what the crate owns")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_without_its_first_sentence_is_found() {
        let found = find(&Workspace::of(&[
            ("crates/x/src/lib.rs", "mod y;\n"),
            ("crates/z/src/lib.rs", "//! Owns z.\n"),
        ]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "crates/x/src/lib.rs");
    }
}
