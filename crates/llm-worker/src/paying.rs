//! A question that is paid for: money is held for its answer before a model is asked, and what it came to is known
//! when it ends, however it ends.

use std::future::Future;

use classify::Failure;
use tokio::time::Instant;

use crate::answering::{self, Asker, End, Outcome};
use crate::domain::cost::Prices;
use crate::domain::prompt;
use crate::domain::question::Question;
use crate::money::{Money, Refusal, Reservation, Spent, Verdict, Who, estimate};
use crate::providers::OFFLINE;

/// What it takes to pay for answers.
#[derive(Clone)]
pub(crate) struct Till {
    pub(crate) money: Money,
    pub(crate) prices: Prices,
    pub(crate) max_tokens: u32,
}

/// A question that has ended, and what is still to be settled for it.
#[derive(Debug)]
pub(crate) struct Paid {
    pub(crate) end: End,
    pub(crate) bill: Option<(Reservation, Spent)>,
    /// There was no room for a model.
    pub(crate) refusal: Option<Refusal>,
}

impl Paid {
    /// Nothing was spent.
    pub(crate) const fn free(end: End) -> Self {
        Self { end, bill: None, refusal: None }
    }
}

impl Till {
    /// Answers before `deadline`, or until `superseded` returns. Fails only where our own database does.
    pub(crate) async fn answer(
        &self,
        asker: &Asker,
        question: &Question,
        (request_id, who): (&str, &Who),
        deadline: Instant,
        superseded: impl Future<Output = ()>,
    ) -> Result<Paid, Failure> {
        let mut superseded = std::pin::pin!(superseded);
        let first = asker.catalog.first();
        if first.provider.name() == OFFLINE {
            // The bot's own words cost nothing.
            return Ok(Paid::free(tokio::select! {
                biased;
                () = &mut superseded => End::superseded(),
                end = answering::answer(asker, question, deadline) => end,
            }));
        }
        let bytes = prompt_bytes(question);
        let most = estimate::worst_case(&self.prices, bytes, self.max_tokens);
        let verdict = self.money.reserve(request_id, who, first.info.id.name(), most).await?;
        let mut reservation = match verdict {
            Verdict::Reserved(reservation) => reservation,
            // A repetition: its answer is on its way already.
            Verdict::Ended => return Ok(Paid::free(End::failed("answered_before"))),
            Verdict::Refused(refusal) => {
                let reason = format!("quota_{}", refusal.scope.as_str());
                let end = answering::without_a_model(asker, question, reason, deadline).await;
                return Ok(Paid { end, bill: None, refusal: Some(refusal) });
            }
        };
        // Should this worker be stopped here, the prompt has been read at least.
        reservation.spends(self.estimated(bytes, 0));
        let mut end = tokio::select! {
            biased;
            () = &mut superseded => End::superseded(),
            end = answering::answer(asker, question, deadline) => end,
        };
        let spent = self.spent(bytes, &end);
        end.cost_micros = spent.micros;
        Ok(Paid { end, bill: Some((reservation, spent)), refusal: None })
    }

    /// What a question has cost by its end: what the provider says, or else an estimate from what went to and fro.
    fn spent(&self, bytes: usize, end: &End) -> Spent {
        if end.usage.reported {
            return Spent { micros: end.cost_micros, was_asked: true, is_reported: true };
        }
        let is_offline = end.provider == OFFLINE;
        match &end.outcome {
            Outcome::Answered { text, .. } if !is_offline => self.estimated(bytes, text.len()),
            Outcome::Unknown | Outcome::Superseded => self.estimated(bytes, 0),
            // Refused at once, nothing is charged; where time ran out, the model was at work each time.
            Outcome::Answered { .. } | Outcome::Failed => {
                let calls = match end.reason.as_deref() {
                    Some("timed_out") => end.attempts.max(1),
                    Some("empty" | "malformed") => 1,
                    _ => 0,
                };
                let one = self.estimated(bytes, 0);
                Spent { micros: one.micros.saturating_mul(calls.into()), was_asked: end.attempts > 0, ..one }
            }
        }
    }

    fn estimated(&self, prompt_bytes: usize, answer_bytes: usize) -> Spent {
        let usage = estimate::usage(prompt_bytes, estimate::tokens(answer_bytes));
        Spent { micros: self.prices.cost_micros(usage), was_asked: true, is_reported: false }
    }
}

/// What goes to a model, about.
fn prompt_bytes(question: &Question) -> usize {
    let turns: usize = question.turns.iter().map(|turn| turn.text.expose().len()).sum();
    prompt::system(question).len() + turns
}
