use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use classify::Failure;
use events::message::crm::DealMoved;
use events::{Envelope, Key, Trail};
use ids::Timestamp;
use jobs::{Job, JobError, JobHandler, Jobs, Limit, NewJob, QueueSpec};
use pg::{AfterCommit, PgConnection, in_time};
use serde::{Deserialize, Serialize};

use super::deliver_deal::{DealDeliverer, unknown};
use crate::accounts::Account;
use crate::adapters::Trouble;
use crate::adapters::standard_webhook::{ATTEMPTS, pause_after};
use crate::domain::money;
use crate::domain::schema::{Ended, Schema};
use crate::domain::state::{DealState, Outcome, Standing};
use crate::names::{self, Names};
use crate::store::deal::{self, Begun, Kept};
use crate::store::deal_owner::{self, Owner};
use crate::store::delivery;

pub(crate) const READ_DEAL: &str = "crm.read";

/// A deal that the CRM has told something of. Keyed by both.
#[derive(Serialize, Deserialize)]
pub(crate) struct ReadDeal {
    pub(crate) account: String,
    /// The CRM's id.
    pub(crate) deal: String,
}

impl ReadDeal {
    pub(crate) fn job(account: &str, deal: &str, trail: Trail) -> Result<NewJob, Failure> {
        let job = Self { account: account.to_owned(), deal: deal.to_owned() };
        NewJob::json(READ_DEAL, deal::job_key(account, deal), &job, trail)
    }
}

/// Reads them from the CRM, and tells those that moved.
pub(crate) struct DealReader {
    /// What meets the same troubles, at the same accounts.
    pub(crate) deals: Arc<DealDeliverer>,
    pub(crate) names: Names,
    pub(crate) jobs: Jobs,
}

/// What was read of a deal.
pub(crate) struct Read {
    account: String,
    /// As it was asked for, and as it is called now.
    asked: String,
    deal: String,
    standing: Standing,
    /// The CRM's names.
    stage: String,
    responsible: String,
    /// Since when it has ended so, as the CRM says.
    ended_at: Option<Timestamp>,
    /// When it was asked for.
    at: Timestamp,
}

#[async_trait]
impl JobHandler for DealReader {
    /// `None`: there was nothing left to read.
    type Done = Option<Read>;

    fn queue(&self) -> QueueSpec {
        QueueSpec {
            concurrency: 8,
            max_attempts: ATTEMPTS,
            backoff: |attempt| pause_after(attempt, 1.0, false, None),
            limited: true,
            ..QueueSpec::new(READ_DEAL)
        }
    }

    fn limits(&self, job: &Job) -> Vec<Limit> {
        job.json::<ReadDeal>()
            .map(|job| self.deals.accounts.limits_of_reads(&job.account))
            .unwrap_or_default()
    }

    async fn run(&self, job: &Job) -> Result<Option<Read>, JobError> {
        let ReadDeal { account, deal } = job.json()?;
        let Some(account) = self.deals.accounts.get(&account) else { return Err(unknown(job, &account)) };
        // An account that hangs must not take every slot of the others.
        let _slot = account.slots.take().await.map_err(|after| JobError::Snooze { after })?;
        let begun = in_time(deal::begin(&self.deals.pool, &account.name, &deal)).await;
        let Some(begun) = begun.map_err(|error| self.deals.ours(&error))? else { return Ok(None) };
        let began = Instant::now();
        let read = self.read(account, deal, begun).await;
        account.slots.took(began.elapsed());
        match read {
            Ok(read) => Ok(Some(read)),
            // One deal that we may not read must not keep everything else of the account away.
            Err(trouble @ Trouble::Forbidden { .. }) => match account.adapter.probe().await {
                Ok(()) => Err(self.deals.one_is_forbidden(job, account, &trouble)),
                Err(trouble) => Err(self.deals.again(job, account, &trouble).await),
            },
            Err(trouble) => Err(self.deals.again(job, account, &trouble).await),
        }
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        done: &[(Job, Option<Read>)],
    ) -> Result<AfterCommit, Failure> {
        let mut reads: Vec<(&Job, &Read)> =
            done.iter().filter_map(|(job, read)| Some((job, read.as_ref()?))).collect();
        // Whoever else writes the same rows locks them in the same order.
        reads.sort_by(|(_, a), (_, b)| (&a.account, &a.deal).cmp(&(&b.account, &b.deal)));
        let (mut moves, mut again) = (Vec::with_capacity(reads.len()), Vec::new());
        for (job, read) in reads {
            if read.asked != read.deal {
                let (over, reads) = self.renamed(tx, job, read).await?;
                moves.extend(over);
                again.extend(reads);
            }
            moves.extend(self.keep(tx, job, read).await?);
        }
        let published = self.deals.ends.outbox.put(tx, &moves).await?;
        Ok(self.jobs.enqueue(tx, again).await?.and(published))
    }

