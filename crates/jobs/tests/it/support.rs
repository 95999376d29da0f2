//! What the tests of the queues share: a database with the tables, replicas that can be stopped or killed,
//! and a handler made of closures.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use classify::{Class, Failure};
use events::Trail;
use futures::future::BoxFuture;
use ids::{Ids, Secret};
use jobs::{Job, JobError, JobHandler, Jobs, Limit, NewJob, Queue, QueueSpec};
use pg::{AfterCommit, Migrator, PgConnection, PgError, Pool, PoolSettings};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) const QUEUE: &str = "test";

pub(crate) struct Bench {
    pub(crate) pool: Pool,
    pub(crate) jobs: Jobs,
    pub(crate) ids: Ids,
    // Dropped last.
    _database: Option<testkit::TestDatabase>,
}

pub(crate) async fn bench() -> Bench {
    let database = testkit::database().await;
    let bench = bench_on(database.secret()).await;
    Bench { _database: Some(database), ..bench }
}

/// The same in a database that the caller keeps.
pub(crate) async fn bench_on(url: Secret) -> Bench {
    let pool = pg::connect(&PoolSettings { url, max_connections: 16 }, "public").await.unwrap();
    pg::migrate(&pool, &Migrator::DEFAULT).await.unwrap();
    sqlx::raw_sql("create table result (nth bigint generated always as identity, key text, value text)")
        .execute(&pool)
        .await
        .unwrap();
    Bench { pool, jobs: Jobs::default(), ids: Ids::system(), _database: None }
}

pub(crate) struct Replica {
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Replica {
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }

    /// As SIGKILL would: nothing more of it runs.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.unwrap_err().is_cancelled());
    }
}

impl Bench {
    pub(crate) fn replica<H: JobHandler>(&self, handler: &Arc<H>) -> Replica {
        self.queue(Queue::new(handler.clone()))
    }

    pub(crate) fn queue(&self, queue: Queue) -> Replica {
        let shutdown = CancellationToken::new();
        let task = queue.into_task(self.pool.clone(), self.ids.clone(), self.jobs.clone(), shutdown.clone());
        Replica { shutdown, task: tokio::spawn(task) }
    }

    pub(crate) fn job(&self, key: &str, payload: &str) -> NewJob {
        NewJob {
            queue: QUEUE,
            key: key.to_owned(),
            payload: payload.into(),
            run_at: None,
            trail: Trail::start(self.ids.trace(), self.ids.event()),
        }
    }

    pub(crate) async fn enqueue(&self, jobs: &[NewJob]) {
        let mut tx = self.pool.begin().await.unwrap();
        let after = self.jobs.enqueue(&mut tx, jobs.to_vec()).await.unwrap();
        tx.commit().await.unwrap();
        after.run();
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    pub(crate) async fn left(&self) -> i64 {
        self.count("select count(*) from job").await
    }

    /// The committed results, in the order of their writing.
    pub(crate) async fn results(&self) -> Vec<String> {
        sqlx::query_scalar("select value from result order by nth").fetch_all(&self.pool).await.unwrap()
    }

    /// Waits until nothing is left to do.
    pub(crate) async fn drained(&self) {
        until("every job has ended", async || self.left().await == 0).await;
    }
}

/// Waits for a condition, a minute at most.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut condition: impl FnMut() -> F) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub(crate) fn text(job: &Job) -> String {
    String::from_utf8(job.payload.clone()).unwrap()
}

pub(crate) fn failure(class: Class, text: &str) -> Failure {
    Failure::new(class, text.to_owned())
}

pub(crate) type Run = Box<dyn Fn(Job) -> BoxFuture<'static, Result<String, JobError>> + Send + Sync>;

/// Runs a closure, writes what it returned into the table `result`, and gives up by writing so.
pub(crate) struct Closure {
    pub(crate) spec: QueueSpec,
    pub(crate) run: Run,
    pub(crate) limits: Vec<Limit>,
}

impl Closure {
    pub(crate) fn new<F>(spec: QueueSpec, run: impl Fn(Job) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<String, JobError>> + Send + 'static,
    {
        Self { spec, run: Box::new(move |job| Box::pin(run(job))), limits: Vec::new() }
    }
}

/// Quick pauses and leases, for tests.
pub(crate) fn spec() -> QueueSpec {
    QueueSpec {
        lease: Duration::from_millis(600),
        backoff: |_| Duration::from_millis(10),
        concurrency: 16,
        ..QueueSpec::new(QUEUE)
    }
}

#[async_trait]
impl JobHandler for Closure {
    type Done = String;

    fn queue(&self) -> QueueSpec {
        self.spec
    }

    fn limits(&self, _job: &Job) -> Vec<Limit> {
        self.limits.clone()
    }

    async fn run(&self, job: &Job) -> Result<String, JobError> {
        (self.run)(job.clone()).await
    }

    async fn commit(&self, tx: &mut PgConnection, done: &[(Job, String)]) -> Result<AfterCommit, Failure> {
        for (job, value) in done {
            match value.as_str() {
                "poison" => return Err(failure(Class::Permanent, "the result is poison")),
                "panic" => panic!("on purpose"),
                "not now" => return Err(failure(Class::Transient, "the result can not be written now")),
                _ => {}
            }
            write(tx, job, value).await?;
        }
        Ok(AfterCommit::nothing())
    }

    async fn give_up(
        &self,
        tx: &mut PgConnection,
        job: &Job,
        failure: &Failure,
    ) -> Result<AfterCommit, Failure> {
        write(tx, job, &format!("gave up {}: {failure}", text(job))).await?;
        Ok(AfterCommit::nothing())
    }
}

async fn write(tx: &mut PgConnection, job: &Job, value: &str) -> Result<(), Failure> {
    sqlx::query("insert into result (key, value) values ($1, $2)")
        .bind(&job.key)
        .bind(value)
        .execute(tx)
        .await
        .map_err(PgError::from)?;
    Ok(())
}
