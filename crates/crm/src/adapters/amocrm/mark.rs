//! Our marks in what we make: by them it is found again after an attempt of which nobody knows how it ended.

use serde_json::Value;

use super::super::Trouble;
use super::line::Line;
use super::reading::{is_true, list, number, text};
use crate::domain::deal::Made;

/// Characters of a deal's name.
const LONGEST_NAME: usize = 255;
/// Pages of what the search for a mark finds; it is generous.
const MOST_FOUND: usize = 4;
/// Pages of a deal's notes, the newest first: ours was put there minutes ago.
const MOST_NOTES: usize = 4;

/// A deal's name with the mark at its end, as far as it fits; a mark of nothing leaves the name alone.
pub(super) fn named(name: &str, mark: &str) -> String {
    let end = if mark.is_empty() { String::new() } else { in_brackets(mark) };
    let room = LONGEST_NAME.saturating_sub(end.chars().count() + 1);
    let begin: String = name.trim().chars().take(room).collect();
    format!("{begin} {end}").trim().to_owned()
}

/// A note's text with the mark at its end.
pub(super) fn noted(text: &str, mark: &str) -> String {
    format!("{}\n\n{}", text.trim_end(), in_brackets(mark))
}

fn in_brackets(mark: &str) -> String {
    format!("[{mark}]")
}

/// The deal with this mark, the oldest where several have it. `field` holds marks, where there is one.
pub(super) async fn find(line: &Line, mark: &str, field: &str) -> Result<Option<Made>, Trouble> {
    if mark.is_empty() {
        return Ok(None);
    }
    let query = [("query", mark), ("with", "contacts")];
    let found = line.pages("leads", "leads", &query, MOST_FOUND).await?;
    let ours = found.iter().filter(|deal| has(deal, mark, field));
    let made = |deal: &Value| {
        let contacts = list(deal, "/_embedded/contacts");
        let main = contacts.iter().find(|contact| is_true(contact, "/is_main")).or(contacts.first());
        let contact = main.and_then(|contact| number(contact, "/id")).map(|id| id.to_string());
        Some((number(deal, "/id")?, contact))
    };
    let oldest = ours.filter_map(made).min_by_key(|(id, _)| *id);
    Ok(oldest.map(|(id, contact)| Made { deal: id.to_string(), contact, merged: false }))
}

/// Exactly: the search finds what only looks like it. The field may have been named after the deal was made.
fn has(deal: &Value, mark: &str, field: &str) -> bool {
    let is_there = values(deal, field).any(|value| value == mark);
    is_there || text(deal, "/name").trim_end().ends_with(&in_brackets(mark))
}

/// What an entity holds in a field, by the field's id or code.
pub(super) fn values(entity: &Value, field: &str) -> impl Iterator<Item = String> {
    let is_it = move |one: &&Value| {
        !field.is_empty()
            && (text(one, "/field_id") == field || text(one, "/field_code").eq_ignore_ascii_case(field))
    };
    let fields = list(entity, "/custom_fields_values").iter().filter(is_it);
    fields.flat_map(|one| list(one, "/values")).map(|value| text(value, "/value").trim().to_owned())
}

/// Whether the deal has a note with this mark.
pub(super) async fn is_noted(line: &Line, deal: i64, mark: &str) -> Result<bool, Trouble> {
    let path = format!("leads/{deal}/notes");
    let notes = line.pages(&path, "notes", &[("order[id]", "desc")], MOST_NOTES).await?;
    let end = in_brackets(mark);
    Ok(notes.iter().any(|note| text(note, "/params/text").trim_end().ends_with(&end)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_mark_ends_the_name_however_long_that_is() {
        assert_eq!(named(" Site ", "m-1"), "Site [m-1]");
        assert_eq!(named("", "m-1"), "[m-1]");
        assert_eq!(named("Site", ""), "Site");
        let long = named(&"я".repeat(300), "m-1");
        assert!(long.chars().count() == 255 && long.ends_with("я [m-1]"), "{long}");
    }

    #[test]
    fn only_the_mark_itself_is_the_mark() {
        let deal = |name: &str, value: Value| json!({ "name": name, "custom_fields_values": [{ "field_id": 905, "values": [{ "value": value }] }] });
        assert!(has(&deal("Site", json!("m-1")), "m-1", "905"));
        assert!(has(&deal("Site [m-1] ", json!("")), "m-1", "905"));
        assert!(!has(&deal("again: m-1", json!("m-12")), "m-1", "905"));
        assert!(!has(&deal("[m-1] copy", json!("m-1")), "m-1", ""));
        assert!(!has(&json!({ "name": null, "custom_fields_values": null }), "m-1", "905"));
    }
}
