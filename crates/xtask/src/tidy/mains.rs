//! A service is a library: its program only names the role and hands it to the kit.

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "mains", find };

const SERVICES: &[&str] = &["gateway", "bot", "llm-worker", "crm", "analytics"];
const MOST_LINES: usize = 10;

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mains = SERVICES.iter().filter_map(|name| {
        let path = format!("crates/{name}/src/main.rs");
        let lines = workspace.files.get(&path)?.lines().count();
        (lines > MOST_LINES).then(|| {
            Finding::in_file(
                &path,
                format!("has {lines} lines and may have {MOST_LINES}: move the rest to the library"),
            )
        })
    });
    mains.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_main_is_found() {
        let long = "//\n".repeat(MOST_LINES + 1);
        let files = [("crates/bot/src/main.rs", long.as_str()), ("crates/dragoman/src/main.rs", &long)];
        assert_eq!(find(&Workspace::of(&files)).len(), 1);
    }
}
