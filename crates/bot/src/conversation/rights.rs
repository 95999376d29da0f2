//! What a person's wishes about their data become: rows, events that ask the other services, jobs.

use classify::Failure;
use events::message::bot::ExportRequested;
use events::{Envelope, Key, Trail};
use ids::{ConversationId, Ids, Timestamp};
use jobs::NewJob;
use pg::PgConnection;
use serde::{Deserialize, Serialize};

use super::effects::Writes;
use crate::store::conversation::ChatKey;
use crate::store::{erasure, export, person};

/// The queue of [`ExportJob`].
pub(crate) const EXPORT: &str = "bot.export";

/// Puts a person's archive together and sends it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ExportJob {
    pub(crate) export_id: ids::Uuid,
}

/// What a person wants done with their data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Export,
    Erase { due_ms: i64 },
    Keep,
}

/// A wish, and whose it is.
pub(crate) struct Wanted {
    pub(crate) key: ChatKey,
    pub(crate) conversation_id: ConversationId,
    pub(crate) language: String,
    pub(crate) wish: Wish,
    pub(crate) trail: Trail,
}

/// Writes what comes of the wishes of a batch; the caller holds the conversations' locks.
pub(super) async fn grant(
    tx: &mut PgConnection,
    ids: &Ids,
    now_ms: i64,
    writes: &mut Writes,
) -> Result<(), Failure> {
    let now = Timestamp::from_millisecond(now_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    for Wanted { key, conversation_id, language, wish, trail } in std::mem::take(&mut writes.wishes) {
        match wish {
            Wish::Export => {
                let id = ids.uuid();
                export::insert(tx, id, &key, conversation_id.0, &language).await?;
                let leads = person::lead_ids(tx, &key, conversation_id.0).await?;
                let event = ExportRequested {
                    export_id: id.to_string(),
                    bot: key.bot.clone(),
                    chat_id: key.chat_id,
                    conversation_id: conversation_id.to_string(),
                    lead_ids: leads.iter().map(ToString::to_string).collect(),
                    at_ms: now_ms,
                };
                let event_key = Key::chat(&key.bot, key.chat_id);
                writes.events.push(Envelope::new(ids.event(), event_key, trail.clone(), now_ms, &event));
                let job = ExportJob { export_id: id };
                writes.jobs.push(NewJob::json(EXPORT, id.to_string(), &job, trail)?);
            }
            Wish::Erase { due_ms } => {
                let wanted = erasure::Wanted {
                    id: ids.uuid(),
                    key: &key,
                    conversation_id: conversation_id.0,
                    language: &language,
                    now,
                    due: Timestamp::from_millisecond(due_ms).unwrap_or(now),
                };
                erasure::request(tx, &wanted).await?;
            }
            Wish::Keep => {
                erasure::cancel(tx, &key, now).await?;
            }
        }
    }
    Ok(())
}
