use std::time::Duration;

use pg::{PgError, Pool};

use crate::Limit;
use crate::limit::admit;
use crate::rates::lock;

/// Takes a place under a limit for one call of several that a job makes, on whatever replica it runs. `None`: it may be made
/// now. Else it is this one's turn after so long: wait, and ask again with `told`.
///
/// # Errors
/// The database's.
pub async fn turn(pool: &Pool, limit: &Limit, told: bool) -> Result<Option<Duration>, PgError> {
    let mut tx = pool.begin().await?;
    let limits = [limit.clone()];
    let (now, mut rates) = lock(&mut tx, std::slice::from_ref(&limits.to_vec())).await?;
    let admitted = admit(now, &limits, &mut rates, !told);
    if let Some(rate) = rates.get(&limit.key) {
        sqlx::query(
            "update rate_limit set tat = 'epoch'::timestamptz + $2 * interval '1 microsecond',
                                   tail = 'epoch'::timestamptz + $3 * interval '1 microsecond'
             where key = $1",
        )
        .bind(&limit.key)
        .bind(rate.tat)
        .bind(rate.tail)
        .execute(&mut *tx)
        .await?;
    }
    tx.commit().await?;
    Ok(admitted.err().map(|when| Duration::from_micros(u64::try_from(when.saturating_sub(now)).unwrap_or(0))))
}
