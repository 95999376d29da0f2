//! A person's words go to a model: the answer, the ledger's row and the event that carries the answer back.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::outbox::Outbox;
use bus::{Delivery, WorkHandler};
use classify::Failure;
use events::Envelope;
use events::message::bot::{ModelRequested, turn::Speaker};
use events::message::llm::{ModelAnswered, model_answered};
use ids::{Clock, Ids, Pii, Timestamp};
use pg::{AfterCommit, PgConnection, PgError};
use tokio::time::Instant;

use crate::answering::{self, End, Outcome};
use crate::asking;
use crate::domain::mask::Mask;
use crate::domain::question::Turn;
use crate::knowledge::{Bots, Search};
use crate::providers::Providers;
use crate::store::{erased, gaps, ledger};
use crate::superseded::Superseded;

/// What is left of the time for writing the answer and carrying it back.
const TO_CARRY_BACK: Duration = Duration::from_millis(300);
/// No question is worked on for longer, whatever it asks for.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// Characters of a question that nobody could answer, as it is kept.
const MOST_REMEMBERED: usize = 500;

pub(crate) struct ModelRequestedHandler {
    pub(crate) search: Search,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
    pub(crate) bots: Arc<Bots>,
    pub(crate) providers: Providers,
    pub(crate) superseded: Arc<Superseded>,
    /// For a question without a deadline of its own.
    pub(crate) answer_timeout: Duration,
}

/// A question that has ended, and is still to be written.
pub(crate) struct Ended {
    request: ModelRequested,
    language: String,
    /// `system@3`; empty where none was used.
    prompt: String,
    end: End,
    took_ms: i64,
}

#[async_trait]
impl WorkHandler for ModelRequestedHandler {
    type Done = Ended;

    /// Fails only where our own database or our own bot service does: everything else is an answer.
    async fn work(&self, event: &Delivery) -> Result<Ended, Failure> {
        let request: ModelRequested = event.decode()?;
        let started = Instant::now();
        let mut ended = Ended {
            language: request.language.clone(),
            prompt: String::new(),
            end: End::failed("deadline"),
            took_ms: 0,
            request,
        };
        let Some(deadline) = self.deadline(&ended.request, started) else { return Ok(ended) };
        match self.bots.get(folder(&ended.request), &ended.request.version).await? {
            None => {
                let (bot, folder) = (&ended.request.bot, folder(&ended.request));
                tracing::error!(%bot, %folder, "a question came for a bot that has no folder here");
                ended.end = End::failed("unknown_bot");
            }
            Some(bot) => {
                let turns = turns(&ended.request);
                let question = asking::question(&self.search, &bot, turns, &ended.request.language).await?;
                ended.language = question.language.to_string();
                ended.prompt = asking::prompt_name(&bot);
                ended.end = match question.turns.last() {
                    Some(turn) if turn.by_person => {
                        let work = self.superseded.work_on(&ended.request.request_id);
                        tokio::select! {
                            biased;
                            () = work.superseded() => End::superseded(),
                            end = answering::answer(&self.providers, &question, deadline) => end,
                        }
                    }
                    _ => End::failed("nothing_asked"),
                };
            }
        }
        ended.took_ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
        Ok(ended)
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        done: Ended,
    ) -> Result<AfterCommit, Failure> {
        Ok(self.write_in_tx(tx, event, done).await?)
    }

    /// The person is told that there is no answer, whatever the reason was.
    async fn give_up(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        failure: &Failure,
    ) -> Result<AfterCommit, Failure> {
        let Ok(request) = event.decode::<ModelRequested>() else {
            // Nobody knows whom to answer; the bot's own deadline tells the person.
            tracing::error!(id = %event.id, error = %failure, "a question that can not be read gets no answer");
            return Ok(AfterCommit::nothing());
        };
        let language = request.language.clone();
        let end = End::failed("gave_up");
        Ok(self
            .write_in_tx(tx, event, Ended { request, language, prompt: String::new(), end, took_ms: 0 })
            .await?)
    }
}

/// The folder of the bot that asks. Bots are known here by their folders; where it is not said, it is called as
/// the bot.
fn folder(request: &ModelRequested) -> &str {
    if request.folder.is_empty() { &request.bot } else { &request.folder }
}

