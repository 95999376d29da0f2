//! `migrations/<schema>/NNNN_name.sql`, counted without a gap, so that two people who add one each notice
//! it before a database does. The platform's tables stand in every schema and count from 0001, a
//! service's own from 1001.

use std::collections::BTreeMap;

use super::{Finding, Rule};
use crate::workspace::Workspace;

pub(super) const RULE: Rule = Rule { name: "migrations", find };

const PLATFORM: &str = "platform";
const FIRST_OF_PLATFORM: u32 = 1;
const FIRST_OF_SERVICE: u32 = 1001;

fn find(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut last: BTreeMap<&str, u32> = BTreeMap::new();
    // In order of name, which is the order they run in.
    for path in workspace.files.keys().filter(|path| path.ends_with(".sql")) {
        let Some((schema, file)) = path.strip_prefix("migrations/").and_then(|path| path.split_once('/'))
        else {
            continue;
        };
        let Some(number) = number(file) else {
            findings.push(Finding::in_file(path, "must be called NNNN_name.sql, in small letters"));
            continue;
        };
        let wanted = last.get(schema).map_or(first(schema), |last| last + 1);
        if number != wanted {
            findings.push(Finding::in_file(path, format!("has number {number:04} where {wanted:04} is due")));
        }
        last.insert(schema, number);
    }
    findings
}

fn first(schema: &str) -> u32 {
    if schema == PLATFORM { FIRST_OF_PLATFORM } else { FIRST_OF_SERVICE }
}

fn number(file: &str) -> Option<u32> {
    let (number, name) = file.strip_suffix(".sql")?.split_once('_')?;
    let plain = name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    (number.len() == 4 && !name.is_empty() && plain).then(|| number.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_a_double_and_a_bad_name_are_found() {
        let files =
            ["1001_a", "1001_b", "1003_c", "4_d", "1004_E"].map(|name| format!("migrations/bot/{name}.sql"));
        let files: Vec<_> = files.iter().map(|path| (path.as_str(), "")).collect();
        let found = find(&Workspace::of(&files));
        let paths: Vec<_> = found.iter().map(|f| f.path.rsplit('/').next().unwrap()).collect();
        assert_eq!(paths, ["1001_b.sql", "1003_c.sql", "1004_E.sql", "4_d.sql"]);
    }

    #[test]
    fn each_schema_counts_for_itself() {
        let files = [
            ("migrations/platform/0001_a.sql", ""),
            ("migrations/bot/1001_a.sql", ""),
            ("migrations/crm/1001_a.sql", ""),
        ];
        assert_eq!(find(&Workspace::of(&files)), []);
    }
}
