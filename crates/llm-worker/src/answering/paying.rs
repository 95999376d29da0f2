//! Each call of a model is paid for: money is held for it before, and what it came to is known when it ends, however
//! it ends.

use classify::Failure;

use super::Asked;
use super::meter::{Meter, Seen};
use crate::config::Prices;
use crate::domain::answer::{Answer, Usage};
use crate::domain::question::Question;
use crate::money::{Money, Refusal, Reservation, Spent, Verdict, Who, estimate};
use crate::providers::{Model, OFFLINE, Problem, ProviderError};

/// Rules, fences and what is known of the person, in bytes at most.
const RULES: usize = 4_096;

/// What it takes to pay for answers.
#[derive(Clone)]
pub(crate) struct Till {
    pub(crate) money: Money,
    pub(crate) max_tokens: u32,
    /// Tokens of a prompt at most.
    pub(crate) prompt_tokens: u32,
}

/// What the calls for one question have come to. Dropped in the middle of a call, what it had come to counts.
#[derive(Debug, Default)]
pub(crate) struct Bills {
    bills: Vec<Bill>,
    /// The pseudonym of whom it is paid for; `None` before the first call.
    person: Option<String>,
}

/// Of one call.
#[derive(Debug)]
struct Bill {
    reservation: Reservation,
    spent: Spent,
    /// While the call is under way.
    running: Option<(Meter, Terms)>,
}

/// What a call costs for what is seen of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) prices: Prices,
    pub(super) prompt_tokens: i64,
    /// What is held for it: an estimate is no more.
    pub(super) most_micros: i64,
}

/// Whether there is money for a call.
pub(super) enum Held {
    Yes(Option<(Reservation, Terms)>),
    /// The question has its end already.
    Ended,
    Refused(Refusal),
}

impl Bills {
    /// A call begins. `None`: it costs nothing.
    pub(super) fn begin(&mut self, bill: Option<(Reservation, Terms)>, meter: &Meter) {
        let Some((mut reservation, terms)) = bill else { return };
        if self.person.is_none() {
            self.person = Some(reservation.person().to_owned());
        }
        // Should this worker be stopped here, the prompt has been read at least.
        let spent = terms.so_far(Seen::default());
        reservation.spends(spent);
        self.bills.push(Bill { reservation, spent, running: Some((meter.clone(), terms)) });
    }

    /// The call that began last has ended.
    pub(super) fn ends(&mut self, result: &Result<Answer, ProviderError>) {
        let Some(bill) = self.bills.last_mut() else { return };
        let Some((meter, terms)) = bill.running.take() else { return };
        let spent = match result {
            Ok(_) => terms.so_far(meter.seen()),
            Err(error) => terms.failed(error, meter.seen()),
        };
        bill.spends(spent);
        if !spent.was_asked {
            // Nobody was asked: it is given back before the next is held, which then counts as the call.
            self.bills.pop();
        }
    }

    /// The call that began last is given up where it is.
    pub(super) fn catches_up(&mut self) {
        if let Some(bill) = self.bills.last_mut()
            && let Some((meter, terms)) = bill.running.take()
        {
            bill.spends(terms.so_far(meter.seen()));
        }
    }

    /// Millionths of a US dollar.
    pub(super) fn micros(&self) -> i64 {
        self.bills.iter().fold(0, |sum, bill| sum.saturating_add(bill.spent.micros))
    }

    /// The pseudonym of whom it is paid for; empty where no person asks.
    pub(crate) fn person(&self) -> &str {
        self.person.as_deref().unwrap_or_default()
    }

    /// Whether nothing was held for it.
    pub(crate) const fn is_empty(&self) -> bool {
        self.person.is_none()
    }

    /// Each, to be settled.
    pub(crate) fn into_each(mut self) -> Vec<(Reservation, Spent)> {
        self.catches_up();
        std::mem::take(&mut self.bills).into_iter().map(|bill| (bill.reservation, bill.spent)).collect()
    }
}

impl Drop for Bills {
    fn drop(&mut self) {
        self.catches_up();
    }
}

impl Bill {
    const fn spends(&mut self, spent: Spent) {
        self.reservation.spends(spent);
        self.spent = spent;
    }
}

