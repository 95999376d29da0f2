//! Notes: comments of the timeline, each with its mark in its last line.

use serde_json::{Value, json};

use super::super::Trouble;
use super::super::call::Effect;
use super::Bitrix24;
use super::api::Call;
use super::judge::misses;
use super::place::{Place, id};
use crate::domain::deal::Note;

/// Bytes of a comment; its column holds 65,535.
const MOST: usize = 60_000;
/// Pages of comments that are looked at, the newest first.
const PAGES: usize = 20;

impl Bitrix24 {
    pub(super) async fn new_note(&self, place: Place, note: &Note) -> Result<(), Trouble> {
        let comment = comment(note.text.expose(), &note.mark);
        let fields = json!({ "ENTITY_TYPE": place.kind.word(), "ENTITY_ID": place.id, "COMMENT": comment });
        let call = Call::new("crm.timeline.comment.add", json!({ "fields": fields }));
        let given = self.api.call(&call, Effect::Write).await?;
        id(Some(&given.result)).map(drop).ok_or_else(|| misses(Effect::Write, "an id"))
    }

    pub(super) async fn noted(&self, place: Place, mark: &str) -> Result<bool, Trouble> {
        let mut start = 0;
        for _ in 0..PAGES {
            let params = json!({
                "filter": { "ENTITY_TYPE": place.kind.word(), "ENTITY_ID": place.id },
                "order": { "ID": "DESC" }, "select": ["ID", "COMMENT"], "start": start,
            });
            let given = self.api.call(&Call::new("crm.timeline.comment.list", params), Effect::Read).await?;
            let comments = given.result.as_array().ok_or_else(|| misses(Effect::Read, "comments"))?;
            let mut texts =
                comments.iter().filter_map(|comment| comment.get("COMMENT").and_then(Value::as_str));
            if texts.any(|text| has_mark(text, mark)) {
                return Ok(true);
            }
            match given.next.filter(|next| *next > start) {
                Some(next) => start = next,
                None => break,
            }
        }
        Ok(false)
    }
}

/// Text for where BBCode is read: what somebody wrote in brackets is kept from becoming a picture, a link or a call for a
/// colleague, by a space of no width.
pub(super) fn plain(text: &str) -> String {
    text.replace('[', "[\u{200b}")
}

/// The text and, in a line of its own, the mark, which is never cut off.
fn comment(text: &str, mark: &str) -> String {
    let mut text = plain(text);
    if text.len() > MOST {
        let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
    format!("{}\n\n{mark}", text.trim_end())
}

/// Bitrix24 may put lines together, or somebody has added to the comment: the mark still stands for itself.
fn has_mark(text: &str, mark: &str) -> bool {
    let spaced = |text: &str| format!(" {} ", text.split_whitespace().collect::<Vec<_>>().join(" "));
    !mark.trim().is_empty() && spaced(text).contains(&spaced(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_stays_whole_however_long_the_text_is() {
        let long = comment(&"ж".repeat(80_000), "mark-1");
        assert!(long.len() < 65_535 && long.ends_with("…\n\nmark-1"), "{}", long.len());
        assert!(has_mark(&long, "mark-1") && !has_mark(&long, "mark"));
        assert!(!has_mark("mark-10", "mark-1") && !has_mark("text", ""));
        assert!(
            has_mark("text\n\nlead 1 note 2", "lead 1 note 2")
                && !has_mark("lead 1 note 20", "lead 1 note 2")
        );
        assert!(has_mark("all in one line mark-1 and what a manager added", "mark-1"));
    }

    #[test]
    fn what_a_person_writes_in_brackets_stays_text() {
        let text = comment("[USER=1]you[/USER] [img]http://x[/img]", "m");
        assert!(!text.contains("[USER") && !text.contains("[/") && !text.contains("[img"), "{text}");
    }
}
