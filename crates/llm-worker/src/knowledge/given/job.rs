//! Fetches the documents that were given by their addresses, and looks now and then whether they have changed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use classify::{Class, Failure};
use events::Trail;
use ids::{Clock, Ids, SignedDuration, Timestamp, Uuid};
use jobs::{Chore, Job, JobError, JobHandler, Jobs, NewJob, Queue, QueueSpec, periodic};
use pg::{AfterCommit, PgConnection, Pool};
use serde::{Deserialize, Serialize};
use url::Url;

use super::fetch::{Fetched, Fetcher};
use super::intake::take_in_tx;
use crate::config::KnowledgeConfig;
use crate::error::LlmError;
use crate::store::given;

const FETCH: &str = "llm.fetch";
/// Then it is left until its next turn. That is told with the document, and is no dead letter: what is out of order
/// is somebody else's.
const MOST_ATTEMPTS: u32 = 5;
/// How often it is looked which documents are due.
const LOOK_EVERY: Duration = Duration::from_secs(600);

/// Which document.
#[derive(Serialize, Deserialize)]
struct Which {
    id: Uuid,
}

/// The job that fetches a document.
pub(super) fn fetching(id: Uuid, ids: &Ids) -> Result<NewJob, Failure> {
    NewJob::json(FETCH, id.to_string(), &Which { id }, Trail::start(ids.trace(), ids.event()))
}

/// The queues of the documents that were given.
pub(crate) fn queues(
    config: &KnowledgeConfig,
    pool: &Pool,
    clock: &Clock,
    ids: &Ids,
    jobs: &Jobs,
) -> Result<[Queue; 2], LlmError> {
    let fetch = Fetch { pool: pool.clone(), clock: clock.clone(), fetcher: Fetcher::new(config)? };
    let refresh = Refresh {
        pool: pool.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        jobs: jobs.clone(),
        every: SignedDuration::from_hours(i64::from(config.refresh_hours.max(1))),
    };
    Ok([Queue::new(Arc::new(fetch)), periodic("llm.refresh", LOOK_EVERY, Arc::new(refresh))])
}

struct Fetch {
    pool: Pool,
    clock: Clock,
    fetcher: Fetcher,
}

#[async_trait]
impl JobHandler for Fetch {
    /// Nothing where the document was removed meanwhile, or could not be had.
    type Done = Option<(Uuid, Fetched)>;

    fn queue(&self) -> QueueSpec {
        QueueSpec {
            concurrency: 4,
            lease: Duration::from_secs(30),
            max_attempts: MOST_ATTEMPTS,
            ..QueueSpec::new(FETCH)
        }
    }

    async fn run(&self, job: &Job) -> Result<Self::Done, JobError> {
        let Which { id } = job.json()?;
        let document = given::get(&self.pool, id).await.map_err(Failure::from)?;
        let content = given::content(&self.pool, id).await.map_err(Failure::from)?;
        let (Some(document), Some((_, _, marks))) = (document, content) else { return Ok(None) };
        let url = Url::parse(&document.place).map_err(|error| Failure::new(Class::Invalid, error))?;
        match self.fetcher.fetch(&url, &marks).await {
            Ok(fetched) => Ok(Some((id, fetched))),
            Err(failure) => {
                // So that `list` tells it while it is tried again.
                let mut connection =
                    self.pool.acquire().await.map_err(pg::PgError::from).map_err(Failure::from)?;
                let now = self.clock.now();
                let gone = failure.class() == Class::NotFound;
                let said = failure.to_string();
                given::fail(&mut connection, id, &said, gone, now).await.map_err(Failure::from)?;
                if failure.class().is_retryable() && job.attempt < MOST_ATTEMPTS {
                    return Err(failure.into());
                }
                tracing::warn!(%id, attempts = job.attempt, error = said, "a document could not be fetched");
                Ok(None)
            }
        }
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        done: &[(Job, Self::Done)],
    ) -> Result<AfterCommit, Failure> {
        let now = self.clock.now();
        for (id, fetched) in done.iter().filter_map(|(_, done)| done.as_ref()) {
            match fetched {
                Fetched::NotModified => given::unchanged_in_tx(tx, *id, now).await?,
                Fetched::Document { kind, text, marks } => {
                    if let Some(given) = take_in_tx(tx, *id, (*kind, text), marks, now).await? {
                        tracing::info!(bot = given.bot, id = %given.id, state = given.state, passages = given.passages, "a document was fetched");
                    }
                }
            }
        }
        Ok(AfterCommit::nothing())
    }
}

struct Refresh {
    pool: Pool,
    clock: Clock,
    ids: Ids,
    jobs: Jobs,
    every: SignedDuration,
}

#[async_trait]
impl Chore for Refresh {
    async fn run(&self) -> Result<(), Failure> {
        let since = self.clock.now().checked_sub(self.every).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut tx = self.pool.begin().await.map_err(pg::PgError::from)?;
        let due = given::due_in_tx(&mut tx, since).await?;
        let jobs = due.into_iter().map(|id| fetching(id, &self.ids)).collect::<Result<Vec<_>, _>>()?;
        let begun = self.jobs.enqueue(&mut tx, jobs).await?;
        tx.commit().await.map_err(pg::PgError::from)?;
        begun.run();
        crate::store::gaps::forget(&self.pool, self.clock.now()).await?;
        Ok(())
    }
}
