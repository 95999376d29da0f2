//! The facts of one conversation.

use ids::Uuid;
use pg::{PgConnection, PgError, Pool};

/// How many facts there are of a conversation and its leads, by kind, but for those of single messages: they have no index by
/// conversation, which every message would pay for, and to count them would take longer each month. The bot, which
/// holds the messages, counts them.
pub(crate) async fn count(
    pool: &Pool,
    conversation_id: Uuid,
    leads: &[Uuid],
) -> Result<Vec<(String, i64)>, PgError> {
    Ok(sqlx::query_as(
        "select kind, n from (
             select 1, 'conversations', (select count(*) from conversation_started where conversation_id = $1)
             union all select 2, 'flow_steps', (select count(*) from flow_moved where conversation_id = $1)
             union all select 3, 'handoffs', (select count(*) from handoff where conversation_id = $1)
             union all select 4, 'leads', (select count(*) from lead where lead_id = any($2))
             union all select 5, 'model_requests', (select count(*) from model_request where conversation_id = $1)
             union all select 6, 'model_answers', (select count(*) from model_answer where conversation_id = $1)
             union all select 7, 'deliveries', (select count(*) from delivery where lead_id = any($2))
             union all select 8, 'files_checked', (select count(*) from file_checked where conversation_id = $1)
             union all select 9, 'limit_changes', (select count(*) from limit_change where conversation_id = $1)
             union all select 10, 'deals', (select count(*) from deal where lead_id = any($2))
         ) facts (nth, kind, n) where n > 0 order by nth",
    )
    .bind(conversation_id)
    .bind(leads)
    .fetch_all(pool)
    .await?)
}

/// Takes away the only thing in a fact that may have been made for one person: the payload of the link that
/// brought them. Returns whether there was one.
pub(crate) async fn erase(tx: &mut PgConnection, conversation_id: Uuid) -> Result<bool, PgError> {
    let done = sqlx::query(
        "update conversation_started set start_payload = '' where conversation_id = $1 and start_payload <> ''",
    )
    .bind(conversation_id)
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
