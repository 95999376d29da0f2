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
    /// "answered", "unknown" or "failed".
    pub outcome: &'static str,
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
        let name = knowledge::key(bot);
        store::knowledge::touch(&self.pool, &name, bot.name(), self.clock.now()).await?;
        store::documents::replace(&self.pool, &name, &knowledge::documents_of(bot)).await?;
        Ok(())
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
        let turn =
            |(by_person, text): &(bool, String)| Turn { by_person: *by_person, text: Pii::new(text.clone()) };
        let turns = said.iter().filter(|(_, text)| !text.trim().is_empty()).map(turn).collect();
        let search = Search::new(self.pool.clone(), None);
        let told = Told { language, ..Told::default() };
        let prepared = asking::question(&search, bot, turns, told, Memory::default()).await?;
        let Prepared { question, .. } = prepared;
        let who = Who { bot: bot.name().to_owned(), ..Who::default() };
        let deadline = Instant::now() + self.timeout;
        let asked = Asked { question: &question, request_id: "", who: &who, wish: Wish::None, deadline };
        let end = self.answering.rehearse(asked).await;
        let outcome = end.outcome.word();
        let (text, citations) = match end.outcome {
            Outcome::Answered { text, citations } => (Some(Pii::new(text)), citations),
            Outcome::Unknown | Outcome::Failed | Outcome::Superseded => (None, Vec::new()),
        };
        let (provider, model, cost_micros) = (end.provider, end.model, end.cost_micros);
        Ok(Rehearsed { text, citations, outcome, provider, model, cost_micros })
    }
}
