use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Classify, Failure};
use ids::Uuid;
use jobs::{Job, JobError, JobHandler, Limit, QueueSpec};
use pg::{AfterCommit, PgConnection, PgError, Pool, in_time};
use serde::{Deserialize, Serialize};

use super::ends::{Ends, count};
use crate::accounts::{Account, Accounts};
use crate::adapters::Trouble;
use crate::delivering::{Delivering, Stop, said};
use crate::domain::lead::Lead;
use crate::domain::note;
use crate::store::delivery::{self, Kind, Waiting};
use crate::webhook::{ATTEMPTS, pause_after};

pub(crate) const DELIVER_DEAL: &str = "crm.deal";
/// The CRM may still be at work on what it did not answer (Bitrix24 for up to a minute), or its search may not know of it
/// yet (HubSpot's is half a minute behind); whoever looks too soon does not find it.
const SETTLING: Duration = Duration::from_secs(90);
/// A CRM that has shut us out is asked again after so long; a person looks at it before.
const SHUT_OUT: Duration = Duration::from_secs(4 * 3600);
/// A token that is not taken: somebody is about to give another.
const NO_TOKEN: Duration = Duration::from_secs(15 * 60);
/// Up to this attempt an account that is not configured here is looked for elsewhere, once a minute.
const ROLL_OUT: u32 = 5;

/// A lead, or news of one, to an account.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeliverDeal {
    pub(crate) delivery_id: String,
    pub(crate) account: String,
    /// Whose deal it is about.
    pub(crate) lead_id: Uuid,
}

/// What is kept of a call for a human until the accounts have it.
#[derive(Serialize, Deserialize)]
pub(crate) struct News {
    pub(crate) language: String,
    pub(crate) reason: String,
    pub(crate) brief: String,
}

/// Brings them there.
pub(crate) struct DealDeliverer {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) pool: Pool,
    pub(crate) ends: Ends,
}

#[async_trait]
impl JobHandler for DealDeliverer {
    /// The delivery that is done.
    type Done = String;

    fn queue(&self) -> QueueSpec {
        QueueSpec {
            concurrency: 16,
            max_attempts: ATTEMPTS,
            backoff: |attempt| pause_after(attempt, 1.0, false, None),
            limited: true,
            ..QueueSpec::new(DELIVER_DEAL)
        }
    }

    fn limits(&self, job: &Job) -> Vec<Limit> {
        job.json::<DeliverDeal>().map(|job| self.accounts.limits(&job.account)).unwrap_or_default()
    }

    async fn run(&self, job: &Job) -> Result<String, JobError> {
        let DeliverDeal { delivery_id, account, lead_id } = job.json()?;
        let Some(account) = self.accounts.get(&account) else { return Err(unknown(job, &account)) };
        let waiting = in_time(delivery::waiting(&self.pool, &delivery_id)).await.map_err(|e| self.ours(e))?;
        let Some(waiting) = waiting else { return Ok(delivery_id) };
        let delivering = Delivering { account, pool: &self.pool, delivery_id: &delivery_id, lead_id };
        match deliver(&delivering, &waiting).await {
            Ok(()) => {
                count(&account.name, "delivered");
                Ok(delivery_id)
            }
            Err(Problem::Stop(Stop::Ours(error))) => Err(self.ours(error)),
            Err(Problem::Stop(Stop::Trouble(trouble))) => {
                count(&account.name, "attempt_failed");
                Err(self.again(job, account, &trouble).await)
            }
            Err(Problem::Never(failure)) => Err(JobError::Fail(failure)),
        }
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, String)]) -> Result<AfterCommit, Failure> {
        let ids: Vec<&str> = done.iter().map(|(_, id)| id.as_str()).collect();
        let mut facts = Vec::with_capacity(ids.len());
        for ended in delivery::end(tx, &ids, "delivered").await? {
            let job = done.iter().find(|(_, id)| *id == ended.id);
            facts.extend(job.and_then(|(job, _)| self.ends.fact(job, &ended, "delivered")));
        }
        Ok(self.ends.outbox.put(tx, &facts).await?)
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        // A payload that can not be read names no delivery.
        let Ok(DeliverDeal { delivery_id, .. }) = job.json() else { return Ok(AfterCommit::nothing()) };
        let ended = delivery::end(tx, &[&delivery_id], "failed").await?;
        ended.iter().for_each(|ended| count(&ended.endpoint, "failed"));
        let facts: Vec<_> = ended.iter().filter_map(|ended| self.ends.fact(job, ended, "failed")).collect();
        Ok(self.ends.outbox.put(tx, &facts).await?)
    }
}

