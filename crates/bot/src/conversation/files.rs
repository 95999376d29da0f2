//! Files on their way: the jobs that look through them and tell what became of them, and those that go with a lead.

use std::time::Duration;

use classify::Failure;
use events::message::bot as message;
use events::{Envelope, Key, Trail};
use ids::{ConversationId, Ids, LeadId, Timestamp, Uuid};
use jobs::NewJob;
use pg::PgConnection;
use serde::{Deserialize, Serialize};

use crate::domain::{CheckedFile, FileFate};
use crate::files::name_or_usual;
use crate::store::conversation::ChatKey;
use crate::store::file::{self, NewFile};
use crate::store::file_news;

/// The queue of [`LookAt`].
pub(crate) const LOOK: &str = "bot.look-at-file";
/// The queue of [`TellOf`].
pub(crate) const TELL: &str = "bot.tell-of-files";

/// Files that come so soon after each other are told of together.
const QUIET: Duration = Duration::from_millis(1_500);

/// A file is to be fetched, looked through and kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct LookAt {
    pub(crate) file: Uuid,
    /// By this an erasure sees that a file of its person is being looked at. Older jobs have none.
    #[serde(default)]
    pub(crate) conversation_id: Option<ConversationId>,
    /// Where its content goes: nothing else says so once the file is erased. Older jobs have none.
    #[serde(default)]
    pub(crate) place: Option<String>,
}

/// A person is to be told what became of their files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TellOf {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) conversation_id: ConversationId,
}

/// Writes a file that came, and the job that follows.
pub(super) async fn receive(
    tx: &mut PgConnection,
    new: &NewFile,
    trail: &Trail,
    now_ms: i64,
) -> Result<NewJob, Failure> {
    let (id, is_open) = file::receive(tx, new).await?;
    if is_open {
        let place = file::load(tx, id).await?.map(|file| file.place);
        let look = LookAt { file: id, conversation_id: Some(new.conversation_id), place };
        NewJob::json(LOOK, id.to_string(), &look, trail.clone())
    } else {
        tell(&new.key, new.conversation_id, trail, now_ms)
    }
}

/// The job that tells what became of files, a little later.
pub(crate) fn tell(
    key: &ChatKey,
    conversation_id: ConversationId,
    trail: &Trail,
    now_ms: i64,
) -> Result<NewJob, Failure> {
    let tell = TellOf { bot: key.bot.clone(), chat_id: key.chat_id, conversation_id };
    let later = i64::try_from(QUIET.as_millis()).unwrap_or_default();
    Ok(NewJob {
        run_at: Timestamp::from_millisecond(now_ms.saturating_add(later)).ok(),
        ..NewJob::json(TELL, conversation_id.to_string(), &tell, trail.clone())?
    })
}

/// The files that go with a lead.
pub(super) async fn of_lead(
    tx: &mut PgConnection,
    conversation_id: ConversationId,
    lead_id: LeadId,
) -> Result<Vec<message::LeadFile>, Failure> {
    let files = file::give_to_lead(tx, conversation_id, lead_id).await?;
    Ok(files.into_iter().map(of_event).collect())
}

fn of_event(file: file::OfLead) -> message::LeadFile {
    message::LeadFile {
        file_id: file.id.to_string(),
        name: name_or_usual(file.name, &file.media_type),
        media_type: file.media_type,
        size_bytes: file.size_bytes.unwrap_or(0),
    }
}

/// The events of files that are kept and that leads were not told of yet, one a lead. To be written in the transaction in
/// which the person is told of them.
pub(crate) async fn told_to_leads(
    tx: &mut PgConnection,
    (ids, now_ms): (&Ids, i64),
    (key, conversation_id): (&ChatKey, ConversationId),
    files: &[CheckedFile],
    trail: &Trail,
) -> Result<Vec<Envelope>, Failure> {
    let kept: Vec<Uuid> =
        files.iter().filter(|file| file.fate == FileFate::Kept).map(|file| file.id).collect();
    if kept.is_empty() {
        return Ok(Vec::new());
    }
    let mut told: Vec<message::LeadFiles> = Vec::new();
    for one in file_news::for_leads(tx, conversation_id, &kept).await? {
        let (lead_id, file) = (one.lead_id.to_string(), of_event(one.file));
        match told.last_mut().filter(|event| event.lead_id == lead_id) {
            Some(event) => event.files.push(file),
            None => told.push(message::LeadFiles {
                lead_id,
                conversation_id: conversation_id.to_string(),
                bot: key.bot.clone(),
                language: one.language,
                temperature: one.temperature,
                files: vec![file],
                at_ms: now_ms,
            }),
        }
    }
    let envelope = |event: &message::LeadFiles| {
        let key = Key::chat(&key.bot, key.chat_id);
        Envelope::new(ids.event(), key, trail.clone(), now_ms, event)
    };
    Ok(told.iter().map(envelope).collect())
}
