use std::sync::Arc;

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
use crate::store::deal::{self, Kept, Whose};

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
        job.json::<ReadDeal>().map(|job| self.deals.accounts.limits(&job.account)).unwrap_or_default()
    }

    async fn run(&self, job: &Job) -> Result<Option<Read>, JobError> {
        let ReadDeal { account, deal } = job.json()?;
        let Some(account) = self.deals.accounts.get(&account) else { return Err(unknown(job, &account)) };
        let is_ours = in_time(deal::begin(&self.deals.pool, &account.name, &deal)).await;
        if !is_ours.map_err(|error| self.deals.ours(&error))? {
            return Ok(None);
        }
        match self.read(account, deal).await {
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
                again.extend(self.renamed(tx, job, read).await?);
            }
            moves.extend(self.keep(tx, job, read).await?);
        }
        let published = self.deals.ends.outbox.put(tx, &moves).await?;
        Ok(self.jobs.enqueue(tx, again).await?.and(published))
    }
}

impl DealReader {
    async fn read(&self, account: &Account, asked: String) -> Result<Read, Trouble> {
        let at = self.deals.ends.clock.now();
        let answer = account.adapter.deal_state(&asked).await;
        let outcome = answer.as_ref().map_or_else(Trouble::word, |_| "done");
        metrics::counter!(
            "dragoman_crm_calls_total", "account" => account.name.clone(), "outcome" => outcome
        )
        .increment(1);
        let Some(state) = answer? else {
            return Ok(Read::gone(&account.name, asked, at));
        };
        let schema = self.names.of(account, &state).await?;
        Ok(Read::new(&account.name, asked, &state, &schema, at))
    }

    /// Keeps a deal under the name that it has now, and has it read once more: what was told of that name before this was
    /// known was about no deal of ours.
    async fn renamed(
        &self,
        tx: &mut PgConnection,
        job: &Job,
        read: &Read,
    ) -> Result<Option<NewJob>, Failure> {
        deal::renamed(tx, &read.account, &read.asked, &read.deal).await?;
        let told = [read.deal.clone()];
        let waits = deal::told(tx, &read.account, &told, &[self.deals.ends.ids.uuid()]).await?;
        waits.first().map(|deal| ReadDeal::job(&read.account, deal, job.trail.clone())).transpose()
    }

    /// Keeps what was read, where nothing newer is kept; a move where it is another than was known.
    async fn keep(&self, tx: &mut PgConnection, job: &Job, read: &Read) -> Result<Option<Envelope>, Failure> {
        let Some(whose) = deal::whose(tx, &read.account, &read.deal).await? else { return Ok(None) };
        let Some(kept) = deal::kept(tx, &read.account, &read.deal).await? else { return Ok(None) };
        if kept.read_at.is_some_and(|kept| kept > read.at) {
            return Ok(None);
        }
        let before = kept.standing.as_ref();
        let same_outcome = before.is_some_and(|before| before.outcome == read.standing.outcome);
        let since = kept.outcome_since.filter(|_| same_outcome).unwrap_or(read.at);
        deal::keep(tx, kept.id, &read.standing, read.at, since).await?;
        if before == Some(&read.standing) {
            return Ok(None);
        }
        metrics::counter!(
            "dragoman_crm_deals_moved_total",
            "account" => read.account.clone(), "outcome" => read.standing.outcome.as_str()
        )
        .increment(1);
        Ok(Some(self.moved(job, read, &kept, whose, since)))
    }

    fn moved(&self, job: &Job, read: &Read, kept: &Kept, whose: Whose, since: Timestamp) -> Envelope {
        let (ends, at_ms) = (&self.deals.ends, read.at.as_millisecond());
        let event = DealMoved {
            deal_id: kept.id.to_string(),
            lead_id: whose.lead_id.to_string(),
            conversation_id: whose.conversation_id,
            bot: whose.bot,
            account: read.account.clone(),
            outcome: read.standing.outcome.as_str().to_owned(),
            stage: read.stage.clone(),
            responsible: read.responsible.clone(),
            amount_minor: read.standing.amount_minor,
            currency: read.standing.currency.clone(),
            at_ms,
            outcome_since_ms: since.as_millisecond(),
        };
        Envelope::new(ends.ids.event(), Key::of(whose.lead_id), job.trail.clone(), at_ms, &event)
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
        Self { account: account.to_owned(), deal: asked.clone(), asked, standing, stage, responsible, at }
    }

    fn new(account: &str, asked: String, deal: &DealState, schema: &Schema, at: Timestamp) -> Self {
        let stage = names::stage(schema, deal);
        let outcome = match stage {
            Some(stage) if deal.stage_decides => match stage.ended {
                Some(Ended::Won) => Outcome::Won,
                Some(Ended::Lost) => Outcome::Lost,
                None => Outcome::Open,
            },
            _ => deal.outcome,
        };
        let currency = if deal.currency.is_empty() { &schema.currency } else { &deal.currency };
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
            at,
        }
    }
}
