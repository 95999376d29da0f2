//! Attempts of webhooks that begin.

use ids::{Pii, Timestamp};
use jiff_sqlx::Timestamp as At;
use pg::{PgError, Pool};

use super::health::Why;

/// Who wants to begin.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) delivery_id: String,
    pub(crate) endpoint: String,
    /// Of the address that is to be called.
    pub(crate) url_hash: String,
    /// When its job was written.
    pub(crate) enqueued_at: Timestamp,
}

/// What came of it.
#[derive(Debug)]
pub(crate) enum Begun {
    /// The number of the attempt, and what is to be sent.
    Attempt { n: i32, body: Pii<String> },
    /// The endpoint is disabled.
    Closed(Why),
    /// It was delivered, or its person was erased.
    Nothing,
}

/// Notes the attempts of those that are still to be delivered to an endpoint that may be called, before the calls. In the order
/// of those who asked, each of them once. Who has replayed a delivery since its endpoint was disabled knows better: that job may
/// try. (The job of a new delivery is written with it, at the same moment; one that was replayed is younger.)
pub(crate) async fn all(pool: &Pool, asked: &[&Asked]) -> Result<Vec<Begun>, PgError> {
    let column = |of: fn(&Asked) -> &str| asked.iter().map(|one| of(one)).collect::<Vec<_>>();
    let enqueued: Vec<At> = asked.iter().map(|one| At::from(one.enqueued_at)).collect();
    let rows: Vec<(i64, String, Option<String>, Option<i32>)> = sqlx::query_as(
        "with asked as (
             select * from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
                 with ordinality as a (id, endpoint, url_hash, enqueued_at, nth)
         ), found as (
             select a.nth, d.id, d.body, (
                 select h.disabled_why from endpoint_health h
                 where h.endpoint = a.endpoint and h.url_hash = a.url_hash and h.disabled_at is not null
                   and not (d.created_at < a.enqueued_at and h.disabled_at < a.enqueued_at)) as closed
             from asked a join delivery d on d.id = a.id and d.state <> 'delivered'
         ), begun as (
             insert into attempt (delivery_id, n, step)
             select f.id, coalesce((select max(t.n) from attempt t where t.delivery_id = f.id), 0) + 1, ''
             from found f where f.closed is null
             returning delivery_id, n
         )
         select f.nth, f.body, f.closed, b.n from found f left join begun b on b.delivery_id = f.id",
    )
    .bind(column(|one| &one.delivery_id))
    .bind(column(|one| &one.endpoint))
    .bind(column(|one| &one.url_hash))
    .bind(enqueued)
    .fetch_all(pool)
    .await?;
    let mut begun: Vec<Begun> = asked.iter().map(|_| Begun::Nothing).collect();
    for (nth, body, closed, n) in rows {
        let nth = usize::try_from(nth - 1).unwrap_or(usize::MAX);
        let Some(slot) = begun.get_mut(nth) else { continue };
        *slot = match (Why::read(closed.as_deref()), n) {
            (Some(why), _) => Begun::Closed(why),
            (None, Some(n)) => Begun::Attempt { n, body: Pii::new(body) },
            (None, None) => Begun::Nothing,
        };
    }
    Ok(begun)
}
