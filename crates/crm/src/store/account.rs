//! How an account fares, for people: what is on its way, what was given up, what is wrong; and leads to try a mapping with.

use std::collections::HashMap;

use ids::Timestamp;
use pg::{PgError, Pool};
use sqlx::Row;

use crate::domain::lead::Lead;

/// How an account fares.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fares {
    pub(crate) waiting: i64,
    pub(crate) given_up: i64,
    pub(crate) delivered_at: Option<Timestamp>,
    /// Reasons for people.
    pub(crate) troubles: Vec<String>,
}

/// How accounts and endpoints fare, by name.
pub(crate) async fn fares(pool: &Pool) -> Result<HashMap<String, Fares>, PgError> {
    let mut fares: HashMap<String, Fares> = HashMap::new();
    let rows = sqlx::query(
        "select endpoint, count(*) filter (where state = 'waiting') as waiting,
             count(*) filter (where state = 'failed') as given_up
         from delivery where state <> 'delivered' group by endpoint",
    );
    for row in rows.fetch_all(pool).await? {
        let one = fares.entry(row.try_get("endpoint")?).or_default();
        (one.waiting, one.given_up) = (row.try_get("waiting")?, row.try_get("given_up")?);
    }
    let troubles = sqlx::query_as::<_, (String, String, String)>(
        "select target, what, detail from trouble where over_at is null order by id",
    );
    for (target, what, detail) in troubles.fetch_all(pool).await? {
        let told = if detail.is_empty() { what } else { detail };
        fares.entry(target).or_default().troubles.push(told);
    }
    Ok(fares)
}

/// When something was delivered to it last.
pub(crate) async fn delivered_at(pool: &Pool, account: &str) -> Result<Option<Timestamp>, PgError> {
    let sql = "select ended_at from delivery where endpoint = $1 and state = 'delivered' order by ended_at desc limit 1";
    let at: Option<Option<jiff_sqlx::Timestamp>> =
        sqlx::query_scalar(sql).bind(account).fetch_optional(pool).await?;
    Ok(at.flatten().map(jiff_sqlx::Timestamp::to_jiff))
}

/// A lead that was or is on its way.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    pub(crate) state: String,
    /// The questions that it answers.
    pub(crate) answers: Vec<String>,
}

/// Leads looked at: enough that each flow that is in use is among them.
const LOOKED_AT: i64 = 50;

/// The last leads of an account: those that have not arrived, and those that have; the newest first.
pub(crate) async fn leads(pool: &Pool, account: &str) -> Result<Vec<Known>, PgError> {
    let rows = sqlx::query(
        "(select lead_id::text as id, created_at, state, body from delivery
          where state <> 'delivered' and endpoint = $1 and kind = 'lead' order by created_at desc limit $2)
         union all
         (select lead_id::text, created_at, state, body from delivery
          where state = 'delivered' and endpoint = $1 and kind = 'lead' order by ended_at desc limit $2)
         order by created_at desc, id limit $2",
    )
    .bind(account)
    .bind(LOOKED_AT)
    .fetch_all(pool)
    .await?;
    let known = |row: sqlx::postgres::PgRow| {
        let at: jiff_sqlx::Timestamp = row.try_get("created_at")?;
        // Read here: what a person has written may be more than the database's own JSON takes.
        let lead: Option<Lead> = serde_json::from_str(row.try_get("body")?).ok();
        Ok(Known {
            id: row.try_get("id")?,
            at: at.to_jiff(),
            state: row.try_get("state")?,
            answers: lead
                .map(|lead| lead.answers.into_iter().map(|one| one.field).collect())
                .unwrap_or_default(),
        })
    };
    rows.into_iter().map(known).collect()
}