impl Terms {
    /// What has been seen of a call that is under way or ended by itself: what the provider says, or else an estimate
    /// from what went to and fro. Some tell the prompt's tokens first and the answer's last: before the end, what
    /// was written counts.
    pub(super) fn so_far(self, seen: Seen) -> Spent {
        let written = estimate::tokens(seen.bytes);
        let is_reported = seen.usage.reported && (seen.is_whole || seen.usage.completion >= written);
        let used = match seen.usage {
            usage if is_reported => usage,
            usage if usage.reported => Usage { completion: written, ..usage },
            _ => estimate::usage_of(self.prompt_tokens, written),
        };
        let micros = self.prices.cost_micros(used).saturating_add(self.prices.cost_micros(seen.lost));
        let micros = if is_reported { micros } else { micros.min(self.most_micros) };
        Spent { micros, was_asked: true, is_reported }
    }

    /// What a call that failed has come to.
    pub(super) fn failed(self, error: &ProviderError, seen: Seen) -> Spent {
        if seen.bytes > 0 || seen.usage.reported {
            return self.so_far(seen);
        }
        // Refused at once, nothing is charged; where time ran out, the model was at work each time.
        let calls = match error.problem {
            Problem::TimedOut => error.attempts.max(1),
            Problem::Malformed(_) | Problem::Cut => 1,
            _ => 0,
        };
        let prompt = self.prices.cost_micros(estimate::usage_of(self.prompt_tokens, 0));
        // What was told of these calls is no more than what they came to.
        let micros = prompt.saturating_mul(calls.into()).max(self.prices.cost_micros(error.lost));
        let is_reported = error.lost.reported && calls == 0;
        Spent { micros, was_asked: error.attempts > 0, is_reported }
    }
}

impl Till {
    /// Holds the worst that a call of this model can cost.
    pub(super) async fn hold(
        &self,
        asked: &Asked<'_>,
        mode: &str,
        question: &Question,
        model: &Model,
        has_others: bool,
    ) -> Result<Held, Failure> {
        if model.provider.name() == OFFLINE {
            // The bot's own words cost nothing.
            return Ok(Held::Yes(None));
        }
        let terms = self.terms(question, model);
        // The mode is for the row of a call that is cancelled or lost.
        let who = Who { mode: mode.to_owned(), ..asked.who.clone() };
        let (id, name) = (asked.request_id, model.info.id.name());
        let verdict = self.money.reserve_one_of(id, &who, name, terms.most_micros, has_others).await?;
        Ok(match verdict {
            Verdict::Reserved(reservation) => Held::Yes(Some((reservation, terms))),
            Verdict::Ended => Held::Ended,
            Verdict::Refused(refusal) => Held::Refused(refusal),
        })
    }

    fn terms(&self, question: &Question, model: &Model) -> Terms {
        let most: i64 = self.prompt_tokens.into();
        let prompt = most_tokens(question).min(most);
        let answer = self.max_tokens.min(model.info.max_output_tokens);
        let calls = model.provider.most_calls();
        let bytes = parts(question).map(str::len).sum::<usize>() + RULES;
        Terms {
            prices: model.info.prices,
            prompt_tokens: estimate::tokens(bytes).min(most),
            most_micros: estimate::worst_case(&model.info.prices, prompt, answer, calls),
        }
    }
}

impl std::fmt::Debug for Till {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Till").finish_non_exhaustive()
    }
}

/// What goes to a model, before it is fitted into the budget: everything that may be told.
fn parts(question: &Question) -> impl Iterator<Item = &str> {
    let turns = question.turns.iter().map(|turn| turn.text.expose().as_str());
    let sources = question.words_of_sources().into_iter();
    let summary = question.memory.summary.as_ref().map(|summary| summary.text.as_str());
    std::iter::once(question.prompt.as_str()).chain(summary).chain(sources).chain(turns)
}

fn most_tokens(question: &Question) -> i64 {
    let texts = parts(question).fold(0_i64, |sum, text| sum.saturating_add(estimate::most_tokens(text)));
    texts.saturating_add(i64::try_from(RULES / 2).unwrap_or(i64::MAX))
}
