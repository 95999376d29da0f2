//! What people have not been told yet of their files.

use ids::{ConversationId, Pii, Uuid};
use pg::{PgConnection, PgError};
use sqlx::Row;

use super::file::at;
use crate::domain::{CheckedFile, FileFate};

/// How long the first of a batch waits for the rest of it.
const PATIENCE_MS: i64 = 15_000;

/// Takes what is to be told now, by the forum topic it is told in: nothing while files of the same batch are still being
/// looked through. What is taken counts as told.
pub(crate) async fn take(
    tx: &mut PgConnection,
    conversation_id: ConversationId,
    now_ms: i64,
) -> Result<Vec<(Option<i64>, Vec<CheckedFile>)>, PgError> {
    let rows = sqlx::query(
        "select id, name, caption, state, why, late, lead_id is null as waits, late_told_at is not null as late_told, topic,
                (extract(epoch from received_at) * 1000)::bigint as received_ms
         from file where conversation_id = $1 and told_at is null order by place",
    )
    .bind(conversation_id.0)
    .fetch_all(&mut *tx)
    .await?;
    let (mut ended, mut late, mut told) =
        (Vec::new(), Vec::new(), Vec::<(Option<i64>, Vec<CheckedFile>)>::new());
    let mut is_waited_for = false;
    let mut since_ms = now_ms;
    for row in rows {
        let (state, why): (&str, &str) = (row.try_get("state")?, row.try_get("why")?);
        let id: Uuid = row.try_get("id")?;
        let fate = match (state, why) {
            ("received", _) if !row.try_get::<bool, _>("late")? => {
                is_waited_for = true;
                continue;
            }
            ("received", _) if row.try_get("late_told")? => continue,
            ("received", _) => FileFate::Late,
            ("clean", _) => FileFate::Kept,
            ("infected", _) => FileFate::Infected,
            ("refused", "too_large") => FileFate::TooLarge,
            ("refused", "too_many") => FileFate::TooMany,
            ("refused", _) => FileFate::WrongType,
            _ => FileFate::Failed,
        };
        if fate == FileFate::Late {
            late.push(id);
        } else {
            ended.push(id);
        }
        since_ms = since_ms.min(row.try_get("received_ms")?);
        let (name, caption) = (Pii::new(row.try_get("name")?), Pii::new(row.try_get("caption")?));
        let file = CheckedFile { id, name, caption, fate, waits: row.try_get("waits")? };
        let topic: Option<i64> = row.try_get("topic")?;
        match told.iter_mut().find(|(known, _)| *known == topic) {
            Some((_, files)) => files.push(file),
            None => told.push((topic, vec![file])),
        }
    }
    if told.is_empty() || (is_waited_for && now_ms.saturating_sub(since_ms) < PATIENCE_MS) {
        // Whoever is waited for brings the next chance.
        return Ok(Vec::new());
    }
    sqlx::query(
        "update file set told_at = case when id = any($1) then $3 end,
                         late_told_at = case when id = any($2) then $3 else late_told_at end
         where id = any($1) or id = any($2)",
    )
    .bind(ended)
    .bind(late)
    .bind(at(now_ms))
    .execute(tx)
    .await?;
    Ok(told)
}