    async fn give_up(&self, tx: &mut PgConnection, job: &Job, _: &Failure) -> Result<AfterCommit, Failure> {
        // A payload that can not be read names no deal.
        let Ok(ReadDeal { account, deal }) = job.json() else { return Ok(AfterCommit::nothing()) };
        if !deal::given_up(tx, &account, &deal).await? {
            // Its person was erased meanwhile.
            delivery::forget_letter(tx, job.queue, &job.key, &job.payload).await?;
        }
        Ok(AfterCommit::nothing())
    }
}

impl DealReader {
    async fn read(&self, account: &Account, asked: String, begun: Begun) -> Result<Read, Trouble> {
        let answer = account.adapter.deal_state(&asked).await;
        let outcome = answer.as_ref().map_or_else(Trouble::word, |_| "done");
        metrics::counter!(
            "dragoman_crm_calls_total", "account" => account.name.clone(), "outcome" => outcome
        )
        .increment(1);
        let Some(state) = answer? else {
            return Ok(Read::gone(&account.name, asked, begun.at));
        };
        let schema = self.names.of(account, &state).await?;
        Ok(Read::new(&account.name, asked, &state, &schema, &begun))
    }

    /// Keeps a deal under the name that it has now, and has it read once more: what was told of that name before this was
    /// known was about no deal of ours. Where that name is kept already, for somebody else's lead had come to it, the one
    /// before is over.
    async fn renamed(
        &self,
        tx: &mut PgConnection,
        job: &Job,
        read: &Read,
    ) -> Result<(Option<Envelope>, Option<NewJob>), Failure> {
        let (account, asked) = (read.account.as_str(), read.asked.as_str());
        let Some(owner) = deal_owner::owner(tx, account, asked).await? else { return Ok((None, None)) };
        let kept = deal::kept(tx, account, asked).await?;
        deal_owner::follow(tx, account, asked, &read.deal).await?;
        if deal_owner::rename(tx, account, asked, &read.deal).await? {
            let again = ReadDeal::job(account, &read.deal, job.trail.clone())?;
            return Ok((None, Some(again)));
        }
        deal_owner::end(tx, account, asked).await?;
        let told =
            deal::told(tx, account, std::slice::from_ref(&read.deal), &[self.deals.ends.ids.uuid()]).await?;
        let again = told.first().map(|deal| ReadDeal::job(account, deal, job.trail.clone())).transpose()?;
        Ok((kept.and_then(|kept| self.over(job, read, &kept, owner)), again))
    }

    /// Keeps what was read, where nothing newer is kept; a move where it is another than was known.
    async fn keep(&self, tx: &mut PgConnection, job: &Job, read: &Read) -> Result<Option<Envelope>, Failure> {
        let Some(owner) = deal_owner::owner(tx, &read.account, &read.deal).await? else { return Ok(None) };
        let Some(kept) = deal::kept(tx, &read.account, &read.deal).await? else { return Ok(None) };
        if owner.has_another {
            deal_owner::end(tx, &read.account, &read.deal).await?;
            return Ok(self.over(job, read, &kept, owner));
        }
        if kept.read_at.is_some_and(|kept| kept > read.at) {
            return Ok(None);
        }
        let before = kept.standing.as_ref();
        let same_outcome = before.is_some_and(|before| before.outcome == read.standing.outcome);
        let since = kept.outcome_since.filter(|_| same_outcome).unwrap_or_else(|| read.since(kept.read_at));
        deal::keep(tx, kept.id, owner.lead_id, &read.standing, read.at, since).await?;
        if before == Some(&read.standing) {
            return Ok(None);
        }
        Ok(Some(self.moved(job, read, &kept, owner, since)))
    }

