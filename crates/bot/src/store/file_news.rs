//! What people have not been told yet of their files.

use ids::{ConversationId, Pii, Uuid};
use pg::{PgConnection, PgError};
use sqlx::{FromRow, Row};

use super::file::{OfLead, at};
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

/// Files that a lead is to be told of.
#[derive(FromRow)]
pub(crate) struct ForLead {
    pub(crate) lead_id: Uuid,
    pub(crate) language: String,
    pub(crate) temperature: String,
    #[sqlx(flatten)]
    pub(crate) file: OfLead,
}

/// Those of these files, which are kept, that their leads have not been told of, in their order: the lead that they came with,
/// or else the last of the conversation. They count as told. Those of a group, where anybody sends them, are of no lead.
pub(crate) async fn for_leads(
    tx: &mut PgConnection,
    conversation_id: ConversationId,
    files: &[Uuid],
) -> Result<Vec<ForLead>, PgError> {
    Ok(sqlx::query_as(
        "with last as (
             select id from lead where conversation_id = $1 order by captured_at desc, id desc limit 1
         ), told as (
             update file f set told_lead = coalesce(f.lead_id, (select id from last))
             where f.id = any($2) and f.state = 'clean'
               and exists (select from conversation c where c.id = $1 and c.chat_kind = 'private')
               and f.told_lead is distinct from coalesce(f.lead_id, (select id from last))
             returning f.told_lead, f.id, f.name, f.media_type, f.size_bytes, f.place
         )
         select l.id as lead_id, l.language, l.temperature, t.id, t.name, t.media_type, t.size_bytes
         from told t join lead l on l.id = t.told_lead order by l.captured_at, l.id, t.place",
    )
    .bind(conversation_id.0)
    .bind(files)
    .fetch_all(tx)
    .await?)
}
