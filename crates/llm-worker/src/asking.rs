//! A question in the making: what the bot's folder says about how to answer, and what it knows.

use bot_folder::{BotFolder, Composed, Lang, PromptContext};
use pg::PgError;

use crate::domain::language;
use crate::domain::leak::OwnWords;
use crate::domain::mask::Mask;
use crate::domain::question::{Memory, Question, Source, Turn};
use crate::knowledge::{SURE, Scope, Search};
use crate::routing::Signals;

/// What an earlier question found is worth to the present one: something to read, nothing to quote.
/// However sure it was there, it stays below [`SURE`] here.
const EARLIER_SHARE: f32 = 0.9 * SURE;
const _: () = assert!(EARLIER_SHARE < SURE, "what is only read would be quoted");
const MOST_SOURCES: usize = 8;

/// What is told of a question beside its words.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Told<'a> {
    /// The language the conversation is held in, BCP 47.
    pub(crate) language: &'a str,
    /// What the talk is about, where whoever asks knows it; else empty.
    pub(crate) context: &'a str,
    /// By which variants are dealt; empty: none are.
    pub(crate) conversation_id: &'a str,
}

/// A question, and what its prompt is made of.
pub(crate) struct Prepared {
    pub(crate) question: Question,
    /// Which templates: `system@3+consultation@1`.
    pub(crate) prompt: String,
    /// Which context was chosen, and why: `consultation (sources)`.
    pub(crate) context: String,
}

/// The question that these turns, oldest first, end with. `memory` is what is remembered of the conversation.
pub(crate) async fn question(
    search: &Search,
    bot: &BotFolder,
    turns: Vec<Turn>,
    told: Told<'_>,
    memory: Memory,
) -> Result<Prepared, PgError> {
    let mut said = turns.iter().rev().filter(|turn| turn.by_person).map(|turn| turn.text.expose().as_str());
    let asked = said.next().unwrap_or_default();
    // A command was no question.
    let earlier = said.next().filter(|text| !text.starts_with('/'));
    let language = language::of_question(asked, told.language, &bot.bot.languages, bot.bot.default_language);
    let sources = sources(search, &Scope::of(bot), language, (asked, earlier), &memory.mask).await?;
    let own = OwnWords::of(bot);
    let mut question = Question { language, prompt: String::new(), turns, sources, memory, own };
    let (context, why) = match PromptContext::of(told.context) {
        Some(context) => (context, "told"),
        None => Signals::of(&question).context(),
    };
    let Composed { text, name } = bot.compose(context, language, told.conversation_id);
    question.prompt = text;
    Ok(Prepared { question, prompt: name, context: format!("{} ({why})", context.as_str()) })
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use ids::Pii;

    use super::*;
    use crate::knowledge::tests::fixture;

    #[tokio::test]
    async fn each_conversation_is_asked_in_its_variant_and_no_other() {
        let fixture = fixture().await;
        let mut files = BotFolder::files(&testkit::workspace_root().join("bots/dev2production")).unwrap();
        let mut add = |name: &str, text: &str| files.push((name.to_owned(), text.as_bytes().to_vec()));
        add("prompts/support.b.md", "---\ntitle: x\nversion: 7\n---\nBe brave.");
        add(
            "experiments.yml",
            "experiments: [{ id: brave, prompt: support, variants: [{ id: b, weight: 50 }] }]",
        );
        let bot = BotFolder::from_files("dev2production", &files).unwrap();
        let search = Search::new(fixture.pool.clone(), None);
        let asked = async |conversation: &str| {
            let turn = Turn { by_person: true, text: Pii::new("It crashed!".to_owned()) };
            let told = Told { language: "en", context: "", conversation_id: conversation };
            let prepared = question(&search, &bot, vec![turn], told, Memory::default()).await.unwrap();
            assert_eq!(prepared.context, "support (trouble)");
            assert_eq!(prepared.question.prompt.ends_with("Be brave."), prepared.prompt.ends_with("#b"));
            prepared.prompt
        };
        let mut seen = BTreeSet::new();
        for nth in 0..20 {
            let conversation = format!("conversation-{nth}");
            let first = asked(&conversation).await;
            assert_eq!(asked(&conversation).await, first);
            seen.insert(first);
        }
        let both = ["system@1+support@7#b", "system@1+support@d1"].map(str::to_owned);
        assert_eq!(seen, BTreeSet::from(both));
        assert_eq!(asked("").await, "system@1+support@d1", "who is in no conversation is in no experiment");
    }
}
