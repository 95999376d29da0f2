//! How much was said in a conversation.

use std::collections::HashMap;

use ids::Uuid;
use pg::{PgConnection, PgError};

/// Of what is kept, archived or not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) by_person: i32,
    pub(crate) by_bot: i32,
    /// When the person wrote last. Unix milliseconds; 0: never.
    pub(crate) last_ms: i64,
}

/// Of each of these conversations in which anything was said.
pub(crate) async fn said(
    tx: &mut PgConnection,
    conversations: &[Uuid],
) -> Result<HashMap<Uuid, Said>, PgError> {
    let rows: Vec<(Uuid, i32, i32, i64)> = sqlx::query_as(
        "select conversation_id, (count(*) filter (where from_person))::int,
                (count(*) filter (where not from_person))::int,
                coalesce((extract(epoch from max(at) filter (where from_person)) * 1000)::bigint, 0)
         from (select conversation_id, from_person, at from message where conversation_id = any($1)
               union all
               select conversation_id, from_person, at from message_archive where conversation_id = any($1)) all_said
         group by conversation_id",
    )
    .bind(conversations)
    .fetch_all(tx)
    .await?;
    let of = |(id, by_person, by_bot, last_ms)| (id, Said { by_person, by_bot, last_ms });
    Ok(rows.into_iter().map(of).collect())
}
