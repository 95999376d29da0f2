use std::io::{BufRead, IsTerminal};

use anyhow::Result;
use bot::transcript::{self, Line, Talk};
use ids::{Timestamp, Uuid};
use llm_worker::Spent;
use serde_json::{Value, json};
use service_kit::Settings;

use super::{dollars, found, html, moment, pool, wording};
use crate::cli::Format;
use crate::commands::print;

/// One thing that happened, in the order of time.
pub(super) enum Item {
    Said(Line),
    /// A model was asked.
    Asked(Spent),
}

/// Shows a conversation as it was held.
pub(super) async fn replay(settings: &Settings, id: Uuid, step: bool, format: Format) -> Result<()> {
    let bots = pool("bot", settings).await?;
    let talk = found(&bots, id).await?;
    let lines = transcript::lines(&bots, talk.id).await?;
    let spent = llm_worker::of_conversation(&pool("llm-worker", settings).await?, &id.to_string()).await?;
    let total = spent.iter().map(|one| one.cost_micros).sum();
    let items = merged(lines, spent);
    match format {
        Format::Html => print(&html::replay(&talk, &items, total)),
        Format::Json => print(&as_json(&talk, &items, total).to_string()),
        Format::Text => {
            print(&heading(&talk))?;
            for (nth, item) in items.iter().enumerate() {
                if step && nth > 0 && std::io::stdin().is_terminal() {
                    std::io::stdin().lock().read_line(&mut String::new())?;
                }
                print(&text(nth + 1, item))?;
            }
            print(&format!("models: {}", dollars(total)))
        }
    }
}

/// The two in one order. At the same moment what was asked comes before what was answered.
fn merged(lines: Vec<Line>, spent: Vec<Spent>) -> Vec<Item> {
    let said = lines.into_iter().map(Item::Said);
    let mut items: Vec<Item> = said.chain(spent.into_iter().map(Item::Asked)).collect();
    items.sort_by_key(|item| (at(item), matches!(item, Item::Said(line) if !line.from_person)));
    items
}

pub(super) fn at(item: &Item) -> Timestamp {
    match item {
        Item::Said(line) => line.at,
        Item::Asked(spent) => spent.ended_at,
    }
}

fn heading(talk: &Talk) -> String {
    let Talk { id, bot, chat_kind, language, .. } = talk;
    let closed = talk.closed_why.as_ref().map_or_else(String::new, |why| format!(", closed: {why}"));
    format!("{id} with {bot} ({chat_kind}, {language}) since {}{closed}", moment(talk.started_at))
}

fn text(nth: usize, item: &Item) -> String {
    match item {
        Item::Said(line) => {
            let who = if line.from_person { "person" } else { "bot" };
            let words = wording::words(line).replace('\n', "\n     ");
            let (kind, about) = (wording::kind(line), about(line));
            format!("{nth:3}. {}  {who}, {kind}{about}\n     {words}", moment(line.at))
        }
        Item::Asked(spent) => format!("{nth:3}. {}  {}", moment(spent.ended_at), asked(spent)),
    }
}

/// What the bot made of it.
fn about(line: &Line) -> String {
    let mut about = String::new();
    if let Some(intent) = &line.intent {
        about += &format!("  → {intent}");
        if let Some(confidence) = line.confidence {
            about += &format!(" {confidence:.2}");
        }
    }
    if let Some(why) = &line.ignored_why {
        about += &format!("  (ignored: {why})");
    }
    about
}

/// How a question to a model ended.
pub(super) fn asked(spent: &Spent) -> String {
    let Spent { outcome, provider, model, prompt, prompt_tokens, completion_tokens, .. } = spent;
    let why = spent.reason.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
    let seconds = std::time::Duration::from_millis(u64::try_from(spent.took_ms).unwrap_or(0)).as_secs_f64();
    let way = spent.way.as_ref().map_or_else(String::new, |way| format!("; {way}"));
    format!(
        "model {outcome}{why}: {provider} {model}, prompt {prompt}, {prompt_tokens}+{completion_tokens} tokens, {}, {seconds:.1} s{way}",
        dollars(spent.cost_micros)
    )
}

fn as_json(talk: &Talk, items: &[Item], total: i64) -> Value {
    let items: Vec<Value> = items
        .iter()
        .map(|item| match item {
            Item::Said(line) => json!({
                "at": line.at,
                "by": if line.from_person { "person" } else { "bot" },
                "kind": line.kind,
                "text": line.text.expose(),
                "label": line.label.expose(),
                "file": line.file.as_ref().map(|name| name.expose()),
                "intent": line.intent,
                "confidence": line.confidence,
                "ignored_why": line.ignored_why,
            }),
            Item::Asked(spent) => json!({
                "at": spent.ended_at,
                "by": "model",
                "outcome": spent.outcome,
                "reason": spent.reason,
                "provider": spent.provider,
                "model": spent.model,
                "prompt": spent.prompt,
                "prompt_tokens": spent.prompt_tokens,
                "completion_tokens": spent.completion_tokens,
                "cost_micros": spent.cost_micros,
                "took_ms": spent.took_ms,
                "way": spent.way,
            }),
        })
        .collect();
    json!({
        "id": talk.id.to_string(),
        "bot": talk.bot,
        "language": talk.language,
        "started_at": talk.started_at,
        "cost_micros": total,
        "items": items,
    })
}

#[cfg(test)]
mod tests {
    use ids::Pii;

    use super::*;

    #[test]
    fn a_question_to_a_model_stands_between_what_was_asked_and_what_was_answered() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let line = |second, from_person| Line {
            at: at(second),
            from_person,
            kind: "text".to_owned(),
            text: Pii::new("x".to_owned()),
            label: Pii::default(),
            file: None,
            intent: Some("model".to_owned()),
            confidence: Some(0.25),
            ignored_why: None,
            message_id: 1,
        };
        let spent = Spent {
            ended_at: at(2),
            outcome: "answered".to_owned(),
            reason: None,
            provider: "openai_compatible".to_owned(),
            model: "m".to_owned(),
            prompt: "system@1".to_owned(),
            prompt_tokens: 812,
            completion_tokens: 95,
            cost_micros: 2_574,
            took_ms: 1_840,
            way: Some("assistant small (sources,short) → a/m answered".to_owned()),
        };
        let items = merged(vec![line(1, true), line(2, false)], vec![spent]);
        let shown: Vec<String> = items.iter().enumerate().map(|(nth, item)| text(nth + 1, item)).collect();
        assert_eq!(shown[0], "  1. 1970-01-01 00:00:01Z  person, text  → model 0.25\n     x");
        assert_eq!(
            shown[1],
            "  2. 1970-01-01 00:00:02Z  model answered: openai_compatible m, prompt system@1, 812+95 tokens, $0.0026, 1.8 s; assistant small (sources,short) → a/m answered"
        );
        assert!(shown[2].contains("bot, text"), "{shown:?}");
    }
}
