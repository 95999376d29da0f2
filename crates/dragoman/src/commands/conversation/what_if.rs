use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bot::domain::Engine;
use bot::transcript::{self, Talk};
use bot::versions;
use bot_folder::{BotFolder, Files};
use ids::{Clock, Ids, Uuid};
use llm_worker::{LlmConfig, Rehearsal};
use pg::Pool;
use serde_json::{Value, json};
use service_kit::Settings;
use telegram::TelegramConfig;

use super::rehearse::{Pair, rehearse};
use super::{dollars, found, html, moment, pool, wording};
use crate::cli::Format;
use crate::commands::print;

/// What is to be different.
pub(super) struct Other<'a> {
    pub(super) folder: Option<&'a Path>,
    pub(super) version: Option<i32>,
    pub(super) model: Option<&'a str>,
    pub(super) prompt: Option<&'a Path>,
}

/// The prompt that is replaced.
const PROMPT: &str = "prompts/system.md";

/// Holds a conversation again and shows what differs.
pub(super) async fn what_if(settings: &Settings, id: Uuid, other: &Other<'_>, format: Format) -> Result<()> {
    let (bots, models) = (pool("bot", settings).await?, pool("llm-worker", settings).await?);
    let talk = found(&bots, id).await?;
    let lines = transcript::lines(&bots, talk.id).await?;
    let (name, with) = bot(&bots, settings, &talk, other).await?;
    let engine = Engine::new(Arc::new(with));
    let mut config: LlmConfig = settings.section("llm-worker")?;
    if let Some(model) = other.model {
        if config.base_url.is_empty() {
            bail!("there is no provider to ask for model {model}; set [llm-worker] base_url");
        }
        model.clone_into(&mut config.model);
    }
    let rehearsal = Rehearsal::new(&config, models, Clock::system(), Ids::system())?;
    rehearsal.prepare(engine.folder()).await?;
    let pairs = rehearse(&engine, &rehearsal, &talk, lines).await?;
    match format {
        Format::Text => {
            for (nth, pair) in pairs.iter().enumerate() {
                print(&text(nth + 1, pair))?;
            }
            print(&summary(&pairs, &name))
        }
        Format::Html => print(&html::what_if(&talk, &name, &pairs, &summary(&pairs, &name))),
        Format::Json => print(&as_json(&talk, &name, &pairs).to_string()),
    }
}

/// The bot to hold it with, and what that is called.
async fn bot(
    pool: &Pool,
    settings: &Settings,
    talk: &Talk,
    other: &Other<'_>,
) -> Result<(String, BotFolder)> {
    let telegram: TelegramConfig = settings.section("telegram")?;
    let configured = telegram.bots.iter().find(|(name, _)| name.as_str() == talk.bot);
    let folder = configured.and_then(|(_, bot)| bot.folder.clone()).unwrap_or_else(|| talk.bot.clone());
    let (called, folder, mut files) = match other.folder {
        Some(path) => {
            let path =
                path.canonicalize().with_context(|| format!("there is no folder {}", path.display()))?;
            (format!("folder {}", path.display()), BotFolder::name_of(&path), BotFolder::files(&path)?)
        }
        None => version(pool, &folder, other.version).await?,
    };
    if let Some(path) = other.prompt {
        let text = fs::read(path).with_context(|| format!("{} can not be read", path.display()))?;
        files.retain(|(name, _)| name != PROMPT);
        files.push((PROMPT.to_owned(), text));
    }
    let bot = BotFolder::from_files(&folder, &files).with_context(|| format!("{called} has mistakes"))?;
    Ok((called, bot))
}

async fn version(pool: &Pool, folder: &str, number: Option<i32>) -> Result<(String, String, Files)> {
    let all = versions::versions(pool, folder).await?;
    let served = versions::history(pool, folder).await?.first().and_then(|said| said.hash.clone());
    let wanted = match (number, served) {
        (Some(number), _) => all.iter().find(|one| one.number == number),
        (None, Some(hash)) => all.iter().find(|one| one.hash == hash),
        (None, None) => all.first(),
    };
    let Some(wanted) = wanted else { bail!("there is no such version; see dragoman bot list {folder}") };
    let files = versions::files(pool, folder, &wanted.hash).await?.unwrap_or_default();
    Ok((format!("version {}", wanted.number), folder.to_owned(), files))
}

fn text(nth: usize, pair: &Pair) -> String {
    let indented = |texts: &[String]| {
        let all: Vec<String> = texts.iter().map(|text| text.replace('\n', "\n          ")).collect();
        if all.is_empty() { "(nothing)".to_owned() } else { all.join("\n          ") }
    };
    let said = wording::words(&pair.said).replace('\n', "\n     ");
    let head = format!("{nth:3}. {}  {said}", moment(pair.said.at));
    if pair.is_same() {
        return format!("{head}\n     same: {}", indented(&pair.now));
    }
    let lead =
        pair.lead.map_or_else(String::new, |(warmth, score)| format!("\n     lead: {warmth}, {score}"));
    format!("{head}\n     was: {}\n     now: {}{lead}", indented(&pair.was), indented(&pair.now))
}

fn summary(pairs: &[Pair], name: &str) -> String {
    let same = pairs.iter().filter(|pair| pair.is_same()).count();
    let cost = pairs.iter().map(|pair| pair.cost_micros).sum();
    format!("with {name}: {same} of {} answers are the same; models: {}", pairs.len(), dollars(cost))
}

fn as_json(talk: &Talk, name: &str, pairs: &[Pair]) -> Value {
    let pairs: Vec<Value> = pairs
        .iter()
        .map(|pair| {
            json!({
                "at": pair.said.at,
                "kind": pair.said.kind,
                "text": pair.said.text.expose(),
                "label": pair.said.label.expose(),
                "was": pair.was,
                "now": pair.now,
                "same": pair.is_same(),
                "intent": pair.intent.as_ref().map(|(intent, _)| intent),
                "confidence": pair.intent.as_ref().map(|(_, confidence)| confidence),
                "lead": pair.lead.map(|(temperature, score)| json!({ "temperature": temperature, "score": score })),
                "cost_micros": pair.cost_micros,
            })
        })
        .collect();
    json!({ "id": talk.id.to_string(), "bot": talk.bot, "with": name, "pairs": pairs })
}
