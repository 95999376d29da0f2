//! A question in the making: what the bot's folder says about how to answer, and what it knows.

use bot_folder::{BotFolder, Lang};
use pg::PgError;

use crate::domain::language;
use crate::domain::leak::OwnWords;
use crate::domain::mask::Mask;
use crate::domain::question::{Memory, Question, Source, Turn};
use crate::knowledge::{SURE, Scope, Search};

/// Every bot has this prompt.
const PROMPT: &str = "system";
/// What an earlier question found is worth to the present one: something to read, nothing to quote.
/// However sure it was there, it stays below [`SURE`] here.
const EARLIER_SHARE: f32 = 0.9 * SURE;
const _: () = assert!(EARLIER_SHARE < SURE, "what is only read would be quoted");
const MOST_SOURCES: usize = 8;

/// The question that these turns, oldest first, end with. `told` is the language the conversation is held in,
/// `memory` what is remembered of it.
pub(crate) async fn question(
    search: &Search,
    bot: &BotFolder,
    turns: Vec<Turn>,
    told: &str,
    memory: Memory,
) -> Result<Question, PgError> {
    let mut said = turns.iter().rev().filter(|turn| turn.by_person).map(|turn| turn.text.expose().as_str());
    let asked = said.next().unwrap_or_default();
    // A command was no question.
    let earlier = said.next().filter(|text| !text.starts_with('/'));
    let language = language::of_question(asked, told, &bot.bot.languages, bot.bot.default_language);
    let sources = sources(search, &Scope::of(bot), language, (asked, earlier), &memory.mask).await?;
    let prompt = bot.prompt(PROMPT).map(|prompt| prompt.fill(&bot.bot, language)).unwrap_or_default();
    let own = OwnWords::of(bot);
    Ok(Question { language, prompt, turns, sources, memory, own })
}

/// Which prompt that is, for the ledger: `system@3`; empty where the bot has none.
pub(crate) fn prompt_name(bot: &BotFolder) -> String {
    bot.prompt(PROMPT).map(|prompt| format!("{}@{}", prompt.id, prompt.version)).unwrap_or_default()
}

/// What the bot knows about the question; where that is little ("and how long?"), also what it knows about the
/// question before it.
async fn sources(
    search: &Search,
    scope: &Scope,
    language: Lang,
    (asked, earlier): (&str, Option<&str>),
    mask: &Mask,
) -> Result<Vec<Source>, PgError> {
    let mut sources = search.find_hiding(scope, language, asked, mask).await?;
    let sure = sources.iter().any(|source| source.confidence >= SURE);
    if let Some(earlier) = earlier.filter(|_| !sure) {
        for mut source in search.find_hiding(scope, language, earlier, mask).await? {
            let known = |known: &Source| known.heading == source.heading && known.text == source.text;
            if !sources.iter().any(known) {
                source.confidence *= EARLIER_SHARE;
                sources.push(source);
            }
        }
        sources.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        sources.truncate(MOST_SOURCES);
    }
    Ok(sources)
}
