//! A lint is silenced with `expect` and its reason, so that the exception goes when its cause goes; and
//! a test that does not run proves nothing.

use super::{Finding, Rule, code};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "attributes", find };

const REFUSED: &[(&str, &str)] = &[
    ("#[allow(", "write `#[expect(…, reason = \"…\")]`"),
    ("#![allow(", "write `#![expect(…, reason = \"…\")]`"),
    ("#[ignore", "make the test run or remove it"),
];

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in workspace.sources("crates").filter(|(path, _)| *path != file!()) {
        for (index, line) in text.lines().enumerate() {
            for (_, instead) in REFUSED.iter().filter(|(attribute, _)| code(line).contains(attribute)) {
                findings.push(Finding::at(path, index, *instead));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silenced_lint_and_a_skipped_test_are_found() {
        let text = "#[allow(dead_code)]\nfn a() {}\n#[test]\n#[ignore = \"slow\"]\nfn b() {}\n#[expect(x)]\n";
        let lines: Vec<_> =
            find(&Workspace::of(&[("crates/x/src/a.rs", text)])).iter().map(|f| f.line).collect();
        assert_eq!(lines, [Some(1), Some(4)]);
    }
}
