use std::collections::HashSet;
use std::time::Duration;

use pg::{PgConnection, PgError, Pool};

use crate::Delivery;

/// Marks events as handled by `consumer`; returns which of them were not marked before, by their place in
/// `events`. An event that stands twice is returned once.
pub(crate) async fn mark(
    tx: &mut PgConnection,
    consumer: &str,
    events: &[Delivery],
) -> Result<Vec<usize>, PgError> {
    let ids: Vec<&str> = events.iter().map(|event| event.id.0.as_str()).collect();
    let fresh: Vec<String> = sqlx::query_scalar(
        "insert into inbox (consumer, event_id) select $1, id from unnest($2::text[]) id
         on conflict do nothing returning event_id",
    )
    .bind(consumer)
    .bind(&ids)
    .fetch_all(tx)
    .await?;
    if fresh.len() == events.len() {
        return Ok((0..events.len()).collect());
    }
    let mut fresh: HashSet<&str> = fresh.iter().map(String::as_str).collect();
    Ok((0..events.len()).filter(|&i| fresh.remove(ids[i])).collect())
}

/// Whether `consumer` has handled the event: asked before an expensive call outside, not instead of the mark.
pub(crate) async fn is_marked(pool: &Pool, consumer: &str, event: &Delivery) -> Result<bool, PgError> {
    Ok(sqlx::query_scalar("select exists (select from inbox where consumer = $1 and event_id = $2)")
        .bind(consumer)
        .bind(&event.id.0)
        .fetch_one(pool)
        .await?)
}

/// Deletes marks older than `age`, some thousands at a time; returns how many. `age` must be longer than
/// the streams keep their events, or an old one could be handled again.
pub async fn purge(pool: &Pool, age: Duration) -> Result<u64, PgError> {
    let mut purged = 0;
    loop {
        let done = sqlx::query(
            "delete from inbox where ctid = any (array(
                 select ctid from inbox where seen_at < now() - make_interval(secs => $1) limit 5000))",
        )
        .bind(age.as_secs_f64())
        .execute(pool)
        .await?
        .rows_affected();
        purged += done;
        if done < 5000 {
            return Ok(purged);
        }
    }
}
