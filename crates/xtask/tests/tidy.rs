//! The rules hold, here and now.

use std::path::Path;

use xtask::tidy;
use xtask::workspace::Workspace;

#[test]
fn the_workspace_is_tidy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let workspace = Workspace::load(root).unwrap();
    let failures: Vec<_> = tidy::findings(&workspace)
        .filter(|(_, finding)| !finding.notice)
        .map(|(rule, finding)| format!("{rule}: {finding}"))
        .collect();
    assert!(failures.is_empty(), "to put right:\n{}", failures.join("\n"));
}
