use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::Bus;
use classify::{Classify, Failure};
use events::Key;
use ids::{Clock, SignedDuration, Uuid};
use jobs::{Job, JobError, JobHandler, Jobs, NewJob, QueueSpec, Traces};
use pg::{AfterCommit, PgConnection, PgError, Pool};
use serde::{Deserialize, Serialize};

use super::certificate::{CERTIFICATE, SendCertificate};
use super::erase_files::erase_expired;
use super::erasures::of_conversation;
use crate::files::Vault;
use crate::rights::OWN;
use crate::rights::certificate::{Certificate, Stream};
use crate::store::erasure::{self, Running};
use crate::store::file;

pub(crate) const FINISH_ERASURE: &str = "bot.erasure-finish";

/// How long events that a consumer has not handled yet are waited for, and a storage that does not delete.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
const AGAIN: Duration = Duration::from_secs(1);
/// The same for what is away: NATS, the storage of files.
const AGAIN_LATER: Duration = Duration::from_secs(10);

/// Keyed by the erasure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FinishErasure {
    pub(crate) erasure_id: Uuid,
}

/// Ends an erasure that every service has answered: deletes the content of the person's files, takes their events out of
/// the streams, and writes the certificate.
pub(crate) struct FinishErasures {
    pub(crate) services: Arc<[String]>,
    pub(crate) pool: Pool,
    pub(crate) bus: Bus,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    pub(crate) jobs: Jobs,
}

/// An erasure whose events are gone; none where it is done already.
pub(crate) struct Emptied(Option<(Running, Vec<Stream>)>);

#[async_trait]
impl JobHandler for FinishErasures {
    type Done = Emptied;

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: 2, max_attempts: 20, ..QueueSpec::new(FINISH_ERASURE) }
    }

    async fn run(&self, job: &Job) -> Result<Emptied, JobError> {
        let FinishErasure { erasure_id } = job.json()?;
        let mut connection =
            self.pool.acquire().await.map_err(|error| Failure::from(PgError::from(error)))?;
        let running = erasure::running(&mut connection, erasure_id).await.map_err(Failure::from)?;
        let Some(running) = running else { return Ok(Emptied(None)) };
        // A message of the bot that is just being sent is written down when it was.
        let mention = of_conversation(&running);
        let traces = Traces { mentions: &[&mention], ..Traces::default() };
        if jobs::is_running(&mut connection, traces).await.map_err(Failure::from)? {
            return Err(JobError::Snooze { after: AGAIN });
        }
        drop(connection);
        self.empty_storage(&running).await?;
        let streams = self.empty_streams(&running).await?;
        Ok(Emptied(Some((running, streams))))
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Emptied)]) -> Result<AfterCommit, Failure> {
        let mut jobs = Vec::new();
        for (job, Emptied(emptied)) in done {
            let Some((running, streams)) = emptied else { continue };
            // What was written after the erasure had begun, of this conversation and no later one.
            erasure::sweep(tx, running.conversation_id).await?;
            let mention = of_conversation(running);
            let traces = Traces { mentions: &[&mention], ..Traces::default() };
            ::jobs::erase(tx, traces).await?;
            let now = self.clock.now();
            let answers = erasure::answers(tx, running.id).await?;
            let files_left = file::of_erased(tx, running.conversation_id).await?;
            let certificate = Certificate::new(running, &answers, streams, files_left, now);
            if !erasure::finish(tx, running.id, &certificate.value, &certificate.sha256, now).await? {
                continue;
            }
            tracing::info!(erasure = %running.id, bot = running.key.bot, "an erasure is done");
            metrics::counter!("dragoman_erasures_done_total", "bot" => running.key.bot.clone()).increment(1);
            let send = SendCertificate {
                bot: running.key.bot.clone(),
                chat_id: running.key.chat_id,
                language: running.language.clone(),
                erasure_id: running.id,
            };
            jobs.push(NewJob::json(CERTIFICATE, running.id.to_string(), &send, job.trail.clone())?);
        }
        Ok(self.jobs.enqueue(tx, jobs).await?)
    }
}

impl FinishErasures {
    /// Deletes the content of the person's files. A storage that does not do it is waited for, but not for ever: then
    /// the certificate says what is left, and the chore of the storage goes on trying.
    async fn empty_storage(&self, running: &Running) -> Result<(), JobError> {
        let of = Some(running.conversation_id);
        match erase_expired(&self.pool, &self.vault, of, &self.clock).await? {
            Some(_) if self.waited(running) < PATIENCE => Err(JobError::Snooze { after: AGAIN_LATER }),
            _ => Ok(()),
        }
    }

    /// Since every service has answered.
    fn waited(&self, running: &Running) -> SignedDuration {
        running.answered_at.map_or(SignedDuration::ZERO, |at| self.clock.now().duration_since(at))
    }

    async fn empty_streams(&self, running: &Running) -> Result<Vec<Stream>, JobError> {
        // What a CRM tells of a deal is keyed by its lead.
        let of_leads = running.lead_ids.iter().map(Key::of);
        let keys: Vec<Key> =
            std::iter::once(Key::chat(&running.key.bot, running.key.chat_id)).chain(of_leads).collect();
        let mut streams = Vec::with_capacity(self.services.len() + 1);
        for service in self.services.iter().map(String::as_str).chain([OWN]) {
            streams.push(self.empty_stream(running, service, &keys).await?);
        }
        Ok(streams)
    }

    async fn empty_stream(&self, running: &Running, service: &str, keys: &[Key]) -> Result<Stream, JobError> {
        let mut stream = Stream { name: events::stream_name(service), removed: 0, left: false };
        for key in keys {
            let purged = self.bus.purge_key(service, key).await.map_err(|error| {
                if error.class().is_retryable() {
                    // NATS is away; that is no reason to give up.
                    tracing::warn!(service, error = %classify::chain(&error), "a stream could not be emptied");
                    JobError::Snooze { after: AGAIN_LATER }
                } else {
                    JobError::from(Failure::from(error))
                }
            })?;
            if let Some(held) = &purged.held
                && self.waited(running) < PATIENCE
            {
                tracing::debug!(stream = purged.stream, %held, "events of a person are still to be handled");
                return Err(JobError::Snooze { after: AGAIN });
            }
            stream.removed += purged.removed;
            stream.left |= purged.held.is_some();
        }
        Ok(stream)
    }
}
