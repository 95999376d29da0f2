//! What is remembered of conversations: their masks and their summaries.

use ids::Pii;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

use crate::domain::context::Summary;
use crate::domain::mask::{Kind, Known};
use crate::store::erased;

/// The masks of a conversation, and its summary; that they are used is written down, once a day.
pub(crate) async fn load(
    pool: &Pool,
    conversation_id: &str,
) -> Result<(Vec<Known>, Option<Summary>), PgError> {
    let mut connection = pool.acquire().await?;
    let row = sqlx::query(
        "select summary, version, mark,
                array(select kind from mask where mask.conversation_id = memory.conversation_id order by kind, number),
                array(select number from mask where mask.conversation_id = memory.conversation_id order by kind, number),
                array(select value from mask where mask.conversation_id = memory.conversation_id order by kind, number),
                used_at < now() - interval '1 day'
         from memory where conversation_id = $1",
    )
    .bind(conversation_id)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok((Vec::new(), None)) };
    let (text, version, mark): (String, i32, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if row.try_get(6)? {
        // It is used, and so not forgotten; once a day is enough to know that.
        sqlx::query("update memory set used_at = now() where conversation_id = $1")
            .bind(conversation_id)
            .execute(&mut *connection)
            .await?;
    }
    let summary = Some(Summary { text, version, mark }).filter(|summary| !summary.text.is_empty());
    Ok((known(row.try_get(3)?, row.try_get(4)?, row.try_get(5)?), summary))
}

fn known(kinds: Vec<String>, numbers: Vec<i32>, values: Vec<String>) -> Vec<Known> {
    let rows = kinds.into_iter().zip(numbers).zip(values);
    rows.filter_map(|((kind, number), value)| {
        let number = u32::try_from(number).ok()?;
        Some(Known { kind: Kind::of(&kind)?, number, value: Pii::new(value) })
    })
    .collect()
}

/// Holds the conversation's masks until the end of the transaction, and reads them; `None` where the person was
/// erased meanwhile.
pub(crate) async fn lock(
    tx: &mut PgConnection,
    conversation_id: &str,
) -> Result<Option<Vec<Known>>, PgError> {
    if erased::hold_off(tx, conversation_id).await? {
        return Ok(None);
    }
    sqlx::query(
        "insert into memory (conversation_id) values ($1)
         on conflict (conversation_id) do update set used_at = now()",
    )
    .bind(conversation_id)
    .execute(&mut *tx)
    .await?;
    let row = sqlx::query(
        "select coalesce(array_agg(kind), '{}'), coalesce(array_agg(number), '{}'), coalesce(array_agg(value), '{}')
         from (select * from mask where conversation_id = $1 order by kind, number) as mask",
    )
    .bind(conversation_id)
    .fetch_one(tx)
    .await?;
    Ok(Some(known(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)))
}

