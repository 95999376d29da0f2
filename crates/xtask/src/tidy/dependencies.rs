//! Versions are in one place: a crate takes every dependency and the lints from the workspace, and the
//! workspace lists nothing that no crate takes.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "dependencies", find };

const KINDS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut taken = BTreeSet::new();
    for (path, text) in workspace.files.iter().filter(|(path, _)| is_member(path)) {
        let Ok(manifest) = text.parse::<Table>() else {
            findings.push(Finding::in_file(path, "is not TOML"));
            continue;
        };
        for (name, value) in declared(&manifest) {
            taken.insert(name.clone());
            if value.get("workspace").and_then(Value::as_bool) != Some(true) {
                let what = format!("{name} must come from the workspace: `{name}.workspace = true`");
                findings.push(Finding::in_file(path, what));
            }
        }
        let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
        if lints.and_then(Value::as_bool) != Some(true) {
            findings.push(Finding::in_file(
                path,
                "must take the lints of the workspace: `[lints] workspace = true`",
            ));
        }
    }
    findings.extend(listed_in_vain(workspace, &taken));
    findings
}

fn is_member(path: &str) -> bool {
    path.ends_with("/Cargo.toml")
}

/// Every dependency of a manifest, whatever its kind and platform.
fn declared(manifest: &Table) -> impl Iterator<Item = (&String, &Value)> {
    let platforms = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values);
    let tables = std::iter::once(manifest).chain(platforms.filter_map(Value::as_table));
    let tables = tables.flat_map(|table| KINDS.iter().filter_map(|kind| table.get(*kind)?.as_table()));
    tables.flatten()
}

fn listed_in_vain(workspace: &Workspace, taken: &BTreeSet<String>) -> Vec<Finding> {
    let root =
        workspace.files.get("Cargo.toml").and_then(|text| text.parse::<Table>().ok()).unwrap_or_default();
    let listed = root.get("workspace").and_then(|workspace| workspace.get("dependencies"));
    let names = listed.and_then(Value::as_table).into_iter().flat_map(Table::keys);
    let in_vain = names.filter(|name| !taken.contains(*name));
    in_vain.map(|name| Finding::in_file("Cargo.toml", format!("no crate takes {name}: remove it"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_its_own_or_lints_of_its_own_are_found() {
        let manifest = "[dependencies]\nserde = \"1\"\nbytes.workspace = true\n\
            [target.'cfg(unix)'.dev-dependencies]\nrustix = { version = \"1\" }\n";
        let found = find(&Workspace::of(&[("crates/x/Cargo.toml", manifest)]));
        let what: Vec<_> = found.iter().map(|finding| finding.what.split(' ').next().unwrap()).collect();
        assert_eq!(what, ["serde", "rustix", "must"]);
    }

    #[test]
    fn a_dependency_that_nobody_takes_is_found() {
        let found = find(&Workspace::of(&[
            ("Cargo.toml", "[workspace.dependencies]\nserde = \"1\"\nbytes = \"1\"\n"),
            ("crates/x/Cargo.toml", "lints.workspace = true\n[dependencies]\nserde.workspace = true\n"),
        ]));
        assert_eq!(found, [Finding::in_file("Cargo.toml", "no crate takes bytes: remove it")]);
    }
}
