//! What a model writes that nobody waits for: a summary, a brief. It is paid for as an answer is.

use std::time::Duration;

use classify::{Classify, Failure};
use ids::Clock;
use tokio::time::Instant;

use crate::answering::Asker;
use crate::money::{Money, Spent, Verdict, Who, estimate};
use crate::providers::{Model, Problem, ProviderError};
use crate::store::ledger;

const LONGEST: Duration = Duration::from_secs(60);

/// Has notes written.
#[derive(Clone)]
pub(crate) struct Notes {
    pub(crate) asker: Asker,
    pub(crate) money: Money,
    pub(crate) clock: Clock,
}

/// A note that is wanted.
pub(super) struct Wanted<'a> {
    /// Its row in the ledger; it is written once.
    pub(super) request_id: String,
    pub(super) conversation_id: &'a str,
    pub(super) bot: &'a str,
    /// What it is, for the ledger.
    pub(super) kind: &'static str,
    /// Which template told the model what to write; empty: our own words.
    pub(super) prompt: &'a str,
    pub(super) instruction: &'a str,
    /// What it is made of, masked.
    pub(super) text: &'a str,
}

impl Notes {
    /// The text, as the model wrote it; empty where there is no money for it, or it was written before.
    pub(super) async fn write(&self, wanted: Wanted<'_>) -> Result<String, Failure> {
        let Wanted { request_id, conversation_id, bot, kind, prompt, instruction, text } = wanted;
        let started = Instant::now();
        let (bot, conversation_id) = (bot.to_owned(), conversation_id.to_owned());
        let who = Who { bot: bot.clone(), conversation_id: conversation_id.clone(), ..Who::default() };
        let model = self.asker.catalog.first();
        let bytes = instruction.len() + text.len();
        let tokens = estimate::most_tokens(instruction) + estimate::most_tokens(text);
        let (calls, answer) = (model.provider.most_calls(), self.asker.max_tokens());
        let most = estimate::worst_case(&model.info.prices, tokens, answer, calls);
        let verdict = self.money.reserve(&request_id, &who, model.info.id.name(), most).await?;
        let Verdict::Reserved(mut reservation) = verdict else { return Ok(String::new()) };
        // Should this worker be stopped here, the prompt has been read at least.
        reservation.spends(estimated(model, bytes, 1));
        let noted = match self.asker.note(instruction, text, started + LONGEST).await {
            Ok(noted) => noted,
            Err(error) => {
                // Dropped, it is settled with this.
                reservation.spends(lost(model, bytes, &error));
                return Err(Failure::new(error.class(), error));
            }
        };
        let spent = Spent { micros: noted.cost_micros, was_asked: true, is_reported: noted.usage.reported };
        let entry = ledger::Entry {
            request_id,
            conversation_id,
            bot,
            outcome: "answered",
            reason: Some(kind.to_owned()),
            provider: noted.provider,
            model: noted.model,
            prompt: prompt.to_owned(),
            usage: noted.usage,
            cost_micros: noted.cost_micros,
            attempts: noted.attempts,
            took_ms: i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX),
            ended_at: self.clock.now(),
            ..ledger::Entry::default()
        };
        self.money.settle(reservation, spent, entry).await?;
        Ok(noted.text)
    }
}

/// What so many calls cost whose answers were not heard.
fn estimated(model: &Model, bytes: usize, calls: u32) -> Spent {
    let one = model.info.prices.cost_micros(estimate::usage(bytes, 0));
    Spent { micros: one.saturating_mul(calls.into()), was_asked: true, is_reported: false }
}

/// What a call has cost that failed: what was told of it, or else an estimate, as for an answer.
fn lost(model: &Model, bytes: usize, error: &ProviderError) -> Spent {
    if error.lost.reported {
        let micros = model.info.prices.cost_micros(error.lost);
        return Spent { micros, was_asked: true, is_reported: true };
    }
    let calls = match error.problem {
        Problem::TimedOut => error.attempts.max(1),
        Problem::Malformed(_) => 1,
        _ => 0,
    };
    Spent { was_asked: error.attempts > 0, ..estimated(model, bytes, calls) }
}
