//! Comparisons with the CRMs, and what they are made of.

use std::collections::HashMap;

use ids::{Timestamp, Uuid};
use jiff_sqlx::Timestamp as At;
use pg::{PgError, Pool};
use serde::Serialize;
use sqlx::Row;

/// Differences of one kind that are kept of a comparison; further ones are counted no more.
const MOST: usize = 1_000;

/// What one comparison came to.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    pub account: String,
    pub began_at: Timestamp,
    /// `done`, `failed`, or empty while it is under way.
    pub outcome: String,
    /// Leads of ours that were looked for.
    pub leads: i64,
    /// Deals of the CRM that have a mark of ours.
    pub deals: i64,
    /// Why it failed, or what was not looked at.
    pub note: String,
    pub differences: Vec<Difference>,
}

/// Something that one side has and the other has not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// `gone`: delivered, and the CRM has it no more. `unknown`: the CRM has it, and no lead of ours is it. `twice`: the CRM
    /// has it once more. `stuck`: it is on no way to the CRM.
    pub kind: &'static str,
    pub lead_id: Uuid,
    /// The CRM's id; empty where it has none.
    pub deal: String,
}

/// A delivered lead with its deal, by when it was delivered.
pub(crate) struct Delivered {
    pub(crate) lead_id: Uuid,
    pub(crate) deal: String,
    place: (At, String),
}

pub(crate) const KINDS: [&str; 4] = ["gone", "unknown", "twice", "stuck"];

/// Begins the comparison of this day, or takes it up where it was cut off or failed and `tries` are left. `None`: it is
/// done, or given up.
pub(crate) async fn begin_of_day(
    pool: &Pool,
    account: &str,
    day: &str,
    tries: i32,
) -> Result<Option<i64>, PgError> {
    Ok(sqlx::query_scalar(
        "insert into comparison as c (account, day) values ($1, $2)
         on conflict (account, day) where day <> '' do update
             set tries = c.tries + 1, began_at = now(), outcome = null, ended_at = null, note = ''
             where c.outcome is distinct from 'done' and c.tries < $3
         returning id",
    )
    .bind(account)
    .bind(day)
    .bind(tries)
    .fetch_optional(pool)
    .await?)
}

/// Ends one of an account that nothing was delivered to in these days: there is nothing to ask its CRM for.
pub(crate) async fn end_where_idle(
    pool: &Pool,
    id: i64,
    account: &str,
    since: Timestamp,
) -> Result<bool, PgError> {
    let ended = sqlx::query(
        "update comparison set outcome = 'done', ended_at = now(), note = 'nothing was delivered in these days'
         where id = $1 and not exists (
             select from delivery where endpoint = $2 and kind = 'lead' and (ended_at >= $3 or created_at >= $3))",
    )
    .bind(id)
    .bind(account)
    .bind(At::from(since))
    .execute(pool)
    .await?;
    Ok(ended.rows_affected() == 1)
}

/// Begins one that a person asks for.
pub(crate) async fn begin(pool: &Pool, account: &str) -> Result<i64, PgError> {
    Ok(sqlx::query_scalar("insert into comparison (account) values ($1) returning id")
        .bind(account)
        .fetch_one(pool)
        .await?)
}

/// A page of what was delivered to an account since then, in that order, behind `after`.
pub(crate) async fn delivered(
    pool: &Pool,
    account: &str,
    since: Timestamp,
    after: Option<&Delivered>,
) -> Result<Vec<Delivered>, PgError> {
    let place = after.map(|last| last.place.clone()).unwrap_or((At::from(since), String::new()));
    let rows = sqlx::query(
        "select d.id, d.lead_id, d.ended_at, l.deal
         from delivery d join crm_link l on l.lead_id = d.lead_id and l.account = d.endpoint
         where d.endpoint = $1 and d.state = 'delivered' and d.kind = 'lead' and l.deal is not null
           and (d.ended_at, d.id) > ($2, $3)
         order by d.ended_at, d.id limit 500",
    )
    .bind(account)
    .bind(place.0)
    .bind(place.1)
    .fetch_all(pool)
    .await?;
    let read = |row: sqlx::postgres::PgRow| {
        let place = (row.try_get("ended_at")?, row.try_get("id")?);
        Ok(Delivered { lead_id: row.try_get("lead_id")?, deal: row.try_get("deal")?, place })
    };
    rows.into_iter().map(read).collect()
}

