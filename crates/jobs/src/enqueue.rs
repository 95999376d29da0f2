use pg::PgError;
use sqlx::PgConnection;

use crate::NewJob;

/// Writes jobs, in their order, in the caller's transaction. The caller holds the lock of whatever row
/// decides the order of a key, so that the order of the ids is the order of the commits.
///
/// # Errors
/// The database's.
pub async fn enqueue(conn: &mut PgConnection, jobs: &[NewJob]) -> Result<(), PgError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let (mut queues, mut keys, mut payloads) = (Vec::new(), Vec::new(), Vec::new());
    let (mut run_at, mut traces, mut correlations, mut causations) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for job in jobs {
        queues.push(job.queue);
        keys.push(job.key.as_str());
        payloads.push(job.payload.as_slice());
        run_at.push(job.run_at.map(jiff_sqlx::Timestamp::from));
        traces.push(job.trail.trace.to_string());
        correlations.push(job.trail.correlation.0.as_str());
        causations.push(job.trail.causation.as_ref().map(|id| id.0.as_str()));
    }
    sqlx::query(
        "insert into job (queue, key, payload, run_at, trace, correlation, causation)
         select queue, key, payload, coalesce(run_at, now()), trace, correlation, causation
         from unnest($1::text[], $2::text[], $3::bytea[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
              with ordinality as new (queue, key, payload, run_at, trace, correlation, causation, nth)
         order by nth",
    )
    .bind(queues)
    .bind(keys)
    .bind(payloads)
    .bind(run_at)
    .bind(traces)
    .bind(correlations)
    .bind(causations)
    .execute(conn)
    .await?;
    Ok(())
}
