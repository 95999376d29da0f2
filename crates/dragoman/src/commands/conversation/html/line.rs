//! One thing said, as an element. What is there for operators only stands small, at its end.

use bot::transcript::{Line, Talk};
use ids::Timestamp;

use super::escaped;
use crate::commands::conversation::wording;

/// What was said, with who, when, and what the bot took it for.
pub(super) fn said(talk: &Talk, line: &Line) -> String {
    let (class, who) = if line.from_person { ("person", "Person") } else { ("bot", "Bot") };
    let unseen = if line.ignored_why.is_some() { " unseen" } else { "" };
    let who = format!("<div class=\"who soft\">{who} · {}</div>", clock(line.at));
    let taken = format!("<div class=\"taken soft\">{}</div>", escaped(&taken(line)));
    format!("<div class=\"said {class}{unseen}\">{who}{}{}{taken}</div>\n", words(talk, line), offered(line))
}

/// When, with the whole of it for programs and for whoever points at it. UTC.
pub(super) fn clock(at: Timestamp) -> String {
    format!("<time datetime=\"{at:.3}\" title=\"{at:.0}\">{}</time>", at.strftime("%H:%M:%S"))
}

fn words(talk: &Talk, line: &Line) -> String {
    let data = Some(line.text.expose()).filter(|_| line.kind == "button");
    let title = data.map_or_else(String::new, |data| format!(" title=\"{}\"", escaped(data)));
    format!("<div class=\"words\"{}{title}>{}</div>", language(talk), escaped(&wording::words(line)))
}

/// The buttons below what the bot said.
fn offered(line: &Line) -> String {
    if line.from_person || line.label.expose().is_empty() {
        return String::new();
    }
    let one = |label: &str| format!("<li>{}</li>", escaped(label));
    format!("<ul class=\"offered\">{}</ul>", line.label.expose().lines().map(one).collect::<String>())
}

/// Of a person's what it was taken for and how surely, of the bot's what answered.
fn taken(line: &Line) -> String {
    let mut taken = wording::kind(line);
    if let Some(intent) = &line.intent {
        if *intent != taken {
            taken += &format!(" → {intent}");
        }
        // What is certain need not be said to be so.
        let sure = line.confidence.map(|sure| format!(" {sure:.2}")).filter(|sure| sure != " 1.00");
        taken += &sure.unwrap_or_default();
    }
    if let Some(why) = &line.ignored_why {
        taken += &format!(" (ignored: {why})");
    }
    taken
}

/// The attribute that says in which language the words are; nothing before the first message.
pub(super) fn language(talk: &Talk) -> String {
    if talk.language.is_empty() {
        return String::new();
    }
    format!(" lang=\"{}\"", escaped(&talk.language))
}
