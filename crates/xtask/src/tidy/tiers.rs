//! Who may depend on whom: a crate's edges go to a lower tier only, so that there are no circles and no
//! service that knows another. `docs/ARCHITECTURE.md` draws the same table.

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "tiers", find };

/// From the lowest. Within a tier there are no edges.
const TIERS: &[&[&str]] = &[
    // words
    &["ids", "classify"],
    &["events"],
    // platform
    &["pg", "bot-folder", "local-servers", "outbound", "rpc"],
    &["bus", "jobs"],
    &["service-kit", "telegram"],
    // services, the Bot API server that stands in for Telegram, and the CRMs that stand in for the real ones
    &["gateway", "bot", "llm-worker", "crm", "analytics", "telegram-sim", "crm-sim"],
    // programs
    &["dragoman", "testkit"],
    &["e2e", "bench", "xtask"],
];

/// What any crate's tests may use, whatever its tier.
const FOR_TESTS: &str = "testkit";

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &workspace.crates {
        let manifest = format!("{}/Cargo.toml", member.folder);
        let Some(own) = tier(&member.name) else {
            let what = format!("{} has no tier: give it one in crates/xtask/src/tidy/tiers.rs", member.name);
            findings.push(Finding::in_file(&manifest, what));
            continue;
        };
        for edge in member.dependencies.iter().filter(|edge| edge.ours) {
            let upward = tier(&edge.name).is_some_and(|other| other >= own);
            let for_tests = edge.dev && edge.name == FOR_TESTS;
            if upward && !for_tests {
                let what =
                    format!("{} may not depend on {}, which is not in a lower tier", member.name, edge.name);
                findings.push(Finding::in_file(&manifest, what));
            }
        }
    }
    findings
}

fn tier(name: &str) -> Option<usize> {
    TIERS.iter().position(|tier| tier.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::{Crate, Dependency};

    fn with_edge(from: &str, to: &str, dev: bool) -> Vec<Finding> {
        let edge = Dependency { name: to.to_owned(), dev, ours: true };
        let member =
            Crate { name: from.to_owned(), folder: format!("crates/{from}"), dependencies: vec![edge] };
        find(&Workspace { crates: vec![member], ..Workspace::default() })
    }

    #[test]
    fn edges_go_down_only() {
        assert_eq!(with_edge("bus", "pg", false), []);
        assert_eq!(with_edge("pg", "bus", false).len(), 1);
        assert_eq!(with_edge("bot", "crm", false).len(), 1, "services do not know each other");
        assert_eq!(with_edge("bot", "crm", true).len(), 1, "nor do their tests");
    }

    #[test]
    fn tests_may_use_the_testkit() {
        assert_eq!(with_edge("pg", "testkit", true), []);
        assert_eq!(with_edge("pg", "testkit", false).len(), 1);
    }

    #[test]
    fn a_new_crate_needs_a_tier() {
        assert!(with_edge("newcomer", "ids", false)[0].what.contains("has no tier"));
    }
}
