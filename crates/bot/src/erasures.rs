//! People's erasures, for an operator at the command line.

use classify::Failure;
use events::Trail;
use ids::{Clock, ConversationId, Ids, Uuid};
use jobs::{Jobs, NewJob};
use pg::{PgConnection, PgError, Pool};

use crate::jobs::{TELL, Tell};
pub use crate::store::erasure_view::Erasure;
use crate::store::{conversation, erasure, erasure_view};

/// The newest first.
///
/// # Errors
/// The database's.
pub async fn list(connection: &mut PgConnection, most: i64) -> Result<Vec<Erasure>, PgError> {
    erasure_view::list(connection, most).await
}

/// One with its certificate, if there is one.
///
/// # Errors
/// The database's.
pub async fn show(connection: &mut PgConnection, id: Uuid) -> Result<Option<Erasure>, PgError> {
    erasure_view::show(connection, id).await
}

/// Takes back one that has not begun, and has the person told; false where there is none.
///
/// # Errors
/// The database's.
pub async fn cancel(pool: &Pool, clock: &Clock, ids: &Ids, id: Uuid) -> Result<bool, Failure> {
    let mut tx = pool.begin().await.map_err(PgError::from)?;
    let Some((key, conversation_id, language)) = erasure_view::waiting(&mut tx, id).await? else {
        return Ok(false);
    };
    // As everybody does who changes a conversation or its erasure: its lock comes first.
    conversation::lock(&mut tx, std::slice::from_ref(&key)).await?;
    if !erasure::cancel(&mut tx, &key, clock.now()).await? {
        return Ok(false);
    }
    erasure_view::forget_wish(&mut tx, &key).await?;
    let trail = Trail::start(ids.trace(), ids.event());
    let (bot, conversation_id) = (key.bot.clone(), ConversationId(conversation_id));
    let tell = Tell { bot, chat_id: key.chat_id, conversation_id, language };
    let job = NewJob::json(TELL, id.to_string(), &tell, trail)?;
    // A running bot finds it when it next looks.
    let enqueued = Jobs::default().enqueue(&mut tx, vec![job]).await?;
    tx.commit().await.map_err(PgError::from)?;
    enqueued.run();
    Ok(true)
}
