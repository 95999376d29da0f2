use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::outbox::Outbox;
use bytes::Bytes;
use classify::{Class, Failure};
use events::message::bot as message;
use events::{Envelope, Key};
use ids::{Clock, Ids};
use jobs::{Job, JobError, JobHandler, Jobs, NewJob, QueueSpec};
use pg::{AfterCommit, PgConnection, PgError, Pool};
use telegram::SendError;
use telegram::client::DownloadError;

use crate::bots::{Bots, Served};
use crate::conversation::{LOOK, LookAt, tell};
use crate::domain::FileFate;
use crate::files::{Scanner, Vault, Verdict, safe_name, sniff};
use crate::store::conversation;
use crate::store::file::{self, File, Outcome};

/// Fetches a file, finds out what it is, has it scanned and keeps it. Everything before the commit may be done twice:
/// the content is written to the same place, and until then nobody is told of it or can fetch it.
///
/// While the scanner or the storage is down the file stays with Telegram, from where it is fetched again at every
/// attempt; nothing that has not been scanned is ever kept.
pub(crate) struct LookAtFile {
    pub(crate) bots: Arc<Bots>,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) outbox: Outbox,
    pub(crate) jobs: Jobs,
    pub(crate) vault: Vault,
    pub(crate) scanner: Option<Scanner>,
    pub(crate) concurrency: usize,
}

/// After so many attempts, some seconds, the person is told that it takes longer.
const LATE_AFTER: u32 = 3;

/// A look that so often was not seen to its end, be it that its process died, is not taken again: the file may be
/// what ends it.
const MOST_INTERRUPTED: u32 = 1;

/// Kinds of messages that are never one of the allowed types: not worth the fetching.
const FILMS_AND_SOUNDS: [&str; 2] = ["video", "audio"];

/// What came of it.
pub(crate) enum Done {
    /// It was known already, or the file has been erased meanwhile.
    Nothing,
    Looked(Box<(File, Outcome)>),
}

#[async_trait]
impl JobHandler for LookAtFile {
    type Done = Done;

    /// Nearly three hours of attempts: long enough for a storage or a scanner to be mended.
    fn queue(&self) -> QueueSpec {
        let backoff = |attempt: u32| {
            Duration::from_secs(1 << attempt.saturating_sub(1).min(10)).min(Duration::from_secs(900))
        };
        QueueSpec { concurrency: self.concurrency, max_attempts: 20, backoff, ..QueueSpec::new(LOOK) }
    }

    async fn run(&self, job: &Job) -> Result<Done, JobError> {
        let LookAt { file, place, .. } = job.json()?;
        let mut connection = self.pool.acquire().await.map_err(PgError::from).map_err(Failure::from)?;
        let found = file::load(&mut connection, file).await.map_err(Failure::from)?;
        let place = found.as_ref().map(|file| file.place.clone()).or(place);
        // An attempt that was cut off may have written its content after the erasure, which may have left no row.
        let Some(file) = found.filter(|file| file.is_open || file.is_kept) else {
            drop(connection);
            if let Some(place) = place {
                self.vault.delete(&place).await.map_err(Failure::from)?;
            }
            return Ok(Done::Nothing);
        };
        if !file.is_open {
            return Ok(Done::Nothing);
        }
        if job.interrupted > MOST_INTERRUPTED {
            let failure = "twice the look at the file had no end; it is not taken a third time";
            return Err(JobError::Fail(Failure::new(Class::Permanent, failure)));
        }
        let in_a_day = file::in_a_day(&mut connection, &file).await.map_err(Failure::from)?;
        drop(connection);
        if in_a_day > i64::from(file.limits.per_day) {
            let outcome = refused(&file, FileFate::TooMany);
            return Ok(Done::Looked(Box::new((file, outcome))));
        }
        match self.look(&file).await {
            Ok(outcome) => Ok(Done::Looked(Box::new((file, outcome)))),
            Err(error) => {
                if job.attempt >= LATE_AFTER && matches!(error, JobError::Retry { .. }) {
                    self.say_that_it_is_late(&file, job).await;
                }
                Err(error)
            }
        }
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Done)]) -> Result<AfterCommit, Failure> {
        let looked: Vec<_> = done
            .iter()
            .filter_map(|(job, done)| match done {
                Done::Looked(looked) => Some((job, &looked.0, &looked.1)),
                Done::Nothing => None,
            })
            .collect();
        self.write(tx, &looked).await
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        // What can not even be read has no file to tell of; its dead letter is all there is.
        let Ok(LookAt { file, .. }) = job.json() else { return Ok(AfterCommit::nothing()) };
        let Some(file) = file::load(tx, file).await? else { return Ok(AfterCommit::nothing()) };
        let outcome = refused(&file, FileFate::Failed);
        self.write(tx, &[(job, &file, &outcome)]).await
    }
}

