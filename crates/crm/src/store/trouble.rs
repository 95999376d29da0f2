//! Troubles: opened when they are first seen, over when they are not seen any more, and told to each receiver once.

use ids::Timestamp;
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError};
use serde::{Deserialize, Serialize};
use sqlx::Row;

use crate::config::AlertEvent;

/// Characters of a reason that are kept.
const LONGEST: usize = 300;

/// Something that is wrong, as it is seen now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wrong {
    pub(crate) what: AlertEvent,
    /// The account or the endpoint.
    pub(crate) target: String,
    /// How many are concerned.
    pub(crate) count: i64,
    pub(crate) since: Timestamp,
    /// A reason for people, in one line; nothing of a person.
    pub(crate) detail: String,
}

/// What a receiver is to be told now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct News {
    /// Of this time of the trouble: one that comes back has another.
    pub(crate) trouble: i64,
    pub(crate) wrong: Wrong,
    pub(crate) over: bool,
    /// The receiver.
    pub(crate) alert: String,
}

/// How what was seen differs from what was known.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// New, and those of which there are more.
    pub(crate) grown: Vec<Wrong>,
    pub(crate) over: Vec<(AlertEvent, String)>,
}

/// A reason in one line, cut.
pub(crate) fn line(reason: &str) -> String {
    let words: Vec<&str> = reason.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= LONGEST {
        line
    } else {
        line.chars().take(LONGEST - 1).chain(['…']).collect()
    }
}

/// Targets with an open trouble of this kind. Keeps other looks away until the end of the transaction.
pub(crate) async fn open(tx: &mut PgConnection, what: AlertEvent) -> Result<Vec<String>, PgError> {
    sqlx::query("select pg_advisory_xact_lock(hashtext('look for trouble'))").execute(&mut *tx).await?;
    Ok(sqlx::query_scalar("select target from trouble where over_at is null and what = $1")
        .bind(what.as_str())
        .fetch_all(tx)
        .await?)
}

/// Keeps what is wrong now: what is new begins, what is not among it any more is over.
pub(crate) async fn keep(tx: &mut PgConnection, wrong: &[Wrong]) -> Result<Changes, PgError> {
    let known: Vec<(String, String, i64)> =
        sqlx::query_as("select what, target, count from trouble where over_at is null")
            .fetch_all(&mut *tx)
            .await?;
    let before = |one: &Wrong| {
        known.iter().find(|(what, target, _)| what == one.what.as_str() && *target == one.target)
    };
    let grown: Vec<Wrong> = wrong
        .iter()
        .filter(|one| before(one).is_none_or(|(.., count)| *count < one.count))
        .cloned()
        .collect();
    let what: Vec<&str> = wrong.iter().map(|one| one.what.as_str()).collect();
    let target: Vec<&str> = wrong.iter().map(|one| one.target.as_str()).collect();
    let over: Vec<(String, String)> = sqlx::query_as(
        "update trouble t set over_at = now()
         where over_at is null and not exists (
             select from unnest($1::text[], $2::text[]) w (what, target) where w.target = t.target and (w.what = t.what
                 -- All of it was given up, and nothing shows that it works again.
                 or (t.what = 'failing' and w.what = 'dead_letter' and not exists (
                     select from delivery d
                     where d.endpoint = t.target and d.state = 'delivered' and d.ended_at > t.opened_at))))
         returning what, target",
    )
    .bind(&what)
    .bind(&target)
    .fetch_all(&mut *tx)
    .await?;
    sqlx::query(
        "insert into trouble as t (what, target, count, since, detail)
         select * from unnest($1::text[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[])
         on conflict (what, target) where over_at is null do update set count = excluded.count,
             since = least(t.since, excluded.since),
             detail = case when excluded.detail = '' then t.detail else excluded.detail end",
    )
    .bind(what)
    .bind(target)
    .bind(wrong.iter().map(|one| one.count).collect::<Vec<_>>())
    .bind(wrong.iter().map(|one| At::from(one.since)).collect::<Vec<_>>())
    .bind(wrong.iter().map(|one| one.detail.as_str()).collect::<Vec<_>>())
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from trouble where over_at < now() - interval '30 days'").execute(tx).await?;
    let over = over.into_iter().filter_map(|(what, target)| Some((AlertEvent::named(&what)?, target)));
    Ok(Changes { grown, over: over.collect() })
}

/// What these receivers are to be told now, in the order of the troubles, and notes that they are: `wants` are pairs of a
/// receiver and what it wants to hear of. A trouble is told when it has lasted for `gather` seconds, once more where it has
/// grown and `again` seconds have gone by (each warning of a token at once), and when it is over.
pub(crate) async fn to_tell(
    tx: &mut PgConnection,
    wants: &[(&str, AlertEvent)],
    gather: f64,
    again: f64,
) -> Result<Vec<News>, PgError> {
    let rows = sqlx::query(
        "with due as (
             select t.*, w.alert, t.over_at is not null as over
             from trouble t
                  join unnest($1::text[], $2::text[]) w (alert, wanted) on w.wanted = t.what
                  left join alert_told a on a.trouble_id = t.id and a.alert = w.alert
             where case when t.over_at is not null then a.alert is not null and not a.over
                        else t.opened_at <= now() - make_interval(secs => $3) and (a.alert is null
                             or (t.count > a.count
                                 and (t.what = 'token_ends' or a.told_at <= now() - make_interval(secs => $4))))
                   end
         ), noted as (
             insert into alert_told (trouble_id, alert, count, over) select id, alert, count, over from due
             on conflict (trouble_id, alert) do update set count = excluded.count, over = excluded.over, told_at = now()
         )
         select id, what, target, count, since, detail, alert, over from due order by id, alert",
    )
    .bind(wants.iter().map(|(alert, _)| *alert).collect::<Vec<_>>())
    .bind(wants.iter().map(|(_, what)| what.as_str()).collect::<Vec<_>>())
    .bind(gather)
    .bind(again)
    .fetch_all(tx)
    .await?;
    let mut news = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(what) = AlertEvent::named(row.try_get("what")?) else { continue };
        let wrong = Wrong {
            what,
            target: row.try_get("target")?,
            count: row.try_get("count")?,
            since: row.try_get::<At, _>("since")?.to_jiff(),
            detail: row.try_get("detail")?,
        };
        let (trouble, over) = (row.try_get("id")?, row.try_get("over")?);
        news.push(News { trouble, wrong, over, alert: row.try_get("alert")? });
    }
    Ok(news)
}