    /// That there is nothing of a deal any more where it was told before that there is.
    fn over(&self, job: &Job, read: &Read, kept: &Kept, owner: Owner) -> Option<Envelope> {
        let is_known = kept.standing.as_ref().is_some_and(|told| told.outcome != Outcome::Deleted);
        let gone = Read::gone(&read.account, read.asked.clone(), read.at);
        is_known.then(|| self.moved(job, &gone, kept, owner, read.at))
    }

    fn moved(&self, job: &Job, read: &Read, kept: &Kept, owner: Owner, since: Timestamp) -> Envelope {
        metrics::counter!(
            "dragoman_crm_deals_moved_total",
            "account" => read.account.clone(), "outcome" => read.standing.outcome.as_str()
        )
        .increment(1);
        let (ends, at_ms) = (&self.deals.ends, read.at.as_millisecond());
        let event = DealMoved {
            deal_id: kept.id.to_string(),
            lead_id: owner.lead_id.to_string(),
            conversation_id: owner.conversation_id,
            bot: owner.bot,
            account: read.account.clone(),
            outcome: read.standing.outcome.as_str().to_owned(),
            stage: read.stage.clone(),
            responsible: read.responsible.clone(),
            amount_minor: read.standing.amount_minor,
            currency: read.standing.currency.clone(),
            at_ms,
            outcome_since_ms: since.as_millisecond(),
        };
        Envelope::new(ends.ids.event(), Key::of(owner.lead_id), job.trail.clone(), at_ms, &event)
    }
}

impl Read {
    fn gone(account: &str, asked: String, at: Timestamp) -> Self {
        let standing = Standing {
            outcome: Outcome::Deleted,
            pipeline: String::new(),
            stage: String::new(),
            responsible: String::new(),
            amount_minor: 0,
            currency: String::new(),
        };
        let (stage, responsible) = (String::new(), String::new());
        let deal = asked.clone();
        Self { account: account.to_owned(), deal, asked, standing, stage, responsible, ended_at: None, at }
    }

    fn new(account: &str, asked: String, deal: &DealState, schema: &Schema, begun: &Begun) -> Self {
        let stage = names::stage(schema, deal);
        let outcome = match stage {
            Some(stage) if deal.stage_decides => match stage.ended {
                Some(Ended::Won) => Outcome::Won,
                Some(Ended::Lost) => Outcome::Lost,
                None => Outcome::Open,
            },
            _ => deal.outcome,
        };
        // An account that does not tell its currency now has not changed it.
        let known = [&deal.currency, &schema.currency, &begun.currency];
        let currency = known.into_iter().find(|currency| !currency.is_empty()).unwrap_or(&deal.currency);
        let amount = if deal.amount.is_empty() { Some(0) } else { money::minor(&deal.amount, currency) };
        if amount.is_none() {
            tracing::warn!(
                account,
                deal = deal.deal,
                "the sum of a deal can not be read, and counts as nothing"
            );
        }
        let person = schema.people.iter().find(|person| person.id == deal.responsible);
        Self {
            account: account.to_owned(),
            asked,
            deal: deal.deal.clone(),
            standing: Standing {
                outcome,
                pipeline: deal.pipeline.clone(),
                stage: deal.stage.clone(),
                responsible: deal.responsible.clone(),
                amount_minor: amount.unwrap_or_default(),
                currency: currency.clone(),
            },
            stage: stage.map_or_else(|| deal.stage.clone(), |stage| stage.name.clone()),
            responsible: person.map_or_else(|| deal.responsible.clone(), |person| person.name.clone()),
            ended_at: deal.ended_at,
            at: begun.at,
        }
    }

    /// Since when its outcome is what it is: as the CRM says, but not before it was read last with another outcome, nor
    /// after it was read now. A deal that is read for the first time may have been won long ago.
    fn since(&self, read_before: Option<Timestamp>) -> Timestamp {
        let ended = self.ended_at.filter(|_| matches!(self.standing.outcome, Outcome::Won | Outcome::Lost));
        let ended = ended.map_or(self.at, |at| at.min(self.at));
        read_before.map_or(ended, |before| ended.max(before))
    }
}
