use std::collections::HashMap;
use std::time::Duration;

use ids::Timestamp;
use pg::{PgError, Pool};
use sqlx::{PgConnection, Row};

use crate::claim::{Claim, claim};
use crate::limit::{Rate, admit};
use crate::{Job, JobHandler, Limit, QueueSpec};

/// A claim under limits: locks the jobs, then their rates (all replicas in the order of the keys), starts
/// what is admitted and moves the rest to when it will be. One transaction, so that a process that ends
/// between has neither started a job nor spent a rate.
pub(crate) async fn claim_limited<H: JobHandler>(
    pool: &Pool,
    handler: &H,
    spec: &QueueSpec,
    slots: usize,
    since: Option<Timestamp>,
) -> Result<Claim, PgError> {
    let mut tx = pool.begin().await?;
    let mut found = claim(&mut tx, spec, slots, since, false).await?;
    if !found.jobs.is_empty() {
        let jobs = std::mem::take(&mut found.jobs);
        let limits = jobs.iter().map(|job| handler.limits(job)).collect();
        let (admitted, soonest) = admit_all(&mut tx, spec, jobs, limits, false).await?;
        found.come_back = found.come_back.into_iter().chain(soonest).min();
        found.jobs = admitted;
    }
    tx.commit().await?;
    Ok(found)
}

/// Starts those of the jobs, all locked by this transaction, that their limits admit now, and moves the others
/// to when they will be. `new`: none of them has been told before. Returns the started ones, and how soon the
/// first of the others is due.
pub(crate) async fn admit_all(
    tx: &mut PgConnection,
    spec: &QueueSpec,
    jobs: Vec<Job>,
    limits: Vec<Vec<Limit>>,
    new: bool,
) -> Result<(Vec<Job>, Option<Duration>), PgError> {
    let (now, mut rates) = lock(tx, &limits).await?;
    let (mut admitted, mut later) = (Vec::with_capacity(jobs.len()), Vec::new());
    for (job, limits) in jobs.into_iter().zip(&limits) {
        match admit(now, limits, &mut rates, new) {
            Ok(()) => admitted.push(job),
            Err(when) => later.push((job, when)),
        }
    }
    start(tx, spec, &admitted, &later, &rates).await?;
    Ok((admitted, later.iter().map(|(_, when)| micros(when - now)).min()))
}

fn micros(span: i64) -> Duration {
    Duration::from_micros(u64::try_from(span).unwrap_or(0))
}

/// Locks the rates of these limits, creating what is not there, and returns them with the time of the
/// database once the last lock was had (both Unix microseconds).
pub(crate) async fn lock(
    tx: &mut PgConnection,
    limits: &[Vec<Limit>],
) -> Result<(i64, HashMap<String, Rate>), PgError> {
    let mut keys: Vec<&str> = limits.iter().flatten().map(|limit| limit.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    if keys.is_empty() {
        return Ok((0, HashMap::new()));
    }
    let rows = sqlx::query(
        "insert into rate_limit as r (key, tat)
         select key, now() from unnest($1::text[]) with ordinality as wanted (key, nth) order by nth
         on conflict (key) do update set tat = r.tat
         returning key,
                   (extract(epoch from tat) * 1000000)::bigint as tat,
                   coalesce((extract(epoch from tail) * 1000000)::bigint, 0) as tail,
                   coalesce((extract(epoch from paused_until) * 1000000)::bigint, 0) as paused_until,
                   (extract(epoch from clock_timestamp()) * 1000000)::bigint as now",
    )
    .bind(keys)
    .fetch_all(tx)
    .await?;
    let mut now = 0;
    let mut rates = HashMap::with_capacity(rows.len());
    for row in rows {
        now = now.max(row.try_get("now")?);
        let rate = Rate {
            tat: row.try_get("tat")?,
            tail: row.try_get("tail")?,
            paused_until: row.try_get("paused_until")?,
        };
        rates.insert(row.try_get("key")?, rate);
    }
    Ok((now, rates))
}

async fn start(
    tx: &mut PgConnection,
    spec: &QueueSpec,
    admitted: &[Job],
    later: &[(Job, i64)],
    rates: &HashMap<String, Rate>,
) -> Result<(), PgError> {
    let (keys, ids): (Vec<&str>, Vec<i64>) = admitted.iter().map(|job| (job.key.as_str(), job.id)).unzip();
    let (later_keys, later_ids): (Vec<&str>, Vec<i64>) =
        later.iter().map(|(job, _)| (job.key.as_str(), job.id)).unzip();
    let later_at: Vec<i64> = later.iter().map(|(_, when)| *when).collect();
    sqlx::query("select job_start($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
        .bind(spec.name)
        .bind(spec.lease.as_secs_f64())
        .bind(keys)
        .bind(ids)
        .bind(later_keys)
        .bind(later_ids)
        .bind(later_at)
        .bind(rates.keys().map(String::as_str).collect::<Vec<_>>())
        .bind(rates.values().map(|rate| rate.tat).collect::<Vec<_>>())
        .bind(rates.values().map(|rate| rate.tail).collect::<Vec<_>>())
        .execute(tx)
        .await?;
    Ok(())
}

/// Deletes rates that remember nothing any more. Skips what a claim holds.
pub(crate) async fn forget(pool: &Pool) -> Result<(), PgError> {
    sqlx::query(
        "delete from rate_limit where key in (
             select key from rate_limit
             where greatest(tat, tail, paused_until) < now() - interval '1 minute'
             order by key limit 10000 for update skip locked)",
    )
    .execute(pool)
    .await?;
    Ok(())
}
