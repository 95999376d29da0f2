use std::collections::BTreeMap;

use pg::{PgConnection, PgError};

/// Adds to the counts of (bot, kind, minute in Unix milliseconds).
pub(crate) async fn add(
    tx: &mut PgConnection,
    counts: &BTreeMap<(String, String, i64), i64>,
) -> Result<(), PgError> {
    if counts.is_empty() {
        return Ok(());
    }
    let bots: Vec<&str> = counts.keys().map(|(bot, _, _)| bot.as_str()).collect();
    let kinds: Vec<&str> = counts.keys().map(|(_, kind, _)| kind.as_str()).collect();
    let minutes: Vec<i64> = counts.keys().map(|(_, _, minute)| *minute).collect();
    let added: Vec<i64> = counts.values().copied().collect();
    sqlx::query(
        "insert into update_count (bot, kind, minute, n)
         select bot, kind, to_timestamp(minute / 1000.0), n
         from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) as new (bot, kind, minute, n)
         on conflict (bot, kind, minute) do update set n = update_count.n + excluded.n",
    )
    .bind(bots)
    .bind(kinds)
    .bind(minutes)
    .bind(added)
    .execute(tx)
    .await?;
    Ok(())
}
