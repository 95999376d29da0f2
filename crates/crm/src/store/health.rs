//! How endpoints fare: since when every attempt has failed, and which are not called any more.

use ids::Timestamp;
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;

/// An endpoint at which every attempt has failed for so long is disabled. Longer than one delivery is tried (76 hours): one
/// lead that nobody takes disables nothing.
const PATIENCE_SECONDS: f64 = 120.0 * 3600.0;

/// Why an endpoint is not called any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It answered 410.
    Gone,
    /// Every attempt has failed for 120 hours.
    Failing,
}

impl Why {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }

    pub(super) fn read(word: Option<&str>) -> Option<Self> {
        match word {
            Some("gone") => Some(Self::Gone),
            Some(_) => Some(Self::Failing),
            None => None,
        }
    }
}

/// A failed attempt at an address.
pub(crate) struct Failed<'a> {
    pub(crate) endpoint: &'a str,
    pub(crate) url_hash: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) error: &'a str,
    /// It answered 410.
    pub(crate) gone: bool,
}

/// Notes it; says why, where it is the one that disables the endpoint.
pub(crate) async fn failed(pool: &Pool, failed: &Failed<'_>) -> Result<Option<Why>, PgError> {
    let row = sqlx::query(
        "insert into endpoint_health as h
             (endpoint, url_hash, failing_since, last_error, last_error_at, disabled_at, disabled_why)
         values ($1, $2, $3, $4, $3, case when $5 then now() end, case when $5 then 'gone' end)
         on conflict (endpoint) do update set
             url_hash = excluded.url_hash,
             last_error = excluded.last_error,
             last_error_at = excluded.last_error_at,
             failing_since = case when h.url_hash = excluded.url_hash
                 then least(h.failing_since, excluded.failing_since) else excluded.failing_since end,
             disabled_at = case
                 when $5 then now()
                 when h.url_hash <> excluded.url_hash then null
                 when h.disabled_at is not null then h.disabled_at
                 when h.failing_since <= $3 - make_interval(secs => $6) then now() end,
             disabled_why = case
                 when $5 then 'gone'
                 when h.url_hash <> excluded.url_hash then null
                 when h.disabled_at is not null then h.disabled_why
                 when h.failing_since <= $3 - make_interval(secs => $6) then 'failing' end
         returning disabled_why, disabled_at = now() as just_now",
    )
    .bind(failed.endpoint)
    .bind(failed.url_hash)
    .bind(At::from(failed.at))
    .bind(failed.error)
    .bind(failed.gone)
    .bind(PATIENCE_SECONDS)
    .fetch_one(pool)
    .await?;
    let just_now: Option<bool> = row.try_get("just_now")?;
    let why: Option<&str> = row.try_get("disabled_why")?;
    Ok(Why::read(why).filter(|_| just_now == Some(true)))
}

/// These took something, each at its address: their clocks begin anew, and who was disabled and took what was replayed is
/// open again.
pub(crate) async fn worked(tx: &mut PgConnection, endpoints: &[(&str, &str)]) -> Result<(), PgError> {
    if endpoints.is_empty() {
        return Ok(());
    }
    let (names, hashes): (Vec<&str>, Vec<&str>) = endpoints.iter().copied().unzip();
    sqlx::query(
        "with back as (
             select endpoint from endpoint_health
             where (endpoint, url_hash) in (select * from unnest($1::text[], $2::text[]))
               and (failing_since is not null or disabled_at is not null)
             order by endpoint for update)
         update endpoint_health h set failing_since = null, disabled_at = null, disabled_why = null
         from back where h.endpoint = back.endpoint",
    )
    .bind(names)
    .bind(hashes)
    .execute(tx)
    .await?;
    Ok(())
}

/// What is known of an endpoint.
pub(crate) struct Health {
    pub(crate) endpoint: String,
    pub(crate) url_hash: String,
    pub(crate) failing_since: Option<Timestamp>,
    pub(crate) last_error: String,
    pub(crate) last_error_at: Timestamp,
    pub(crate) disabled: Option<Why>,
}

impl Health {
    /// It is not called at this address.
    pub(crate) fn is_closed(&self, endpoint: &str, url_hash: &str) -> bool {
        self.endpoint == endpoint && self.url_hash == url_hash && self.disabled.is_some()
    }
}

pub(crate) async fn all(pool: &Pool) -> Result<Vec<Health>, PgError> {
    let rows = sqlx::query(
        "select endpoint, url_hash, failing_since, last_error, last_error_at, disabled_why from endpoint_health",
    )
    .fetch_all(pool)
    .await?;
    let read = |row: sqlx::postgres::PgRow| {
        Ok(Health {
            endpoint: row.try_get("endpoint")?,
            url_hash: row.try_get("url_hash")?,
            failing_since: row.try_get::<Option<At>, _>("failing_since")?.map(At::to_jiff),
            last_error: row.try_get("last_error")?,
            last_error_at: row.try_get::<At, _>("last_error_at")?.to_jiff(),
            disabled: Why::read(row.try_get("disabled_why")?),
        })
    };
    rows.into_iter().map(read).collect()
}

/// Lets a disabled endpoint be called again, whatever address it was disabled at. Says since when it had failed; `None`: it
/// is not disabled.
pub(crate) async fn enable(tx: &mut PgConnection, endpoint: &str) -> Result<Option<Timestamp>, PgError> {
    let since: Option<At> = sqlx::query_scalar(
        "with was as (
             select endpoint, least(failing_since, disabled_at) as since from endpoint_health
             where endpoint = $1 and disabled_at is not null for update)
         update endpoint_health h set failing_since = null, disabled_at = null, disabled_why = null
         from was where h.endpoint = was.endpoint returning was.since",
    )
    .bind(endpoint)
    .fetch_optional(tx)
    .await?;
    Ok(since.map(At::to_jiff))
}

/// What is on its way to an endpoint, and what was given up: (its name, jobs, dead letters).
pub(crate) async fn queued(pool: &Pool) -> Result<Vec<(String, i64, i64)>, PgError> {
    Ok(sqlx::query_as(
        "select d.endpoint, count(*) filter (where it.waits), count(*) filter (where not it.waits)
         from (select key, true as waits from job where queue = 'crm.deliver'
               union all
               select key, false from dead_letter where kind = 'job' and source = 'crm.deliver') it
         join delivery d on d.id = it.key
         group by d.endpoint",
    )
    .fetch_all(pool)
    .await?)
}
