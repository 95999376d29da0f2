//! What was last read of the deals that came of our leads.

use ids::{Timestamp, Uuid};
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError, Pool};
use serde_json::{Value, json};
use sqlx::Row;

use super::deal_owner::theirs;
use crate::domain::state::{Outcome, Standing};

/// A deal that was read before, or is to be for the first time.
pub(crate) struct Kept {
    pub(crate) id: Uuid,
    /// By the database's clock.
    pub(crate) read_at: Option<Timestamp>,
    pub(crate) outcome_since: Option<Timestamp>,
    /// `None`: it was not read yet.
    pub(crate) standing: Option<Standing>,
}

/// The key of the jobs that read a deal: one at a time, so that what is read later is kept later.
pub(crate) fn job_key(account: &str, deal: &str) -> String {
    format!("{account} deal {deal}")
}

/// Those of the deals that are ours and that no job waits to read: from now on one does. `ids` are for deals that are told of
/// for the first time.
pub(crate) async fn told(
    tx: &mut PgConnection,
    account: &str,
    deals: &[String],
    ids: &[Uuid],
) -> Result<Vec<String>, PgError> {
    // An erasure waits for the links that are held here, or is waited for, and then there are none.
    Ok(sqlx::query_scalar(theirs!(
        "insert into deal as d (id, account, deal, lead_id)
         select t.id, $1, t.deal, l.lead_id from unnest($2::uuid[], $3::text[]) t (id, deal)
         cross join lateral (select l.lead_id",
        "t.deal",
        " and (l.deal = t.deal or l.deal is null)",
        "l.deal is null",
        ") l
         order by t.deal
         on conflict (account, deal) do update set asked = true where not d.asked
         returning d.deal"
    ))
    .bind(account)
    .bind(ids)
    .bind(deals)
    .fetch_all(tx)
    .await?)
}

/// A job begins to read a deal.
pub(crate) struct Begun {
    /// By the database's clock, which all replicas share.
    pub(crate) at: Timestamp,
    /// As it was read last; empty where it was not.
    pub(crate) currency: String,
}

/// A job begins to read a deal: what is told from now on needs another. `None`: its person was erased.
pub(crate) async fn begin(pool: &Pool, account: &str, deal: &str) -> Result<Option<Begun>, PgError> {
    let begun: Option<(At, String)> = sqlx::query_as(
        "update deal set asked = false where account = $1 and deal = $2
         returning clock_timestamp(), coalesce(currency, '')",
    )
    .bind(account)
    .bind(deal)
    .fetch_optional(pool)
    .await?;
    Ok(begun.map(|(at, currency)| Begun { at: at.to_jiff(), currency }))
}

/// No job waits to read a deal any more: the next hint needs one. `false`: its person was erased.
pub(crate) async fn given_up(tx: &mut PgConnection, account: &str, deal: &str) -> Result<bool, PgError> {
    let kept = sqlx::query("update deal set asked = false where account = $1 and deal = $2")
        .bind(account)
        .bind(deal)
        .execute(tx)
        .await?;
    Ok(kept.rows_affected() > 0)
}

/// What is kept of a deal, held until the end of the transaction.
pub(crate) async fn kept(tx: &mut PgConnection, account: &str, deal: &str) -> Result<Option<Kept>, PgError> {
    let row = sqlx::query(
        "select id, read_at, outcome, outcome_since, pipeline, stage, responsible, amount_minor, currency
         from deal where account = $1 and deal = $2 for update",
    )
    .bind(account)
    .bind(deal)
    .fetch_optional(tx)
    .await?;
    let text = |row: &sqlx::postgres::PgRow, name: &str| -> Result<String, sqlx::Error> {
        Ok(row.try_get::<Option<String>, _>(name)?.unwrap_or_default())
    };
    row.map(|row| {
        let at = |name: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<At>, _>(name)?.map(At::to_jiff));
        let outcome = match row.try_get::<Option<&str>, _>("outcome")? {
            None => None,
            Some("won") => Some(Outcome::Won),
            Some("lost") => Some(Outcome::Lost),
            Some("deleted") => Some(Outcome::Deleted),
            Some(_) => Some(Outcome::Open),
        };
        let standing = match outcome {
            None => None,
            Some(outcome) => Some(Standing {
                outcome,
                pipeline: text(&row, "pipeline")?,
                stage: text(&row, "stage")?,
                responsible: text(&row, "responsible")?,
                amount_minor: row.try_get::<Option<i64>, _>("amount_minor")?.unwrap_or_default(),
                currency: text(&row, "currency")?,
            }),
        };
        Ok(Kept {
            id: row.try_get("id")?,
            read_at: at("read_at")?,
            outcome_since: at("outcome_since")?,
            standing,
        })
    })
    .transpose()
}

/// Keeps what was read of a deal.
pub(crate) async fn keep(
    tx: &mut PgConnection,
    id: Uuid,
    lead: Uuid,
    standing: &Standing,
    read_at: Timestamp,
    outcome_since: Timestamp,
) -> Result<(), PgError> {
    sqlx::query(
        "update deal set read_at = $2, outcome = $3, outcome_since = $4, pipeline = $5, stage = $6, responsible = $7,
             amount_minor = $8, currency = $9, lead_id = $10
         where id = $1",
    )
    .bind(id)
    .bind(At::from(read_at))
    .bind(standing.outcome.as_str())
    .bind(At::from(outcome_since))
    .bind(&standing.pipeline)
    .bind(&standing.stage)
    .bind(&standing.responsible)
    .bind(standing.amount_minor)
    .bind(&standing.currency)
    .bind(lead)
    .execute(tx)
    .await?;
    Ok(())
}

/// What is kept of the deals of these leads, and of those of a conversation.
pub(crate) async fn held(
    tx: &mut PgConnection,
    leads: &[Uuid],
    conversation_id: &str,
) -> Result<Vec<Value>, PgError> {
    type Row = (String, Option<String>, Option<At>, Option<i64>, Option<String>, Option<At>);
    let rows: Vec<Row> = sqlx::query_as(
        "select d.account, d.outcome, d.outcome_since, d.amount_minor, d.currency, d.read_at from deal d
         where exists (
             select from crm_link l where l.account = d.account and (l.deal = d.deal or l.lead_id = d.lead_id)
                 and (l.lead_id = any($1) or (l.conversation_id = $2 and $2 <> '')))
         order by d.account, d.id",
    )
    .bind(leads)
    .bind(conversation_id)
    .fetch_all(tx)
    .await?;
    let row = |(account, outcome, since, amount_minor, currency, read_at): Row| {
        json!({
            "account": account, "outcome": outcome, "since": since.map(At::to_jiff), "amount_minor": amount_minor,
            "currency": currency, "read_at": read_at.map(At::to_jiff),
        })
    };
    Ok(rows.into_iter().map(row).collect())
}
