//! What is wrong now, read from the deliveries, their attempts and the dead letters.

use ids::Timestamp;
use jiff_sqlx::Timestamp as At;
use pg::{PgConnection, PgError};

use super::trouble::Wrong;
use crate::config::AlertEvent;

/// Where leads stand that no endpoint and no account wants.
pub(crate) const NOBODYS: &str = "leads";
/// So many calls have failed in a row before an endpoint keeps failing.
const SEVERAL: i64 = 3;

/// (target, how many, since when, why the last one was given up)
type Row = (String, i64, At, String);

/// What waits for a person, by account and endpoint. What is being driven again still counts where it is in `open`, until
/// it has arrived or is given up anew.
pub(crate) async fn given_up(tx: &mut PgConnection, open: &[String]) -> Result<Vec<Wrong>, PgError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select d.endpoint, count(*), min(l.created_at), (array_agg(l.error order by l.id desc))[1]
         from dead_letter l join delivery d on d.id = convert_from(l.payload, 'UTF8')::jsonb->>'delivery_id'
         where l.kind = 'job' and l.source in ('crm.deliver', 'crm.deal')
         group by d.endpoint
         union all
         select split_part(key, ' ', 1), count(*), min(created_at), (array_agg(error order by id desc))[1]
         from dead_letter where kind = 'job' and source = 'crm.read' group by 1
         union all
         select $1, count(*), min(created_at), (array_agg(error order by id desc))[1] from dead_letter
         where kind = 'event' and source in ('crm-leads', 'crm-handoffs', 'crm-later') and replay_at is null
         having count(*) > 0",
    )
    .bind(NOBODYS)
    .fetch_all(&mut *tx)
    .await?;
    let mut wrong: Vec<Wrong> = rows.into_iter().map(|row| of(AlertEvent::DeadLetter, row)).collect();
    let rest: Vec<&str> = open
        .iter()
        .map(String::as_str)
        .filter(|target| wrong.iter().all(|wrong| wrong.target != *target))
        .collect();
    if !rest.is_empty() {
        wrong.extend(driven(tx, &rest).await?);
    }
    Ok(wrong)
}

/// What was given up once and is on its way again.
async fn driven(tx: &mut PgConnection, targets: &[&str]) -> Result<Vec<Wrong>, PgError> {
    let rows: Vec<Row> = sqlx::query_as(
        "select d.endpoint, count(*), min(d.ended_at), ''
         from job j join delivery d on d.id = convert_from(j.payload, 'UTF8')::jsonb->>'delivery_id'
         where j.queue in ('crm.deliver', 'crm.deal') and d.state = 'failed' and d.ended_at is not null
           and d.endpoint = any($1)
         group by d.endpoint",
    )
    .bind(targets)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| of(AlertEvent::DeadLetter, row)).collect())
}

/// Which of these accounts and endpoints do not take what waits for them: (what, since when, how many wait, how the last
/// call ended). What was delivered, and a call that was done, are the end of everything before.
pub(crate) async fn not_taken(tx: &mut PgConnection, names: &[String]) -> Result<Vec<Wrong>, PgError> {
    let rows: Vec<(String, i64, At, String, i64)> = sqlx::query_as(
        "with last as (
             select n.name, coalesce((
                 select d.ended_at from delivery d where d.endpoint = n.name and d.state = 'delivered'
                 order by d.ended_at desc limit 1), '-infinity') as delivered
             from unnest($1::text[]) n (name)
         ), called as (
             select d.endpoint, d.id, a.started_at, a.outcome, a.status
             from delivery d join last l on l.name = d.endpoint
                  join attempt a on a.delivery_id = d.id and a.started_at > l.delivered
             where d.state = 'waiting' and a.outcome is not null
         ), done as (
             select endpoint, max(started_at) as at from called where outcome in ('done', 'rejected') group by endpoint
         ), failed as (
             select c.* from called c left join done o on o.endpoint = c.endpoint
             where c.started_at > coalesce(o.at, '-infinity')
               and c.outcome in ('refused', 'unknown', 'not_sent', 'failed', 'blocked', 'denied')
         )
         select endpoint, count(distinct id), min(started_at),
                (array_agg(case when outcome in ('refused', 'failed') then coalesce(status::text, outcome) else outcome end
                           order by started_at desc))[1], count(*)
         from failed group by endpoint",
    )
    .bind(names)
    .fetch_all(tx)
    .await?;
    let wrong = |(target, waiting, since, last, calls): (String, i64, At, String, i64)| {
        let what = match last.as_str() {
            "blocked" => AlertEvent::ShutOut,
            "denied" => AlertEvent::TokenRefused,
            _ if calls >= SEVERAL => AlertEvent::Failing,
            _ => return None,
        };
        Some(of(what, (target, waiting, since, last)))
    };
    Ok(rows.into_iter().filter_map(wrong).collect())
}

/// What the newest comparisons of these accounts found, in the detail by its kinds.
pub(crate) async fn missing(tx: &mut PgConnection, names: &[String]) -> Result<Vec<Wrong>, PgError> {
    let rows: Vec<Row> = sqlx::query_as(
        "with newest as (
             select distinct on (account) id, account, began_at from comparison
             where outcome = 'done' and account = any($1) order by account, id desc
         )
         select n.account, count(*), min(n.began_at), concat_ws('/',
             count(*) filter (where kind = 'gone'), count(*) filter (where kind = 'unknown'),
             count(*) filter (where kind = 'twice'), count(*) filter (where kind = 'stuck'))
         from newest n join difference d on d.comparison_id = n.id group by n.account",
    )
    .bind(names)
    .fetch_all(tx)
    .await?;
    Ok(rows.into_iter().map(|row| of(AlertEvent::Missing, row)).collect())
}

fn of(what: AlertEvent, (target, count, since, detail): Row) -> Wrong {
    let since: Timestamp = since.to_jiff();
    Wrong { what, target, count, since, detail: super::trouble::line(&detail) }
}
