use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use classify::{Class, Classify, Failure};
use ids::{Pii, Uuid};
use jobs::{Job, JobError, JobHandler, Jobs, Limit, NewJob, QueueSpec};
use pg::{AfterCommit, PgConnection, PgError, Pool, in_time};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::brief::wait_for_lead;
use super::ends::{Ends, count};
use super::gone::{is_gone, leave_nothing};
use super::later;
use crate::accounts::{Account, Accounts};
use crate::adapters::Trouble;
use crate::adapters::standard_webhook::{ATTEMPTS, pause_after};
use crate::delivering::{Delivering, Stop, said};
use crate::domain::lead::Lead;
use crate::domain::note;
use crate::mappings::{self, Unread};
use crate::store::delivery::{self, Kind, Waiting};

pub(crate) const DELIVER_DEAL: &str = "crm.deal";
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
    /// Whose deal it is about; of news none where that lead is not here yet.
    #[serde(default)]
    pub(crate) lead_id: Option<Uuid>,
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
    pub(crate) jobs: Jobs,
    pub(crate) ends: Ends,
}

/// What came of a job: its delivery is done, or has waited for its lead.
pub(crate) enum Done {
    Delivered(String),
    /// Another delivery tells it.
    ToldWithAnother,
    /// The job that takes its place, with its key.
    Follows(DeliverDeal, String),
    Nobodys(String),
}

#[async_trait]
impl JobHandler for DealDeliverer {
    type Done = Done;

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
        match job.json::<DeliverDeal>() {
            // Without its lead it calls nobody.
            Ok(job) if job.lead_id.is_some() => self.accounts.limits(&job.account),
            _ => Vec::new(),
        }
    }

    async fn run(&self, job: &Job) -> Result<Done, JobError> {
        let DeliverDeal { delivery_id, account, lead_id } = job.json()?;
        let Some(lead_id) = lead_id else {
            let brief = DeliverDeal { delivery_id, account, lead_id };
            let waited = wait_for_lead(&self.pool, job, brief, self.ends.clock.now()).await;
            return waited.map_err(|e| self.ours(&e))?;
        };
        let Some(account) = self.accounts.get(&account) else { return Err(unknown(job, &account)) };
        let waiting =
            in_time(delivery::waiting(&self.pool, &delivery_id)).await.map_err(|e| self.ours(&e))?;
        let Some(waiting) = waiting else { return Ok(Done::Delivered(delivery_id)) };
        if waiting.is_told_with_another {
            return Ok(Done::ToldWithAnother);
        }
        // An account that hangs must not take every slot of the others.
        let _slot = account.slots.take().await.map_err(|after| JobError::Snooze { after })?;
        let delivering =
            Delivering { account, pool: &self.pool, delivery_id: &delivery_id, lead_id, trail: &job.trail };
        let began = Instant::now();
        let ended = deliver(&delivering, &waiting, job).await;
        account.slots.took(began.elapsed());
        match ended {
            Ok(()) => {
                count(&account.name, "delivered");
                Ok(Done::Delivered(delivery_id))
            }
            Err(Problem::Stop(Stop::Ours(error))) => match self.ours(&error) {
                JobError::Fail(_) if is_gone(&self.pool, &delivery_id).await => {
                    Ok(Done::Delivered(delivery_id))
                }
                error => Err(error),
            },
            Err(Problem::Stop(Stop::OfOne(trouble))) => {
                count(&account.name, "attempt_failed");
                Err(self.one_is_forbidden(job, account, &trouble))
            }
            Err(Problem::Stop(Stop::Settling(left))) => Err(JobError::Snooze { after: left }),
            Err(Problem::Stop(Stop::Lost(what))) => {
                count(&account.name, "attempt_failed");
                let why = format!("{} has said that it made {what}, and does not find it", account.name);
                let failure = Failure::new(Class::Transient, why);
                Err(JobError::Retry { after: Some(self.after(job)), failure })
            }
            Err(Problem::Stop(Stop::Trouble(trouble))) => {
                count(&account.name, "attempt_failed");
                Err(self.again(job, account, &trouble).await)
            }
            Err(Problem::Never(failure)) => Err(JobError::Fail(failure)),
            Err(Problem::Later(failure)) => Err(JobError::Retry { after: Some(self.after(job)), failure }),
        }
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, Done)]) -> Result<AfterCommit, Failure> {
        let (mut delivered, mut nobodys, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for (job, done) in done {
            match done {
                Done::Delivered(id) => delivered.push((id.as_str(), job)),
                Done::ToldWithAnother => {}
                Done::Nobodys(id) => nobodys.push(id.as_str()),
                Done::Follows(next, key) => {
                    behind.push(NewJob::json(DELIVER_DEAL, key.clone(), next, job.trail.clone())?);
                }
            }
        }
        let ids: Vec<&str> = delivered.iter().map(|(id, _)| *id).collect();
        let mut facts = Vec::with_capacity(ids.len());
        for ended in delivery::end(tx, &ids, "delivered").await? {
            let job = delivered.iter().find(|(id, _)| *id == ended.id);
            facts.extend(job.and_then(|(_, job)| self.ends.fact(job, &ended, "delivered")));
        }
        delivery::forget(tx, &nobodys).await?;
        let told = self.ends.outbox.put(tx, &facts).await?;
        Ok(self.jobs.enqueue(tx, behind).await?.and(told))
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        // A payload that can not be read names no delivery.
        let Ok(DeliverDeal { delivery_id, .. }) = job.json() else { return Ok(AfterCommit::nothing()) };
        let ended = delivery::end(tx, &[&delivery_id], "failed").await?;
        leave_nothing(tx, job, &delivery_id).await?;
        ended.iter().for_each(|ended| count(&ended.endpoint, "failed"));
        let facts: Vec<_> = ended.iter().filter_map(|ended| self.ends.fact(job, ended, "failed")).collect();
        Ok(self.ends.outbox.put(tx, &facts).await?)
    }
}

