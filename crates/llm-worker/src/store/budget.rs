//! Counters of the running windows. Whoever locks any, locks that of `all` first.

use std::collections::BTreeMap;

use jiff_sqlx::{Timestamp, ToSqlx};
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::money::counter::{Counter, Slot};
use crate::money::window::{Period, Window};

pub(crate) type Counters = BTreeMap<Slot, Counter>;

/// From here to the end of the transaction, rows are found by their keys, whatever is known of their tables: these are
/// small at night and full of dead rows a minute after the morning began, and a plan that was kept from the night would
/// read all of them for each call. A transaction of [`pg::Kept`] is so from its beginning.
pub(crate) async fn by_keys_in_tx(tx: &mut PgConnection) -> Result<(), PgError> {
    sqlx::query(
        "select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
                set_config('enable_mergejoin', 'off', true),
                set_config('plan_cache_mode', 'force_generic_plan', true)",
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Locks these, and begins those that are not there. They are locked in the order of the map.
pub(crate) async fn open_in_tx(
    tx: &mut PgConnection,
    wanted: &BTreeMap<Slot, Window>,
) -> Result<Counters, PgError> {
    let rows = sqlx::query(
        "insert into budget (scope, period, since, ends_at)
         select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[])
         on conflict (scope, period) do update set scope = excluded.scope
         returning scope, period, since, ends_at, calls, held_micros, spent_micros, told, card_micros",
    )
    .bind(wanted.keys().map(|slot| slot.scope.as_str()).collect::<Vec<_>>())
    .bind(wanted.keys().map(|slot| slot.period.as_str()).collect::<Vec<_>>())
    .bind(wanted.values().map(|window| window.since.to_sqlx()).collect::<Vec<_>>())
    .bind(wanted.values().map(|window| window.ends_at.to_sqlx()).collect::<Vec<_>>())
    .fetch_all(tx)
    .await?;
    read(&rows)
}

/// Locks those of these that are there.
pub(crate) async fn lock_in_tx(tx: &mut PgConnection, slots: &[&Slot]) -> Result<Counters, PgError> {
    let rows = sqlx::query(
        "select scope, period, since, ends_at, calls, held_micros, spent_micros, told, card_micros from budget
         where (scope, period) in (select * from unnest($1::text[], $2::text[]))
         order by scope, period for update",
    )
    .bind(slots.iter().map(|slot| slot.scope.as_str()).collect::<Vec<_>>())
    .bind(slots.iter().map(|slot| slot.period.as_str()).collect::<Vec<_>>())
    .fetch_all(tx)
    .await?;
    read(&rows)
}

pub(crate) async fn write_in_tx(tx: &mut PgConnection, counters: &Counters) -> Result<(), PgError> {
    let number = |of: fn(&Counter) -> i64| counters.values().map(of).collect::<Vec<_>>();
    sqlx::query(
        "update budget b set since = n.since, ends_at = n.ends_at, calls = n.calls, held_micros = n.held,
             spent_micros = n.spent, told = n.told, card_micros = n.card
         from unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bigint[],
                     $7::bigint[], $8::smallint[], $9::bigint[])
              n (scope, period, since, ends_at, calls, held, spent, told, card)
         where b.scope = n.scope and b.period = n.period",
    )
    .bind(counters.keys().map(|slot| slot.scope.as_str()).collect::<Vec<_>>())
    .bind(counters.keys().map(|slot| slot.period.as_str()).collect::<Vec<_>>())
    .bind(counters.values().map(|counter| counter.window.since.to_sqlx()).collect::<Vec<_>>())
    .bind(counters.values().map(|counter| counter.window.ends_at.to_sqlx()).collect::<Vec<_>>())
    .bind(number(|counter| counter.calls))
    .bind(number(|counter| counter.held_micros))
    .bind(number(|counter| counter.spent_micros))
    .bind(counters.values().map(|counter| counter.told).collect::<Vec<_>>())
    .bind(counters.values().map(|counter| counter.card_micros).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Those of everything together and of the API keys: few, and the same for every worker.
pub(crate) async fn shared(pool: &Pool) -> Result<Counters, PgError> {
    let rows = sqlx::query(
        "select scope, period, since, ends_at, calls, held_micros, spent_micros, told, card_micros from budget
         where scope = 'all' or scope like 'key:%'",
    )
    .fetch_all(pool)
    .await?;
    read(&rows)
}

/// Deletes what ended before `before`, and counts for nobody.
pub(crate) async fn forget(pool: &Pool, before: ids::Timestamp) -> Result<u64, PgError> {
    let mut tx = pool.begin().await?;
    lock_in_tx(&mut tx, &[&Slot::all()]).await?;
    let done = sqlx::query("delete from budget where ends_at < $1 and scope <> 'all'")
        .bind(before.to_sqlx())
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(done.rows_affected())
}

fn read(rows: &[PgRow]) -> Result<Counters, PgError> {
    rows.iter()
        .map(|row| {
            let slot = Slot { scope: row.try_get(0)?, period: Period::named(row.try_get(1)?) };
            let (since, ends_at): (Timestamp, Timestamp) = (row.try_get(2)?, row.try_get(3)?);
            let counter = Counter {
                window: Window { since: since.to_jiff(), ends_at: ends_at.to_jiff() },
                calls: row.try_get(4)?,
                held_micros: row.try_get(5)?,
                spent_micros: row.try_get(6)?,
                told: row.try_get(7)?,
                card_micros: row.try_get(8)?,
            };
            Ok((slot, counter))
        })
        .collect()
}

/// What tests look at.
#[cfg(test)]
pub(crate) mod look {
    use pg::{PgError, Pool};

    /// (calls, held, spent) of a scope, whatever its period.
    pub(crate) async fn counted(pool: &Pool, scope: &str) -> Result<(i64, i64, i64), PgError> {
        Ok(sqlx::query_as("select calls, held_micros, spent_micros from budget where scope = $1")
            .bind(scope)
            .fetch_one(pool)
            .await?)
    }

    pub(crate) async fn number(pool: &Pool, sql: &'static str) -> Result<i64, PgError> {
        Ok(sqlx::query_scalar(sql).fetch_one(pool).await?)
    }

    pub(crate) async fn run(pool: &Pool, sql: &'static str) -> Result<(), PgError> {
        sqlx::query(sql).execute(pool).await?;
        Ok(())
    }

    /// Events that wait to be published, in the order they were written.
    pub(crate) async fn published(pool: &Pool, name: &str) -> Result<Vec<Vec<u8>>, PgError> {
        Ok(sqlx::query_scalar("select payload from outbox where subject like '%' || $1 || '%' order by seq")
            .bind(name)
            .fetch_all(pool)
            .await?)
    }
}
