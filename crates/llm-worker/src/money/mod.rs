//! What answers may cost. A call is reserved before it is made and settled after, with what it came to; many calls at
//! once share a transaction. Whatever happens to whoever made it, a call is settled: when its reservation is dropped,
//! by what was known of it; when its worker dies, by all that was held for it ("lost").

pub(crate) mod books;
pub(crate) mod config;
pub(crate) mod costs;
pub(crate) mod counter;
pub(crate) mod estimate;
mod keeper;
#[cfg(test)]
mod plan_tests;
pub(crate) mod queue;
#[cfg(test)]
mod refusal_tests;
pub(crate) mod reservation;
#[cfg(test)]
pub(crate) mod tests;
mod told;
pub(crate) mod who;
pub(crate) mod window;

use std::sync::Arc;

use bus::outbox::Outbox;
use classify::{Class, Failure};
use ids::{Clock, Ids, SignedDuration, Uuid};
use pg::{AfterCommit, PgConnection, PgError, Pool};
use tokio::sync::oneshot;

use config::MoneyConfig;
pub(crate) use queue::Tried;
use queue::{Ask, Queue, Row, Settlement, Step};
use reservation::Settled;
pub(crate) use reservation::{Refusal, Reservation, Spent, Verdict};
pub(crate) use who::Who;
use window::Calendar;

use crate::error::ConfigError;
use crate::store::budget;
use crate::store::ledger::Entry;

/// The books of one worker. All workers of an installation keep theirs in the same tables.
#[derive(Clone)]
pub(crate) struct Money {
    pool: Pool,
    clock: Clock,
    ids: Ids,
    outbox: Outbox,
    config: Arc<MoneyConfig>,
    calendar: Calendar,
    /// This worker, as its reservations know it.
    worker: Uuid,
    queue: Arc<Queue>,
}

impl Money {
    /// Nothing happens until [`Money::run`] does.
    pub(crate) fn new(
        pool: Pool,
        clock: Clock,
        ids: Ids,
        outbox: Outbox,
        config: MoneyConfig,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let session_break = SignedDuration::from_mins(config.session_break_minutes.into());
        let calendar = Calendar { zone: config.zone()?, session_break };
        let worker = ids.uuid();
        Ok(Self {
            pool,
            clock,
            ids,
            outbox,
            config: Arc::new(config),
            calendar,
            worker,
            queue: Arc::default(),
        })
    }

    pub(crate) fn config(&self) -> &MoneyConfig {
        &self.config
    }

    /// Holds `worst_case_micros` for a call of `model`, or says why there is no room for it.
    pub(crate) async fn reserve(
        &self,
        request_id: &str,
        who: &Who,
        model: &str,
        worst_case_micros: i64,
    ) -> Result<Verdict, Failure> {
        self.reserve_one_of(request_id, who, model, worst_case_micros, false).await
    }

    /// The same for a model after which others are asked, where it is too dear (`has_others`).
    pub(crate) async fn reserve_one_of(
        &self,
        request_id: &str,
        who: &Who,
        model: &str,
        worst_case_micros: i64,
        has_others: bool,
    ) -> Result<Verdict, Failure> {
        let ask = Ask {
            id: self.ids.uuid(),
            request_id: request_id.replace('\0', ""),
            who: who.clone(),
            model: model.to_owned(),
            micros: worst_case_micros.max(0),
            calls: 1,
            has_others,
        };
        let (answer, heard) = oneshot::channel();
        self.queue.put(Step::Reserve(Box::new(ask), answer));
        heard.await.map_err(|_| stopped())?
    }

    /// Settles a question's calls at once, in the caller's transaction; the question's row is the caller's to write.
    /// Should the transaction fail, it may be tried again with the same; dropped then, they are settled by themselves.
    pub(crate) async fn settle_all_in_tx(
        &self,
        tx: &mut PgConnection,
        dues: Vec<Due<'_>>,
    ) -> Result<AfterCommit, PgError> {
        let mut settlements = Vec::with_capacity(dues.len());
        let mut ends = Vec::with_capacity(dues.len());
        for Due { reservation, spent, tried } in dues {
            reservation.spends(spent);
            let Some(held) = reservation.held().cloned() else { continue };
            let row = tried.map_or(Row::None, |tried| Row::Tried(Box::new(tried)));
            settlements.push(Settlement { held, spent, row });
            ends.push(reservation.end());
        }
        if settlements.is_empty() {
            return Ok(AfterCommit::nothing());
        }
        budget::by_keys_in_tx(tx).await?;
        let done = self.transact(tx, &[], &settlements.iter().collect::<Vec<_>>()).await?;
        Ok(done.after.and(AfterCommit::then(move || ends.into_iter().for_each(Settled::once_written))))
    }

    /// Settles with others in a transaction, and writes the question's row with it; whether it is its first.
    pub(crate) async fn settle(
        &self,
        mut reservation: Reservation,
        spent: Spent,
        row: Entry,
    ) -> Result<bool, Failure> {
        let Some(held) = reservation.held().cloned() else { return Ok(false) };
        let settlement = Settlement { held, spent, row: Row::Of(Box::new(row)) };
        let (answer, heard) = oneshot::channel();
        self.queue.put(Step::Settle(Box::new(settlement), Some(answer)));
        drop(reservation.take());
        heard.await.map_err(|_| stopped())?
    }
}

/// A call that is to be settled.
#[derive(Debug)]
pub(crate) struct Due<'a> {
    pub(crate) reservation: &'a mut Reservation,
    pub(crate) spent: Spent,
    /// For a row of its own; `None` where the question's row tells of it.
    pub(crate) tried: Option<Tried>,
}

impl Money {
    /// The same for whoever has nobody to tell: it is written with the next transaction.
    pub(crate) fn settle_later(&self, mut reservation: Reservation, spent: Spent, row: Entry) {
        let Some(held) = reservation.take() else { return };
        let settlement = Settlement { held, spent, row: Row::Of(Box::new(row)) };
        self.queue.put(Step::Settle(Box::new(settlement), None));
    }
}

/// The worker is going down.
fn stopped() -> Failure {
    Failure::new(Class::Transient, "the books are closed; ask again")
}
