use classify::Failure;
use events::{Key, Trail, header};
use ids::{EventId, Pii, Timestamp, TraceParent};
use pg::{PgConnection, PgError, Pool};
use serde_json::{Value, json};
use sqlx::Row;

use crate::Delivery;

/// What could not be handled, as a person looks at it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct DeadLetter {
    pub id: i64,
    /// "event" or "job".
    pub kind: String,
    /// The consumer or queue that gave up.
    pub source: String,
    pub event_id: Option<String>,
    pub subject: Option<String>,
    pub key: String,
    pub error: String,
    pub attempts: i32,
    pub created_at: Timestamp,
    /// Whether it has been sent back and waits to be taken.
    pub replaying: bool,
    /// The event or job itself. Personal data.
    #[serde(skip)]
    pub payload: Pii<Vec<u8>>,
}

/// Writes a dead letter for an event; whether it was not there before. None is written for an event that was
/// handled after all: its commit may have come through although nobody was told.
pub(crate) async fn bury(
    tx: &mut PgConnection,
    consumer: &str,
    event: &Delivery,
    failure: &Failure,
) -> Result<bool, PgError> {
    let headers = json!({
        header::TRACE: event.trail.trace.to_string(),
        header::CORRELATION: event.trail.correlation.0,
        header::CAUSATION: event.trail.causation.as_ref().map(|id| &id.0),
        header::OCCURRED: event.occurred_at_ms,
    });
    let written = sqlx::query(
        "insert into dead_letter (kind, source, event_id, subject, key, headers, payload, error, attempts)
         select 'event', $1, $2, $3, $4, $5, $6, $7, $8
         where not exists (select from inbox where consumer = $1 and event_id = $2)
         on conflict (source, event_id) where kind = 'event' do nothing",
    )
    .bind(consumer)
    .bind(&event.id.0)
    .bind(&event.subject)
    .bind(event.key.as_str())
    .bind(headers)
    .bind(&event.payload[..])
    .bind(failure.to_string())
    .bind(i32::try_from(event.attempt).unwrap_or(i32::MAX))
    .execute(tx)
    .await?;
    Ok(written.rows_affected() == 1)
}

/// Takes the oldest event that was sent back to `consumer`. It is due again in five minutes, unless it has
/// been removed by then.
pub(crate) async fn take_replay(pool: &Pool, consumer: &str) -> Result<Option<(i64, Delivery)>, PgError> {
    let row = sqlx::query(
        "update dead_letter set replay_at = now() + interval '5 minutes'
         where id = (select id from dead_letter where kind = 'event' and source = $1 and replay_at <= now()
                     order by id limit 1 for update skip locked)
         returning id, event_id, subject, key, headers, payload, attempts",
    )
    .bind(consumer)
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let headers: Value = row.try_get("headers")?;
    let id = EventId(row.try_get("event_id")?);
    let text = |name: &str| headers.get(name).and_then(Value::as_str);
    let event = Delivery {
        subject: row.try_get("subject")?,
        key: Key::of(row.try_get::<&str, _>("key")?),
        trail: Trail {
            trace: text(header::TRACE).and_then(|t| t.parse().ok()).unwrap_or_else(|| TraceParent::new(1, 1)),
            correlation: text(header::CORRELATION).map_or_else(|| id.clone(), |t| EventId(t.to_owned())),
            causation: text(header::CAUSATION).map(|t| EventId(t.to_owned())),
        },
        occurred_at_ms: headers.get(header::OCCURRED).and_then(Value::as_i64).unwrap_or_default(),
        payload: row.try_get::<Vec<u8>, _>("payload")?.into(),
        attempt: u32::try_from(row.try_get::<i32, _>("attempts")?).unwrap_or(1).saturating_add(1),
        id,
        sequence: 0,
    };
    Ok(Some((row.try_get("id")?, event)))
}

pub(crate) async fn remove(tx: &mut PgConnection, id: i64) -> Result<(), PgError> {
    sqlx::query("delete from dead_letter where id = $1").bind(id).execute(tx).await?;
    Ok(())
}

pub(crate) async fn failed_again(pool: &Pool, id: i64, failure: &Failure) -> Result<(), PgError> {
    sqlx::query("update dead_letter set replay_at = null, attempts = attempts + 1, error = $2 where id = $1")
        .bind(id)
        .bind(failure.to_string())
        .execute(pool)
        .await?;
    Ok(())
}

/// The dead letters of a service's schema, newest first.
pub async fn list(connection: &mut PgConnection, most: i64) -> Result<Vec<DeadLetter>, PgError> {
    let rows = sqlx::query(
        "select id, kind, source, event_id, subject, key, error, attempts, payload, replay_at is not null as replaying,
                (extract(epoch from created_at) * 1000000)::bigint as created
         from dead_letter order by id desc limit $1",
    )
    .bind(most)
    .fetch_all(connection)
    .await?;
    let mut letters = Vec::with_capacity(rows.len());
    for row in rows {
        letters.push(DeadLetter {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            source: row.try_get("source")?,
            event_id: row.try_get("event_id")?,
            subject: row.try_get("subject")?,
            key: row.try_get("key")?,
            error: row.try_get("error")?,
            attempts: row.try_get("attempts")?,
            created_at: Timestamp::from_microsecond(row.try_get("created")?).unwrap_or(Timestamp::UNIX_EPOCH),
            replaying: row.try_get("replaying")?,
            payload: Pii::new(row.try_get("payload")?),
        });
    }
    Ok(letters)
}

/// How many dead letters a schema has, of at most a thousand: whether there are any is what matters.
pub async fn count(connection: &mut PgConnection) -> Result<i64, PgError> {
    Ok(sqlx::query_scalar("select count(*) from (select from dead_letter limit 1000) letters")
        .fetch_one(connection)
        .await?)
}

/// The numbers of dead letters, the oldest first, that nobody has sent back yet: those of one consumer or queue, or all.
pub async fn unanswered(
    connection: &mut PgConnection,
    source: Option<&str>,
    most: i64,
) -> Result<Vec<i64>, PgError> {
    let found = sqlx::query_scalar(
        "select id from dead_letter where replay_at is null and ($1::text is null or source = $1)
         order by id limit $2",
    );
    Ok(found.bind(source).bind(most).fetch_all(connection).await?)
}

/// Sends an event back to the consumer that gave it up; false where there is no such event.
pub async fn replay(connection: &mut PgConnection, id: i64) -> Result<bool, PgError> {
    let done = sqlx::query("update dead_letter set replay_at = now() where id = $1 and kind = 'event'")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes a dead letter for good; false where there is none.
pub async fn discard(connection: &mut PgConnection, id: i64) -> Result<bool, PgError> {
    let done = sqlx::query("delete from dead_letter where id = $1").bind(id).execute(connection).await?;
    Ok(done.rows_affected() == 1)
}
