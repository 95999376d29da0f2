use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use ids::{Clock, ConversationId, Pii};
use jobs::{Job, JobError, JobHandler, Jobs, QueueSpec};
use pg::{AfterCommit, PgConnection, Pool};
use telegram::SendError;
use telegram::client::{InputFile, SendFile};

use crate::bots::{Bots, Served};
use crate::conversation::{EXPORT, ExportJob, Where, sends};
use crate::domain::{Outgoing, Source};
use crate::rights::archive;
use crate::store::conversation::{self, ChatKey};
use crate::store::export::{self, Export};

/// How long the other services are waited for. Seconds.
const PATIENCE: f64 = 20.0;
const LOOK_AGAIN: Duration = Duration::from_millis(300);
/// After so many attempts of unknown outcome there is one more.
const MOST_INTERRUPTED: u32 = 1;

/// Puts people's archives together and sends them, each to the private chat that asked. A repetition after a call
/// of unknown outcome is made once, as with messages.
pub(crate) struct SendExport {
    pub(crate) services: Arc<[String]>,
    pub(crate) bots: Arc<Bots>,
    pub(crate) pool: Pool,
    pub(crate) clock: Clock,
    pub(crate) jobs: Jobs,
}

#[async_trait]
impl JobHandler for SendExport {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        // Each may take as much memory as an archive has bytes.
        QueueSpec { concurrency: 2, max_attempts: 6, ..QueueSpec::new(EXPORT) }
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let ExportJob { export_id } = job.json()?;
        if job.interrupted > MOST_INTERRUPTED {
            let failure = "twice nobody knows whether the archive arrived; it is not sent a third time";
            return Err(JobError::Fail(Failure::new(Class::Permanent, failure)));
        }
        let found = export::get(&self.pool, export_id).await.map_err(Failure::from)?;
        // Sent already, or erased meanwhile.
        let Some(export) = found else { return Ok(()) };
        let Some(served) = self.bots.get(&export.key.bot) else {
            let failure =
                Failure::new(Class::Transient, format!("bot {} is not configured here", export.key.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        };
        let answers = export::answers(&self.pool, export_id).await.map_err(Failure::from)?;
        let silent = |service: &&String| answers.iter().all(|(answered, _)| answered != *service);
        let mut missing: Vec<String> = self.services.iter().filter(silent).cloned().collect();
        if !missing.is_empty() && export.age < PATIENCE {
            return Err(JobError::Snooze { after: LOOK_AGAIN });
        }
        let readme = served.rights_text(&export.language, |texts| &texts.mydata_readme, &[]);
        let archive = archive::build(&self.pool, &export, &readme, &answers, None).await?;
        missing.extend(archive.cut);
        self.send(served, &export, archive.bytes, &missing).await.map_err(|error| failed(job, error))
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        let mut ids = Vec::with_capacity(done.len());
        for (job, ()) in done {
            ids.push(job.json::<ExportJob>()?.export_id);
        }
        export::delete(tx, &ids).await?;
        Ok(AfterCommit::nothing())
    }

    /// The person is told, and may ask again at once.
    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        let Ok(ExportJob { export_id }) = job.json() else { return Ok(AfterCommit::nothing()) };
        let Some(export) = export::get(&self.pool, export_id).await? else {
            return Ok(AfterCommit::nothing());
        };
        let key = export.key.clone();
        let locked = conversation::lock(tx, std::slice::from_ref(&key)).await?;
        export::delete(tx, &[export_id]).await?;
        let (Some(_), Some(served)) = (locked.first(), self.bots.get(&key.bot)) else {
            return Ok(AfterCommit::nothing());
        };
        export::allow_again(tx, &key).await?;
        let text = served.rights_text(&export.language, |texts| &texts.mydata_failed, &[]);
        let outgoing = Outgoing::of(Pii::new(text), Vec::new(), Source::Command);
        let said =
            sends(&key, ConversationId(export.conversation_id), Where::PRIVATE, outgoing, 0, &job.trail)?;
        Ok(self.jobs.enqueue(tx, said).await?)
    }
}

impl SendExport {
    async fn send(
        &self,
        served: &Served,
        export: &Export,
        bytes: Vec<u8>,
        missing: &[String],
    ) -> Result<(), SendError> {
        let mut caption = served.rights_text(&export.language, |texts| &texts.mydata_caption, &[]);
        if !missing.is_empty() {
            let vars = [("missing", missing.join(", "))];
            let more = served.rights_text(&export.language, |texts| &texts.mydata_incomplete, &vars);
            caption = format!("{caption}\n\n{more}");
        }
        let ChatKey { bot, chat_id } = &export.key;
        let day = self.clock.now().strftime("%Y-%m-%d").to_string();
        let file = InputFile::Bytes {
            name: format!("{bot}-{day}.zip").into(),
            mime: "application/zip".into(),
            bytes: bytes.into(),
        };
        let to = SendFile { caption: Some(caption.into()), ..SendFile::to(*chat_id) };
        match served.api.send_document(file, &to).await {
            // Nobody can be reached there: there is nobody to have it.
            Ok(_) | Err(SendError::Blocked(_) | SendError::ChatNotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn failed(job: &Job, error: SendError) -> JobError {
    match error {
        SendError::RetryAfter(after) => JobError::Snooze { after },
        SendError::NotSent(_) | SendError::Unauthorized => {
            JobError::Snooze { after: Duration::from_secs(30) }
        }
        error if error.outcome_is_unknown() && job.interrupted > 0 => JobError::Fail(error.into()),
        error if error.outcome_is_unknown() => JobError::Unknown { after: None, failure: error.into() },
        SendError::Server(_) | SendError::Conflict(_) => {
            JobError::Retry { after: None, failure: error.into() }
        }
        error => JobError::Fail(error.into()),
    }
}
