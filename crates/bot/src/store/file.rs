//! Files that people send, from their arrival to their erasure. Whoever writes here holds the conversation's lock.

use ids::{ConversationId, LeadId, Pii, Timestamp, Uuid};
use pg::{PgConnection, PgError};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};

use super::conversation::ChatKey;
use crate::domain::{FileFate, FileLimits, SentFile};
use crate::files::name_or_usual;

/// A file that has just come.
pub(crate) struct NewFile {
    pub(crate) id: Uuid,
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: ConversationId,
    /// The forum topic it came in.
    pub(crate) topic: Option<i64>,
    pub(crate) file: SentFile,
    pub(crate) limits: FileLimits,
    pub(crate) received_at_ms: i64,
    pub(crate) expires_at_ms: i64,
}

/// A file that is to be looked through.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) id: Uuid,
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: ConversationId,
    pub(crate) file_id: Pii<String>,
    pub(crate) kind: String,
    pub(crate) name: Pii<String>,
    /// Bytes.
    pub(crate) size: Option<u64>,
    pub(crate) limits: FileLimits,
    /// It is to be looked through: it has come, or an operator has it tried again after it failed.
    pub(crate) is_open: bool,
    /// Its content has its place in the storage.
    pub(crate) is_kept: bool,
    /// Where its content is kept. The same for the same file, so that what is written twice is there once.
    pub(crate) place: String,
}

/// The place of a new file. Of any other the row says it, for its conversation may have got another id since.
fn place(bot: &str, conversation_id: ConversationId, id: Uuid) -> String {
    format!("{bot}/{conversation_id}/{id}")
}

/// Where the content of a row is. A program that does not know the column is where rows began.
macro_rules! content_key {
    () => {
        "coalesce(content_key, bot || '/' || conversation_id || '/' || id)"
    };
}
pub(super) use content_key;

impl FromRow<'_, PgRow> for File {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let state: &str = row.try_get("state")?;
        let number = |value: i64| u64::try_from(value).unwrap_or(0);
        Ok(Self {
            id: row.try_get("id")?,
            key: ChatKey { bot: row.try_get("bot")?, chat_id: row.try_get("chat_id")? },
            conversation_id: ConversationId(row.try_get("conversation_id")?),
            file_id: Pii::new(row.try_get("file_id")?),
            kind: row.try_get("kind")?,
            name: Pii::new(row.try_get("name")?),
            size: row.try_get::<Option<i64>, _>("size_bytes")?.map(number),
            limits: FileLimits {
                bytes: number(row.try_get("limit_bytes")?),
                per_day: row.try_get::<i32, _>("limit_per_day")?.unsigned_abs(),
            },
            is_open: ["received", "failed"].contains(&state),
            is_kept: state == "clean",
            place: row.try_get("found_at")?,
        })
    }
}

/// How the look at a file ended.
pub(crate) struct Outcome {
    pub(crate) fate: FileFate,
    /// Of an infected one what was found.
    pub(crate) found: String,
    /// Safe to use where it is kept.
    pub(crate) name: Pii<String>,
    /// Empty where it is not kept.
    pub(crate) media_type: &'static str,
    pub(crate) size: Option<u64>,
}

/// Writes a file that came; one that came before stays as it was, and is told of anew. Returns its id, and whether it
/// is to be looked through.
pub(crate) async fn receive(tx: &mut PgConnection, new: &NewFile) -> Result<(Uuid, bool), PgError> {
    let size = new.file.size.map(signed);
    let row: (Uuid, String) = sqlx::query_as(
        "insert into file as f (id, bot, chat_id, conversation_id, unique_id, file_id, kind, name, caption, size_bytes,
                                limit_bytes, limit_per_day, received_at, expires_at, topic, content_key)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
         on conflict (conversation_id, unique_id) do update set
             file_id = excluded.file_id, told_at = null, late_told_at = null, late = false,
             received_at = excluded.received_at, expires_at = excluded.expires_at,
             limit_bytes = excluded.limit_bytes, limit_per_day = excluded.limit_per_day,
             name = case when f.state = 'clean' then f.name else excluded.name end,
             caption = excluded.caption, topic = excluded.topic, lead_id = null,
             why = case when f.state in ('clean', 'infected') then f.why else '' end,
             state = case when f.state in ('clean', 'infected') then f.state else 'received' end
         returning id, state",
    )
    .bind(new.id)
    .bind(&new.key.bot)
    .bind(new.key.chat_id)
    .bind(new.conversation_id.0)
    .bind(new.file.unique_id.expose())
    .bind(new.file.file_id.expose())
    .bind(&new.file.kind)
    .bind(new.file.name.expose())
    .bind(new.file.caption.expose())
    .bind(size)
    .bind(signed(new.limits.bytes))
    .bind(new.limits.per_day.cast_signed())
    .bind(at(new.received_at_ms))
    .bind(at(new.expires_at_ms))
    .bind(new.topic)
    .bind(place(&new.key.bot, new.conversation_id, new.id))
    .fetch_one(tx)
    .await?;
    Ok((row.0, row.1 == "received"))
}

pub(crate) async fn load(tx: &mut PgConnection, id: Uuid) -> Result<Option<File>, PgError> {
    let sql = concat!("select *, ", content_key!(), " as found_at from file where id = $1");
    Ok(sqlx::query_as(sql).bind(id).fetch_optional(tx).await?)
}

