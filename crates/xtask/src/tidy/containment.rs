//! Where a library may be named. What is named in one place can be understood, replaced and faked in
//! that place; what is named everywhere can not.

use super::{Finding, Rule, code, has_word};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "containment", find };

struct Contained {
    library: &'static str,
    /// Crates that may name it anywhere.
    crates: &'static [&'static str],
    /// The module of a service that may name it: `src/<module>/…` or `src/<module>.rs`.
    module: Option<&'static str>,
    /// Whether tests (`tests/` of any crate, and the end-to-end tests and measurements) may.
    tests: bool,
}

const CONTAINED: &[Contained] = &[
    Contained {
        library: "sqlx",
        crates: &["pg", "bus", "jobs", "testkit"],
        module: Some("store"),
        tests: true,
    },
    Contained {
        library: "axum",
        crates: &["service-kit", "telegram-sim", "crm-sim"],
        module: Some("http"),
        tests: true,
    },
    Contained { library: "async_nats", crates: &["bus"], module: None, tests: true },
    Contained {
        library: "reqwest",
        crates: &["outbound", "telegram", "llm-worker", "crm"],
        module: None,
        tests: true,
    },
];

/// Crates that are tests through and through.
const TEST_CRATES: &[&str] = &["e2e", "bench"];

impl Contained {
    fn allows(&self, name: &str, path_in_crate: &str) -> bool {
        let in_module = self.module.is_some_and(|module| {
            let rest = path_in_crate.strip_prefix("src/").and_then(|path| path.strip_prefix(module));
            rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
        });
        let in_tests = TEST_CRATES.contains(&name) || path_in_crate.starts_with("tests/");
        self.crates.contains(&name) || in_module || (self.tests && in_tests)
    }
}

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in workspace.sources("crates") {
        let mut parts = path.splitn(3, '/').skip(1);
        let (Some(name), Some(inner)) = (parts.next(), parts.next()) else { continue };
        if name == "xtask" {
            continue; // these very rules
        }
        for contained in CONTAINED.iter().filter(|contained| !contained.allows(name, inner)) {
            for (index, line) in text.lines().enumerate() {
                // A name in a string is an option of a logger or a text for people.
                let bare = code(line).split('"').step_by(2);
                if bare.into_iter().any(|part| has_word(part, contained.library)) {
                    let module =
                        contained.module.map(|m| format!(" and a service's {m}/")).unwrap_or_default();
                    let what = format!(
                        "{} belongs in {}{module} only",
                        contained.library,
                        contained.crates.join(", ")
                    );
                    findings.push(Finding::at(path, index, what));
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, line: &str) -> usize {
        find(&Workspace::of(&[(path, line)])).len()
    }

    #[test]
    fn a_library_outside_its_place_is_found() {
        assert_eq!(found("crates/bot/src/handlers/update.rs", "use sqlx::PgConnection;"), 1);
        assert_eq!(found("crates/bot/src/store/conversation.rs", "use sqlx::PgConnection;"), 0);
        assert_eq!(found("crates/bot/src/store.rs", "use sqlx::PgConnection;"), 0);
        assert_eq!(found("crates/pg/src/pool.rs", "use sqlx::PgPool;"), 0);
        assert_eq!(found("crates/gateway/src/lib.rs", "fn routes() -> axum::Router"), 1);
        assert_eq!(found("crates/gateway/src/http/kpi.rs", "fn routes() -> axum::Router"), 0);
        assert_eq!(found("crates/crm/src/lib.rs", "async_nats::connect()"), 1);
        assert_eq!(found("crates/crm/tests/webhook.rs", "reqwest::get()"), 0);
        assert_eq!(found("crates/gateway/src/lib.rs", "reqwest::get()"), 1);
    }

    #[test]
    fn comments_and_texts_may_name_anything() {
        assert_eq!(found("crates/bot/src/lib.rs", "// unlike sqlx, this"), 0);
        assert_eq!(found("crates/service-kit/src/log.rs", r#"filter("info,sqlx=warn")"#), 0);
    }
}
