use ids::Uuid;
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError, Pool};
use rpc::analytics::{Deals, Revenue};
use sqlx::Row;

use super::report::Period;

/// Where a deal stands, as it was read at `at`.
pub(crate) struct Moved {
    pub(crate) deal_id: Uuid,
    pub(crate) lead_id: Uuid,
    pub(crate) bot: String,
    pub(crate) account: String,
    pub(crate) outcome: String,
    pub(crate) outcome_since: Timestamp,
    pub(crate) amount_minor: i64,
    pub(crate) currency: String,
    pub(crate) at: Timestamp,
}

/// Writes them, each deal once; what was read later counts.
pub(crate) async fn moved(tx: &mut PgConnection, facts: &[Moved]) -> Result<(), PgError> {
    if facts.is_empty() {
        return Ok(());
    }
    let text = |of: fn(&Moved) -> &str| facts.iter().map(of).collect::<Vec<_>>();
    sqlx::query(
        "insert into deal (deal_id, lead_id, bot, account, outcome, outcome_since, amount_minor, currency, at)
         select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::timestamptz[],
             $7::bigint[], $8::text[], $9::timestamptz[])
         on conflict (deal_id) do update
         set lead_id = excluded.lead_id, bot = excluded.bot, outcome = excluded.outcome,
             outcome_since = excluded.outcome_since, amount_minor = excluded.amount_minor,
             currency = excluded.currency, at = excluded.at
         where deal.at <= excluded.at",
    )
    .bind(facts.iter().map(|fact| fact.deal_id).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.lead_id).collect::<Vec<_>>())
    .bind(text(|fact| &fact.bot))
    .bind(text(|fact| &fact.account))
    .bind(text(|fact| &fact.outcome))
    .bind(facts.iter().map(|fact| fact.outcome_since).collect::<Vec<_>>())
    .bind(facts.iter().map(|fact| fact.amount_minor).collect::<Vec<_>>())
    .bind(text(|fact| &fact.currency))
    .bind(facts.iter().map(|fact| fact.at).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// The deals that were won or lost in a period and still are, and what those won are worth. A sum that no number of ours holds
/// is told as the largest.
pub(crate) async fn of(pool: &Pool, period: &Period) -> Result<Deals, PgError> {
    let rows = sqlx::query(
        "select outcome, currency, count(*) as n,
                greatest(least(sum(amount_minor), 9223372036854775807), -9223372036854775807)::bigint
                    as amount_minor
         from deal
         where outcome in ('won', 'lost') and outcome_since >= $1 and outcome_since < $2 and ($3 = '' or bot = $3)
         group by outcome, currency order by outcome, currency",
    )
    .bind(period.from)
    .bind(period.to)
    .bind(&period.bot)
    .fetch_all(pool)
    .await?;
    let mut deals = Deals::default();
    for row in rows {
        let n: i64 = row.try_get("n")?;
        if row.try_get::<&str, _>("outcome")? == "won" {
            deals.won += n;
            let (currency, amount_minor) = (row.try_get("currency")?, row.try_get("amount_minor")?);
            deals.revenue.push(Revenue { currency, amount_minor });
        } else {
            deals.lost += n;
        }
    }
    Ok(deals)
}
