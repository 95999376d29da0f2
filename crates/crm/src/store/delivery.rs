use std::collections::HashSet;

use ids::{Pii, Uuid};
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

/// What is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Lead,
    /// A brief for whoever takes a conversation over.
    Handoff,
    /// What happened to a lead after it was captured.
    Later,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Handoff => "handoff",
            Self::Later => "later",
        }
    }

    fn read(kind: &str) -> Option<Self> {
        match kind {
            "lead" => Some(Self::Lead),
            "handoff" => Some(Self::Handoff),
            "later" => Some(Self::Later),
            _ => None,
        }
    }
}

/// Something on its way to one endpoint.
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    /// The lead's id, also of what is later; or that of the call for a human.
    pub(crate) of: Uuid,
    /// By which what is no lead is found when its person is erased; empty of a lead.
    pub(crate) conversation_id: String,
    pub(crate) endpoint: String,
    pub(crate) body: Pii<String>,
}

/// A delivery that is still to be made.
pub(crate) struct Waiting {
    /// `None`: a replica that is newer than this one has written it.
    pub(crate) kind: Option<Kind>,
    pub(crate) body: Pii<String>,
    /// Another delivery tells it with its own.
    pub(crate) is_told_with_another: bool,
}

/// How a delivery ended.
pub(crate) struct Ended {
    pub(crate) id: String,
    /// `None`: it was no lead.
    pub(crate) lead_id: Option<Uuid>,
    pub(crate) endpoint: String,
    /// All that were made, over replays too.
    pub(crate) attempts: i32,
    /// Of the last attempt; 0 where there was no answer.
    pub(crate) status: i32,
}

/// Keeps new deliveries; returns the ids of those that were not there before.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    deliveries: &[Delivery],
) -> Result<HashSet<String>, PgError> {
    if deliveries.is_empty() {
        return Ok(HashSet::new());
    }
    let column = |of: fn(&Delivery) -> &str| deliveries.iter().map(of).collect::<Vec<_>>();
    let of: Vec<Uuid> = deliveries.iter().map(|one| one.of).collect();
    let fresh: Vec<String> = sqlx::query_scalar(
        "insert into delivery (id, lead_id, endpoint, body, kind, conversation_id)
         select * from unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
         on conflict do nothing returning id",
    )
    .bind(column(|one| &one.id))
    .bind(of)
    .bind(column(|one| &one.endpoint))
    .bind(column(|one| one.body.expose()))
    .bind(column(|one| one.kind.as_str()))
    .bind(column(|one| &one.conversation_id))
    .fetch_all(tx)
    .await?;
    Ok(fresh.into_iter().collect())
}

/// A delivery that is still to be made, or to be made after all.
pub(crate) async fn waiting(pool: &Pool, id: &str) -> Result<Option<Waiting>, PgError> {
    let sql = "select kind, body, told_with is not null as is_told_with_another from delivery
               where id = $1 and state <> 'delivered'";
    let row = sqlx::query(sql).bind(id).fetch_optional(pool).await?;
    row.map(|row| {
        Ok(Waiting {
            kind: Kind::read(row.try_get("kind")?),
            body: Pii::new(row.try_get("body")?),
            is_told_with_another: row.try_get("is_told_with_another")?,
        })
    })
    .transpose()
}

/// Whether it is kept at all, however it ended.
pub(crate) async fn is_there(connection: &mut PgConnection, id: &str) -> Result<bool, PgError> {
    let sql = "select exists (select from delivery where id = $1)";
    Ok(sqlx::query_scalar(sql).bind(id).fetch_one(connection).await?)
}

/// Deletes the dead letters of a job.
pub(crate) async fn forget_letter(
    tx: &mut PgConnection,
    queue: &str,
    key: &str,
    payload: &[u8],
) -> Result<(), PgError> {
    sqlx::query("delete from dead_letter where kind = 'job' and source = $1 and key = $2 and payload = $3")
        .bind(queue)
        .bind(key)
        .bind(payload)
        .execute(tx)
        .await?;
    Ok(())
}

/// Ends deliveries, and what is told with them, as "delivered" or "failed", but none that was delivered before.
pub(crate) async fn end(tx: &mut PgConnection, ids: &[&str], state: &str) -> Result<Vec<Ended>, PgError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(
        "update delivery d set state = $2, ended_at = now()
         where (id = any($1) or told_with = any($1)) and state <> 'delivered'
         returning d.id, case d.kind when 'lead' then d.lead_id end as lead_id, d.endpoint,
             (select count(*) from attempt a where a.delivery_id = d.id)::int as attempts,
             coalesce((select a.status from attempt a where a.delivery_id = d.id order by a.n desc limit 1), 0)
                 as status",
    )
    .bind(ids)
    .bind(state)
    .fetch_all(tx)
    .await?;
    let read = |row: sqlx::postgres::PgRow| {
        Ok(Ended {
            id: row.try_get("id")?,
            lead_id: row.try_get("lead_id")?,
            endpoint: row.try_get("endpoint")?,
            attempts: row.try_get("attempts")?,
            status: row.try_get("status")?,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Forgets deliveries that are nobody's.
pub(crate) async fn forget(tx: &mut PgConnection, ids: &[&str]) -> Result<(), PgError> {
    if !ids.is_empty() {
        sqlx::query("delete from delivery where id = any($1) and state <> 'delivered'")
            .bind(ids)
            .execute(tx)
            .await?;
    }
    Ok(())
}
