//! Each call of a model is paid for: money is held for it before, and what it came to is known when it ends, however
//! it ends.

use classify::Failure;

use super::Asked;
use crate::domain::answer::{Answer, Reply};
use crate::domain::question::Question;
use crate::money::{Money, Refusal, Reservation, Spent, Verdict, estimate};
use crate::providers::{Model, OFFLINE, Problem, ProviderError};

/// Rules, fences and what is known of the person, in bytes at most.
const RULES: usize = 4_096;

/// What it takes to pay for answers.
#[derive(Clone)]
pub(crate) struct Till {
    pub(crate) money: Money,
    pub(crate) max_tokens: u32,
}

/// What the calls for one question have come to.
#[derive(Debug, Default)]
pub(crate) struct Bills(Vec<(Reservation, Spent)>);

/// Whether there is money for a call.
pub(super) enum Held {
    Yes(Option<(Reservation, Spent)>),
    /// The question has its end already.
    Ended,
    Refused(Refusal),
}

impl Bills {
    /// A call begins. `None`: it costs nothing.
    pub(super) fn begin(&mut self, bill: Option<(Reservation, Spent)>) {
        self.0.extend(bill);
    }

    /// The call that began last has ended.
    pub(super) fn ends(&mut self, spent: Option<Spent>) {
        if let (Some(spent), Some((reservation, so_far))) = (spent, self.0.last_mut()) {
            reservation.spends(spent);
            *so_far = spent;
        }
    }

    /// Millionths of a US dollar.
    pub(super) fn micros(&self) -> i64 {
        self.0.iter().fold(0, |sum, (_, spent)| sum.saturating_add(spent.micros))
    }

    /// The pseudonym of whom it is paid for; empty where no person asks.
    pub(crate) fn person(&self) -> &str {
        self.0.first().map_or("", |(reservation, _)| reservation.person())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each, to be settled.
    pub(crate) fn into_each(self) -> impl Iterator<Item = (Reservation, Spent)> {
        self.0.into_iter()
    }
}

impl Till {
    /// Holds the worst that a call of this model can cost.
    pub(super) async fn hold(
        &self,
        asked: &Asked<'_>,
        question: &Question,
        model: &Model,
    ) -> Result<Held, Failure> {
        if model.provider.name() == OFFLINE {
            // The bot's own words cost nothing.
            return Ok(Held::Yes(None));
        }
        let bytes = prompt_bytes(question);
        let most = estimate::worst_case(&model.info.prices, bytes, self.max_tokens);
        let verdict = self.money.reserve(asked.request_id, asked.who, model.info.id.name(), most).await?;
        Ok(match verdict {
            Verdict::Reserved(mut reservation) => {
                // Should this worker be stopped here, the prompt has been read at least.
                let spent = estimated(model, bytes, 0);
                reservation.spends(spent);
                Held::Yes(Some((reservation, spent)))
            }
            Verdict::Ended => Held::Ended,
            Verdict::Refused(refusal) => Held::Refused(refusal),
        })
    }

    /// What a call has cost by its end: what the provider says, or else an estimate from what went to and fro.
    pub(super) fn spent(
        &self,
        question: &Question,
        model: &Model,
        result: &Result<Answer, ProviderError>,
    ) -> Option<Spent> {
        if model.provider.name() == OFFLINE {
            return None;
        }
        let bytes = prompt_bytes(question);
        Some(match result {
            Ok(answer) if answer.usage.reported => {
                Spent { micros: answer.cost_micros, was_asked: true, is_reported: true }
            }
            Ok(Answer { reply: Reply::Text { text, .. }, .. }) => estimated(model, bytes, text.len()),
            Ok(_) => estimated(model, bytes, 0),
            Err(error) if error.lost.reported => {
                let micros = model.info.prices.cost_micros(error.lost);
                Spent { micros, was_asked: true, is_reported: true }
            }
            // Refused at once, nothing is charged; where time ran out, the model was at work each time.
            Err(error) => {
                let calls = match error.problem {
                    Problem::TimedOut => error.attempts.max(1),
                    Problem::Malformed(_) => 1,
                    _ => 0,
                };
                let one = estimated(model, bytes, 0);
                let micros = one.micros.saturating_mul(calls.into());
                Spent { micros, was_asked: error.attempts > 0, ..one }
            }
        })
    }
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till").finish_non_exhaustive()
    }
}

fn estimated(model: &Model, prompt_bytes: usize, answer_bytes: usize) -> Spent {
    let usage = estimate::usage(prompt_bytes, estimate::tokens(answer_bytes));
    Spent { micros: model.info.prices.cost_micros(usage), was_asked: true, is_reported: false }
}

/// What goes to a model, about: everything that may be told, before it is fitted into the budget.
fn prompt_bytes(question: &Question) -> usize {
    let turns: usize = question.turns.iter().map(|turn| turn.text.expose().len()).sum();
    let sources: usize = question.words_of_sources().iter().map(|words| words.len()).sum();
    let summary = question.memory.summary.as_ref().map_or(0, |summary| summary.text.len());
    RULES + question.prompt.len() + summary + sources + turns
}