/// Keeps what nobody could answer, masked, for whoever fills the gaps of the knowledge.
async fn remember(
    tx: &mut PgConnection,
    request: &ModelRequested,
    language: &str,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<(), PgError> {
    let asked = request.turns.iter().rev().find(|turn| turn.speaker() == Speaker::Person);
    let Some(asked) = asked.filter(|asked| !asked.text.starts_with('/')) else { return Ok(()) };
    let question: String = Mask::default().hide(asked.text.trim()).chars().take(MOST_REMEMBERED).collect();
    if !question.chars().any(char::is_alphabetic) {
        return Ok(());
    }
    let question = gaps::Question {
        request_id: &request.request_id,
        conversation_id: &request.conversation_id,
        bot: folder(request),
        language,
        question: &question.replace('\0', ""),
        reason,
    };
    gaps::record_in_tx(tx, &question, now).await
}

/// What was said, without what has no words.
fn turns(request: &ModelRequested) -> Vec<Turn> {
    request
        .turns
        .iter()
        .filter(|turn| !turn.text.trim().is_empty())
        .map(|turn| Turn { by_person: turn.speaker() == Speaker::Person, text: Pii::new(turn.text.clone()) })
        .collect()
}

impl ModelRequestedHandler {
    /// When an answer must be there, or `None` where that is past.
    fn deadline(&self, request: &ModelRequested, now: Instant) -> Option<Instant> {
        if request.deadline_ms <= 0 {
            return Some(now + self.answer_timeout.min(LONGEST));
        }
        let left = u64::try_from(request.deadline_ms.saturating_sub(self.clock.now_ms())).ok()?;
        let left = Duration::from_millis(left).checked_sub(TO_CARRY_BACK).filter(|left| !left.is_zero())?;
        Some(now + left.min(LONGEST))
    }

    /// The ledger's row, and with it the answer. A question that has a row has been answered.
    async fn write_in_tx(
        &self,
        tx: &mut PgConnection,
        event: &Delivery,
        ended: Ended,
    ) -> Result<AfterCommit, PgError> {
        let Ended { request, language, prompt, end, took_ms } = ended;
        let now = self.clock.now();
        // Whoever asked was erased meanwhile: what it cost is written, and nobody is answered.
        let is_erased = erased::is_erased(tx, &request.conversation_id).await?;
        let entry = ledger::Entry {
            request_id: &request.request_id,
            conversation_id: if is_erased { "" } else { &request.conversation_id },
            bot: &request.bot,
            outcome: end.outcome.word(),
            reason: end.reason.as_deref(),
            provider: end.provider,
            model: &end.model,
            prompt: &prompt,
            usage: end.usage,
            cost_micros: end.cost_micros,
            attempts: end.attempts,
            took_ms,
            ended_at: now,
        };
        if !ledger::insert_in_tx(tx, &entry).await? || is_erased {
            return Ok(AfterCommit::nothing());
        }
        answering::count_unasked(&end);
        if end.outcome == Outcome::Unknown {
            remember(tx, &request, &language, end.reason.as_deref(), now).await?;
        }
        let key = request.key();
        let outcome = match end.outcome {
            Outcome::Answered { .. } => model_answered::Outcome::Answered,
            Outcome::Unknown => model_answered::Outcome::Unknown,
            Outcome::Failed => model_answered::Outcome::Failed,
            Outcome::Superseded => model_answered::Outcome::Superseded,
        };
        let (text, citations) = match end.outcome {
            Outcome::Answered { text, citations } => (text, citations),
            Outcome::Unknown | Outcome::Failed | Outcome::Superseded => Default::default(),
        };
        let answered = ModelAnswered {
            request_id: request.request_id,
            conversation_id: request.conversation_id,
            bot: request.bot,
            chat_id: request.chat_id,
            language,
            outcome: outcome.into(),
            text,
            citations,
            provider: end.provider.to_owned(),
            model: end.model,
            prompt_tokens: end.usage.prompt,
            completion_tokens: end.usage.completion,
            cost_micros: end.cost_micros,
            took_ms,
            attempts: i32::try_from(end.attempts).unwrap_or(i32::MAX),
            received_at_ms: request.received_at_ms,
            at_ms: now.as_millisecond(),
        };
        let trail = event.trail_of_effects();
        let envelope = Envelope::new(self.ids.event(), key, trail, now.as_millisecond(), &answered);
        self.outbox.put(tx, &[envelope]).await
    }
}
