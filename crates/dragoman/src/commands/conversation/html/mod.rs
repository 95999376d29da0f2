//! The same as a page of its own, to be kept or shown. It loads nothing from anywhere.

mod line;
#[cfg(test)]
mod tests;

use bot::transcript::Talk;
use ids::Timestamp;

use super::dollars;
use super::rehearse::Pair;
use super::replay::{Item, asked, at};
use line::{clock, language, said};

const STYLE: &str = include_str!("page.css");

/// A conversation as it was held.
pub(super) fn replay(talk: &Talk, items: &[Item], total: i64) -> String {
    let models = match total {
        0 if items.iter().any(|item| matches!(item, Item::Asked(_))) => "models cost nothing".to_owned(),
        0 => "no model was asked".to_owned(),
        total => format!("models: {}", dollars(total)),
    };
    let (mut body, mut days) = (heading(talk, &models), Days::default());
    for item in items {
        body += &days.heading(at(item));
        body += &match item {
            Item::Said(line) => said(talk, line),
            Item::Asked(spent) => {
                let (clock, asked) = (clock(spent.ended_at), escaped(&asked(spent)));
                format!("<div class=\"model soft\">{clock} · {asked}</div>\n")
            }
        };
    }
    page(talk, "", &body)
}

/// A conversation beside what it would have been.
pub(super) fn what_if(talk: &Talk, with: &str, pairs: &[Pair], summary: &str) -> String {
    let (mut body, mut days) = (heading(talk, summary), Days::default());
    for pair in pairs {
        let class = if pair.is_same() { "pair" } else { "pair differs" };
        let side = |title: &str, class: &str, texts: &[String]| side(talk, title, class, texts);
        let (was, now) = (side("as it was", "was", &pair.was), side(with, "now", &pair.now));
        body += &days.heading(pair.said.at);
        body += &format!(
            "<div class=\"{class}\">{}<div class=\"sides\">{was}{now}</div></div>\n",
            said(talk, &pair.said)
        );
    }
    page(talk, " class=\"wide\"", &body)
}

fn side(talk: &Talk, title: &str, class: &str, texts: &[String]) -> String {
    let words = if texts.is_empty() { "(nothing)".to_owned() } else { texts.join("\n\n") };
    format!(
        "<div class=\"side {class}\"><div class=\"who soft\">{}</div><div class=\"words\"{}>{}</div></div>",
        escaped(title),
        language(talk),
        escaped(&words)
    )
}

/// Says the day once, before the first thing that happened on it.
#[derive(Default)]
struct Days(String);

impl Days {
    fn heading(&mut self, at: Timestamp) -> String {
        let day = day(at);
        if self.0 == day {
            return String::new();
        }
        self.0.clone_from(&day);
        format!("<h2>{day}</h2>\n")
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%-d %B %Y").to_string()
}

fn title(talk: &Talk) -> String {
    format!("{} · {}", escaped(&talk.bot), day(talk.started_at))
}

fn heading(talk: &Talk, more: &str) -> String {
    let kind = if talk.chat_kind == "private" { "private chat" } else { &talk.chat_kind };
    let language = Some(&talk.language).filter(|language| !language.is_empty());
    let closed = talk.closed_why.as_ref().map(|why| format!("closed: {why}"));
    let about = [Some(kind.to_owned()), language.cloned(), closed, Some(more.to_owned())];
    let about: Vec<String> = about.into_iter().flatten().chain(["times in UTC".to_owned()]).collect();
    format!(
        "<h1>{}</h1>\n<p class=\"soft\">{}</p>\n<p class=\"soft\">conversation {}</p>\n",
        title(talk),
        escaped(&about.join(" · ")),
        talk.id
    )
}

fn page(talk: &Talk, class: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>\n{STYLE}</style></head>\n<body{class}>\n{body}</body></html>",
        title(talk)
    )
}

/// What people wrote is text here, whatever they wrote.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            one => safe.push(one),
        }
    }
    safe
}
