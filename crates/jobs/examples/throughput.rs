//! Prints how many jobs a second go from `enqueue` to done, how long a job waits to begin, and what it costs in
//! CPU.
//!
//! `throughput <postgres url> [jobs] [keys] [concurrency] [delay ms] [limited] [per second]`: works in a schema
//! of its own that it drops first. Without a rate, jobs are written as fast as it goes, 64 to a commit. The CPU
//! time of Postgres is that of the processes named `postgres` on this machine.
#![expect(clippy::print_stdout, reason = "a program for the terminal")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use classify::Failure;
use events::Trail;
use ids::{Ids, Secret};
use jobs::{Job, JobError, JobHandler, Jobs, Limit, NewJob, Queue, QueueSpec};
use pg::{AfterCommit, Migrator};
use sqlx::{Connection, PgConnection};
use tokio_util::sync::CancellationToken;

const QUEUE: &str = "bench";
const PRODUCED_TOGETHER: usize = 64;

struct Sleep {
    concurrency: usize,
    delay: Duration,
    limited: bool,
    done: AtomicUsize,
    batches: AtomicUsize,
    began: Instant,
    /// Microseconds between the writing of a job and its beginning.
    waits: Mutex<Vec<u64>>,
}

impl Sleep {
    fn now(&self) -> u64 {
        self.began.elapsed().as_micros() as u64
    }
}

#[async_trait]
impl JobHandler for Sleep {
    type Done = ();

    fn queue(&self) -> QueueSpec {
        QueueSpec { concurrency: self.concurrency, limited: self.limited, ..QueueSpec::new(QUEUE) }
    }

    fn limits(&self, job: &Job) -> Vec<Limit> {
        let limit = |key: String| Limit { key, per: Duration::from_micros(1), burst: 1000 };
        vec![limit(format!("chat:{}", job.key)), limit("bot".to_owned())]
    }

    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let written = job.payload.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
        let wait = self.now().saturating_sub(written);
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push(wait);
        if !self.delay.is_zero() {
            tokio::time::sleep(self.delay).await;
        }
        Ok(())
    }

    async fn commit(&self, _tx: &mut PgConnection, done: &[(Job, ())]) -> Result<AfterCommit, Failure> {
        self.done.fetch_add(done.len(), Ordering::Relaxed);
        self.batches.fetch_add(1, Ordering::Relaxed);
        Ok(AfterCommit::nothing())
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |nth: usize, default: usize| arguments.get(nth).and_then(|a| a.parse().ok()).unwrap_or(default);
    let Some(url) = arguments.first() else {
        anyhow::bail!("name the address of a Postgres as the first argument")
    };
    let (jobs, keys) = (number(1, 50_000), number(2, 200));
    let handler = Arc::new(Sleep {
        concurrency: number(3, 256),
        delay: Duration::from_millis(number(4, 0) as u64),
        limited: number(5, 0) != 0,
        done: AtomicUsize::new(0),
        batches: AtomicUsize::new(0),
        began: Instant::now(),
        waits: Mutex::default(),
    });
    let rate = number(6, 0);
    let together = if rate == 0 { PRODUCED_TOGETHER } else { 1 };

    let mut admin = PgConnection::connect(url).await?;
    sqlx::raw_sql("drop schema if exists jobs_bench cascade; create schema jobs_bench")
        .execute(&mut admin)
        .await?;
    let settings = pg::PoolSettings { url: Secret::new(url.as_str()), max_connections: 12 };
    let pool = pg::connect(&settings, "jobs_bench").await?;
    pg::migrate(&pool, &Migrator::DEFAULT).await?;

    let (ids, queues, shutdown) = (Ids::system(), Jobs::default(), CancellationToken::new());
    let queue = Queue::new(handler.clone());
    let worker = tokio::spawn(queue.into_task(pool.clone(), ids.clone(), queues.clone(), shutdown.clone()));

    let (cpu, started) = (Cpu::now(), Instant::now());
    let trail = Trail::start(ids.trace(), ids.event());
    for first in (0..jobs).step_by(together) {
        if rate > 0 {
            let at = started + Duration::from_secs_f64(first as f64 / rate as f64);
            tokio::time::sleep_until(at.into()).await;
        }
        let mut payload = vec![b'x'; 200];
        payload[..8].copy_from_slice(&handler.now().to_le_bytes());
        let batch: Vec<NewJob> = (first..jobs.min(first + together))
            .map(|nth| NewJob {
                queue: QUEUE,
                key: format!("dev2production:{}", nth % keys),
                payload: payload.clone(),
                run_at: None,
                trail: trail.clone(),
            })
            .collect();
        let mut tx = pool.begin().await?;
        let after = queues.enqueue(&mut tx, batch).await?;
        tx.commit().await?;
        after.run();
    }
    let produced = started.elapsed();
    while handler.done.load(Ordering::Relaxed) < jobs {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let (took, spent) = (started.elapsed(), Cpu::now() - cpu);
    let per = |cpu: Duration| cpu.as_micros() as f64 / jobs as f64;
    let mut waits = std::mem::take(&mut *handler.waits.lock().unwrap_or_else(PoisonError::into_inner));
    waits.sort_unstable();
    let wait = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize] as f64 / 1000.0;
    println!(
        "{jobs} jobs of {keys} keys: {:.0}/s (written in {:.2} s, {:.0} to a commit); began after {:.1} ms (p50), {:.1} ms (p99); CPU per job: ours {:.0} us, Postgres {:.0} us",
        jobs as f64 / took.as_secs_f64(),
        produced.as_secs_f64(),
        jobs as f64 / handler.batches.load(Ordering::Relaxed) as f64,
        wait(0.5),
        wait(0.99),
        per(spent.ours),
        per(spent.postgres),
    );
    shutdown.cancel();
    worker.await?;
    let left: i64 = sqlx::query_scalar("select count(*) from job").fetch_one(&pool).await?;
    anyhow::ensure!(left == 0, "{left} jobs are left");
    Ok(())
}

#[derive(Clone, Copy, Default)]
struct Cpu {
    ours: Duration,
    postgres: Duration,
}

impl Cpu {
    fn now() -> Self {
        let mut cpu = Self {
            ours: of_process("/proc/self").map(|(_, time)| time).unwrap_or_default(),
            ..Self::default()
        };
        for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
            if let Some((name, time)) = of_process(&entry.path().to_string_lossy())
                && name == "postgres"
            {
                cpu.postgres += time;
            }
        }
        cpu
    }
}

impl std::ops::Sub for Cpu {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self { ours: self.ours - earlier.ours, postgres: self.postgres.saturating_sub(earlier.postgres) }
    }
}

/// The name of a process and its time on the CPU (user and system; a tick is 10 ms).
fn of_process(folder: &str) -> Option<(String, Duration)> {
    let stat = std::fs::read_to_string(format!("{folder}/stat")).ok()?;
    let (head, tail) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let mut ticks = tail.split_whitespace().skip(11).map_while(|field| field.parse::<u64>().ok());
    Some((name.to_owned(), Duration::from_millis(10 * (ticks.next()? + ticks.next()?))))
}
