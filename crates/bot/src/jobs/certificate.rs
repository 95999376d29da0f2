use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::Failure;
use ids::Uuid;
use jobs::{Job, JobError, JobHandler, QueueSpec};
use pg::{AfterCommit, PgConnection, Pool};
use serde::{Deserialize, Serialize};
use telegram::SendError;
use telegram::client::{InputFile, SendFile};

use crate::bots::{Bots, Served};
use crate::rights::certificate::Certificate;
use crate::store::erasure;

pub(crate) const CERTIFICATE: &str = "bot.erasure-certificate";

const MOST_ATTEMPTS: u32 = 12;

/// Keyed by the erasure. The last trace of the person: it ends with the job, however that ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SendCertificate {
    pub(crate) bot: String,
    pub(crate) chat_id: i64,
    pub(crate) language: String,
    pub(crate) erasure_id: Uuid,
}

/// Sends certificates. One that can not be sent is never a dead letter, for that would keep the person's number;
/// the certificate itself is kept, and `dragoman erasures show` tells it.
pub(crate) struct SendCertificates {
    pub(crate) bots: Arc<Bots>,
    pub(crate) pool: Pool,
}

#[async_trait]
impl JobHandler for SendCertificates {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: 4, max_attempts: MOST_ATTEMPTS + 1, ..QueueSpec::new(CERTIFICATE) }
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let Ok(send) = job.json::<SendCertificate>() else { return Ok(()) };
        let given_up = |why: &str| {
            tracing::warn!(erasure = %send.erasure_id, why, "the certificate of an erasure was not sent");
        };
        if job.interrupted > 1 || job.attempt > MOST_ATTEMPTS {
            given_up("too many attempts");
            return Ok(());
        }
        let Some(served) = self.bots.get(&send.bot) else {
            let failure =
                Failure::new(classify::Class::Transient, format!("bot {} is not configured here", send.bot));
            return Err(JobError::Retry { after: Some(Duration::from_secs(30)), failure });
        };
        let found = erasure::certificate(&self.pool, send.erasure_id).await.map_err(Failure::from)?;
        let Some(value) = found else { return Ok(()) };
        match self.send(served, &send, Certificate::text(&value)).await {
            Ok(()) => Ok(()),
            Err(SendError::RetryAfter(after)) => Err(JobError::Snooze { after }),
            Err(SendError::NotSent(_) | SendError::Unauthorized) => {
                Err(JobError::Retry { after: Some(Duration::from_secs(60)), failure: not_now() })
            }
            Err(error) if error.outcome_is_unknown() => {
                Err(JobError::Unknown { after: None, failure: error.into() })
            }
            Err(SendError::Server(_) | SendError::Conflict(_)) => {
                Err(JobError::Retry { after: None, failure: not_now() })
            }
            // Nobody can be reached there any more.
            Err(error) => {
                given_up(&error.to_string());
                Ok(())
            }
        }
    }

    async fn commit(&self, _: &mut PgConnection, _: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }
}

impl SendCertificates {
    async fn send(&self, served: &Served, send: &SendCertificate, text: String) -> Result<(), SendError> {
        let file = InputFile::Bytes {
            name: "erasure-certificate.json".into(),
            mime: "application/json".into(),
            bytes: text.into_bytes().into(),
        };
        let caption = served.rights_text(&send.language, |texts| &texts.forget_done, &[]);
        let to = SendFile { caption: Some(caption.into()), ..SendFile::to(send.chat_id) };
        served.api.send_document(file, &to).await.map(drop)
    }
}

fn not_now() -> Failure {
    Failure::new(classify::Class::Transient, "telegram does not take the certificate now")
}
