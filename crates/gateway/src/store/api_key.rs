//! `api_key`: the keys of the organisation's own programs.

use std::collections::HashMap;

use ids::Timestamp;
use jiff_sqlx::ToSqlx;
use pg::{PgError, Pool, in_time};
use sqlx::Row;
use sqlx::postgres::PgRow;

use crate::keys::{Key, KeyCard, Period};

/// What is written of a new key.
pub(crate) struct New<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) hash: [u8; 32],
    pub(crate) models: &'a [String],
    pub(crate) budget_micros: Option<i64>,
    pub(crate) period: Period,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Option<Timestamp>,
}

/// The key of this public half.
pub(crate) async fn find(pool: &Pool, id: &str) -> Result<Option<Key>, PgError> {
    let row = in_time(async {
        let read = sqlx::query(
            "select id, hash, old_hash, old_until, models, budget_micros, budget_period, expires_at,
                 revoked_at is not null
             from api_key where id = $1",
        );
        Ok::<_, PgError>(read.bind(id).fetch_optional(pool).await?)
    });
    row.await?.map(|row| key(&row)).transpose()
}

fn key(row: &PgRow) -> Result<Key, PgError> {
    let old_until: Option<jiff_sqlx::Timestamp> = row.try_get(3)?;
    let old_hash: Option<[u8; 32]> = row.try_get(2)?;
    let expires_at: Option<jiff_sqlx::Timestamp> = row.try_get(7)?;
    Ok(Key {
        id: row.try_get(0)?,
        hash: row.try_get(1)?,
        old: old_hash.zip(old_until.map(jiff_sqlx::Timestamp::to_jiff)),
        models: row.try_get(4)?,
        budget_micros: row.try_get(5)?,
        period: period(row.try_get(6)?),
        expires_at: expires_at.map(jiff_sqlx::Timestamp::to_jiff),
        revoked: row.try_get(8)?,
    })
}

/// The table takes no other word; the longest period allows least.
fn period(word: &str) -> Period {
    Period::of_word(word).unwrap_or(Period::Month)
}