pub(super) enum Problem {
    Stop(Stop),
    Never(Failure),
    /// Nothing was called: another replica, or a person, is ahead of this one.
    Later(Failure),
}

impl From<Unread> for Problem {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Ours(error) => Self::Stop(Stop::Ours(error)),
            unread => Self::Later(unread.into()),
        }
    }
}

impl From<Stop> for Problem {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

async fn deliver(delivering: &Delivering<'_>, waiting: &Waiting, job: &Job) -> Result<(), Problem> {
    let mark = delivering.delivery_id;
    let newer = || Failure::new(Class::NotFound, "it was written by a newer version of this program");
    let told = match waiting.kind.ok_or_else(|| Problem::Later(newer()))? {
        Kind::Lead => {
            let lead: Lead = read(&waiting.body)?;
            let mapping = mappings::in_force(delivering.pool, delivering.account).await?.mapping;
            let note = note::of_lead(&lead, mark);
            return Ok(delivering.lead(&mapping.contact(&lead), &mapping.deal(&lead), &note).await?);
        }
        Kind::Handoff => {
            let news: News = read(&waiting.body)?;
            let note = note::of_handoff(&news.language, &news.reason, &news.brief, mark);
            delivering.news(mark, async { Ok(note) }).await?
        }
        Kind::Later => later::tell(delivering, job).await?,
    };
    told.ok_or_else(|| {
        let account = &delivering.account.name;
        let why = format!("the lead has no deal at {account} yet; replay the lead, then this");
        Problem::Never(Failure::new(Class::NotFound, why))
    })
}

/// What is kept of a delivery. The error's own text would quote what it stumbled over.
pub(super) fn read<T: DeserializeOwned>(body: &Pii<String>) -> Result<T, Problem> {
    let unreadable =
        |_| Problem::Never(Failure::new(Class::Permanent, "what was kept of it can not be read"));
    serde_json::from_str(body.expose()).map_err(unreadable)
}

impl DealDeliverer {
    fn after(&self, job: &Job) -> Duration {
        pause_after(job.attempt, 0.8 + 0.4 * self.ends.ids.fraction(), false, None)
    }

    /// What becomes of a job whose deal or person we may not touch, where others may be touched.
    pub(super) fn one_is_forbidden(&self, job: &Job, account: &Account, trouble: &Trouble) -> JobError {
        let failure = Failure::new(Class::Denied, said(&account.name, trouble));
        JobError::Retry { after: Some(self.after(job)), failure }
    }

    /// What becomes of a job whose call met this.
    pub(super) async fn again(&self, job: &Job, account: &Account, trouble: &Trouble) -> JobError {
        let after = self.after(job);
        let failure = Failure::new(Class::Transient, said(&account.name, trouble));
        match trouble {
            Trouble::Busy { status, after, only_this } => {
                if status.is_some() && !only_this {
                    self.pause(account, *after).await;
                }
                JobError::Snooze { after: after.mul_f64(1.0 + 0.2 * self.ends.ids.fraction()) }
            }
            Trouble::Blocked { .. } => self.shut_out(account, trouble, SHUT_OUT).await,
            Trouble::Denied { .. } | Trouble::Forbidden { .. } => {
                self.shut_out(account, trouble, NO_TOKEN).await
            }
            Trouble::Rejected { .. } => {
                JobError::Fail(Failure::new(Class::Invalid, said(&account.name, trouble)))
            }
            Trouble::Unknown(_) => JobError::Unknown { after: Some(after.max(account.settles_in)), failure },
            Trouble::Ours(error) => self.ours(error),
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
    pub(super) fn ours(&self, error: &PgError) -> JobError {
        if error.class().is_retryable() {
            JobError::Snooze { after: Duration::from_secs_f64(4.0 + 2.0 * self.ends.ids.fraction()) }
        } else {
            Failure::new(error.class(), classify::chain(error)).into()
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