/// What is known of these marks at an account: those that are leads of ours, each with its deal, where it has one. Of those
/// that were erased, and of those for another account of ours, it is known that they are ours.
pub(crate) async fn known(
    pool: &Pool,
    account: &str,
    marks: &[Uuid],
) -> Result<HashMap<Uuid, Option<String>>, PgError> {
    let rows: Vec<(Uuid, Option<String>)> = sqlx::query_as(
        "select lead_id, max(deal) filter (where account = $1) from crm_link where lead_id = any($2) group by lead_id
         union all select lead_id, null from erased_lead where lead_id = any($2)",
    )
    .bind(account)
    .bind(marks)
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().collect())
}

/// Leads that are on no way to the account: not delivered, no job, no dead letter. One that has just come is left out.
pub(crate) async fn stuck(pool: &Pool, account: &str, since: Timestamp) -> Result<Vec<Uuid>, PgError> {
    Ok(sqlx::query_scalar(
        "select d.lead_id from delivery d
         where d.endpoint = $1 and d.state = 'waiting' and d.kind = 'lead' and d.created_at >= $2
           and d.created_at < now() - interval '10 minutes'
           and d.id not in (
               select convert_from(j.payload, 'UTF8')::jsonb->>'delivery_id' from job j
               where j.queue in ('crm.deliver', 'crm.deal')
               union all
               select convert_from(l.payload, 'UTF8')::jsonb->>'delivery_id' from dead_letter l
               where l.kind = 'job' and l.source in ('crm.deliver', 'crm.deal'))
         order by d.created_at",
    )
    .bind(account)
    .bind(At::from(since))
    .fetch_all(pool)
    .await?)
}

/// Ends a comparison with what it found, and forgets those of a month ago.
pub(crate) async fn end(
    pool: &Pool,
    id: i64,
    (leads, deals): (i64, i64),
    note: &str,
    differences: &[Difference],
) -> Result<(), PgError> {
    let mut kept: Vec<&Difference> = Vec::new();
    for kind in KINDS {
        kept.extend(differences.iter().filter(|one| one.kind == kind).take(MOST));
    }
    let mut tx = pool.begin().await?;
    sqlx::query("delete from difference where comparison_id = $1").bind(id).execute(&mut *tx).await?;
    sqlx::query(
        "insert into difference (comparison_id, kind, lead_id, deal)
         select $1::bigint, * from unnest($2::text[], $3::uuid[], $4::text[]) on conflict do nothing",
    )
    .bind(id)
    .bind(kept.iter().map(|one| one.kind).collect::<Vec<_>>())
    .bind(kept.iter().map(|one| one.lead_id).collect::<Vec<_>>())
    .bind(kept.iter().map(|one| one.deal.as_str()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "update comparison set outcome = 'done', ended_at = now(), leads = $2, deals = $3, note = $4 where id = $1",
    )
    .bind(id)
    .bind(leads)
    .bind(deals)
    .bind(note)
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from comparison where began_at < now() - interval '30 days'")
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

pub(crate) async fn fail(pool: &Pool, id: i64, why: &str) -> Result<(), PgError> {
    sqlx::query("update comparison set outcome = 'failed', ended_at = now(), note = $2 where id = $1")
        .bind(id)
        .bind(why)
        .execute(pool)
        .await?;
    Ok(())
}

/// The newest comparison of an account.
pub(crate) async fn last(pool: &Pool, account: &str) -> Result<Option<Comparison>, PgError> {
    let row = sqlx::query(
        "select id, began_at, coalesce(outcome, '') as outcome, leads, deals, note from comparison
         where account = $1 order by id desc limit 1",
    )
    .bind(account)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let rows: Vec<(String, Uuid, String)> = sqlx::query_as(
        "select kind, lead_id, deal from difference where comparison_id = $1 order by kind, lead_id, deal",
    )
    .bind(row.try_get::<i64, _>("id")?)
    .fetch_all(pool)
    .await?;
    let difference = |(kind, lead_id, deal): (String, Uuid, String)| {
        Some(Difference { kind: KINDS.into_iter().find(|known| *known == kind)?, lead_id, deal })
    };
    Ok(Some(Comparison {
        account: account.to_owned(),
        began_at: row.try_get::<At, _>("began_at")?.to_jiff(),
        outcome: row.try_get("outcome")?,
        leads: row.try_get("leads")?,
        deals: row.try_get("deals")?,
        note: row.try_get("note")?,
        differences: rows.into_iter().filter_map(difference).collect(),
    }))
}
