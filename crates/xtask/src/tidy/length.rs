//! A file holds one idea. Past 400 lines it is named; past 600 it must be split, unless it is on the
//! list below, whose numbers may only go down.

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "length", find };

const NAMED_ABOVE: usize = 400;
const REFUSED_ABOVE: usize = 600;
const KINDS: &[&str] = &[".rs", ".js", ".ts", ".css", ".html", ".py", ".sh"];

/// Longer files and how long each may be. When one gets shorter, lower its number or strike it.
const LONGER: &[(&str, usize)] = &[];

fn find(workspace: &Workspace) -> Vec<Finding> {
    judge(workspace, LONGER)
}

fn judge(workspace: &Workspace, longer: &[(&str, usize)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in
        workspace.files.iter().filter(|(path, _)| KINDS.iter().any(|kind| path.ends_with(kind)))
    {
        let lines = text.lines().count();
        let listed = longer.iter().find(|(listed, _)| listed == path).map(|(_, most)| *most);
        match listed {
            Some(most) if lines <= REFUSED_ABOVE => {
                findings.push(Finding::in_file(
                    path,
                    format!("is down to {lines} lines: strike it from LONGER ({most})"),
                ));
            }
            Some(most) if lines < most => {
                findings.push(Finding::in_file(
                    path,
                    format!("is down to {lines} lines: lower its number ({most})"),
                ));
            }
            Some(most) if lines > most => {
                findings
                    .push(Finding::in_file(path, format!("has {lines} lines and may have {most}: split it")));
            }
            Some(_) => {}
            None if lines > REFUSED_ABOVE => {
                findings.push(Finding::in_file(
                    path,
                    format!("has {lines} lines and may have {REFUSED_ABOVE}: split it"),
                ));
            }
            None if lines > NAMED_ABOVE => {
                findings.push(Finding::notice(
                    path,
                    format!("has {lines} lines: past {NAMED_ABOVE}, think of splitting it"),
                ));
            }
            None => {}
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: usize, longer: &[(&str, usize)]) -> Option<(bool, String)> {
        let found = judge(&Workspace::of(&[("crates/x/src/a.rs", "x\n".repeat(lines).as_str())]), longer);
        found.into_iter().next().map(|finding| (finding.notice, finding.what))
    }

    #[test]
    fn long_files_are_named_then_refused() {
        assert_eq!(of(400, &[]), None);
        assert!(of(401, &[]).unwrap().0);
        assert!(!of(601, &[]).unwrap().0);
    }

    #[test]
    fn the_list_may_only_shrink() {
        let listed = [("crates/x/src/a.rs", 700)];
        assert_eq!(of(700, &listed), None);
        assert!(of(701, &listed).unwrap().1.contains("split"));
        assert!(of(699, &listed).unwrap().1.contains("lower its number"));
        assert!(of(600, &listed).unwrap().1.contains("strike it"));
    }
}
