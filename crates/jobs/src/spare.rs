use std::collections::HashMap;
use std::time::Duration;

use pg::PgError;
use sqlx::PgConnection;

use crate::Limit;
use crate::limit::{Rate, spare};
use crate::rates::lock;

/// Counts one start of something that need not be against each of these limits, if every one of them admits it and as
/// many more as the number beside it at once; and if nobody waits there. Else nothing is counted, and it says when to look
/// again. For what is dropped rather than kept waiting: it takes a place in no line.
///
/// # Errors
/// The database's.
pub async fn take_spare(
    tx: &mut PgConnection,
    wanted: &[(Limit, u32)],
) -> Result<Result<(), Duration>, PgError> {
    let limits: Vec<Limit> = wanted.iter().map(|(limit, _)| limit.clone()).collect();
    let (now, mut rates): (i64, HashMap<String, Rate>) = lock(tx, &[limits]).await?;
    if let Err(when) = spare(now, wanted, &mut rates) {
        return Ok(Err(Duration::from_micros(u64::try_from(when.saturating_sub(now)).unwrap_or(0))));
    }
    sqlx::query(
        "update rate_limit r set tat = 'epoch'::timestamptz + n.tat * interval '1 microsecond'
         from unnest($1::text[], $2::bigint[]) n (key, tat) where r.key = n.key",
    )
    .bind(rates.keys().map(String::as_str).collect::<Vec<_>>())
    .bind(rates.values().map(|rate| rate.tat).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(Ok(()))
}
