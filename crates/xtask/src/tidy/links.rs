//! A link from one page of ours to another leads somewhere.

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "links", find };

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in workspace.files.iter().filter(|(path, _)| path.ends_with(".md")) {
        let mut in_code = false;
        for (index, line) in text.lines().enumerate() {
            in_code ^= line.trim_start().starts_with("```");
            if in_code {
                continue;
            }
            for target in targets(line).filter(|target| !leads_somewhere(workspace, path, target)) {
                findings.push(Finding::at(path, index, format!("links to {target}, which is not there")));
            }
        }
    }
    findings
}

/// What the links of a line point to: `](target)` and `](target "title")`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.match_indices("](").filter_map(|(start, mark)| {
        let rest = &line[start + mark.len()..];
        rest[..rest.find(')')?].split_whitespace().next()
    });
    targets.map(|target| target.trim_matches(['<', '>']))
}

fn leads_somewhere(workspace: &Workspace, page: &str, target: &str) -> bool {
    let file = target.split('#').next().unwrap_or_default();
    if file.is_empty() || target.contains("://") || target.starts_with("mailto:") {
        return true;
    }
    let mut place: Vec<&str> = match file.strip_prefix('/') {
        Some(_) => Vec::new(),
        None => page.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect(),
    };
    for part in file.split('/').filter(|part| !part.is_empty() && *part != ".") {
        match part {
            ".." if place.pop().is_none() => return false,
            ".." => {}
            part => place.push(part),
        }
    }
    let place = place.join("/");
    let folder = format!("{place}/");
    workspace.files.contains_key(&place)
        || workspace.files.keys().any(|path| path.starts_with(&folder))
        || workspace.root.join(&place).exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nothing_is_found() {
        let page = "[a](../README.md) [b](adr/001.md#why) [c](missing.md) [d](https://example.org/x)\n\
            [e](#here) [f](/docs/adr \"folder\") ![g](none.png)\n```\n[h](example.md)\n```\n";
        let files = [("docs/ARCHITECTURE.md", page), ("README.md", ""), ("docs/adr/001.md", "")];
        let workspace = Workspace { root: "/nonexistent".into(), ..Workspace::of(&files) };
        let found: Vec<_> = find(&workspace).into_iter().map(|f| (f.line.unwrap(), f.what)).collect();
        assert_eq!(
            found,
            [
                (1, "links to missing.md, which is not there".to_owned()),
                (2, "links to none.png, which is not there".to_owned())
            ]
        );
    }
}
