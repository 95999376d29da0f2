use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::time::Duration;

use classify::{Class, Failure};
use futures::FutureExt;
use pg::{AfterCommit, Kept, in_time};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::queue::Works;
use crate::store::{self, Spent};
use crate::{Job, JobError, JobHandler, claimer};

/// Jobs that end in one transaction at most.
const BATCH: usize = 256;
/// How long ended jobs wait for others that are still under way.
const GATHER: Duration = Duration::from_millis(10);
/// Of the tries of a result that can not be written, every so many is logged.
const TOLD: u32 = 30;
/// What the other side named as a pause is cut at this.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);
/// A handler that says itself that its result can not be written now is asked again this often.
const NOT_NOW: u32 = 8;
/// A result that clashes with what is there is tried again this often before it is a dead letter.
const CONFLICTS: u32 = 3;

/// A job whose attempt is over.
pub(crate) struct Ended<D> {
    pub(crate) job: Job,
    pub(crate) end: End<D>,
}

pub(crate) enum End<D> {
    Done(D),
    /// Give it back.
    Later {
        after: Duration,
        spent: Spent,
    },
    Dead(Failure),
}

/// Writes how jobs ended, everything that has ended meanwhile in one transaction, until no one can end any
/// more.
pub(crate) async fn settle<H: JobHandler>(works: &Works<H>, ended: &mut UnboundedReceiver<Ended<H::Done>>) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut connection = Kept::of(&works.pool);
    while ended.recv_many(&mut batch, BATCH).await > 0 {
        // What the call did is done; only the next job of the same key waits for this commit, so it may wait
        // for others to share its price.
        if works.held.len() > batch.len() {
            tokio::time::sleep(GATHER).await;
            while batch.len() < BATCH {
                let Ok(one) = ended.try_recv() else { break };
                batch.push(one);
            }
        }
        let (mut done, mut later) = (Vec::new(), Vec::new());
        // Whether there may now be something to claim: another job of a key, a pause that ends.
        let mut news = false;
        for Ended { job, end } in batch.drain(..) {
            match end {
                End::Done(result) => done.push((job, result)),
                End::Later { after, spent } => later.push((job, after, spent)),
                End::Dead(failure) => {
                    // It takes a connection of its own: whoever holds one while asking for another may wait for
                    // itself.
                    connection.give_back();
                    news |= works.bury(job, &failure).await;
                }
            }
        }
        if !later.is_empty() {
            connection.give_back();
            works.give_back(&later).await;
            news = true;
        }
        news |= works.commit(done, &mut connection).await;
        if works.hungry.swap(false, Ordering::SeqCst) || news {
            works.wake.wake();
        }
        if ended.is_empty() && works.held.len() == 0 {
            connection.give_back();
        }
    }
}

impl<H: JobHandler> Works<H> {
    /// What an attempt that did not end well leads to.
    pub(crate) fn judge(&self, job: &Job, error: JobError) -> End<H::Done> {
        match error {
            JobError::Snooze { after } => {
                self.report.snoozed(job);
                let after = after.min(LONGEST);
                End::Later { after, spent: Spent::Nothing }
            }
            JobError::Retry { after, failure } => self.again_or_never(job, after, failure, Spent::Attempt),
            JobError::Unknown { after, failure } => self.again_or_never(job, after, failure, Spent::Unknown),
            JobError::Fail(failure) => End::Dead(failure),
        }
    }

    fn again_or_never(
        &self,
        job: &Job,
        after: Option<Duration>,
        failure: Failure,
        spent: Spent,
    ) -> End<H::Done> {
        if job.attempt >= self.spec.max_attempts {
            return End::Dead(failure);
        }
        let pause = after
            .map(|after| after.min(LONGEST))
            .unwrap_or_else(|| claimer::jittered(self, (self.spec.backoff)(job.attempt)));
        self.report.retried(job, &failure, pause);
        End::Later { after: pause, spent }
    }

    async fn give_back(&self, jobs: &[(Job, Duration, Spent)]) {
        let mut tries = 0;
        while let Err(error) = in_time(store::later(&self.pool, self.spec.name, jobs)).await {
            let failure = Failure::from(error);
            if failure.class() != Class::Transient {
                tracing::error!(queue = self.spec.name, error = %failure, "jobs could not be given back; they wait for their lease");
                break;
            }
            self.again(&failure, &mut tries).await;
        }
        self.forget(jobs.iter().map(|(job, ..)| job));
    }

