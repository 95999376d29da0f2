use ids::{ConversationId, Timestamp, Uuid};
use pg::{PgConnection, PgError};
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::conversation::ChatKey;
use crate::domain::Limited;
use crate::limits::{LimitStep, LimitedPerson};

/// A step about a person of this chat.
pub(crate) struct Kept {
    pub(crate) chat: ChatKey,
    pub(crate) conversation_id: ConversationId,
    pub(crate) limited: Limited,
}

/// Records them in their order.
pub(crate) async fn insert(tx: &mut PgConnection, steps: &[Kept], at_ms: i64) -> Result<(), PgError> {
    if steps.is_empty() {
        return Ok(());
    }
    let moment = |ms: i64| -> jiff_sqlx::Timestamp {
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH).into()
    };
    sqlx::query(
        "insert into limit_step (bot, chat_id, person, conversation_id, at, change, why, until_at)
         select bot, chat_id, person, conversation_id, $1, change, why, until_at
         from unnest($2::text[], $3::bigint[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::timestamptz[])
              as new (bot, chat_id, person, conversation_id, change, why, until_at)",
    )
    .bind(moment(at_ms))
    .bind(steps.iter().map(|step| step.chat.bot.as_str()).collect::<Vec<_>>())
    .bind(steps.iter().map(|step| step.chat.chat_id).collect::<Vec<_>>())
    .bind(steps.iter().map(|step| step.limited.person).collect::<Vec<_>>())
    .bind(steps.iter().map(|step| step.conversation_id.0).collect::<Vec<Uuid>>())
    .bind(steps.iter().map(|step| step.limited.change.as_str()).collect::<Vec<_>>())
    .bind(steps.iter().map(|step| step.limited.why.as_str()).collect::<Vec<_>>())
    .bind(steps.iter().map(|step| step.limited.until_ms.map(moment)).collect::<Vec<_>>())
    .execute(tx)
    .await?;
    Ok(())
}

/// Who is limited at `now_ms`, the newest first.
pub(crate) async fn limited(
    connection: &mut PgConnection,
    bot: Option<&str>,
    now_ms: i64,
    most: i64,
) -> Result<Vec<LimitedPerson>, PgError> {
    let now: jiff_sqlx::Timestamp =
        Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH).into();
    let rows = sqlx::query(
        "with newest as (
             select distinct on (bot, chat_id, person) *
             from limit_step where change <> 'appealed' and ($1::text is null or bot = $1)
             order by bot, chat_id, person, id desc)
         select n.*, exists (select from limit_step a
                             where a.bot = n.bot and a.chat_id = n.chat_id and a.person = n.person
                               and a.id > n.id) as appealed
         from newest n where n.change = 'banned' or n.until_at > $2
         order by n.id desc limit $3",
    )
    .bind(bot)
    .bind(now)
    .bind(most)
    .fetch_all(connection)
    .await?;
    rows.iter().map(person).collect()
}

/// All that was done about one person, oldest first, with the words of their appeals.
pub(crate) async fn steps(
    connection: &mut PgConnection,
    chat: &ChatKey,
    person: i64,
) -> Result<Vec<LimitStep>, PgError> {
    let rows = sqlx::query(
        "select s.at, s.change, s.why, s.until_at, m.text as words
         from limit_step s
         left join lateral (select text from message
                            where conversation_id = s.conversation_id and from_person and at = s.at
                              and ignored_why is null order by id desc limit 1) m on s.change = 'appealed'
         where s.bot = $1 and s.chat_id = $2 and s.person = $3 order by s.id",
    )
    .bind(&chat.bot)
    .bind(chat.chat_id)
    .bind(person)
    .fetch_all(connection)
    .await?;
    rows.iter().map(step).collect()
}

fn person(row: &PgRow) -> Result<LimitedPerson, PgError> {
    Ok(LimitedPerson {
        bot: row.try_get("bot")?,
        chat_id: row.try_get("chat_id")?,
        person: row.try_get("person")?,
        change: row.try_get("change")?,
        why: row.try_get("why")?,
        at: moment(row, "at")?.unwrap_or(Timestamp::UNIX_EPOCH),
        until: moment(row, "until_at")?,
        appealed: row.try_get("appealed")?,
    })
}

fn step(row: &PgRow) -> Result<LimitStep, PgError> {
    Ok(LimitStep {
        at: moment(row, "at")?.unwrap_or(Timestamp::UNIX_EPOCH),
        change: row.try_get("change")?,
        why: row.try_get("why")?,
        until: moment(row, "until_at")?,
        words: row.try_get("words")?,
    })
}

fn moment(row: &PgRow, column: &str) -> Result<Option<Timestamp>, PgError> {
    let at: Option<jiff_sqlx::Timestamp> = row.try_get(column)?;
    Ok(at.map(jiff_sqlx::Timestamp::to_jiff))
}
