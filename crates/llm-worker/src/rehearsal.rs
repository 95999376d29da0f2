//! Answers as the worker would, outside of it: for an operator who asks what another version, model or prompt had
//! said. Nobody is sent anything, and the ledger is not written.

use std::time::Duration;

use bot_folder::BotFolder;
use ids::{Clock, Ids, Pii};
use pg::{PgError, Pool};
use tokio::time::Instant;

use crate::answering::{Answering, Asked, Asker, Outcome};
use crate::asking::{self, Prepared, Told};
use crate::config::LlmConfig;
use crate::domain::answer::Action;
use crate::domain::question::{Memory, Turn};
use crate::error::LlmError;
use crate::knowledge::Search;
use crate::money::Who;
use crate::providers::Tools;
use crate::routing::{Routes, Wish};
use crate::{knowledge, store};

/// Who would answer, and from what.
#[derive(Debug)]
pub struct Rehearsal {
    answering: Answering,
    pool: Pool,
    clock: Clock,
    timeout: Duration,
}

/// How a question would have ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsed {
    /// `None`: it is not known, or it failed; see `outcome`.
    pub text: Option<Pii<String>>,
    /// Titles of what the answer rests on.
    pub citations: Vec<String>,
    /// How sure it is, 0 to 1; `None` where nothing is answered.
    pub confidence: Option<f32>,
    /// The model wants a human to go on.
    pub hands_over: bool,
    /// "answered", "unknown" or "failed".
    pub outcome: &'static str,
    /// Why there is no answer, or why it is the bot's own words.
    pub reason: Option<String>,
    pub provider: String,
    pub model: String,
    /// Millionths of a US dollar.
    pub cost_micros: i64,
}

impl Rehearsal {
    /// # Errors
    /// Settings that can not be worked with.
    pub fn new(config: &LlmConfig, pool: Pool, clock: Clock, ids: Ids) -> Result<Self, LlmError> {
        config.check()?;
        let asker = Asker::build(config, &Tools { clock: clock.clone(), ids: ids.clone() })?;
        let routes = Routes::new(config.routing.clone());
        let answering = Answering { asker, routes, till: None, ids };
        let timeout = Duration::from_millis(config.answer_timeout_ms);
        Ok(Self { answering, pool, clock, timeout })
    }

    /// Has what this bot knows in the database, as a worker that answers for it has.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn prepare(&self, bot: &BotFolder) -> Result<(), PgError> {
        prepare(&self.pool, &self.clock, bot).await
    }

    /// Answers the last of `said` (whether by the person, and what; oldest first).
    ///
    /// # Errors
    /// What the database refuses; a provider's failure is an answer.
    pub async fn answer(
        &self,
        bot: &BotFolder,
        language: &str,
        said: &[(bool, String)],
    ) -> Result<Rehearsed, PgError> {
        self.answer_remembering(bot, language, turns(said), Memory::default()).await
    }

    /// The same, with what is remembered of the conversation.
    pub(crate) async fn answer_remembering(
        &self,
        bot: &BotFolder,
        language: &str,
        turns: Vec<Turn>,
        memory: Memory,
    ) -> Result<Rehearsed, PgError> {
        let search = Search::new(self.pool.clone(), None);
        let told = Told { language, ..Told::default() };
        let prepared = asking::question(&search, bot, turns, told, memory).await?;
        let Prepared { question, .. } = prepared;
        let who = Who { bot: bot.name().to_owned(), ..Who::default() };
        let deadline = Instant::now() + self.timeout;
        let asked = Asked {
            question: &question,
            request_id: "",
            who: &who,
            wish: Wish::None,
            deadline,
            viewer: None,
        };
        let end = self.answering.rehearse(asked).await;
        let outcome = end.outcome.word();
        let (confidence, hands_over) = (end.confidence, end.action == Action::Handoff);
        let (text, citations) = match end.outcome {
            Outcome::Answered { text, citations } => (Some(Pii::new(text)), citations),
            Outcome::Unknown | Outcome::Failed | Outcome::Superseded => (None, Vec::new()),
        };
        let (provider, model, cost_micros) = (end.provider, end.model, end.cost_micros);
        Ok(Rehearsed {
            text,
            citations,
            confidence,
            hands_over,
            outcome,
            reason: end.reason,
            provider,
            model,
            cost_micros,
        })
    }
}

/// Has what this bot knows in the database.
pub(crate) async fn prepare(pool: &Pool, clock: &Clock, bot: &BotFolder) -> Result<(), PgError> {
    let name = knowledge::key(bot);
    store::knowledge::touch(pool, &name, bot.name(), clock.now()).await?;
    store::documents::replace(pool, &name, &knowledge::documents_of(bot)).await?;
    Ok(())
}

/// What was said (whether by the person, and what), without what has no words.
pub(crate) fn turns(said: &[(bool, String)]) -> Vec<Turn> {
    let turn =
        |(by_person, text): &(bool, String)| Turn { by_person: *by_person, text: Pii::new(text.clone()) };
    said.iter().filter(|(_, text)| !text.trim().is_empty()).map(turn).collect()
}
