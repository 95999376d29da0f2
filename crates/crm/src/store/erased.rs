//! What is held of people's leads and of briefs about them, and what of it is of people who were erased.

use std::collections::HashSet;

use ids::Uuid;
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError};
use serde_json::{Value, json};

use super::{deal, deal_owner, link};
use crate::delivering::WRITES;

/// Of a person's deliveries more are not told one by one.
const MOST: i64 = 500;

/// Keeps those who deliver these leads and those who erase them apart, until the end of the transaction.
async fn lock(tx: &mut PgConnection, leads: &[Uuid]) -> Result<(), PgError> {
    sqlx::query(
        "select pg_advisory_xact_lock(hashtextextended('lead ' || id, 0))
         from (select unnest($1::uuid[]) as id order by 1) leads",
    )
    .bind(leads)
    .execute(tx)
    .await?;
    Ok(())
}

/// The same for conversations.
async fn lock_conversations(tx: &mut PgConnection, conversations: &[&str]) -> Result<(), PgError> {
    sqlx::query(
        "select pg_advisory_xact_lock(hashtextextended('conversation ' || id, 0))
         from (select distinct unnest($1::text[]) as id order by 1) conversations",
    )
    .bind(conversations)
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of these conversations whose person was erased: no brief about them is to be delivered.
pub(crate) async fn of_conversations(
    tx: &mut PgConnection,
    conversations: &[&str],
) -> Result<HashSet<String>, PgError> {
    lock_conversations(tx, conversations).await?;
    let erased: Vec<String> =
        sqlx::query_scalar("select conversation_id from erased_conversation where conversation_id = any($1)")
            .bind(conversations)
            .fetch_all(tx)
            .await?;
    Ok(erased.into_iter().collect())
}

/// Those of these leads whose person was erased: they are not to be delivered.
pub(crate) async fn of(tx: &mut PgConnection, leads: &[Uuid]) -> Result<HashSet<Uuid>, PgError> {
    lock(tx, leads).await?;
    let erased: Vec<Uuid> = sqlx::query_scalar("select lead_id from erased_lead where lead_id = any($1)")
        .bind(leads)
        .fetch_all(tx)
        .await?;
    Ok(erased.into_iter().collect())
}

/// Of one delivery: of what, where, its state, since when, until when, attempts, the body of what is no lead, and whether
/// it is a brief.
type Row = (Uuid, String, String, At, Option<At>, i64, Option<String>, bool);

/// What was erased, and where it went before.
#[derive(Debug, Default)]
pub(crate) struct Gone {
    pub(crate) deliveries: i64,
    pub(crate) attempts: i64,
    pub(crate) deals: usize,
    /// The keys of their jobs.
    pub(crate) ids: Vec<String>,
    /// Endpoints that have, or may have, received some, and how many.
    pub(crate) received: Vec<(String, i64)>,
}

/// Deletes the deliveries of these leads and of what was told of the conversation, and remembers that they are erased:
/// one may still be on its way here. Remembered for longer than a stream keeps its events.
pub(crate) async fn erase(
    tx: &mut PgConnection,
    leads: &[Uuid],
    conversation_id: &str,
) -> Result<Gone, PgError> {
    lock(tx, leads).await?;
    lock_conversations(tx, &[conversation_id]).await?;
    sqlx::query("insert into erased_conversation (conversation_id) values ($1) on conflict do nothing")
        .bind(conversation_id)
        .execute(&mut *tx)
        .await?;
    sqlx::query("delete from erased_conversation where at < now() - interval '15 days'")
        .execute(&mut *tx)
        .await?;
    sqlx::query("insert into erased_lead (lead_id) select unnest($1::uuid[]) on conflict do nothing")
        .bind(leads)
        .execute(&mut *tx)
        .await?;
    sqlx::query("delete from erased_lead where at < now() - interval '15 days'").execute(&mut *tx).await?;
    let received = sqlx::query_as(
        "select d.endpoint, count(*) from delivery d
         where (d.lead_id = any($1) or (d.conversation_id = $2 and $2 <> '')) and (d.state = 'delivered' or exists (
             select from attempt a where a.delivery_id = d.id
                 and (a.outcome is null or a.outcome in ('delivered', 'unknown')
                     or (a.outcome = 'done' and a.step = any($3)))))
         group by d.endpoint order by d.endpoint",
    )
    .bind(leads)
    .bind(conversation_id)
    .bind(&WRITES[..])
    .fetch_all(&mut *tx)
    .await?;
    let attempts = sqlx::query_scalar(
        "select count(*) from attempt a join delivery d on d.id = a.delivery_id
         where d.lead_id = any($1) or (d.conversation_id = $2 and $2 <> '')",
    )
    .bind(leads)
    .bind(conversation_id)
    .fetch_one(&mut *tx)
    .await?;
    // In the order in which whoever reads deals holds them.
    sqlx::query(
        "select from crm_link where lead_id = any($1) or (conversation_id = $2 and $2 <> '')
         order by account, deal, lead_id for update",
    )
    .bind(leads)
    .bind(conversation_id)
    .execute(&mut *tx)
    .await?;
    let linked: Vec<(Uuid, String, String, Option<String>)> = sqlx::query_as(
        "delete from crm_link where lead_id = any($1) or (conversation_id = $2 and $2 <> '')
         returning lead_id, account, conversation_id, deal",
    )
    .bind(leads)
    .bind(conversation_id)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query("delete from difference where lead_id = any($1)").bind(leads).execute(&mut *tx).await?;
    let deals: Vec<(String, String)> =
        linked.iter().filter_map(|(_, account, _, deal)| Some((account.clone(), deal.clone()?))).collect();
    let of_deals: Vec<Uuid> = linked.iter().map(|(lead, ..)| *lead).collect();
    let deals = deal_owner::forget(tx, &of_deals, &deals).await?;
    let gone: Vec<(String, Option<String>)> = sqlx::query_as(
        "delete from delivery where lead_id = any($1) or (conversation_id = $2 and $2 <> '')
         returning id, case kind when 'later' then endpoint || ' news of ' || lead_id end",
    )
    .bind(leads)
    .bind(conversation_id)
    .fetch_all(tx)
    .await?;
    let deliveries = i64::try_from(gone.len()).unwrap_or(i64::MAX);
    let of_accounts = linked.iter().map(|(lead, account, of, _)| link::job_key(account, of, *lead));
    let of_deals = deals.iter().map(|(account, deal)| deal::job_key(account, deal));
    let ids = gone.into_iter().flat_map(|(id, waits)| [Some(id), waits]).flatten();
    let ids = ids.chain(of_accounts).chain(of_deals).collect();
    Ok(Gone { deliveries, attempts, deals: deals.len(), ids, received })
}

/// Where a person's leads, and news of them, went: how many deliveries, and the newest of them. News are told whole:
/// they stand nowhere else.
pub(crate) async fn held(
    tx: &mut PgConnection,
    leads: &[Uuid],
    conversation_id: &str,
) -> Result<(i64, Vec<Value>), PgError> {
    let count = sqlx::query_scalar(
        "select count(*) from delivery where lead_id = any($1) or (conversation_id = $2 and $2 <> '')",
    )
    .bind(leads)
    .bind(conversation_id)
    .fetch_one(&mut *tx)
    .await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select d.lead_id, d.endpoint, d.state, d.created_at, d.ended_at,
                (select count(*) from attempt a where a.delivery_id = d.id),
                case when d.kind <> 'lead' then d.body end, d.kind = 'handoff'
         from delivery d where d.lead_id = any($1) or (d.conversation_id = $2 and $2 <> '')
         order by d.created_at desc limit $3",
    )
    .bind(leads)
    .bind(conversation_id)
    .bind(MOST)
    .fetch_all(tx)
    .await?;
    let row = |(of, endpoint, state, created, ended, attempts, body, is_brief): Row| {
        let kind = if is_brief { "handoff_id" } else { "lead_id" };
        let payload = body.unwrap_or_else(|| "the lead as it stands in leads.json".to_owned());
        json!({
            kind: of, "endpoint": endpoint, "state": state, "created_at": created.to_jiff(),
            "ended_at": ended.map(At::to_jiff), "attempts": attempts,
            "payload": payload,
        })
    };
    Ok((count, rows.into_iter().map(row).collect()))
}
