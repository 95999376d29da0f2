//! Calls under way, and the workers that make them. Leases are by the database's own clock, which all workers share.

use std::collections::{HashMap, HashSet};

use ids::Uuid;
use jiff_sqlx::Timestamp;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::money::counter::Slot;
use crate::money::reservation::{Held, Place};
use crate::money::window::Period;

/// Older than this it is nobody's any more, whether its worker lives or not: no question is worked on for longer.
const OLDEST: &str = "20 minutes";

/// Writes reservations of a worker.
pub(crate) async fn insert_in_tx(tx: &mut PgConnection, worker: Uuid, held: &[&Held]) -> Result<(), PgError> {
    let text = |of: fn(&Held) -> &str| held.iter().map(|held| of(held)).collect::<Vec<_>>();
    // An array of arrays has to be rectangular, so the places are joined and split again.
    let joined = |of: fn(&Place) -> String| {
        held.iter()
            .map(|held| held.places.iter().map(of).collect::<Vec<_>>().join("\n"))
            .collect::<Vec<String>>()
    };
    sqlx::query(
        "insert into reservation (id, request_id, worker, held_micros, calls, scopes, periods, sinces,
             conversation_id, bot, person, api_key, model, mode)
         select id, request, $1, micros, calls, string_to_array(scopes, e'\\n'), string_to_array(periods, e'\\n'),
                string_to_array(sinces, e'\\n')::timestamptz[], conversation, bot, person, api_key, model, mode
         from unnest($2::uuid[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::text[],
                     $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
              n (id, request, micros, calls, scopes, periods, sinces, conversation, bot, person, api_key, model, mode)",
    )
    .bind(worker)
    .bind(held.iter().map(|held| held.id).collect::<Vec<_>>())
    .bind(text(|held| &held.request_id))
    .bind(held.iter().map(|held| held.micros).collect::<Vec<_>>())
    .bind(held.iter().map(|held| held.calls).collect::<Vec<_>>())
    .bind(joined(|place| place.slot.scope.clone()))
    .bind(joined(|place| place.slot.period.as_str().to_owned()))
    .bind(joined(|place| place.since.to_string()))
    .bind(text(|held| &held.who.conversation_id))
    .bind(text(|held| &held.who.bot))
    .bind(text(|held| &held.person))
    .bind(text(|held| &held.who.api_key))
    .bind(text(|held| &held.model))
    .bind(text(|held| &held.who.mode))
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes reservations away; what each held. One that is missing has been settled before.
pub(crate) async fn take_in_tx(tx: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, i64>, PgError> {
    let rows: Vec<(Uuid, i64)> =
        sqlx::query_as("delete from reservation where id = any($1) returning id, held_micros")
            .bind(ids)
            .fetch_all(tx)
            .await?;
    Ok(rows.into_iter().collect())
}

/// What is known of some questions.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Those that were counted before.
    pub(crate) counted: HashSet<String>,
    /// Of them, those that have their end.
    pub(crate) ended: HashSet<String>,
    /// Calls for them that are under way.
    pub(crate) held: HashSet<Uuid>,
}

pub(crate) async fn known_in_tx(tx: &mut PgConnection, request_ids: &[&str]) -> Result<Known, PgError> {
    let rows: Vec<(String, bool, Option<Uuid>)> = sqlx::query_as(
        "select request_id, true, null::uuid from ledger where request_id = any($1)
         union all select of_request, false, null from ledger where of_request = any($1)
         union all select request_id, false, id from reservation where request_id = any($1)",
    )
    .bind(request_ids)
    .fetch_all(tx)
    .await?;
    let mut known = Known::default();
    for (request_id, has_end, held) in rows {
        known.held.extend(held);
        if has_end {
            known.ended.insert(request_id.clone());
        }
        known.counted.insert(request_id);
    }
    Ok(known)
}

/// These reservations, as they are written.
pub(crate) async fn held_in_tx(tx: &mut PgConnection, ids: &[Uuid]) -> Result<HashMap<Uuid, Held>, PgError> {
    let sql = format!("select {COLUMNS} from reservation r where r.id = any($1)");
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(tx).await?;
    rows.iter().map(|row| read(row).map(|held| (held.id, held))).collect()
}

/// Reservations whose workers have not been heard of for too long.
pub(crate) async fn lapsed(pool: &Pool, most: i64) -> Result<Vec<Held>, PgError> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "select {COLUMNS} from reservation r left join worker w on w.id = r.worker
         where (w.id is null and r.at < now() - interval '1 minute') or w.lives_until < now() or r.at < now() - interval '{OLDEST}'
         order by r.at limit $1"
    )))
    .bind(most)
    .fetch_all(pool)
    .await?;
    rows.iter().map(read).collect()
}

/// What [`read`] reads.
const COLUMNS: &str =
    "r.id, r.request_id, r.held_micros, r.calls, r.scopes, r.periods, r.sinces, r.conversation_id,
                r.bot, r.person, r.api_key, r.model, r.mode";

fn read(row: &PgRow) -> Result<Held, PgError> {
    let (scopes, periods): (Vec<String>, Vec<String>) = (row.try_get(4)?, row.try_get(5)?);
    let sinces: Vec<Timestamp> = row.try_get(6)?;
    let places = scopes.into_iter().zip(periods).zip(sinces).map(|((scope, period), since)| Place {
        slot: Slot { scope, period: Period::named(&period) },
        since: since.to_jiff(),
    });
    let mut held = Held {
        id: row.try_get(0)?,
        request_id: row.try_get(1)?,
        micros: row.try_get(2)?,
        calls: row.try_get(3)?,
        places: places.collect(),
        person: row.try_get(9)?,
        model: row.try_get(11)?,
        who: Default::default(),
    };
    held.who.conversation_id = row.try_get(7)?;
    held.who.bot = row.try_get(8)?;
    held.who.api_key = row.try_get(10)?;
    held.who.mode = row.try_get(12)?;
    Ok(held)
}

/// Says that a worker lives, and goes on to do so for `seconds`.
pub(crate) async fn live(pool: &Pool, worker: Uuid, seconds: i64) -> Result<(), PgError> {
    sqlx::query(
        "insert into worker (id, lives_until) values ($1, now() + make_interval(secs => $2::double precision))
         on conflict (id) do update set lives_until = excluded.lives_until",
    )
    .bind(worker)
    .bind(seconds)
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets workers that are long gone and hold nothing.
pub(crate) async fn bury(pool: &Pool) -> Result<(), PgError> {
    sqlx::query(
        "delete from worker w where lives_until < now() - interval '1 hour'
             and not exists (select from reservation r where r.worker = w.id)",
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// How many calls are under way, and what is held for them.
#[cfg(test)]
pub(crate) async fn open(pool: &Pool) -> Result<(i64, i64), PgError> {
    Ok(sqlx::query_as("select count(*), coalesce(sum(held_micros), 0)::bigint from reservation")
        .fetch_one(pool)
        .await?)
}
