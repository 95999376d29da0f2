//! Whose a deal is: also while its lead has none, for it is driven again, and where lead or deal have become others.

use ids::Uuid;
use pg::{PgConnection, PgError};
use sqlx::Row;

use super::deal::job_key;

/// Whose a deal is: the lead that made it, or the first that joined it.
pub(crate) struct Owner {
    pub(crate) lead_id: Uuid,
    pub(crate) conversation_id: String,
    pub(crate) bot: String,
    /// The lead has another deal now: this one is over.
    pub(crate) has_another: bool,
}

/// The links of account `$1` that have the deal `$deal`, or whose lead had it; `$first`: which of them counts.
macro_rules! theirs {
    ($select:literal, $deal:literal, $and:literal, $first:literal, $rest:literal) => {
        concat!(
            $select,
            " from crm_link l where l.account = $1 and (l.deal = ",
            $deal,
            " or l.lead_id = (select k.lead_id from deal k where k.account = $1 and k.deal = ",
            $deal,
            "))",
            $and,
            " order by ",
            $first,
            ", l.joined, l.created_at, l.lead_id limit 1 for share",
            $rest
        )
    };
}
pub(super) use theirs;

/// Whose a deal is, held until the end of the transaction; `None`: nobody's any more, and then nothing is kept of it.
pub(crate) async fn owner(
    tx: &mut PgConnection,
    account: &str,
    deal: &str,
) -> Result<Option<Owner>, PgError> {
    let row = sqlx::query(theirs!(
        "select l.lead_id, l.conversation_id, l.bot, coalesce(l.deal <> $2, false) as has_another",
        "$2",
        "",
        "coalesce(l.deal <> $2, false), l.deal is null",
        ""
    ))
    .bind(account)
    .bind(deal)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        end(tx, account, deal).await?;
        return Ok(None);
    };
    Ok(Some(Owner {
        lead_id: row.try_get("lead_id")?,
        conversation_id: row.try_get("conversation_id")?,
        bot: row.try_get("bot")?,
        has_another: row.try_get("has_another")?,
    }))
}

/// Nothing is kept of a deal any more.
pub(crate) async fn end(tx: &mut PgConnection, account: &str, deal: &str) -> Result<(), PgError> {
    sqlx::query("delete from deal where account = $1 and deal = $2")
        .bind(account)
        .bind(deal)
        .execute(tx)
        .await?;
    Ok(())
}

/// The leads of a deal have this one from now on: the CRM has made another thing of it.
pub(crate) async fn follow(
    tx: &mut PgConnection,
    account: &str,
    from: &str,
    to: &str,
) -> Result<(), PgError> {
    sqlx::query("update crm_link set deal = $3 where account = $1 and deal = $2")
        .bind(account)
        .bind(from)
        .bind(to)
        .execute(tx)
        .await?;
    Ok(())
}

/// What is kept of a deal is from now on of this one, which a job is to read. `false`: something is kept of that already.
pub(crate) async fn rename(
    tx: &mut PgConnection,
    account: &str,
    from: &str,
    to: &str,
) -> Result<bool, PgError> {
    let renamed = sqlx::query(
        "update deal set deal = $3, asked = true where account = $1 and deal = $2
             and not exists (select from deal d where d.account = $1 and d.deal = $3)",
    )
    .bind(account)
    .bind(from)
    .bind(to)
    .execute(&mut *tx)
    .await?;
    // A job that waits to read it under its old name finds nothing, nor would a letter that is replayed.
    sqlx::query("delete from dead_letter where kind = 'job' and source = 'crm.read' and key = $1")
        .bind(job_key(account, from))
        .execute(tx)
        .await?;
    Ok(renamed.rows_affected() > 0)
}

/// A lead has come to a deal, maybe to another than it had. Returns the deals that have to be read because of it.
pub(crate) async fn came_to(
    tx: &mut PgConnection,
    lead: Uuid,
    account: &str,
    deal: &str,
) -> Result<Vec<String>, PgError> {
    // What others came to as well is theirs, and stays what it is.
    sqlx::query(
        "update deal d set lead_id = o.lead_id
         from (select distinct on (l.deal) l.deal, l.lead_id from crm_link l
               where l.account = $2 and l.lead_id <> $1 and l.deal in (
                   select k.deal from deal k where k.lead_id = $1 and k.account = $2 and k.deal <> $3)
               order by l.deal, l.joined, l.created_at, l.lead_id) o
         where d.lead_id = $1 and d.account = $2 and d.deal = o.deal and d.deal <> $3",
    )
    .bind(lead)
    .bind(account)
    .bind(deal)
    .execute(&mut *tx)
    .await?;
    let old: Vec<String> = sqlx::query_scalar(
        "select deal from deal where lead_id = $1 and account = $2 and deal <> $3
         order by read_at desc nulls last, deal for update",
    )
    .bind(lead)
    .bind(account)
    .bind(deal)
    .fetch_all(&mut *tx)
    .await?;
    let mut to_read = Vec::new();
    for name in old {
        if rename(tx, account, &name, deal).await? {
            to_read.push(deal.to_owned());
            continue;
        }
        // Two are kept: the one before is read once more, and ends with that.
        let asked = "update deal set asked = true where account = $1 and deal = $2 and not asked";
        let asked = sqlx::query(asked).bind(account).bind(&name).execute(&mut *tx).await?;
        if asked.rows_affected() > 0 {
            to_read.push(name);
        }
    }
    Ok(to_read)
}

/// Deletes what is kept of deals whose leads are gone, and gives what others have come to as well to them. `linked`: the
/// deals, (account, deal), that the leads had. Returns which were deleted.
pub(crate) async fn forget(
    tx: &mut PgConnection,
    leads: &[Uuid],
    linked: &[(String, String)],
) -> Result<Vec<(String, String)>, PgError> {
    let theirs: Vec<(String, String)> = sqlx::query_as(
        "update deal d set lead_id = (
             select l.lead_id from crm_link l where l.account = d.account and l.deal = d.deal
             order by l.joined, l.created_at, l.lead_id limit 1)
         where d.lead_id = any($1) returning d.account, d.deal",
    )
    .bind(leads)
    .fetch_all(&mut *tx)
    .await?;
    let (accounts, deals): (Vec<&str>, Vec<&str>) =
        theirs.iter().chain(linked).map(|(account, deal)| (account.as_str(), deal.as_str())).unzip();
    Ok(sqlx::query_as(
        "delete from deal d where d.lead_id is null and (d.account, d.deal) in (
             select f.account, f.deal from unnest($1::text[], $2::text[]) f (account, deal)
             where not exists (select from crm_link l where l.account = f.account and l.deal = f.deal))
         returning d.account, d.deal",
    )
    .bind(accounts)
    .bind(deals)
    .fetch_all(tx)
    .await?)
}