/// Adds masks to a conversation that is held.
pub(crate) async fn add(tx: &mut PgConnection, conversation_id: &str, new: &[Known]) -> Result<(), PgError> {
    let kinds: Vec<&str> = new.iter().map(|known| known.kind.word()).collect();
    let numbers: Vec<i32> = new.iter().map(|known| i32::try_from(known.number).unwrap_or(i32::MAX)).collect();
    // Postgres takes no NUL in a text; no value that is hidden has one.
    let values: Vec<String> = new.iter().map(|known| known.value.expose().replace('\0', "")).collect();
    sqlx::query(
        "insert into mask (conversation_id, kind, number, value)
         select $1, * from unnest($2::text[], $3::int[], $4::text[])",
    )
    .bind(conversation_id)
    .bind(kinds)
    .bind(numbers)
    .bind(values)
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether the summary after version `version` is still wanted: there is none yet, and nobody was erased.
pub(crate) async fn awaits(pool: &Pool, conversation_id: &str, version: i32) -> Result<bool, PgError> {
    Ok(sqlx::query_scalar(
        "select not exists (select from erased_conversation where conversation_id = $1)
             and coalesce((select version from memory where conversation_id = $1), 0) = $2",
    )
    .bind(conversation_id)
    .bind(version)
    .fetch_one(pool)
    .await?)
}

/// Keeps a summary in the place of version `summary.version - 1`; not where a newer one is there, or the person was
/// erased.
pub(crate) async fn summarise(
    tx: &mut PgConnection,
    conversation_id: &str,
    summary: &Summary,
) -> Result<bool, PgError> {
    if erased::hold_off(tx, conversation_id).await? {
        return Ok(false);
    }
    let done = sqlx::query(
        "insert into memory (conversation_id, summary, version, mark) values ($1, $2, $3, $4)
         on conflict (conversation_id) do update
         set summary = excluded.summary, version = excluded.version, mark = excluded.mark, used_at = now()
         where memory.version = excluded.version - 1",
    )
    .bind(conversation_id)
    .bind(summary.text.replace('\0', ""))
    .bind(summary.version)
    .bind(&summary.mark)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a conversation; returns how many masks there were, and whether there was a summary.
pub(crate) async fn erase(tx: &mut PgConnection, conversation_id: &str) -> Result<(u64, bool), PgError> {
    let masks = sqlx::query("delete from mask where conversation_id = $1")
        .bind(conversation_id)
        .execute(&mut *tx)
        .await?;
    let summary: Option<String> =
        sqlx::query_scalar("delete from memory where conversation_id = $1 returning summary")
            .bind(conversation_id)
            .fetch_optional(tx)
            .await?;
    Ok((masks.rows_affected(), summary.is_some_and(|text| !text.is_empty())))
}

/// How many masks are held of a conversation, and whether there is a summary.
pub(crate) async fn held(tx: &mut PgConnection, conversation_id: &str) -> Result<(i64, bool), PgError> {
    Ok(sqlx::query_as(
        "select (select count(*) from mask where conversation_id = $1),
                exists (select from memory where conversation_id = $1 and summary <> '')",
    )
    .bind(conversation_id)
    .fetch_one(tx)
    .await?)
}

/// Forgets conversations in which nobody has been answered for so many days, some at a time; whether there may be
/// more.
pub(crate) async fn forget(pool: &Pool, days: i32) -> Result<bool, PgError> {
    const MANY: u64 = 1_000;
    let mut connection = pool.acquire().await?;
    let gone = sqlx::query(
        "delete from memory where conversation_id in (
             select conversation_id from memory where used_at < now() - make_interval(days => $1) limit 1000)",
    )
    .bind(days)
    .execute(&mut *connection)
    .await?;
    Ok(gone.rows_affected() == MANY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::tests::fixture;

    const SILENT: &str = "update memory set used_at = now() - interval '100 days'";

    #[tokio::test]
    async fn what_is_read_or_summarised_is_not_forgotten() {
        let fixture = fixture().await;
        let pool = &fixture.pool;
        let summary = |version| Summary { text: "They want a bot.".to_owned(), version, mark: String::new() };
        let mut tx = pool.begin().await.unwrap();
        for (conversation, version) in [("read", 1), ("summarised", 1), ("silent", 1)] {
            assert!(summarise(&mut tx, conversation, &summary(version)).await.unwrap());
        }
        tx.commit().await.unwrap();
        sqlx::query(SILENT).execute(pool).await.unwrap();
        load(pool, "read").await.unwrap();
        assert!(summarise(&mut pool.acquire().await.unwrap(), "summarised", &summary(2)).await.unwrap());
        assert!(!forget(pool, 90).await.unwrap());
        let left: Vec<String> = sqlx::query_scalar("select conversation_id from memory order by 1")
            .fetch_all(pool)
            .await
            .unwrap();
        assert_eq!(left, ["read", "summarised"]);
    }

    #[tokio::test]
    async fn a_summary_is_wanted_once_and_by_nobody_who_is_gone() {
        let fixture = fixture().await;
        let pool = &fixture.pool;
        assert!(awaits(pool, "c", 0).await.unwrap());
        let summary = Summary { text: "x".to_owned(), version: 1, mark: String::new() };
        assert!(summarise(&mut pool.acquire().await.unwrap(), "c", &summary).await.unwrap());
        assert!(!awaits(pool, "c", 0).await.unwrap() && awaits(pool, "c", 1).await.unwrap());
        erased::erase(&mut pool.acquire().await.unwrap(), "sales", 7, "c").await.unwrap();
        assert!(!awaits(pool, "c", 1).await.unwrap());
        let late = Summary { version: 2, ..summary };
        assert!(!summarise(&mut pool.acquire().await.unwrap(), "c", &late).await.unwrap());
    }
}
