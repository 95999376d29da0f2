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
    /// What stands on the button that was pressed, or on the buttons below what the bot said, a line each.
    pub(crate) label: Pii<String>,
    pub(crate) message_id: i64,
    /// Of the bot's: the person's message that it answers; 0 where there is none.
    pub(crate) answers: i64,
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
    let words = |words: &Pii<String>| words.expose().replace('\0', "");
    let texts: Vec<String> = messages.iter().map(|m| words(&m.text)).collect();
    let labels: Vec<String> = messages.iter().map(|m| words(&m.label)).collect();
    let numbers: Vec<i64> = messages.iter().map(|m| m.message_id).collect();
    let answers: Vec<i64> = messages.iter().map(|m| m.answers).collect();
    let ignored: Vec<Option<&str>> = messages.iter().map(|m| m.ignored_why).collect();
    let understood = || messages.iter().map(|m| m.understood.as_ref());
    let intents: Vec<Option<&str>> = understood().map(|u| u.map(|u| u.intent.as_str())).collect();
    let confidences: Vec<Option<f32>> = understood().map(|u| u.map(|u| u.confidence)).collect();
    sqlx::query(
        "insert into message (conversation_id, at, from_person, kind, text, message_id, answers, ignored_why, intent,
                              confidence, label)
         select * from unnest($1::uuid[], $2::timestamptz[], $3::boolean[], $4::text[], $5::text[], $6::bigint[],
                              $7::bigint[], $8::text[], $9::text[], $10::real[], $11::text[])",
    )
    .bind(conversations)
    .bind(at)
    .bind(from)
    .bind(kinds)
    .bind(texts)
    .bind(numbers)
    .bind(answers)
    .bind(ignored)
    .bind(intents)
    .bind(confidences)
    .bind(labels)
    .execute(tx)
    .await?;
    Ok(())
}

/// The last `most` things said with words and not ignored, oldest first: who (whether the person) and what, of a press what
/// stood on the button. What was said in these `messages`, and in answer to them, is left out.
pub(crate) async fn recent(
    tx: &mut PgConnection,
    conversation: ConversationId,
    most: i64,
    messages: &[i64],
) -> Result<Vec<(bool, String)>, PgError> {
    let rows = sqlx::query(
        "select from_person, case when kind = 'button' and label <> '' then label else text end from message
         where conversation_id = $1 and text <> '' and ignored_why is null
           and not (from_person and kind <> 'button' and message_id <> 0 and message_id = any($3))
           and not (not from_person and answers <> 0 and answers = any($3))
         order by id desc limit $2",
    )
    .bind(conversation.0)
    .bind(most)
    .bind(messages)
    .fetch_all(tx)
    .await?;
    let mut said = Vec::with_capacity(rows.len());
    for row in rows.into_iter().rev() {
        said.push((row.try_get(0)?, row.try_get(1)?));
    }
    Ok(said)
}

/// After these were appended: what the edited among them said before is not what was said any more.
pub(crate) async fn edited(tx: &mut PgConnection, messages: &[Message]) -> Result<(), PgError> {
    let edits = messages.iter().filter(|m| m.kind == "edited" && m.ignored_why.is_none());
    let edits: Vec<(ConversationId, i64)> = edits.map(|m| (m.conversation_id, m.message_id)).collect();
    overtaken(tx, &edits, true, "it was edited later").await
}

/// After these answers were appended: what stood in their places before is not what the bot says any more.
pub(crate) async fn replaced(
    tx: &mut PgConnection,
    answers: &[(ConversationId, i64)],
) -> Result<(), PgError> {
    overtaken(tx, answers, false, "the question was edited, and another answer took its place").await
}

/// Marks all but the newest row of each of these messages.
async fn overtaken(
    tx: &mut PgConnection,
    messages: &[(ConversationId, i64)],
    from_person: bool,
    why: &str,
) -> Result<(), PgError> {
    if messages.is_empty() {
        return Ok(());
    }
    let conversations: Vec<Uuid> = messages.iter().map(|(conversation, _)| conversation.0).collect();
    let numbers: Vec<i64> = messages.iter().map(|(_, message_id)| *message_id).collect();
    sqlx::query(
        "update message m set ignored_why = $4
         from (
             select l.conversation_id, l.message_id, max(l.id) as newest
             from unnest($1::uuid[], $2::bigint[]) e (conversation_id, message_id)
             join message l using (conversation_id, message_id)
             where l.from_person = $3 and l.kind <> 'button' and l.message_id <> 0
             group by l.conversation_id, l.message_id
         ) n
         where m.conversation_id = n.conversation_id and m.message_id = n.message_id and m.id < n.newest
           and m.from_person = $3 and m.kind <> 'button' and m.ignored_why is null",
    )
    .bind(conversations)
    .bind(numbers)
    .bind(from_person)
    .bind(why)
    .execute(tx)
    .await?;
    Ok(())
}

/// The bot's message that answers this one, where it is one message and the last thing said.
pub(crate) async fn last_answer(
    conn: &mut PgConnection,
    conversation: ConversationId,
    answers: i64,
) -> Result<Option<i64>, PgError> {
    // An edit is not said at the end, and what nobody was shown (number 0) is said nowhere.
    let last: Vec<(bool, i64, i64)> = sqlx::query_as(
        "select from_person, message_id, answers from message
         where conversation_id = $1 and message_id <> 0 and kind <> 'edited' and ignored_why is null
         order by id desc limit 2",
    )
    .bind(conversation.0)
    .fetch_all(conn)
    .await?;
    let is_answer = |row: &&(bool, i64, i64)| !row.0 && row.2 == answers;
    let found = last.first().filter(is_answer).map(|row| row.1);
    let is_one = !last.get(1).is_some_and(|row| is_answer(&row) && Some(row.1) != found);
    Ok(found.filter(|_| is_one))
}

#[cfg(test)]
mod tests {
    use ids::Ids;

    use super::*;
    use crate::store::tests::database;

    #[tokio::test]
    async fn a_model_is_shown_what_was_said_and_pressed_and_not_what_was_ignored() {
        let (_database, pool) = database().await;
        let conversation_id = Ids::system().conversation();
        let message = |text: &str, ignored_why| Message {
            conversation_id,
            at_ms: 1,
            from_person: true,
            kind: "text".to_owned(),
            text: Pii::new(text.to_owned()),
            label: Pii::default(),
            message_id: 1,
            answers: 0,
            ignored_why,
            understood: None,
        };
        let pressed = |label: &str| Message {
            kind: "button".to_owned(),
            label: Pii::new(label.to_owned()),
            ..message("s:4:budget:medium", None)
        };
        let messages = [
            message("to the bot", None),
            message("to a friend", Some("nobody spoke to the bot")),
            pressed("$5–15k"),
            pressed(""),
        ];
        let mut connection = pool.acquire().await.unwrap();
        append(&mut connection, &messages).await.unwrap();
        let said = recent(&mut connection, conversation_id, 10, &[]).await.unwrap();
        assert_eq!(said, ["to the bot", "$5–15k", "s:4:budget:medium"].map(|text| (true, text.to_owned())));
    }
}
