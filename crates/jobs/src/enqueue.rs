use std::collections::HashSet;

use ids::Timestamp;
use pg::{AfterCommit, PgError};
use sqlx::{PgConnection, Row};

use crate::desk::{Desk, Seats};
use crate::{Job, Jobs, NewJob, rates};

/// The states that a new job is written with (`migrations/platform`, table job).
const NEW: i16 = 0;
const BEHIND: i16 = 1;
const HEAD: i16 = 2;
const RUNNING: i16 = 3;

/// Later than this, the queue's own poll is soon enough.
const SOON_MICROS: i64 = 1_000_000;

impl Jobs {
    /// Writes jobs, in their order, in the caller's transaction. The caller holds the lock of whatever row
    /// decides the order of a key, so that the order of the ids is the order of the commits.
    ///
    /// What may run now, has nothing of its key before it, and finds a free slot of its queue in this
    /// process is written as running, its attempt counted, and begins with the commit: nobody has to look
    /// for it. If the commit's outcome is not known it is left to its lease.
    ///
    /// # Errors
    /// The database's.
    pub async fn enqueue(&self, conn: &mut PgConnection, jobs: Vec<NewJob>) -> Result<AfterCommit, PgError> {
        let mut after = AfterCommit::nothing();
        let mut queues: Vec<(&'static str, Vec<NewJob>)> = Vec::new();
        for job in jobs {
            match queues.iter_mut().find(|(queue, _)| *queue == job.queue) {
                Some((_, jobs)) => jobs.push(job),
                None => queues.push((job.queue, vec![job])),
            }
        }
        let mut queues: Vec<_> =
            queues.into_iter().map(|(queue, jobs)| (self.desk_of(queue), queue, jobs)).collect();
        // Those under limits last: what they lock is everybody's, until the commit.
        queues.sort_by_key(|(desk, ..)| desk.as_ref().is_some_and(|desk| desk.spec.limited));
        for (desk, queue, jobs) in queues {
            after = after.and(self.enqueue_in(conn, desk, queue, jobs).await?);
        }
        Ok(after)
    }

    async fn enqueue_in(
        &self,
        conn: &mut PgConnection,
        desk: Option<Desk>,
        queue: &'static str,
        jobs: Vec<NewJob>,
    ) -> Result<AfterCommit, PgError> {
        let mut seats = desk.map(|desk| desk.seats(candidates(&jobs)));
        let wanted = wanted(&jobs, seats.as_ref());
        let written = write(conn, queue, &jobs, &wanted, seats.as_ref()).await?;
        let mut begun = Vec::new();
        let mut wake = false;
        for (new, written) in jobs.into_iter().zip(written) {
            if written.state >= HEAD {
                begun.push(written.job(queue, new));
            } else if written.state == NEW {
                wake |= new.run_at.is_none_or(|at| {
                    at.as_microsecond() - written.enqueued_at.as_microsecond() <= SOON_MICROS
                });
            }
        }
        if let Some(Seats { desk, .. }) = seats.as_ref().filter(|seats| seats.desk.spec.limited) {
            let heads = begun.len();
            begun = admitted(conn, desk, begun).await?;
            // The claimer has to know when those are due.
            wake |= begun.len() < heads;
        }
        let wake = if wake { AfterCommit::wake(&self.wake_of(queue)) } else { AfterCommit::nothing() };
        Ok(match seats.take() {
            Some(mut seats) => wake.and(AfterCommit::then(move || {
                for job in begun {
                    seats.begin(job);
                }
            })),
            None => wake,
        })
    }
}

/// How many could begin at once: one of each key, and none that is for later.
fn candidates(jobs: &[NewJob]) -> usize {
    let keys: HashSet<&str> =
        jobs.iter().filter(|job| job.run_at.is_none()).map(|job| job.key.as_str()).collect();
    keys.len()
}

/// The state that each job is to have if nothing of its key stands before it in the table.
fn wanted(jobs: &[NewJob], seats: Option<&Seats>) -> Vec<i16> {
    let Some(seats) = seats else { return vec![NEW; jobs.len()] };
    let first = if seats.desk.spec.limited { HEAD } else { RUNNING };
    let mut free = seats.free;
    let mut keys = HashSet::with_capacity(jobs.len());
    jobs.iter()
        .map(|job| {
            if !keys.insert(job.key.as_str()) {
                return BEHIND;
            }
            if free == 0 || job.run_at.is_some() {
                return NEW;
            }
            free -= 1;
            first
        })
        .collect()
}

struct Written {
    id: i64,
    state: i16,
    enqueued_at: Timestamp,
}

impl Written {
    fn job(self, queue: &'static str, new: NewJob) -> Job {
        Job {
            id: self.id,
            queue,
            key: new.key,
            payload: new.payload,
            attempt: 1,
            interrupted: 0,
            enqueued_at: self.enqueued_at,
            trail: new.trail,
            lease: 1,
        }
    }
}

/// One round trip; what came of each job, in their order.
async fn write(
    conn: &mut PgConnection,
    queue: &str,
    jobs: &[NewJob],
    wanted: &[i16],
    seats: Option<&Seats>,
) -> Result<Vec<Written>, PgError> {
    let traces: Vec<String> = jobs.iter().map(|job| job.trail.trace.to_string()).collect();
    let causations: Vec<Option<&str>> =
        jobs.iter().map(|job| job.trail.causation.as_ref().map(|id| id.0.as_str())).collect();
    let rows =
        sqlx::query("select id, state, enqueued_at from job_enqueue($1, $2, $3, $4, $5, $6, $7, $8, $9)")
            .bind(queue)
            .bind(seats.map(|seats| seats.desk.spec.lease.as_secs_f64()))
            .bind(jobs.iter().map(|job| job.key.as_str()).collect::<Vec<_>>())
            .bind(wanted)
            .bind(jobs.iter().map(|job| job.run_at.map(jiff_sqlx::Timestamp::from)).collect::<Vec<_>>())
            .bind(jobs.iter().map(|job| job.payload.as_slice()).collect::<Vec<_>>())
            .bind(traces)
            .bind(jobs.iter().map(|job| job.trail.correlation.0.as_str()).collect::<Vec<_>>())
            .bind(causations)
            .fetch_all(conn)
            .await?;
    let written = rows.iter().map(|row| {
        Ok(Written {
            id: row.try_get("id")?,
            state: row.try_get("state")?,
            enqueued_at: row.try_get::<jiff_sqlx::Timestamp, _>("enqueued_at")?.to_jiff(),
        })
    });
    Ok(written.collect::<Result<_, sqlx::Error>>()?)
}

/// Starts those heads that the limits admit now, and tells the others when to come.
async fn admitted(conn: &mut PgConnection, desk: &Desk, heads: Vec<Job>) -> Result<Vec<Job>, PgError> {
    if heads.is_empty() {
        return Ok(heads);
    }
    let limits = heads.iter().map(|job| (desk.limits)(job)).collect();
    let (admitted, _) = rates::admit_all(conn, &desk.spec, heads, limits, true).await?;
    Ok(admitted)
}
