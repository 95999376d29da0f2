//! The tasks that keep the books: one works the queue off, one says that this worker lives and ends what others left.

use std::time::Duration;

use classify::{Class, Classify, Failure, chain};
use ids::SignedDuration;
use pg::{Kept, PgError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Money;
use super::books::Done;
use super::counter::Slot;
use super::queue::{Answer, Ask, Settlement, Step};
use super::reservation::{Reservation, Verdict};
use super::who::limit_of;
use crate::store::{budget, reservation, sample};

/// How often a transaction is tried that another one, or the way to the database, was in the way of.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(200);
/// Without anything to do for so long, the connection goes back to the others.
const IDLE: Duration = Duration::from_secs(1);
/// Lapsed reservations that are ended at a time.
const LAPSED: i64 = 200;
/// How often it is looked what may be forgotten.
const FORGET_EVERY: Duration = Duration::from_secs(60 * 60);
/// Windows that ended longer ago count for nobody.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

impl Money {
    /// Works the queue off until `stop`, and then until every reservation in somebody's hand has come back.
    pub(crate) async fn run(self, stop: CancellationToken) -> Result<(), Failure> {
        self.queue.open();
        let mut kept = Kept::of(&self.pool);
        loop {
            let steps = tokio::select! {
                biased;
                steps = self.queue.next() => steps,
                () = tokio::time::sleep(IDLE), if kept.is_taken() => {
                    kept.give_back();
                    continue;
                }
                () = stop.cancelled() => break,
            };
            self.work_off(&mut kept, steps).await;
        }
        while let Some(steps) = self.queue.last().await {
            self.work_off(&mut kept, steps).await;
        }
        Ok(())
    }

    async fn work_off(&self, kept: &mut Kept, steps: Vec<Step>) {
        let done = self.attempt(kept, &steps).await;
        match done {
            Ok(done) => self.answer(steps, done),
            Err(error) if steps.len() == 1 => self.fail(steps, &error).await,
            // One of them may be what is wrong: each on its own.
            Err(_) => {
                for step in steps {
                    let alone = vec![step];
                    match self.attempt(kept, &alone).await {
                        Ok(done) => self.answer(alone, done),
                        Err(error) => self.fail(alone, &error).await,
                    }
                }
            }
        }
    }

    async fn attempt(&self, kept: &mut Kept, steps: &[Step]) -> Result<Done, PgError> {
        let mut tried = 0;
        loop {
            tried += 1;
            match self.once(kept, steps).await {
                Err(error)
                    if tried < ATTEMPTS && matches!(error.class(), Class::Transient | Class::Conflict) =>
                {
                    kept.give_back();
                    tracing::warn!(error = %chain(&error), "a transaction of the books is tried again");
                    tokio::time::sleep(PAUSE).await;
                }
                Err(error) => {
                    kept.give_back();
                    return Err(error);
                }
                done => return done,
            }
        }
    }

    async fn once(&self, kept: &mut Kept, steps: &[Step]) -> Result<Done, PgError> {
        let (asks, settlements) = parted(steps);
        let mut tx = kept.begin().await?;
        let mut done = self.transact(&mut tx, &asks, &settlements).await?;
        tx.commit().await?;
        std::mem::take(&mut done.after).run();
        Ok(done)
    }

    /// Whoever waits is told. The end of a call is not given up for a database that is away: it is tried again.
    async fn fail(&self, steps: Vec<Step>, error: &PgError) {
        let failure = || Failure::new(error.class(), chain(error));
        for step in steps {
            match step {
                Step::Reserve(_, answer) => drop(answer.send(Err(failure()))),
                Step::Settle(settlement, answer) => {
                    if error.class() == Class::Transient {
                        self.queue.put(Step::Settle(settlement, None));
                    } else {
                        tracing::error!(
                            reservation = %settlement.held.id, error = %chain(error),
                            "a call can not be settled; it counts as lost in a while"
                        );
                    }
                    answer.map(|answer| answer.send(Err(failure())));
                }
            }
        }
        tokio::time::sleep(PAUSE).await;
    }

    /// Says that this worker lives, settles what workers that died have left, and shows how much of the shared
    /// budgets is used.
    pub(crate) async fn keep(self, stop: CancellationToken) -> Result<(), Failure> {
        let lease = i64::from(self.config.lease_seconds);
        let every = Duration::from_millis(u64::from(self.config.lease_seconds) * 1_000 / 3);
        let mut forgotten: Option<Instant> = None;
        loop {
            reservation::live(&self.pool, self.worker, lease).await?;
            self.end_lapsed().await?;
            self.show().await?;
            if forgotten.is_none_or(|at| at.elapsed() >= FORGET_EVERY) {
                self.forget().await?;
                forgotten = Some(Instant::now());
            }
            tokio::select! {
                () = tokio::time::sleep(every) => {}
                () = stop.cancelled() => return Ok(()),
            }
        }
    }

    /// Calls whose workers are not heard of any more have cost all that was held for them.
    pub(crate) async fn end_lapsed(&self) -> Result<(), PgError> {
        loop {
            let lapsed = reservation::lapsed(&self.pool, LAPSED).await?;
            let most = usize::try_from(LAPSED).unwrap_or(usize::MAX);
            let is_all = lapsed.len() < most;
            let lost: Vec<Settlement> = lapsed.into_iter().map(Settlement::lost).collect();
            if lost.is_empty() {
                return Ok(());
            }
            let mut tx = self.pool.begin().await?;
            budget::by_keys_in_tx(&mut tx).await?;
            let done = self.transact(&mut tx, &[], &lost.iter().collect::<Vec<_>>()).await?;
            tx.commit().await?;
            let count = done.settled.iter().filter(|settled| **settled).count();
            done.after.run();
            if count > 0 {
                tracing::warn!(
                    count,
                    "calls of a worker that is gone were settled with all that was held for them"
                );
                metrics::counter!("dragoman_model_calls_lost_total").increment(count as u64);
            }
            if is_all {
                return Ok(());
            }
        }
    }

    async fn show(&self) -> Result<(), PgError> {
        for (slot, used) in self.used().await? {
            let (scope, id) = slot.parts();
            metrics::gauge!(
                "dragoman_budget_used_ratio",
                "scope" => scope.as_str(), "id" => id.to_owned(), "period" => slot.period.as_str()
            )
            .set(used);
        }
        Ok(())
    }

    /// The share of each shared budget that is used, 0 where there is no limit.
    pub(super) async fn used(&self) -> Result<Vec<(Slot, f64)>, PgError> {
        let now = self.clock.now();
        let shared = budget::shared(&self.pool).await?.into_iter().map(|(slot, counter)| {
            let limit = limit_of(&self.config, &slot, counter.card_micros);
            let is_over = now >= counter.window.ends_at;
            let share = |used: i64, most: Option<i64>| match most {
                Some(most @ 1..) if !is_over => used as f64 / most as f64,
                _ => 0.0,
            };
            let used = share(counter.calls, limit.calls)
                .max(share(counter.spent_micros + counter.held_micros, limit.micros));
            (slot, used)
        });
        Ok(shared.collect())
    }

    async fn forget(&self) -> Result<(), PgError> {
        let now = self.clock.now();
        if let Ok(before) = now.checked_sub(KEPT) {
            budget::forget(&self.pool, before).await?;
        }
        let days = SignedDuration::from_hours(24 * i64::from(self.config.sample_text_days));
        if let Ok(before) = now.checked_sub(days) {
            sample::forget(&self.pool, before).await?;
        }
        reservation::bury(&self.pool).await
    }
}

fn parted(steps: &[Step]) -> (Vec<&Ask>, Vec<&Settlement>) {
    let (mut asks, mut settlements) = (Vec::new(), Vec::new());
    for step in steps {
        match step {
            Step::Reserve(ask, _) => asks.push(&**ask),
            Step::Settle(settlement, _) => settlements.push(&**settlement),
        }
    }
    (asks, settlements)
}

impl Money {
    /// Tells each what came of theirs. Where somebody does not wait any more, the reservation is dropped and so settled.
    fn answer(&self, steps: Vec<Step>, done: Done) {
        let (mut answers, mut settled) = (done.answers.into_iter(), done.settled.into_iter());
        for step in steps {
            match step {
                Step::Reserve(_, waiting) => {
                    let Some(answer) = answers.next() else { continue };
                    let verdict = match answer {
                        Answer::Held(held) => Verdict::Reserved(Reservation::new(*held, self.queue.clone())),
                        Answer::Ended => Verdict::Ended,
                        Answer::Refused(refusal) => Verdict::Refused(refusal),
                    };
                    drop(waiting.send(Ok(verdict)));
                }
                Step::Settle(_, waiting) => {
                    if let (Some(settled), Some(waiting)) = (settled.next(), waiting) {
                        let _ = waiting.send(Ok(settled));
                    }
                }
            }
        }
    }
}
