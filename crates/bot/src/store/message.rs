use ids::{ConversationId, Pii, Timestamp, Uuid};
use pg::{PgConnection, PgError};
use sqlx::Row;

use crate::domain::Understood;

/// One thing said.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) conversation_id: ConversationId,
    /// Unix milliseconds.
    pub(crate) at_ms: i64,
    pub(crate) from_person: bool,
    pub(crate) kind: String,
    pub(crate) text: Pii<String>,
    pub(crate) message_id: i64,
    pub(crate) ignored_why: Option<&'static str>,
    /// What it was taken for, of a person's message that was handled.
    pub(crate) understood: Option<Understood>,
}

/// Appends them in their order.
pub(crate) async fn append(tx: &mut PgConnection, messages: &[Message]) -> Result<(), PgError> {
    if messages.is_empty() {
        return Ok(());
    }
    let conversations: Vec<Uuid> = messages.iter().map(|m| m.conversation_id.0).collect();
    let at: Vec<jiff_sqlx::Timestamp> = messages
        .iter()
        .map(|m| Timestamp::from_millisecond(m.at_ms).unwrap_or(Timestamp::UNIX_EPOCH).into())
        .collect();
    let from: Vec<bool> = messages.iter().map(|m| m.from_person).collect();
    let kinds: Vec<&str> = messages.iter().map(|m| m.kind.as_str()).collect();
    // Postgres' text holds no NUL.
    let texts: Vec<String> = messages.iter().map(|m| m.text.expose().replace('\0', "")).collect();
    let numbers: Vec<i64> = messages.iter().map(|m| m.message_id).collect();
    let ignored: Vec<Option<&str>> = messages.iter().map(|m| m.ignored_why).collect();
    let understood = || messages.iter().map(|m| m.understood.as_ref());
    let intents: Vec<Option<&str>> = understood().map(|u| u.map(|u| u.intent.as_str())).collect();
    let confidences: Vec<Option<f32>> = understood().map(|u| u.map(|u| u.confidence)).collect();
    sqlx::query(
        "insert into message (conversation_id, at, from_person, kind, text, message_id, ignored_why, intent, confidence)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::boolean[], $4::text[], $5::text[], $6::bigint[],
                              $7::text[], $8::text[], $9::real[])",
    )
    .bind(conversations)
    .bind(at)
    .bind(from)
    .bind(kinds)
    .bind(texts)
    .bind(numbers)
    .bind(ignored)
    .bind(intents)
    .bind(confidences)
    .execute(tx)
    .await?;
    Ok(())
}

/// The last `most` things said with words and not ignored, oldest first: who (whether the person) and what.
pub(crate) async fn recent(
    tx: &mut PgConnection,
    conversation: ConversationId,
    most: i64,
) -> Result<Vec<(bool, String)>, PgError> {
    let rows = sqlx::query(
        "select from_person, text from message
         where conversation_id = $1 and text <> '' and ignored_why is null order by id desc limit $2",
    )
    .bind(conversation.0)
    .bind(most)
    .fetch_all(tx)
    .await?;
    let mut said = Vec::with_capacity(rows.len());
    for row in rows.into_iter().rev() {
        said.push((row.try_get(0)?, row.try_get(1)?));
    }
    Ok(said)
}

#[cfg(test)]
mod tests {
    use ids::Ids;

    use super::*;
    use crate::store::tests::database;

    #[tokio::test]
    async fn what_was_ignored_is_not_shown_to_a_model() {
        let (_database, pool) = database().await;
        let conversation_id = Ids::system().conversation();
        let message = |text: &str, ignored_why| Message {
            conversation_id,
            at_ms: 1,
            from_person: true,
            kind: "text".to_owned(),
            text: Pii::new(text.to_owned()),
            message_id: 1,
            ignored_why,
            understood: None,
        };
        let messages = [message("to the bot", None), message("to a friend", Some("nobody spoke to the bot"))];
        let mut connection = pool.acquire().await.unwrap();
        append(&mut connection, &messages).await.unwrap();
        let said = recent(&mut connection, conversation_id, 10).await.unwrap();
        assert_eq!(said, [(true, "to the bot".to_owned())]);
    }
}
