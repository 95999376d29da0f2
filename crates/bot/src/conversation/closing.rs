//! Conversations that come to an end: whoever has a lead of theirs is told.

use classify::Failure;
use events::message::bot as message;
use events::{Envelope, Key, Trail};
use ids::{ConversationId, Ids};
use pg::PgConnection;

use crate::store::conversation::ChatKey;
use crate::store::{figures, lead};

/// A conversation that was open until this transaction.
#[derive(Clone, Debug)]
pub(crate) struct Closed {
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: ConversationId,
    pub(crate) why: String,
    pub(crate) trail: Trail,
}

/// The events of private ones that have left a lead; of the others nobody waits to hear: a group is of nobody. To be written in the transaction that
/// closes them, before what was said there is moved away.
pub(crate) async fn told(
    tx: &mut PgConnection,
    ids: &Ids,
    now_ms: i64,
    closed: Vec<Closed>,
) -> Result<Vec<Envelope>, Failure> {
    if closed.is_empty() {
        return Ok(Vec::new());
    }
    let conversations: Vec<_> = closed.iter().map(|one| one.conversation_id.0).collect();
    let leads = lead::last_of(tx, &conversations).await?;
    if leads.is_empty() {
        return Ok(Vec::new());
    }
    let with_lead: Vec<_> = leads.iter().map(|lead| lead.conversation_id).collect();
    let said = figures::said(tx, &with_lead).await?;
    let event = |one: Closed| {
        let lead = leads.iter().find(|lead| lead.conversation_id == one.conversation_id.0)?;
        let said = said.get(&one.conversation_id.0).copied().unwrap_or_default();
        let event = message::ConversationClosed {
            conversation_id: one.conversation_id.to_string(),
            bot: one.key.bot.clone(),
            reason: one.why,
            at_ms: now_ms,
            lead_id: lead.id.to_string(),
            language: lead.language.clone(),
            temperature: lead.temperature.clone(),
            said_by_person: said.by_person,
            said_by_bot: said.by_bot,
            last_said_at_ms: said.last_ms,
        };
        let key = Key::chat(&one.key.bot, one.key.chat_id);
        Some(Envelope::new(ids.event(), key, one.trail, now_ms, &event))
    };
    Ok(closed.into_iter().filter_map(event).collect())
}
