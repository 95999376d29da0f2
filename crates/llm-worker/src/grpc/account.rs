//! What one call comes to: held before it is made, counted while it is answered, settled when it ends, however it
//! ends. Nobody waits for the settlement: what is held is on disk.

use std::sync::Arc;

use ids::Clock;
use tokio::time::Instant;

use crate::domain::answer::Usage;
use crate::money::{Money, Reservation, Spent, estimate};
use crate::providers::{Finish, Model, Problem};
use crate::store::ledger::Entry;

/// The account of one call. Dropped before its end, the call was cancelled.
pub(super) struct Account {
    money: Money,
    clock: Clock,
    reservation: Option<Reservation>,
    model: Arc<Model>,
    request_id: String,
    api_key: String,
    started: Instant,
    prompt_bytes: usize,
    /// What is held for it: an estimate is no more.
    most_micros: i64,
    answer_bytes: usize,
    usage: Usage,
    /// Calls made, failed ones included.
    attempts: u32,
    /// What calls that were given up had used.
    lost: Usage,
    first_token_ms: Option<i64>,
    /// Its end has come: what the provider said of its usage by then is all of it.
    is_whole: bool,
}

/// Who asks, and for how much.
pub(super) struct Bill {
    pub(super) request_id: String,
    pub(super) api_key: String,
    pub(super) prompt_bytes: usize,
    /// What is held for it.
    pub(super) most_micros: i64,
}

/// The word for programs in the ledger, where bots have "agent", "chat" or "assistant".
pub(super) const MODE: &str = "api";

impl Account {
    pub(super) fn new(
        money: Money,
        clock: Clock,
        reservation: Reservation,
        model: Arc<Model>,
        bill: Bill,
    ) -> Self {
        Self {
            money,
            clock,
            reservation: Some(reservation),
            model,
            request_id: bill.request_id,
            api_key: bill.api_key,
            started: Instant::now(),
            prompt_bytes: bill.prompt_bytes,
            most_micros: bill.most_micros,
            answer_bytes: 0,
            usage: Usage::default(),
            attempts: 0,
            lost: Usage::default(),
            first_token_ms: None,
            is_whole: false,
        }
    }

    /// The provider is about to be asked: whatever is heard of it, it may read the prompt from here on.
    pub(super) const fn asks(&mut self) {
        self.attempts = 1;
    }

    /// The provider has begun to answer, at the last of so many calls.
    pub(super) const fn opened(&mut self, attempts: u32, lost: Usage) {
        self.gave_up(attempts, lost);
    }

    /// So many calls were made, and this is what those that were given up had used.
    pub(super) const fn gave_up(&mut self, attempts: u32, lost: Usage) {
        (self.attempts, self.lost) = (attempts, lost);
    }

    /// So much of an answer has come.
    pub(super) fn wrote(&mut self, bytes: usize) {
        if self.first_token_ms.is_none() {
            self.first_token_ms = Some(self.took_ms());
        }
        self.answer_bytes += bytes;
    }

    pub(super) const fn used(&mut self, usage: Usage) {
        self.usage = usage;
    }

    /// What the answer holds so far.
    pub(super) const fn answer_bytes(&self) -> usize {
        self.answer_bytes
    }

    /// The answer is whole.
    pub(super) fn ends(&mut self, finish: Finish) {
        let word = match finish {
            Finish::Stop => "stop",
            Finish::Length => "length",
            Finish::ToolCalls => "tool_calls",
            Finish::Filter => "filter",
            Finish::Refused => "refused",
            Finish::Other => "other",
        };
        self.is_whole = true;
        self.settle("answered", None, word, self.spent());
    }

    /// There is no answer, or no more of it.
    pub(super) fn fails(&mut self, problem: &Problem) {
        let begun = self.answer_bytes > 0 || self.usage.reported;
        let spent = match problem {
            _ if begun => self.spent(),
            // Where time ran out, the model was at work each time; what can not be read was paid for.
            Problem::TimedOut => self.estimated(self.attempts.max(1)),
            Problem::Malformed(_) | Problem::Cut => self.estimated(1),
            _ => Spent { micros: self.lost_micros(), was_asked: self.attempts > 0, is_reported: false },
        };
        self.settle("failed", Some(problem.word()), "", spent);
    }

    /// What the call has come to by now: what the provider says, or an estimate.
    fn spent(&self) -> Spent {
        if self.usage.reported {
            // Some tell the prompt's tokens first and the answer's last: before the end, what was written counts.
            let written = estimate::tokens(self.answer_bytes);
            let is_reported = self.is_whole || self.usage.completion >= written;
            let completion = if is_reported { self.usage.completion } else { written };
            let used = Usage { completion, ..self.usage };
            let micros = self.model.info.prices.cost_micros(used).saturating_add(self.lost_micros());
            let micros = if is_reported { micros } else { micros.min(self.most_micros) };
            return Spent { micros, was_asked: true, is_reported };
        }
        self.estimated(1)
    }

    fn estimated(&self, calls: u32) -> Spent {
        let usage = estimate::usage(self.prompt_bytes, estimate::tokens(self.answer_bytes));
        let micros = self.model.info.prices.cost_micros(usage).saturating_mul(calls.into());
        let micros = micros.saturating_add(self.lost_micros()).min(self.most_micros);
        Spent { micros, was_asked: true, is_reported: false }
    }

    fn lost_micros(&self) -> i64 {
        self.model.info.prices.cost_micros(self.lost)
    }

    fn took_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn settle(&mut self, outcome: &'static str, reason: Option<&str>, finish: &str, spent: Spent) {
        let Some(reservation) = self.reservation.take() else { return };
        let (provider, took_ms) = (self.model.provider.name(), self.took_ms());
        metrics::counter!("dragoman_model_requests_total", "provider" => provider.to_owned(), "outcome" => reason.unwrap_or(outcome).to_owned())
            .increment(1);
        metrics::histogram!("dragoman_model_seconds", "provider" => provider.to_owned())
            .record(self.started.elapsed().as_secs_f64());
        if let Ok(cost @ 1..) = u64::try_from(spent.micros) {
            let model = self.model.info.id.name().to_owned();
            metrics::counter!("dragoman_model_cost_micros_total", "provider" => provider.to_owned(), "model" => model)
                .increment(cost);
        }
        let row = Entry {
            request_id: std::mem::take(&mut self.request_id),
            outcome,
            reason: reason.map(str::to_owned),
            provider: provider.to_owned(),
            model: self.model.info.id.name().to_owned(),
            usage: Usage { reported: self.usage.reported && spent.is_reported, ..self.usage },
            cost_micros: spent.micros,
            attempts: self.attempts,
            took_ms,
            ended_at: self.clock.now(),
            api_key: std::mem::take(&mut self.api_key),
            mode: MODE.to_owned(),
            first_token_ms: self.first_token_ms,
            finish_reason: finish.to_owned(),
            ..Entry::default()
        };
        self.money.settle_later(reservation, spent, row);
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        // Nothing is charged for a call that was not made yet; one that is open may have been read.
        let spent = if self.attempts == 0 { Spent::default() } else { self.spent() };
        self.settle("cancelled", Some("cancelled"), "", spent);
    }
}
