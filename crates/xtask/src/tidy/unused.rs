//! A crate names every dependency that it takes: one that it does not name costs building time and
//! tells the reader something that is not so.

use super::{Finding, Rule, has_word};
use crate::workspace::{Crate, Workspace};

pub(super) const RULE: Rule = Rule { name: "unused dependencies", find };

/// Named by code that a build script generates, which is not among the sources.
const NAMED_BY_GENERATED_CODE: &[&str] = &["prost", "tonic", "tonic-prost"];

fn find(workspace: &Workspace) -> Vec<Finding> {
    workspace.crates.iter().flat_map(|member| unused(workspace, member)).collect()
}

fn unused(workspace: &Workspace, member: &Crate) -> Vec<Finding> {
    let generates = workspace.files.contains_key(&format!("{}/build.rs", member.folder));
    let exempt = |name: &str| generates && NAMED_BY_GENERATED_CODE.contains(&name);
    let named = |name: &str| {
        let name = name.replace('-', "_");
        workspace.sources(&member.folder).any(|(_, text)| text.lines().any(|line| has_word(line, &name)))
    };
    let unused = member.dependencies.iter().filter(|edge| !exempt(&edge.name) && !named(&edge.name));
    let manifest = format!("{}/Cargo.toml", member.folder);
    unused
        .map(|edge| Finding::in_file(&manifest, format!("takes {} and never names it: remove it", edge.name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    #[test]
    fn a_dependency_that_is_never_named_is_found() {
        let dependencies = ["serde-saphyr", "bytes", "prost"];
        let dependencies =
            dependencies.map(|name| Dependency { name: name.to_owned(), dev: false, ours: false }).to_vec();
        let member = Crate { name: "x".to_owned(), folder: "crates/x".to_owned(), dependencies };
        let files = [("crates/x/src/lib.rs", "use serde_saphyr::from_str;"), ("crates/x/build.rs", "")];
        let found = find(&Workspace { crates: vec![member], ..Workspace::of(&files) });
        assert_eq!(found.len(), 1);
        assert!(found[0].what.starts_with("takes bytes"));
    }
}
