//! Comparing: which deals are there, and which of them have a mark of ours.

use std::collections::HashSet;

use ids::{Timestamp, Uuid};
use serde_json::Value;

use super::super::Trouble;
use super::line::{A_PAGE, Line};
use super::mark::values;
use super::reading::{is_true, number, text};
use crate::domain::deal::Marked;

/// Pages that are read for a comparison, the newest deals first.
const MOST_PAGES: usize = 40;

pub(super) async fn there(line: &Line, deals: &[String]) -> Result<HashSet<String>, Trouble> {
    let query: Vec<(&str, &str)> = deals.iter().map(|id| ("filter[id][]", id.as_str())).collect();
    if query.is_empty() {
        // Without a filter all of them would be there.
        return Ok(HashSet::new());
    }
    let found = line.pages("leads", "leads", &query, 1).await?;
    let is_there = found.iter().filter(|deal| !is_true(deal, "/is_deleted"));
    Ok(is_there.filter_map(|deal| number(deal, "/id")).map(|id| id.to_string()).collect())
}

pub(super) async fn marked(
    line: &Line,
    since: Timestamp,
    field: &str,
) -> Result<(Vec<Marked>, bool), Trouble> {
    let since = since.as_second().to_string();
    let query = [("filter[created_at][from]", since.as_str()), ("order[created_at]", "desc")];
    let found = line.pages("leads", "leads", &query, MOST_PAGES).await?;
    let is_all = found.len() < MOST_PAGES * A_PAGE.parse::<usize>().unwrap_or(usize::MAX);
    let marked = |deal: &Value| {
        let mark = mark_of(deal, field)?;
        Some(Marked { mark, deals: vec![number(deal, "/id")?.to_string()] })
    };
    let ours = found.iter().filter(|deal| !is_true(deal, "/is_deleted")).filter_map(marked);
    Ok((ours.collect(), is_all))
}

/// The id of a lead in the field for it, or at the end of the name.
fn mark_of(deal: &Value, field: &str) -> Option<Uuid> {
    let in_field = values(deal, field).find_map(|value| value.parse().ok());
    in_field.or_else(|| super::super::mark_at_the_end(&text(deal, "/name")))
}