    /// Commits results; `true` when another job of one of the keys waits.
    async fn commit(&self, done: Vec<(Job, H::Done)>, connection: &mut Kept) -> bool {
        let (mut news, mut todo, mut tries) = (false, vec![done], 0);
        while let Some(mut batch) = todo.pop() {
            let ended = in_time(self.try_commit(&mut batch, connection)).await;
            if ended.is_err() {
                connection.give_back();
            }
            match ended {
                Ok(next) => {
                    news |= next;
                    tries = 0;
                    self.forget(batch.iter().map(|(job, _)| job));
                }
                Err(failure) if failure.class() == Class::Transient && is_ours_to_wait(&failure, tries) => {
                    self.again(&failure, &mut tries).await;
                    todo.push(batch);
                }
                Err(_) if batch.len() > 1 => {
                    // One of them is to blame: each on its own, in their order.
                    todo.extend(batch.into_iter().rev().map(|one| vec![one]));
                }
                Err(failure) if failure.class() == Class::Conflict && tries < CONFLICTS => {
                    self.again(&failure, &mut tries).await;
                    todo.push(batch);
                }
                Err(failure) => {
                    for (job, _) in batch {
                        news |= self.bury(job, &failure).await;
                    }
                }
            }
        }
        news
    }

    async fn try_commit(
        &self,
        batch: &mut Vec<(Job, H::Done)>,
        connection: &mut Kept,
    ) -> Result<bool, Failure> {
        if batch.is_empty() {
            return Ok(false);
        }
        let mut tx = connection.begin().await?;
        let ours = store::finish(&mut tx, self.spec.name, batch.iter().map(|(job, _)| job)).await?;
        batch.retain(|(job, _)| ours.contains_key(&(job.id, job.lease)) || self.dropped(job));
        let after = if batch.is_empty() {
            AfterCommit::nothing()
        } else {
            caught(self.handler.commit(&mut tx, batch)).await?
        };
        tx.commit().await.map_err(pg::PgError::from)?;
        after.run();
        self.report.done(batch.len());
        Ok(ours.into_values().any(|next| next))
    }

    /// Sends a job to the dead letters; `true` when another of its key waits.
    async fn bury(&self, job: Job, failure: &Failure) -> bool {
        let (mut tries, mut giving_up) = (0, true);
        loop {
            match in_time(self.try_bury(&job, failure, giving_up)).await {
                Ok(next) => {
                    self.held.remove(&job);
                    return next;
                }
                Err(error) if error.class() == Class::Transient => self.again(&error, &mut tries).await,
                Err(error) if giving_up => {
                    tracing::error!(queue = job.queue, job = job.id, %error, "giving up a job failed itself");
                    giving_up = false;
                }
                Err(error) => {
                    tracing::error!(queue = job.queue, job = job.id, %error, "no dead letter could be written");
                    self.held.remove(&job);
                    return false;
                }
            }
        }
    }

    async fn try_bury(&self, job: &Job, failure: &Failure, giving_up: bool) -> Result<bool, Failure> {
        let mut tx = self.pool.begin().await.map_err(pg::PgError::from)?;
        let ours = store::finish(&mut tx, self.spec.name, std::iter::once(job)).await?;
        let Some(next) = ours.get(&(job.id, job.lease)) else {
            self.dropped(job);
            return Ok(false);
        };
        store::bury(&mut tx, job, &failure.chain()).await?;
        let after = if giving_up {
            caught(self.handler.give_up(&mut tx, job, failure)).await?
        } else {
            AfterCommit::nothing()
        };
        tx.commit().await.map_err(pg::PgError::from)?;
        after.run();
        self.report.failed(job, failure);
        Ok(*next)
    }

    fn forget<'a>(&self, jobs: impl Iterator<Item = &'a Job>) {
        for job in jobs {
            self.held.remove(job);
        }
    }

    /// A job that was no longer ours when it ended. Always `false`: it is not kept.
    fn dropped(&self, job: &Job) -> bool {
        if self.held.remove(job) {
            self.report.lost(job.queue, job.id);
        }
        false
    }

    /// Waits before another try. What a call has done is known to nobody else: it is tried until it is written
    /// or the process ends.
    async fn again(&self, failure: &Failure, tries: &mut u32) {
        *tries += 1;
        if *tries % TOLD == 1 {
            tracing::warn!(queue = self.spec.name, tries, %failure, "could not write how jobs ended");
        }
        let pause = Duration::from_millis(20 << u32::min(*tries, 6)).min(Duration::from_secs(1));
        tokio::time::sleep(claimer::jittered(self, pause)).await;
    }
}

/// The database's trouble is waited out, however long it takes. The handler's own is not: whoever stands behind this
/// batch would wait with it.
fn is_ours_to_wait(failure: &Failure, tries: u32) -> bool {
    failure.is::<pg::PgError>() || tries < NOT_NOW
}

/// A handler that panics fails this batch and does not end its queue.
async fn caught(work: impl Future<Output = Result<AfterCommit, Failure>>) -> Result<AfterCommit, Failure> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err(panicked()))
}

pub(crate) fn panicked() -> Failure {
    Failure::new(Class::Permanent, "the handler panicked")
}
