use jiff_sqlx::Timestamp;
use pg::{PgError, Pool};
use rpc::analytics::{Deliveries, Latency, Leads, ModelUse, ReportResponse};
use sqlx::{FromRow, Row};

/// Which facts: `from` is in the period, `to` is not; an empty bot means all.
#[derive(Clone)]
pub(crate) struct Period {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) bot: String,
}

#[derive(FromRow)]
struct Counts {
    updates: i64,
    conversations: i64,
    converted: i64,
    handoffs: i64,
    hot: i64,
    warm: i64,
    cold: i64,
    delivered: i64,
    failed: i64,
}

/// The numbers of a period, in four reads.
pub(crate) async fn of(pool: &Pool, period: &Period) -> Result<ReportResponse, PgError> {
    let counts = counts(pool, period).await?;
    let (latency, active) = latency(pool, period).await?;
    Ok(ReportResponse {
        updates: counts.updates,
        conversations: counts.conversations,
        leads: Some(Leads {
            total: counts.hot + counts.warm + counts.cold,
            hot: counts.hot,
            warm: counts.warm,
            cold: counts.cold,
        }),
        conversion: share(counts.converted, counts.conversations),
        handoffs: counts.handoffs,
        handoff_rate: share(counts.handoffs, active),
        latency: Some(latency),
        model: Some(model(pool, period).await?),
        deliveries: Some(Deliveries { delivered: counts.delivered, failed: counts.failed }),
        deals: Some(super::deal::of(pool, period).await?),
    })
}

/// Updates are counted by whole minutes: those in which the period begins and ends are counted in full.
async fn counts(pool: &Pool, period: &Period) -> Result<Counts, PgError> {
    Ok(sqlx::query_as(
        "select u.updates, c.conversations, c.converted, h.handoffs, l.hot, l.warm, l.cold, d.delivered, d.failed
         from (select coalesce(sum(n), 0)::bigint as updates from update_count
               where minute >= date_trunc('minute', $1::timestamptz) and minute < $2
                 and ($3 = '' or bot = $3)) u,
              (select count(*) as conversations,
                      count(*) filter (where exists (
                          select from lead where lead.conversation_id = begun.conversation_id)) as converted
               from conversation_started begun where at >= $1 and at < $2 and ($3 = '' or bot = $3)) c,
              (select count(distinct conversation_id) as handoffs
               from handoff where at >= $1 and at < $2 and ($3 = '' or bot = $3)) h,
              (select count(*) filter (where temperature = 'hot') as hot,
                      count(*) filter (where temperature = 'warm') as warm,
                      count(*) filter (where temperature = 'cold') as cold
               from lead where at >= $1 and at < $2 and ($3 = '' or bot = $3)) l,
              (select count(*) filter (where outcome = 'delivered') as delivered,
                      count(*) filter (where outcome = 'failed') as failed
               from delivery
               where at >= $1 and at < $2 and ($3 = '' or exists (
                   select from lead where lead.lead_id = delivery.lead_id and lead.bot = $3))) d",
    )
    .bind(period.from)
    .bind(period.to)
    .bind(&period.bot)
    .fetch_one(pool)
    .await?)
}

/// How long answers took, and how many conversations were active: something was said, or a human asked for.
async fn latency(pool: &Pool, period: &Period) -> Result<(Latency, i64), PgError> {
    let row = sqlx::query(
        "with answered as (
             select conversation_id, extract(epoch from sent_at - received_at)::float8 * 1000 as took
             from send where sent_at >= $1 and sent_at < $2 and ($3 = '' or bot = $3) and outcome = 'sent'
         )
         select count(took) as answers,
                coalesce(round((percentile_cont(0.5) within group (order by took))::numeric, 1), 0)::float8 as p50,
                coalesce(round((percentile_cont(0.95) within group (order by took))::numeric, 1), 0)::float8 as p95,
                (select count(*) from (
                     select conversation_id from answered
                     union select conversation_id from handoff
                     where at >= $1 and at < $2 and ($3 = '' or bot = $3)) one) as active
         from answered",
    )
    .bind(period.from)
    .bind(period.to)
    .bind(&period.bot)
    .fetch_one(pool)
    .await?;
    let latency = Latency {
        answers: row.try_get("answers")?,
        p50_ms: row.try_get("p50")?,
        p95_ms: row.try_get("p95")?,
    };
    Ok((latency, row.try_get("active")?))
}

async fn model(pool: &Pool, period: &Period) -> Result<ModelUse, PgError> {
    let row = sqlx::query(
        "select (select count(*) from model_request where at >= $1 and at < $2 and ($3 = '' or bot = $3)) as requests,
                count(*) filter (where outcome = 'answered') as answered,
                count(*) filter (where outcome = 'unknown') as unknown,
                count(*) filter (where outcome = 'failed') as failed,
                coalesce(sum(prompt_tokens), 0)::bigint as prompt_tokens,
                coalesce(sum(completion_tokens), 0)::bigint as completion_tokens,
                coalesce(sum(cost_micros), 0)::bigint as cost_micros
         from model_answer where at >= $1 and at < $2 and ($3 = '' or bot = $3)",
    )
    .bind(period.from)
    .bind(period.to)
    .bind(&period.bot)
    .fetch_one(pool)
    .await?;
    Ok(ModelUse {
        requests: row.try_get("requests")?,
        answered: row.try_get("answered")?,
        unknown: row.try_get("unknown")?,
        failed: row.try_get("failed")?,
        prompt_tokens: row.try_get("prompt_tokens")?,
        completion_tokens: row.try_get("completion_tokens")?,
        cost_micros: row.try_get("cost_micros")?,
    })
}

fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
