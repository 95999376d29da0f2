//! What one call comes to: held before it is made, counted while it is answered, settled when it ends, however it
//! ends. Nobody waits for the settlement: what is held is on disk.

use std::sync::Arc;

use ids::Clock;
use tokio::time::Instant;

use crate::answering::{Meter, Terms};
use crate::domain::answer::Usage;
use crate::money::{Money, Reservation, estimate};
use crate::providers::{Finish, Model, Problem, Tries};
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
    terms: Terms,
    meter: Meter,
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
        let terms = Terms {
            prices: model.info.prices,
            prompt_tokens: estimate::tokens(bill.prompt_bytes),
            most_micros: bill.most_micros,
        };
        Self {
            money,
            clock,
            reservation: Some(reservation),
            model,
            request_id: bill.request_id,
            api_key: bill.api_key,
            started: Instant::now(),
            terms,
            meter: Meter::default(),
        }
    }

    /// A call is about to be made, or was given up.
    pub(super) fn tries(&self, tries: Tries) {
        self.meter.tries(tries);
    }

    /// So much of an answer has come.
    pub(super) fn wrote(&self, bytes: usize) {
        self.meter.wrote(bytes);
    }

    pub(super) fn used(&self, usage: Usage) {
        self.meter.used(usage);
    }

    /// What the answer holds so far.
    pub(super) fn answer_bytes(&self) -> usize {
        self.meter.seen().bytes
    }

    /// The answer is whole.
    pub(super) fn ends(&mut self, finish: Finish) {
        self.meter.ends(finish);
        self.settle("answered", None);
    }

    /// There is no answer, or no more of it.
    pub(super) fn fails(&mut self, problem: &Problem) {
        self.settle("failed", Some(problem.word()));
    }

    fn took_ms(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// What the provider says of it by now, or an estimate.
    fn settle(&mut self, outcome: &'static str, reason: Option<&str>) {
        let Some(reservation) = self.reservation.take() else { return };
        let (seen, took_ms) = (self.meter.seen(), self.took_ms());
        let (spent, provider) = (self.terms.so_far(seen), self.model.provider.name());
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
            usage: Usage { reported: seen.usage.reported && spent.is_reported, ..seen.usage },
            cost_micros: spent.micros,
            attempts: seen.tries.attempts,
            took_ms,
            ended_at: self.clock.now(),
            api_key: std::mem::take(&mut self.api_key),
            mode: MODE.to_owned(),
            first_token_ms: seen.first_token_ms(self.started),
            finish_reason: seen.finish_word().to_owned(),
            ..Entry::default()
        };
        self.money.settle_later(reservation, spent, row);
    }
}

impl Drop for Account {
    /// Nothing is charged for a call that was not made yet; one that is open may have been read.
    fn drop(&mut self) {
        self.settle("cancelled", Some("cancelled"));
    }
}
