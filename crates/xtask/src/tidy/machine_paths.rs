//! Nothing committed knows the machine it was written on: no path of a person's folder.

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "machine paths", find };

/// Where people keep their checkouts; what follows is a name.
const FOLDERS: &[&str] = &["/home/", "/Users/", "/work/", "/workspace/", "/root/"];

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in
        workspace.files.iter().filter(|(path, _)| *path != file!() && !path.ends_with(".lock"))
    {
        for (index, line) in text.lines().enumerate() {
            if let Some(folder) = FOLDERS.iter().find(|folder| starts_a_path(line, folder)) {
                findings.push(Finding::at(
                    path,
                    index,
                    format!("names a path below {folder}: it exists on one machine only"),
                ));
            }
        }
    }
    findings
}

/// Whether `folder` stands at the beginning of a path, not inside one (`https://…/work/`, `$x/home/`).
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + folder.len()..].chars().next();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=:<".contains(c))
            && after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_machine_is_found() {
        let lines = "cd /home/anna/dragoman\nsee https://example.org/work/a\nHOME=/home/\n";
        let found = find(&Workspace::of(&[("docs/a.md", lines)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, Some(1));
    }
}