enum Problem {
    Stop(Stop),
    Never(Failure),
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

async fn deliver(delivering: &Delivering<'_>, waiting: &Waiting) -> Result<(), Problem> {
    // Its own text would quote what it stumbled over.
    let unreadable =
        |_| Problem::Never(Failure::new(Class::Permanent, "what was kept of it can not be read"));
    let (mapping, mark) = (&delivering.account.mapping, delivering.delivery_id);
    match waiting.kind {
        Kind::Lead => {
            let lead: Lead = serde_json::from_str(waiting.body.expose()).map_err(unreadable)?;
            let note = note::of_lead(&lead, mark);
            Ok(delivering.lead(&mapping.contact(&lead), &mapping.deal(&lead), &note).await?)
        }
        Kind::Handoff => {
            let news: News = serde_json::from_str(waiting.body.expose()).map_err(unreadable)?;
            let note = note::of_handoff(&news.language, &news.reason, &news.brief, mark);
            delivering.news(&note).await?.ok_or_else(|| {
                let why = format!(
                    "the lead has no deal at {} yet; replay the lead, then this",
                    delivering.account.name
                );
                Problem::Never(Failure::new(Class::NotFound, why))
            })
        }
    }
}

impl DealDeliverer {
    /// What becomes of a job whose call met this.
    pub(super) async fn again(&self, job: &Job, account: &Account, trouble: &Trouble) -> JobError {
        let jitter = 0.8 + 0.4 * self.ends.ids.fraction();
        let after = pause_after(job.attempt, jitter, false, None);
        let failure = Failure::new(Class::Transient, said(&account.name, trouble));
        match trouble {
            Trouble::Busy { status, after, only_this } => {
                if status.is_some() && !only_this {
                    self.pause(account, *after).await;
                }
                JobError::Snooze { after: after.mul_f64(1.0 + 0.2 * self.ends.ids.fraction()) }
            }
            Trouble::Blocked { .. } => self.shut_out(account, trouble, SHUT_OUT).await,
            Trouble::Denied { .. } => self.shut_out(account, trouble, NO_TOKEN).await,
            Trouble::Rejected { .. } => {
                JobError::Fail(Failure::new(Class::Invalid, said(&account.name, trouble)))
            }
            Trouble::Unknown(_) => JobError::Unknown { after: Some(after.max(SETTLING)), failure },
            Trouble::NotSent(_) | Trouble::Failed { .. } => JobError::Retry { after: Some(after), failure },
        }
    }

    /// Everything of the account waits. A lead spends no attempt on it.
    async fn shut_out(&self, account: &Account, trouble: &Trouble, pause: Duration) -> JobError {
        tracing::error!(
            account = account.name,
            why = said(&account.name, trouble),
            "nothing is delivered to this account"
        );
        metrics::counter!("dragoman_crm_shut_out_total", "account" => account.name.clone()).increment(1);
        self.pause(account, pause).await;
        JobError::Snooze { after: pause }
    }

    async fn pause(&self, account: &Account, pause: Duration) {
        if let Err(error) = in_time(account.pause(&self.pool, pause)).await {
            tracing::warn!(account = account.name, error = %classify::chain(&error), "the account could not be paused");
        }
    }

    /// Trouble of our own database: it must not use up the account's attempts.
    pub(super) fn ours(&self, error: PgError) -> JobError {
        if error.class().is_retryable() {
            JobError::Snooze { after: Duration::from_secs_f64(4.0 + 2.0 * self.ends.ids.fraction()) }
        } else {
            Failure::from(error).into()
        }
    }
}

/// While a new configuration is rolled out, another replica may know the account that this one does not.
pub(super) fn unknown(job: &Job, account: &str) -> JobError {
    let failure = Failure::new(Class::NotFound, format!("the account {account} is not configured"));
    if job.attempt > ROLL_OUT {
        return JobError::Fail(failure);
    }
    JobError::Retry { after: Some(Duration::from_secs(60)), failure }
}
