use ids::{ConversationId, Pii, Timestamp, Uuid};
use pg::{PgConnection, PgError, Pool};
use sqlx::Row;
use sqlx::postgres::PgRow;

/// One conversation, as it is listed.
#[derive(Clone, Debug)]
pub struct Talk {
    pub id: ConversationId,
    pub bot: String,
    pub chat_id: i64,
    /// "private", "group", "supergroup" or "channel".
    pub chat_kind: String,
    /// An IETF tag; empty until the first message.
    pub language: String,
    pub started_at: Timestamp,
    pub updated_at: Timestamp,
    pub closed_why: Option<String>,
    pub messages: i64,
}

/// One thing said in it.
#[derive(Clone, Debug)]
pub struct Line {
    pub at: Timestamp,
    pub from_person: bool,
    /// What it is ("text", "button", "photo", …), or what answered ("flow", "faq", "model", …).
    pub kind: String,
    /// Empty for what has no words. Of a button, its data.
    pub text: Pii<String>,
    /// What stood on the button that was pressed, or on the buttons below what the bot said, a line each. Empty where that
    /// is not known.
    pub label: Pii<String>,
    /// How a file of the person was called, while it is kept.
    pub file: Option<Pii<String>>,
    /// What the bot took it for.
    pub intent: Option<String>,
    /// How surely, 0 to 1.
    pub confidence: Option<f32>,
    pub ignored_why: Option<String>,
    /// Telegram's number of the message; 0 where unknown, and for what was shown to nobody.
    pub message_id: i64,
}

const TALK: &str =
    "select c.id, c.bot, c.chat_id, c.chat_kind, c.language, c.started_at, c.updated_at, c.closed_why,
    (select count(*) from message m where m.conversation_id = c.id)
    + (select count(*) from message_archive m where m.conversation_id = c.id) from conversation c";

/// The conversations that were spoken in last.
///
/// # Errors
/// What the database refuses.
pub async fn newest(
    pool: &Pool,
    bot: Option<&str>,
    chat_id: Option<i64>,
    most: i64,
) -> Result<Vec<Talk>, PgError> {
    let sql = sqlx::AssertSqlSafe(format!(
        "{TALK} where ($1::text is null or c.bot = $1) and ($2::bigint is null or c.chat_id = $2)
         order by c.updated_at desc limit $3"
    ));
    let rows = sqlx::query(sql).bind(bot).bind(chat_id).bind(most).fetch_all(pool).await?;
    rows.iter().map(talk).collect()
}

/// The conversation of this id.
///
/// # Errors
/// What the database refuses.
pub async fn find(pool: &Pool, id: ConversationId) -> Result<Option<Talk>, PgError> {
    let sql = sqlx::AssertSqlSafe(format!("{TALK} where c.id = $1"));
    let row = sqlx::query(sql).bind(id.0).fetch_optional(pool).await?;
    row.as_ref().map(talk).transpose()
}

/// Everything said in it, oldest first.
///
/// # Errors
/// What the database refuses.
pub async fn lines(pool: &Pool, id: ConversationId) -> Result<Vec<Line>, PgError> {
    let mut connection = pool.acquire().await?;
    let mut lines = read(&mut connection, id).await?;
    let mut files = files(&mut connection, id).await?;
    for line in lines.iter_mut().filter(|line| line.from_person) {
        if let Some(nth) = files.iter().position(|file| file.at == line.at && file.kind == line.kind) {
            line.file = Some(files.remove(nth).name);
        }
    }
    Ok(lines)
}

/// A file as it came.
struct Came {
    at: Timestamp,
    kind: String,
    name: Pii<String>,
}

/// Those that are kept, in the order in which they came.
async fn files(connection: &mut PgConnection, id: ConversationId) -> Result<Vec<Came>, PgError> {
    let rows = sqlx::query(
        "select received_at, kind, name from file
         where conversation_id = $1 and state <> 'erased' and name <> '' order by place",
    )
    .bind(id.0)
    .fetch_all(connection)
    .await?;
    let came = |row: &PgRow| {
        Ok(Came { at: moment(row, 0)?, kind: row.try_get(1)?, name: Pii::new(row.try_get(2)?) })
    };
    rows.iter().map(came).collect()
}

async fn read(connection: &mut PgConnection, id: ConversationId) -> Result<Vec<Line>, PgError> {
    let rows = sqlx::query(
        "select at, from_person, kind, text, intent, confidence, ignored_why, message_id, label from (
             select id, at, from_person, kind, text, message_id, ignored_why, intent, confidence, label
             from message_archive where conversation_id = $1
             union all
             select id, at, from_person, kind, text, message_id, ignored_why, intent, confidence, label
             from message where conversation_id = $1) said
         order by id",
    )
    .bind(id.0)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Line {
                at: moment(row, 0)?,
                from_person: row.try_get(1)?,
                kind: row.try_get(2)?,
                text: Pii::new(row.try_get(3)?),
                intent: row.try_get(4)?,
                confidence: row.try_get(5)?,
                ignored_why: row.try_get(6)?,
                message_id: row.try_get(7)?,
                label: Pii::new(row.try_get(8)?),
                file: None,
            })
        })
        .collect()
}

fn talk(row: &PgRow) -> Result<Talk, PgError> {
    let id: Uuid = row.try_get(0)?;
    Ok(Talk {
        id: ConversationId(id),
        bot: row.try_get(1)?,
        chat_id: row.try_get(2)?,
        chat_kind: row.try_get(3)?,
        language: row.try_get(4)?,
        started_at: moment(row, 5)?,
        updated_at: moment(row, 6)?,
        closed_why: row.try_get(7)?,
        messages: row.try_get(8)?,
    })
}

fn moment(row: &PgRow, column: usize) -> Result<Timestamp, PgError> {
    let at: jiff_sqlx::Timestamp = row.try_get(column)?;
    Ok(at.to_jiff())
}

#[cfg(test)]
mod tests;
