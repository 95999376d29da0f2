use ids::{ConversationId, Timestamp, Uuid};
use pg::{PgConnection, PgError};
use serde_json::{Value, json};
use sqlx::FromRow;

use crate::domain::{Evidence, Lead, LeadAnswer};

/// Keeps a lead. One that is there already (the same id) is left as it is.
pub(crate) async fn insert(
    tx: &mut PgConnection,
    bot: &str,
    conversation: ConversationId,
    lead: &Lead,
    at_ms: i64,
) -> Result<(), PgError> {
    let (evidence, answers) = (evidence(lead), answers(lead));
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

fn evidence(lead: &Lead) -> Value {
    let one = |e: &Evidence| json!({ "rule": e.rule, "points": e.points, "words": e.words.expose() });
    lead.evidence.iter().map(one).collect()
}

fn answers(lead: &Lead) -> Value {
    let one = |a: &LeadAnswer| json!({ "field": a.field, "value": a.value.expose(), "text": a.text.expose(), "found": a.found });
    lead.answers.iter().map(one).collect()
}

/// Keeps another score of a lead, with the answers that make it, which take the place of those of the same name, and the way
/// to the person where there was none. Returns `false` where the lead is there no more.
pub(crate) async fn rescore(tx: &mut PgConnection, lead: &Lead) -> Result<bool, PgError> {
    let fields: Vec<&str> = lead.answers.iter().map(|answer| answer.field.as_str()).collect();
    let done = sqlx::query(
        "update lead set temperature = $2, score = $3, evidence = $4,
             answers = coalesce((select jsonb_agg(a order by n) from jsonb_array_elements(answers) with ordinality o (a, n)
                                 where a->>'field' <> all ($5)), '[]') || $6::jsonb,
             contact = contact || jsonb_build_object(
                 'email', coalesce(nullif(contact->>'email', ''), $7), 'phone', coalesce(nullif(contact->>'phone', ''), $8))
         where id = $1",
    )
    .bind(lead.lead_id.0)
    .bind(lead.temperature.as_str())
    .bind(lead.score)
    .bind(evidence(lead))
    .bind(fields)
    .bind(answers(lead))
    .bind(lead.contact.email.expose())
    .bind(lead.contact.phone.expose())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// A captured lead, as whoever tells more of it needs it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Captured {
    pub(crate) id: Uuid,
    pub(crate) conversation_id: Uuid,
    pub(crate) language: String,
    pub(crate) temperature: String,
}

/// The last lead of each of these private conversations that has one. In a group, where leads could be left once, what comes
/// later is of nobody.
pub(crate) async fn last_of(tx: &mut PgConnection, conversations: &[Uuid]) -> Result<Vec<Captured>, PgError> {
    Ok(sqlx::query_as(
        "select distinct on (conversation_id) l.id, conversation_id, l.language, temperature
         from lead l join conversation c on c.id = conversation_id and c.chat_kind = 'private'
         where conversation_id = any($1) order by conversation_id, captured_at desc, l.id desc",
    )
    .bind(conversations)
    .fetch_all(tx)
    .await?)
}
