//! What is told together: news of a lead that stand behind each other go in one note. Which, is fixed before the note is
//! first put there, for afterwards it says what it says.

use ids::{Pii, Uuid};
use pg::{PgConnection, PgError, Pool};

/// In one note at most.
const MOST: i64 = 50;

/// A job of the same key that stands behind: its delivery, and whether that may be told with the first.
type Behind = (Option<String>, bool);

/// Lets those that stand right behind this delivery in its line be told with it: up to the first that is something else,
/// was tried on its own, or is told with another. Where a note was tried already nothing joins it any more.
///
/// `tell`: the step that puts the note there. Whoever begins one waits for the lock that is held here.
pub(crate) async fn gather(
    pool: &Pool,
    (queue, key, job): (&str, &str, i64),
    delivery: &str,
    tell: &str,
) -> Result<(), PgError> {
    let mut tx = pool.begin().await?;
    sqlx::query("select from delivery where id = $1 for update").bind(delivery).execute(&mut *tx).await?;
    let tried: bool =
        sqlx::query_scalar("select exists (select from attempt where delivery_id = $1 and step = $2)")
            .bind(delivery)
            .bind(tell)
            .fetch_one(&mut *tx)
            .await?;
    if !tried {
        let behind: Vec<Behind> = sqlx::query_as(
            "select d.id, coalesce(d.kind = 'later' and d.state = 'waiting' and d.told_with is null
                                   and not exists (select from attempt a where a.delivery_id = d.id), false)
             from (select id, convert_from(payload, 'UTF8')::jsonb->>'delivery_id' as delivery from job
                   where queue = $1 and key = $2 and id > $3 order by id limit $4) j
             left join delivery d on d.id = j.delivery order by j.id",
        )
        .bind(queue)
        .bind(key)
        .bind(job)
        .bind(MOST)
        .fetch_all(&mut *tx)
        .await?;
        let joins = behind.into_iter().map_while(|(id, may)| id.filter(|_| may));
        join(&mut tx, delivery, &joins.collect::<Vec<_>>()).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn join(tx: &mut PgConnection, delivery: &str, others: &[String]) -> Result<(), PgError> {
    if !others.is_empty() {
        sqlx::query(
            // Behind those that joined before it was given up and driven again.
            "update delivery d set told_with = $1, told_nth = o.nth + coalesce((
                 select max(told_nth) from delivery where told_with = $1), 0)
             from unnest($2::text[]) with ordinality o (id, nth) where d.id = o.id",
        )
        .bind(delivery)
        .bind(others)
        .execute(tx)
        .await?;
    }
    Ok(())
}

/// What is told with this delivery, itself first, in their order.
pub(crate) async fn bodies(pool: &Pool, delivery: &str) -> Result<Vec<Pii<String>>, PgError> {
    let bodies: Vec<String> = sqlx::query_scalar(
        "select body from delivery where id = $1 or told_with = $1 order by told_nth nulls first, id",
    )
    .bind(delivery)
    .fetch_all(pool)
    .await?;
    Ok(bodies.into_iter().map(Pii::new).collect())
}

/// Everything later that is known of a lead for this account, delivered or not, the oldest first.
pub(crate) async fn of_lead(pool: &Pool, lead: Uuid, account: &str) -> Result<Vec<Pii<String>>, PgError> {
    let bodies: Vec<String> = sqlx::query_scalar(
        "select body from delivery where lead_id = $1 and endpoint = $2 and kind = 'later' order by created_at, id",
    )
    .bind(lead)
    .bind(account)
    .fetch_all(pool)
    .await?;
    Ok(bodies.into_iter().map(Pii::new).collect())
}
