//! `dragoman knowledge`: documents that an administrator gives, and what nobody could answer.

use std::path::Path;

use anyhow::{Context, Result, bail};
use ids::{Clock, Ids};
use llm_worker::{Approved, Gap, Given, KnowledgeBase, LlmConfig, LlmWorker};
use serde::Serialize;
use serde_json::json;
use service_kit::Role;

use super::{print, said};
use crate::cli::{Gaps, Knowledge, KnowledgeEnd};
use crate::environment;

/// Of a gap's questions, those that are shown.
const MOST_EXAMPLES: usize = 3;

pub(super) async fn knowledge(command: &Knowledge) -> Result<()> {
    let end = end(command);
    let settings = environment::settings(end.source.config.as_deref())?;
    let config: LlmConfig = settings.section(LlmWorker.name())?;
    let pool = service_kit::pool(&LlmWorker, &settings).await?;
    let base = KnowledgeBase::new(pool, Clock::system(), Ids::system());
    match command {
        Knowledge::Add { what, bot, language, .. } => {
            known(&config, bot)?;
            let language = language.as_deref();
            let given = if what.contains("://") {
                base.add_url(bot, what, language).await
            } else {
                let path = Path::new(what);
                let content = std::fs::read(path).with_context(|| format!("{what} can not be read"))?;
                let name = path.file_name().and_then(|name| name.to_str()).context("the file has no name")?;
                base.add_file(bot, name, language, &content).await
            };
            tell(&given.map_err(said)?, end, line)
        }
        Knowledge::List { bot, .. } => {
            let given = base.list(bot.as_deref()).await?;
            if given.is_empty() && !end.json {
                print("nothing was given; the bots know what stands in their folders")?;
            }
            given.iter().try_for_each(|given| tell(given, end, line))
        }
        Knowledge::Show { id, .. } => {
            let (given, body) = base.show(*id).await.map_err(said)?;
            if end.json {
                return print(&json!({ "document": given, "body": body }).to_string());
            }
            print(&line(&given))?;
            print(&format!("\n{body}"))
        }
        Knowledge::Remove { id, .. } => {
            base.remove(*id).await.map_err(said)?;
            tell(&json!({ "id": id, "removed": true }), end, |_| format!("{id} is forgotten"))
        }
        Knowledge::Refresh { id, .. } => {
            let given = base.refresh(*id).await.map_err(said)?;
            tell(&given, end, |given| {
                format!("{} is fetched again; see dragoman knowledge list", given.place)
            })
        }
        Knowledge::Release { id, .. } => tell(&base.release(*id).await.map_err(said)?, end, line),
        Knowledge::Search { bot, question, .. } => {
            known(&config, bot)?;
            let found = base.search(&config, bot, question).await.map_err(said)?;
            if found.is_empty() && !end.json {
                print("nothing is found")?;
            }
            found.iter().try_for_each(|found| {
                tell(found, end, |f| format!("{:.2} {}\n  {}", f.confidence, f.heading, short(&f.text)))
            })
        }
        Knowledge::Gaps { command: None, bot, .. } => {
            let gaps = base.gaps(bot.as_deref(), &config.embeddings).await?;
            if gaps.is_empty() && !end.json {
                print("there are no gaps: every question was answered")?;
            }
            gaps.iter().try_for_each(|gap| tell(gap, end, gap_line))
        }
        Knowledge::Gaps { command: Some(Gaps::Draft { id, .. }), .. } => {
            tell(&base.draft(&config, *id).await.map_err(said)?, end, gap_line)
        }
        Knowledge::Gaps { command: Some(Gaps::Approve { id, text, file, title, .. }), .. } => {
            let read = |file: &std::path::PathBuf| {
                std::fs::read_to_string(file).with_context(|| format!("{} can not be read", file.display()))
            };
            let text = file.as_ref().map(read).transpose()?.or_else(|| text.clone());
            let approved =
                base.approve(&config, *id, text.as_deref(), title.as_deref()).await.map_err(said)?;
            tell(&approved, end, approved_line)?;
            if approved.answered == 0 {
                bail!("{}", still_open(&approved));
            }
            Ok(())
        }
        Knowledge::Gaps { command: Some(Gaps::Dismiss { id, .. }), .. } => {
            let gap = base.dismiss(*id).await.map_err(said)?;
            tell(&gap, end, |gap| format!("{} is dismissed; questions in it: {}", gap.id, gap.questions))
        }
    }
}