/// How many files of this file's conversation came in the 24 hours before it and with it.
pub(crate) async fn in_a_day(tx: &mut PgConnection, file: &File) -> Result<i64, PgError> {
    Ok(sqlx::query_scalar(
        "select count(*) from file f join file this on this.id = $1
         where f.conversation_id = this.conversation_id and f.why <> 'too_many'
           and f.received_at > this.received_at - interval '24 hours'
           and (f.received_at, f.id) <= (this.received_at, this.id)",
    )
    .bind(file.id)
    .fetch_one(tx)
    .await?)
}

/// Writes how it ended; returns `false` where that was known already.
pub(crate) async fn end(tx: &mut PgConnection, id: Uuid, outcome: &Outcome) -> Result<bool, PgError> {
    let (state, why) = match outcome.fate {
        FileFate::Kept => ("clean", ""),
        FileFate::Infected => ("infected", outcome.found.as_str()),
        FileFate::TooLarge => ("refused", "too_large"),
        FileFate::WrongType => ("refused", "wrong_type"),
        FileFate::TooMany => ("refused", "too_many"),
        FileFate::Failed | FileFate::Late => ("failed", ""),
    };
    let done = sqlx::query(
        "update file set told_at = null, state = $2, why = $3, name = $4, media_type = $5, size_bytes = coalesce($6, size_bytes)
         where id = $1 and state in ('received', 'failed')",
    )
    .bind(id)
    .bind(state)
    .bind(why)
    .bind(outcome.name.expose())
    .bind(outcome.media_type)
    .bind(outcome.size.map(signed))
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Notes that it takes long; returns `false` where that was noted before.
pub(crate) async fn is_late(tx: &mut PgConnection, id: Uuid) -> Result<bool, PgError> {
    let done = sqlx::query("update file set late = true where id = $1 and state = 'received' and not late")
        .bind(id)
        .execute(tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// A file that goes with a lead.
#[derive(FromRow)]
pub(crate) struct OfLead {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size_bytes: Option<i64>,
}

/// Gives the lead every file that no earlier one has taken, oldest first. Those that are looked through are told with it.
pub(crate) async fn give_to_lead(
    tx: &mut PgConnection,
    conversation_id: ConversationId,
    lead_id: LeadId,
) -> Result<Vec<OfLead>, PgError> {
    Ok(sqlx::query_as(
        "with given as (
             update file set lead_id = $2, told_lead = case when state = 'clean' then $2 else told_lead end
             where conversation_id = $1 and lead_id is null and state in ('received', 'clean')
             returning id, name, media_type, size_bytes, place)
         select id, name, media_type, size_bytes from given order by place",
    )
    .bind(conversation_id.0)
    .bind(lead_id.0)
    .fetch_all(tx)
    .await?)
}

/// A file that can be handed out.
#[derive(FromRow)]
pub(crate) struct Kept {
    /// Where its content is.
    pub(crate) place: String,
    pub(crate) name: String,
    pub(crate) media_type: String,
}

/// A file that is clean and whose time is not over; `None` for every other.
pub(crate) async fn kept(tx: &mut PgConnection, id: Uuid, now_ms: i64) -> Result<Option<Kept>, PgError> {
    let kept: Option<Kept> = sqlx::query_as(concat!(
        "select ",
        content_key!(),
        " as place, name, media_type from file where id = $1 and state = 'clean' and expires_at > $2",
    ))
    .bind(id)
    .bind(at(now_ms))
    .fetch_optional(tx)
    .await?;
    Ok(kept.map(|kept| Kept { name: name_or_usual(kept.name, &kept.media_type), ..kept }))
}

/// A file whose time is over.
#[derive(Debug, FromRow)]
pub(crate) struct Over {
    pub(crate) id: Uuid,
    pub(crate) bot: String,
    /// Where its content is.
    pub(crate) place: String,
}

/// Files whose time is over, but for the first `skip`; of this conversation or of all.
pub(crate) async fn expired(
    tx: &mut PgConnection,
    of: Option<Uuid>,
    now_ms: i64,
    skip: i64,
    most: i64,
) -> Result<Vec<Over>, PgError> {
    Ok(sqlx::query_as(concat!(
        "select id, bot, ",
        content_key!(),
        " as place from file
         where expires_at <= $1 and state <> 'received' and ($4::uuid is null or conversation_id = $4)
         order by expires_at, id limit $2 offset $3",
    ))
    .bind(at(now_ms))
    .bind(most)
    .bind(skip)
    .bind(of)
    .fetch_all(tx)
    .await?)
}

/// How many files of an erased conversation wait for the storage to delete their content.
pub(crate) async fn of_erased(tx: &mut PgConnection, conversation_id: Uuid) -> Result<i64, PgError> {
    let sql = "select count(*) from file where conversation_id = $1 and expires_at = 'epoch'";
    Ok(sqlx::query_scalar(sql).bind(conversation_id).fetch_one(tx).await?)
}

/// Forgets the file; the caller deletes the content before they commit, and nobody can send it again until then. One
/// that was sent again before stays; whether it did not. Whoever still has its id is told that its time is over, as of
/// a file that was never kept: that needs no row.
pub(crate) async fn erase(tx: &mut PgConnection, id: Uuid, now_ms: i64) -> Result<bool, PgError> {
    let done = sqlx::query("delete from file where id = $1 and expires_at <= $2 and state <> 'received'")
        .bind(id)
        .bind(at(now_ms))
        .execute(tx)
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) fn at(ms: i64) -> jiff_sqlx::Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH).into()
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(crate) mod tests;