impl LookAtFile {
    async fn look(&self, file: &File) -> Result<Outcome, JobError> {
        if file.size.is_some_and(|size| size > file.limits.bytes) {
            return Ok(refused(file, FileFate::TooLarge));
        }
        if FILMS_AND_SOUNDS.contains(&file.kind.as_str()) {
            return Ok(refused(file, FileFate::WrongType));
        }
        let Some(served) = self.bots.get(&file.key.bot) else {
            // It may be configured on another replica, or again after a correction.
            let failure =
                Failure::new(Class::Transient, format!("bot {} is not configured here", file.key.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        };
        let Some(content) = fetch(served, file).await? else {
            return Ok(refused(file, FileFate::TooLarge));
        };
        let size = Some(content.len() as u64);
        // It takes a moment for a large one, and a parser that panics is a file that is refused.
        let sniffed = content.clone();
        let kind = tokio::task::spawn_blocking(move || sniff(&sniffed)).await.ok().flatten();
        let Some(kind) = kind else {
            return Ok(Outcome { size, ..refused(file, FileFate::WrongType) });
        };
        if let Some(scanner) = &self.scanner {
            match scanner.scan(&content).await.map_err(Failure::from)? {
                Verdict::Clean => {}
                Verdict::Infected(found) => {
                    tracing::warn!(file = %file.id, bot = %file.key.bot, found, "a file is infected and is not kept");
                    return Ok(Outcome { size, found, ..refused(file, FileFate::Infected) });
                }
            }
        }
        self.vault.put(&file.place, content).await.map_err(Failure::from)?;
        // A name that the device did not give stays none, so that the person is told in their language.
        let name = file.name.expose();
        let name = if name.is_empty() { String::new() } else { safe_name(name, kind) };
        Ok(Outcome {
            fate: FileFate::Kept,
            found: String::new(),
            name: ids::Pii::new(name),
            media_type: kind.media_type(),
            size,
        })
    }

    /// Deletes what was written of a file that was erased while we looked at it: nothing else finds it any more.
    async fn take_back(&self, tx: &mut PgConnection, file: &File) -> Result<(), Failure> {
        if file::load(tx, file.id).await?.is_none_or(|now| !now.is_kept) {
            self.vault.delete(&file.place).await?;
        }
        Ok(())
    }

    async fn write(
        &self,
        tx: &mut PgConnection,
        looked: &[(&Job, &File, &Outcome)],
    ) -> Result<AfterCommit, Failure> {
        let mut chats: Vec<_> = looked.iter().map(|(_, file, _)| file.key.clone()).collect();
        chats.sort_unstable();
        chats.dedup();
        // The order of a chat's events is the order of its locks.
        conversation::lock(tx, &chats).await?;
        let now_ms = self.clock.now_ms();
        let mut events = Vec::with_capacity(looked.len());
        let mut jobs: Vec<NewJob> = Vec::new();
        for (job, file, outcome) in looked {
            if !file::end(tx, file.id, outcome).await? {
                if outcome.fate == FileFate::Kept {
                    self.take_back(tx, file).await?;
                }
                continue;
            }
            let label = label(outcome.fate);
            metrics::counter!("dragoman_files_total", "bot" => file.key.bot.clone(), "outcome" => label)
                .increment(1);
            let event = message::FileChecked {
                file_id: file.id.to_string(),
                conversation_id: file.conversation_id.to_string(),
                bot: file.key.bot.clone(),
                outcome: label.to_owned(),
                media_type: outcome.media_type.to_owned(),
                size_bytes: outcome.size.or(file.size).and_then(|size| size.try_into().ok()).unwrap_or(0),
                at_ms: now_ms,
            };
            let key = Key::chat(&file.key.bot, file.key.chat_id);
            events.push(Envelope::new(self.ids.event(), key, job.trail.clone(), now_ms, &event));
            jobs.push(tell(&file.key, file.conversation_id, &job.trail, now_ms)?);
        }
        let published = self.outbox.put(tx, &events).await?;
        Ok(self.jobs.enqueue(tx, jobs).await?.and(published))
    }

    /// Once; where it can not be written, the next attempt tries again.
    async fn say_that_it_is_late(&self, file: &File, job: &Job) {
        let said = async {
            let mut tx = self.pool.begin().await.map_err(PgError::from)?;
            conversation::lock(&mut tx, std::slice::from_ref(&file.key)).await?;
            if file::is_late(&mut tx, file.id).await? {
                let tell = tell(&file.key, file.conversation_id, &job.trail, self.clock.now_ms())?;
                let after = self.jobs.enqueue(&mut tx, vec![tell]).await?;
                tx.commit().await.map_err(PgError::from)?;
                after.run();
            }
            Ok::<_, Failure>(())
        };
        if let Err(failure) = said.await {
            tracing::warn!(job = job.id, %failure, "the person could not be told that their file takes longer");
        }
    }
}

/// The content; `None` where it is larger than the limit, or than Telegram hands out.
async fn fetch(served: &Served, file: &File) -> Result<Option<Bytes>, JobError> {
    let limit = file.limits.bytes;
    let named = match served.api.get_file(file.file_id.expose()).await {
        Ok(named) => named,
        Err(SendError::Refused(why)) if why.to_lowercase().contains("too big") => return Ok(None),
        Err(error) => return Err(not_fetched(error)),
    };
    let read = async { served.api.download(&named, limit).await?.read().await };
    match read.await {
        Ok(content) => Ok(Some(content)),
        Err(DownloadError::TooLarge { .. } | DownloadError::NotAvailable) => Ok(None),
        // The place that Telegram named may be an old one; it is asked for another.
        Err(DownloadError::Call(error @ SendError::Refused(_))) => {
            Err(JobError::Retry { after: None, failure: error.into() })
        }
        Err(DownloadError::Call(error)) => Err(not_fetched(error)),
    }
}

fn not_fetched(error: SendError) -> JobError {
    match error {
        SendError::RetryAfter(after) => JobError::Snooze { after },
        // The token is wrong until somebody corrects it; Telegram can not be reached: files wait as messages do.
        SendError::Unauthorized => JobError::Snooze { after: Duration::from_secs(30) },
        SendError::NotSent(_) => JobError::Snooze { after: Duration::from_secs(5) },
        // To ask twice does nothing twice.
        SendError::Server(_) | SendError::Unknown(_) | SendError::Conflict(_) => {
            JobError::Retry { after: None, failure: error.into() }
        }
        error => JobError::Fail(error.into()),
    }
}

fn refused(file: &File, fate: FileFate) -> Outcome {
    Outcome { fate, found: String::new(), name: file.name.clone(), media_type: "", size: None }
}

const fn label(fate: FileFate) -> &'static str {
    match fate {
        FileFate::Kept => "kept",
        FileFate::TooLarge => "too_large",
        FileFate::WrongType => "wrong_type",
        FileFate::Infected => "infected",
        FileFate::TooMany => "too_many",
        FileFate::Late => "late",
        FileFate::Failed => "failed",
    }
}

#[cfg(test)]
mod tests;
