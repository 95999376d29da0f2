//! Notes on deals. HubSpot shows them as HTML.

use reqwest::Method;
use serde_json::json;

use super::refusal::{self, Names};
use super::{Hubspot, objects};
use crate::adapters::Trouble;
use crate::domain::deal::Note;

/// HubSpot's number for the association from a note to a deal.
const TO_DEAL: u16 = 214;
/// HubSpot takes 65 536 characters; the rest is for the mark.
const LONGEST: usize = 65_000;

impl Hubspot {
    pub(super) async fn put_note(&self, deal: &str, note: &Note) -> Result<(), Trouble> {
        let body = json!({
            "properties": {
                "hs_note_body": html(note.text.expose(), &note.mark),
                "hs_timestamp": self.clock.now_ms().to_string(),
            },
            "associations": [{
                "to": { "id": deal },
                "types": [{ "associationCategory": "HUBSPOT_DEFINED", "associationTypeId": TO_DEAL }],
            }],
        });
        let reply = self.api.write(Method::POST, &["crm", "v3", "objects", "notes"], &body).await?;
        if reply.is_success() { Ok(()) } else { Err(refusal::rejected(&reply, &Names::default())) }
    }

    /// Note and association are made by one request, and what is tied to a deal is read without the search: what is not
    /// there was not made.
    pub(super) async fn is_noted(&self, deal: &str, mark: &str) -> Result<bool, Trouble> {
        let Some(notes) = objects::tied(&self.api, "deals", deal, "notes").await? else { return Ok(false) };
        let notes = objects::read(&self.api, "notes", &notes, &["hs_note_body"]).await?;
        let mark = escaped(mark, usize::MAX);
        Ok(notes.iter().any(|note| holds(note.text("hs_note_body"), &mark)))
    }
}

/// Whether a mark stands in a text, and not as a part of a longer one.
fn holds(text: &str, mark: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !mark.is_empty()
        && text.match_indices(mark).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let after = text[at + mark.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

fn html(text: &str, mark: &str) -> String {
    format!("{}<br><br>{}", escaped(text, LONGEST), escaped(mark, LONGEST))
}

/// Text as HTML that shows it, cut where it would become longer than `most` characters.
fn escaped(text: &str, most: usize) -> String {
    let (mut html, mut length) = (String::with_capacity(text.len()), 0_usize);
    for c in text.chars() {
        let mut one = [0; 4];
        let piece = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            '\n' => "<br>",
            '\r' | '\0' => "",
            other => other.encode_utf8(&mut one),
        };
        length = length.saturating_add(piece.chars().count());
        if length > most {
            html.push('…');
            break;
        }
        html.push_str(piece);
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_shown_and_not_obeyed() {
        assert_eq!(html("a <b>&\r\n\"c\"", "m-1"), "a &lt;b&gt;&amp;<br>&quot;c&quot;<br><br>m-1");
    }

    #[test]
    fn a_mark_is_not_found_in_a_longer_one() {
        assert!(holds("<div>a<br>n-1</div>", "n-1") && holds("n-1", "n-1") && holds("n-10 n-1", "n-1"));
        assert!(!holds("n-10 an-1 n-1-2", "n-1") && !holds("n-1", ""));
    }

    #[test]
    fn a_long_text_is_cut_between_its_characters_and_keeps_its_mark() {
        let note = html(&"<ё".repeat(40_000), "m-1");
        assert!(note.ends_with("…<br><br>m-1"));
        assert!(note.chars().count() <= 65_536);
        let shown = note.trim_end_matches("…<br><br>m-1");
        assert!(
            shown.replace("&lt;", "").replace('ё', "").is_empty(),
            "no piece of an escaped character is left"
        );
    }
}
