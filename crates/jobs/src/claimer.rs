use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::FutureExt;
use ids::Timestamp;
use pg::in_time;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::claim::{Claim, claim, spent};
use crate::jobs::Open;
use crate::queue::Works;
use crate::rates::claim_limited;
use crate::settle::{End, Ended, panicked};
use crate::{Job, JobError, JobHandler};

/// Claimed in one round trip at most: what a statement does in a few milliseconds.
const BATCH: usize = 256;
/// How long to sleep when nobody wakes; ± 10 %.
const POLL: Duration = Duration::from_secs(1);
/// Between two looks at everything that is due, a claim looks only at what became due since the oldest that
/// the last one found, and this much before: a transaction that enqueues may be this long.
const SLOW_TRANSACTION: Duration = Duration::from_secs(5);
/// The pause after the first failed claim, doubled up to [`SLOWEST`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const SLOWEST: Duration = Duration::from_secs(1);

/// Takes jobs while slots are free, those that arrive by themselves and those that wait in the table, and runs
/// them beside each other, until `shutdown`; then waits for those in flight.
pub(crate) async fn claim_and_run<H: JobHandler>(
    works: &Arc<Works<H>>,
    ended: UnboundedSender<Ended<H::Done>>,
    (open, mut arrivals): (Open, UnboundedReceiver<Job>),
    shutdown: CancellationToken,
) {
    let mut runs = JoinSet::new();
    let mut since = Since::default();
    let mut failures = 0u32;
    while !shutdown.is_cancelled() {
        while runs.try_join_next().is_some() {}
        // Said before it is counted, so that a slot freed in between wakes.
        works.hungry.store(true, Ordering::SeqCst);
        let slots = works.held.reserve(BATCH, works.spec.concurrency);
        let pause = if slots == 0 {
            jittered(works, POLL)
        } else {
            works.hungry.store(false, Ordering::SeqCst);
            let taken = take(works, slots, since.next());
            tokio::pin!(taken);
            let taken = loop {
                tokio::select! {
                    taken = &mut taken => break taken,
                    Some(job) = arrivals.recv() => start(works, &mut runs, &ended, job),
                }
            };
            let jobs = taken.as_ref().map_or(0, |found| found.jobs.len());
            works.held.release(slots.saturating_sub(jobs));
            match taken {
                Ok(found) => {
                    failures = 0;
                    since.found(found.oldest);
                    let pause = found.come_back.unwrap_or(POLL);
                    for job in found.jobs {
                        works.held.sit_down(&job);
                        start(works, &mut runs, &ended, job);
                    }
                    pause.min(jittered(works, POLL))
                }
                Err(error) => {
                    failures += 1;
                    let pause = (FIRST_PAUSE * (1 << u32::min(failures - 1, 4))).min(SLOWEST);
                    let error = classify::chain(&error);
                    tracing::warn!(queue = works.spec.name, failures, error, "could not take jobs");
                    jittered(works, pause)
                }
            }
        };
        if pause.is_zero() {
            tokio::task::yield_now().await;
            continue;
        }
        let pause = tokio::time::sleep(pause);
        tokio::pin!(pause);
        loop {
            tokio::select! {
                Some(job) = arrivals.recv() => start(works, &mut runs, &ended, job),
                () = shutdown.cancelled() => break,
                () = works.wake.woken() => break,
                () = &mut pause => break,
                Some(_) = runs.join_next() => {}
            }
        }
    }
    // Transactions that are under way may still bring theirs; a commit that has started jobs is not undone.
    drop(open);
    while let Some(job) = arrivals.recv().await {
        start(works, &mut runs, &ended, job);
    }
    while runs.join_next().await.is_some() {}
}

async fn take<H: JobHandler>(
    works: &Works<H>,
    slots: usize,
    since: Option<Timestamp>,
) -> Result<Claim, pg::PgError> {
    in_time(async {
        if works.spec.limited {
            return claim_limited(&works.pool, works.handler.as_ref(), &works.spec, slots, since).await;
        }
        let mut conn = works.pool.acquire().await?;
        claim(&mut conn, &works.spec, slots, since, true).await
    })
    .await
}

fn start<H: JobHandler>(
    works: &Arc<Works<H>>,
    runs: &mut JoinSet<()>,
    ended: &UnboundedSender<Ended<H::Done>>,
    job: Job,
) {
    if job.attempt > works.spec.max_attempts {
        let failure = spent(&job);
        works.held.ended(&job);
        // The settler outlives every sender.
        let _ = ended.send(Ended { job, end: End::Dead(failure) });
        return;
    }
    let (id, lease) = (job.id, job.lease);
    let run = runs.spawn(run(works.clone(), ended.clone(), job));
    works.held.running(id, lease, run);
}

async fn run<H: JobHandler>(works: Arc<Works<H>>, ended: UnboundedSender<Ended<H::Done>>, job: Job) {
    let span = tracing::info_span!(
        "job", otel.name = job.queue, queue = job.queue, job = job.id, attempt = job.attempt, traceparent = %job.trail.trace
    );
    let started = Instant::now();
    let outcome = AssertUnwindSafe(works.handler.run(&job)).catch_unwind().instrument(span).await;
    works.report.ran(started.elapsed());
    let end = match outcome {
        Ok(Ok(done)) => End::Done(done),
        Ok(Err(error)) => works.judge(&job, error),
        Err(_) => works.judge(&job, JobError::Retry { after: None, failure: panicked() }),
    };
    works.held.ended(&job);
    let _ = ended.send(Ended { job, end });
}

/// `span` ± 10 %, so that replicas do not march in step.
pub(crate) fn jittered<H>(works: &Works<H>, span: Duration) -> Duration {
    span.mul_f64(0.9 + 0.2 * works.ids.fraction())
}

/// Where the next claim begins to look. A claim that reads from the beginning every time wades through the
/// dead rows of all the jobs that ended since the last vacuum (or since the oldest transaction anywhere in
/// the database), so only one a second does.
#[derive(Default)]
struct Since {
    oldest: Option<Timestamp>,
    swept: Option<Instant>,
}

impl Since {
    fn next(&mut self) -> Option<Timestamp> {
        if self.swept.is_some_and(|at| at.elapsed() < POLL) {
            return self.oldest;
        }
        self.swept = Some(Instant::now());
        None
    }

    fn found(&mut self, oldest: Timestamp) {
        self.oldest = oldest.checked_sub(SLOW_TRANSACTION).ok();
    }
}