/// Writes a key; false where another one that is in use has the name.
pub(crate) async fn insert(pool: &Pool, new: &New<'_>) -> Result<bool, PgError> {
    let done = sqlx::query(
        "insert into api_key (id, name, hash, models, budget_micros, budget_period, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (name) where revoked_at is null do nothing",
    )
    .bind(new.id)
    .bind(new.name)
    .bind(new.hash)
    .bind(new.models)
    .bind(new.budget_micros)
    .bind(new.period.word())
    .bind(new.created_at.to_sqlx())
    .bind(new.expires_at.map(ToSqlx::to_sqlx))
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Every key, the newest first.
pub(crate) async fn list(pool: &Pool) -> Result<Vec<KeyCard>, PgError> {
    let rows = sqlx::query(
        "select id, name, models, budget_micros, budget_period, created_at, expires_at, revoked_at, last_used_at,
             old_until
         from api_key order by created_at desc, id",
    )
    .fetch_all(pool)
    .await?;
    rows.iter().map(card).collect()
}

fn card(row: &PgRow) -> Result<KeyCard, PgError> {
    let at = |column: usize| -> Result<Option<Timestamp>, PgError> {
        let at: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
        Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
    };
    Ok(KeyCard {
        id: row.try_get(0)?,
        name: row.try_get(1)?,
        models: row.try_get(2)?,
        budget_micros: row.try_get(3)?,
        period: period(row.try_get(4)?),
        created_at: at(5)?.unwrap_or(Timestamp::UNIX_EPOCH),
        expires_at: at(6)?,
        revoked_at: at(7)?,
        last_used_at: at(8)?,
        old_opens_until: at(9)?,
    })
}

/// Ends the key of this id; false where it was ended before.
pub(crate) async fn revoke(pool: &Pool, id: &str, at: Timestamp) -> Result<bool, PgError> {
    let done = sqlx::query("update api_key set revoked_at = $2 where id = $1 and revoked_at is null")
        .bind(id)
        .bind(at.to_sqlx())
        .execute(pool)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// A key that is in use.
pub(crate) struct InUse {
    pub(crate) id: String,
    pub(crate) expires_at: Option<Timestamp>,
    /// Until when the secret before the last rotation opens.
    pub(crate) old_until: Option<Timestamp>,
}

/// The key in use of this id; where there is none, that of this name.
pub(crate) async fn in_use(pool: &Pool, which: &str) -> Result<Option<InUse>, PgError> {
    let row = sqlx::query(
        "select id, expires_at, old_until from api_key where revoked_at is null and (id = $1 or name = $1)
         order by id = $1 desc limit 1",
    );
    let read = |row: PgRow| {
        let at = |column: usize| -> Result<Option<Timestamp>, PgError> {
            let at: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
            Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
        };
        Ok(InUse { id: row.try_get(0)?, expires_at: at(1)?, old_until: at(2)? })
    };
    row.bind(which).fetch_optional(pool).await?.map(read).transpose()
}

/// Gives a key another secret; the one it had opens until `old_until`. False where it was revoked or rotated since it
/// was read.
pub(crate) async fn rotate(
    pool: &Pool,
    key: &InUse,
    hash: [u8; 32],
    old_until: Timestamp,
) -> Result<bool, PgError> {
    let done = sqlx::query(
        "update api_key set old_hash = hash, old_until = $3, hash = $2
         where id = $1 and revoked_at is null and old_until is not distinct from $4",
    )
    .bind(&key.id)
    .bind(hash)
    .bind(old_until.to_sqlx())
    .bind(key.old_until.map(ToSqlx::to_sqlx))
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes when keys were used last, Unix milliseconds by id. Several gateways note at once: each locks in order of ids.
pub(crate) async fn note_uses(pool: &Pool, used: &HashMap<String, i64>) -> Result<(), PgError> {
    let (ids, at): (Vec<&str>, Vec<i64>) = used.iter().map(|(id, at)| (id.as_str(), *at)).unzip();
    let write = sqlx::query(
        "with locked as (
             select k.id, used.at
             from api_key k join unnest($1::text[], $2::bigint[]) as used (used_id, at) on k.id = used_id
             order by k.id for update of k)
         update api_key k set last_used_at = greatest(k.last_used_at, to_timestamp(l.at / 1000.0))
         from locked l where k.id = l.id",
    );
    let write = write.bind(ids).bind(at).execute(pool);
    in_time(async {
        write.await?;
        Ok(())
    })
    .await
}

#[cfg(test)]
pub(crate) mod tests {
    //! What tests of keys do to the table behind the program's back.

    use pg::{Pool, Tx};

    /// Nothing can be read until it ends.
    pub(crate) async fn hold(pool: &Pool) -> Tx {
        let mut held = pool.begin().await.unwrap();
        sqlx::query("lock table api_key in access exclusive mode").execute(&mut *held).await.unwrap();
        held
    }

    /// Waits until so many statements wait for a lock.
    pub(crate) async fn until_waiting(pool: &Pool, many: i64) {
        let waiting = "select count(*) from pg_locks where not granted";
        while sqlx::query_scalar::<_, i64>(waiting).fetch_one(pool).await.unwrap() != many {
            tokio::task::yield_now().await;
        }
    }

    /// Makes notes of uses fail, or succeed again.
    pub(crate) async fn hide_uses(pool: &Pool, hide: bool) {
        let rename = if hide {
            "alter table api_key rename column last_used_at to hidden"
        } else {
            "alter table api_key rename column hidden to last_used_at"
        };
        sqlx::query(rename).execute(pool).await.unwrap();
    }

    pub(crate) async fn rename(pool: &Pool, id: &str, name: &str) {
        let rename = sqlx::query("update api_key set name = $2 where id = $1");
        rename.bind(id).bind(name).execute(pool).await.unwrap();
    }
}
