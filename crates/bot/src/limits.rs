//! Limits as an admin sees them from outside a process: who is limited, how it came to that, and how it is undone.

use ::jobs::{Jobs, NewJob};
use classify::Failure;
use events::{Key, Trail};
use ids::{Ids, Timestamp};
use pg::{PgConnection, PgError};
use serde::{Deserialize, Serialize};

use crate::store::conversation::ChatKey;
use crate::store::limit;

/// The queue of [`Lift`].
pub(crate) const LIFT: &str = "bot.lift";

/// Somebody who is limited, or a group that is marked.
#[derive(Clone, Debug, Serialize)]
pub struct LimitedPerson {
    pub bot: String,
    pub chat_id: i64,
    /// Telegram's id; 0 for a whole group.
    pub person: i64,
    /// "warned", "challenged", "paused", "banned" or "marked".
    pub change: String,
    pub why: String,
    pub at: Timestamp,
    /// `None`: until an admin lifts it.
    pub until: Option<Timestamp>,
    pub appealed: bool,
}

/// One step about a person.
#[derive(Clone, Debug, Serialize)]
pub struct LimitStep {
    pub at: Timestamp,
    pub change: String,
    pub why: String,
    pub until: Option<Timestamp>,
    /// Those of an appeal. Personal data, shown to whoever decides on it.
    pub words: Option<String>,
}

/// Undoes what was done to a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Lift {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) person: i64,
}

/// Who is limited now, of one bot or of all, the newest first.
///
/// # Errors
/// The database's.
pub async fn list(
    connection: &mut PgConnection,
    bot: Option<&str>,
    now_ms: i64,
    most: i64,
) -> Result<Vec<LimitedPerson>, PgError> {
    limit::limited(connection, bot, now_ms, most).await
}

/// All that was done about one person in one chat, oldest first.
///
/// # Errors
/// The database's.
pub async fn show(
    connection: &mut PgConnection,
    bot: &str,
    chat_id: i64,
    person: i64,
) -> Result<Vec<LimitStep>, PgError> {
    limit::steps(connection, &ChatKey { bot: bot.to_owned(), chat_id }, person).await
}

/// Has it undone: the bot does so in the order of the chat's own events, and tells the person.
///
/// # Errors
/// The database's.
pub async fn lift(
    connection: &mut PgConnection,
    ids: &Ids,
    bot: &str,
    chat_id: i64,
    person: i64,
) -> Result<(), Failure> {
    let lift = Lift { bot: bot.to_owned(), chat_id, person };
    let key = Key::chat(bot, chat_id);
    let trail = Trail::start(ids.trace(), ids.event());
    let job = NewJob::json(LIFT, key.as_str(), &lift, trail)?;
    // Whoever works the queue off finds it at their next look.
    Jobs::default().enqueue(connection, vec![job]).await?.run();
    Ok(())
}
