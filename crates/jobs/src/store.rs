use std::collections::HashMap;
use std::time::Duration;

use events::header;
use pg::{PgError, Pool};
use sqlx::{PgConnection, Row};

use crate::{Job, QueueSpec};

/// Deletes jobs that have ended and lets the next of their keys go on. Returns id and lease of the
/// jobs that were still ours, each with whether another of its key waits.
pub(crate) async fn finish(
    tx: &mut PgConnection,
    queue: &str,
    jobs: impl Iterator<Item = &Job>,
) -> Result<HashMap<(i64, i32), bool>, PgError> {
    let (mut keys, mut ids, mut leases) = (Vec::new(), Vec::new(), Vec::new());
    for job in in_order(jobs) {
        keys.push(job.key.as_str());
        ids.push(job.id);
        leases.push(job.lease);
    }
    let rows = sqlx::query("select id, lease, next from job_finish($1, $2, $3, $4)")
        .bind(queue)
        .bind(keys)
        .bind(ids)
        .bind(leases)
        .fetch_all(tx)
        .await?;
    let mut ours = HashMap::with_capacity(rows.len());
    for row in rows {
        ours.insert((row.try_get("id")?, row.try_get("lease")?), row.try_get("next")?);
    }
    Ok(ours)
}

/// Whoever locks many jobs does it in the order of their ids, so that no two lock each other out.
fn in_order<'a>(jobs: impl Iterator<Item = &'a Job>) -> Vec<&'a Job> {
    let mut jobs: Vec<&Job> = jobs.collect();
    jobs.sort_unstable_by_key(|job| job.id);
    jobs
}

/// What an attempt that is given back has cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spent {
    Nothing,
    Attempt,
    /// An attempt, and the certainty that its call had no effect.
    Unknown,
}

/// Gives jobs back, each to be run so long from when this is written, by the clock of the database. Returns how
/// many were still ours.
pub(crate) async fn later(
    pool: &Pool,
    queue: &str,
    jobs: &[(Job, Duration, Spent)],
) -> Result<usize, PgError> {
    let mut jobs: Vec<&(Job, Duration, Spent)> = jobs.iter().collect();
    jobs.sort_unstable_by_key(|(job, ..)| job.id);
    let (mut keys, mut ids, mut leases) = (Vec::new(), Vec::new(), Vec::new());
    let (mut pauses, mut refunds, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for (job, after, spent) in jobs {
        keys.push(job.key.as_str());
        ids.push(job.id);
        leases.push(job.lease);
        refunds.push(*spent == Spent::Nothing);
        unknown.push(*spent == Spent::Unknown);
        pauses.push(after.as_secs_f64());
    }
    let rows = sqlx::query("select job_later($1, $2, $3, $4, $5, $6, $7)")
        .bind(queue)
        .bind(keys)
        .bind(ids)
        .bind(leases)
        .bind(pauses)
        .bind(refunds)
        .bind(unknown)
        .fetch_all(pool)
        .await?;
    Ok(rows.len())
}

/// Prolongs the leases of `(key, id, lease)`; returns the ids that are still ours.
pub(crate) async fn renew(
    pool: &Pool,
    spec: &QueueSpec,
    held: &[(String, i64, i32)],
) -> Result<Vec<i64>, PgError> {
    let ours = sqlx::query_scalar("select job_renew($1, $2, $3, $4, $5)")
        .bind(spec.name)
        .bind(spec.lease.as_secs_f64())
        .bind(held.iter().map(|(key, ..)| key.as_str()).collect::<Vec<_>>())
        .bind(held.iter().map(|(_, id, _)| *id).collect::<Vec<_>>())
        .bind(held.iter().map(|(.., lease)| *lease).collect::<Vec<_>>())
        .fetch_all(pool)
        .await?;
    Ok(ours)
}

/// Takes back the jobs whose lease has ended; returns how many.
pub(crate) async fn reap(pool: &Pool, queue: &str) -> Result<usize, PgError> {
    Ok(sqlx::query("select job_reap($1)").bind(queue).fetch_all(pool).await?.len())
}

/// How many jobs there are, counted up to 100,000, and for how many seconds the oldest that may run has been due.
/// A job that waits on purpose, for its time or for another of its key, is not late.
pub(crate) async fn pending(pool: &Pool, queue: &str) -> Result<(i64, f64), PgError> {
    let row = sqlx::query(
        "select (select count(*) from (select from job where queue = $1 limit 100000) looked_at),
                coalesce(extract(epoch from now() - (
                    select min(run_at) from job where queue = $1 and state in (0, 2) and run_at <= now()
                )), 0)::float8",
    )
    .bind(queue)
    .fetch_one(pool)
    .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

/// Writes the dead letter of a job.
pub(crate) async fn bury(tx: &mut PgConnection, job: &Job, error: &str) -> Result<(), PgError> {
    let headers = serde_json::json!({
        header::TRACE: job.trail.trace.to_string(),
        header::CORRELATION: job.trail.correlation.0,
        header::CAUSATION: job.trail.causation.as_ref().map(|id| &id.0),
        "job": job.id,
    });
    sqlx::query(
        "insert into dead_letter (kind, source, key, headers, payload, error, attempts)
         values ('job', $1, $2, $3, $4, $5, $6)",
    )
    .bind(job.queue)
    .bind(&job.key)
    .bind(headers)
    .bind(&job.payload)
    .bind(error)
    .bind(i32::try_from(job.attempt).unwrap_or(i32::MAX))
    .execute(tx)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use pg::{Migrator, PoolSettings};

    use super::*;

    async fn add(pool: &Pool, key: &str, state: i16, due: &str) {
        sqlx::query(
            "insert into job (queue, key, state, run_at, lease_until, enqueued_at, payload, trace, correlation)
             values ('q', $1, $2, now() + $3::interval, case when $2 = 3 then now() end,
                     now() - interval '1 day', '', '', '')",
        )
        .bind(key)
        .bind(state)
        .bind(due)
        .execute(pool)
        .await
        .unwrap();
    }

    #[tokio::test]
    async fn only_a_job_that_may_run_and_does_not_is_late() {
        let database = testkit::database().await;
        let settings = PoolSettings { url: database.secret(), max_connections: 2 };
        let pool = pg::connect(&settings, "public").await.unwrap();
        pg::migrate(&pool, &Migrator::DEFAULT).await.unwrap();
        assert_eq!(pending(&pool, "q").await.unwrap(), (0, 0.0));
        // It waits for its time, it runs, it waits for the one that runs.
        add(&pool, "a", 2, "1 hour").await;
        add(&pool, "b", 3, "-1 hour").await;
        add(&pool, "b", 1, "-1 hour").await;
        assert_eq!(pending(&pool, "q").await.unwrap(), (3, 0.0));
        for (key, state, minutes) in [("c", 2, 1), ("d", 0, 2)] {
            add(&pool, key, state, &format!("-{minutes} minutes")).await;
            let (_, late) = pending(&pool, "q").await.unwrap();
            let due = f64::from(minutes) * 60.0;
            assert!((due..due + 30.0).contains(&late), "{late}");
        }
    }
}
