//! The same as a page of its own, to be kept or shown. It loads nothing from anywhere.

use bot::transcript::{Line, Talk};

use super::rehearse::Pair;
use super::replay::{Item, about, asked};
use super::{dollars, moment};

const STYLE: &str = "
:root { color-scheme: light dark; --line: #8884; --mine: #2a7de11f; --soft: #777; }
body { font: 16px/1.45 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.2rem; margin: 0 0 .2rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
.said { border: 1px solid var(--line); border-radius: .7rem; margin: .6rem 0; max-width: 44rem; padding: .5rem .8rem; }
.person { background: var(--mine); margin-left: auto; }
.words { overflow-wrap: anywhere; white-space: pre-wrap; }
.model { border-left: 3px solid var(--line); margin: .6rem 0; padding-left: .6rem; }
.pair { border-top: 1px solid var(--line); padding: .6rem 0; }
.sides { display: grid; gap: .8rem; grid-template-columns: 1fr 1fr; }
.differs .now { background: #e1a32a26; }
.side { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem; }
@media (max-width: 40rem) { .sides { grid-template-columns: 1fr; } }
";

/// A conversation as it was held.
pub(super) fn replay(talk: &Talk, items: &[Item], total: i64) -> String {
    let mut body = heading(talk, &format!("models: {}", dollars(total)));
    for item in items {
        body += &match item {
            Item::Said(line) => said(line),
            Item::Asked(spent) => {
                format!(
                    "<div class=\"model soft\">{} {}</div>\n",
                    moment(spent.ended_at),
                    escaped(&asked(spent))
                )
            }
        };
    }
    page(talk, &body)
}

/// A conversation beside what it would have been.
pub(super) fn what_if(talk: &Talk, with: &str, pairs: &[Pair], summary: &str) -> String {
    let mut body = heading(talk, summary);
    for pair in pairs {
        let class = if pair.is_same() { "pair" } else { "pair differs" };
        let (was, now) = (side("as it was", "was", &pair.was), side(with, "now", &pair.now));
        body += &format!(
            "<div class=\"{class}\">{}<div class=\"sides\">{was}{now}</div></div>\n",
            said(&pair.said)
        );
    }
    page(talk, &body)
}

fn side(title: &str, class: &str, texts: &[String]) -> String {
    let words = if texts.is_empty() { "(nothing)".to_owned() } else { texts.join("\n\n") };
    format!(
        "<div class=\"side {class}\"><div class=\"soft\">{}</div><div class=\"words\">{}</div></div>",
        escaped(title),
        escaped(&words)
    )
}

fn said(line: &Line) -> String {
    let who = if line.from_person { "person" } else { "bot" };
    let words = line.text.expose();
    let words = if words.is_empty() { format!("({})", line.kind) } else { words.clone() };
    format!(
        "<div class=\"said {who}\"><div class=\"soft\">{} · {who} · {}{}</div><div class=\"words\">{}</div></div>\n",
        moment(line.at),
        escaped(&line.kind),
        escaped(&about(line)),
        escaped(&words)
    )
}

fn heading(talk: &Talk, more: &str) -> String {
    let Talk { id, bot, chat_kind, language, started_at, .. } = talk;
    format!(
        "<h1>{} · {id}</h1>\n<p class=\"soft\">{chat_kind}, {}, since {} · {}</p>\n",
        escaped(bot),
        escaped(language),
        moment(*started_at),
        escaped(more)
    )
}

fn page(talk: &Talk, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
         <title>{}</title><style>{STYLE}</style></head>\n<body>\n{body}</body></html>",
        talk.id
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_never_markup() {
        assert_eq!(escaped("<b onclick='x'>\"&"), "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;");
    }
}