const fn end(command: &Knowledge) -> &KnowledgeEnd {
    match command {
        Knowledge::Gaps { command: Some(command), .. } => match command {
            Gaps::Draft { end, .. } | Gaps::Approve { end, .. } | Gaps::Dismiss { end, .. } => end,
        },
        Knowledge::Add { end, .. }
        | Knowledge::List { end, .. }
        | Knowledge::Show { end, .. }
        | Knowledge::Remove { end, .. }
        | Knowledge::Refresh { end, .. }
        | Knowledge::Release { end, .. }
        | Knowledge::Search { end, .. }
        | Knowledge::Gaps { end, .. } => end,
    }
}

/// A misspelt name would be given documents that no bot ever looks at.
fn known(config: &LlmConfig, bot: &str) -> Result<()> {
    let folder = &config.bots_dir;
    if folder.is_dir() && !folder.join(bot).is_dir() {
        bail!("there is no bot {bot} in {}; --bot is the name of its folder", folder.display());
    }
    Ok(())
}

fn tell<T: Serialize>(what: &T, end: &KnowledgeEnd, line: impl Fn(&T) -> String) -> Result<()> {
    print(&if end.json { serde_json::to_string(what)? } else { line(what) })
}

fn line(given: &Given) -> String {
    let Given { id, bot, kind, place, state, passages, .. } = given;
    let title = if given.title.is_empty() { place } else { &given.title };
    let passages = if state == "ready" { format!(", passages: {passages}") } else { String::new() };
    let why = given.reason.as_ref().map_or_else(String::new, |why| format!("\n  {why}"));
    let hint = match state.as_str() {
        "quarantined" => {
            format!("\n  read it with `dragoman knowledge show {id}`, then release or remove it")
        }
        "waiting" => "\n  the worker fetches it as soon as it runs".to_owned(),
        _ => String::new(),
    };
    format!("{id} {state}{passages}: {title}\n  {bot}, {kind} {place}{why}{hint}")
}

fn gap_line(gap: &Gap) -> String {
    let languages = gap.languages.join(", ");
    let mut text = format!(
        "{} asked {} ({languages}), last {:.0}, {}",
        gap.id,
        if gap.questions == 1 { "once".to_owned() } else { format!("{} times", gap.questions) },
        gap.last_asked_at,
        gap.bot
    );
    for example in gap.examples.iter().take(MOST_EXAMPLES) {
        text.push_str(&format!("\n  “{}”", short(example)));
    }
    if let Some(given) = gap.given_id {
        text.push_str(&format!("\n  answered by {given}, which none of its questions finds"));
    }
    if let Some(draft) = &gap.draft {
        text.push_str(&format!("\n  draft: {draft}"));
    }
    if let Some(problem) = &gap.draft_problem {
        text.push_str(&format!("\n  {problem}"));
    }
    text
}

fn approved_line(approved: &Approved) -> String {
    format!(
        "{}\n  {} of {} questions now find it",
        line(&approved.document),
        approved.answered,
        approved.asked_again
    )
}

/// Why a gap is not closed, and what to do.
fn still_open(approved: &Approved) -> String {
    let why = approved.found_instead.as_ref().map_or_else(
        || "its questions have no words that can be searched for".to_owned(),
        |found| format!("its questions find “{}” first", short(found)),
    );
    format!(
        "the gap stays open, for {why}; write an entry for them in the bot's faq.yml, or approve another answer, \
         which replaces this one"
    )
}

fn short(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = text.chars().take(160).collect();
    if cut.len() < text.len() { format!("{cut}…") } else { cut }
}
