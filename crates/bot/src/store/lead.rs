use ids::{ConversationId, Timestamp};
use pg::{PgConnection, PgError};
use serde_json::json;

use crate::domain::Lead;

/// Keeps a lead. One that is there already (the same id) is left as it is.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    bot: &str,
    conversation: ConversationId,
    lead: &Lead,
    at_ms: i64,
) -> Result<(), PgError> {
    let evidence = json!(
        lead.evidence
            .iter()
            .map(|e| json!({ "rule": e.rule, "points": e.points, "words": e.words.expose() }))
            .collect::<Vec<_>>()
    );
    let answers = json!(
        lead.answers
            .iter()
            .map(|a| json!({ "field": a.field, "value": a.value.expose(), "text": a.text.expose(), "found": a.found }))
            .collect::<Vec<_>>()
    );
    let contact = json!({
        "name": lead.contact.name.expose(),
        "username": lead.contact.username.expose(),
        "email": lead.contact.email.expose(),
        "phone": lead.contact.phone.expose(),
        "telegram_user_id": lead.contact.telegram_user_id,
    });
    let at: jiff_sqlx::Timestamp = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH).into();
    sqlx::query(
        "insert into lead (id, conversation_id, bot, flow, language, temperature, score, evidence, answers, contact,
                           start_payload, captured_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (id) do nothing",
    )
    .bind(lead.lead_id.0)
    .bind(conversation.0)
    .bind(bot)
    .bind(&lead.flow)
    .bind(lead.lang.as_str())
    .bind(lead.temperature.as_str())
    .bind(lead.score)
    .bind(evidence)
    .bind(answers)
    .bind(contact)
    .bind(lead.start_payload.as_deref().unwrap_or_default())
    .bind(at)
    .execute(tx)
    .await?;
    Ok(())
}
