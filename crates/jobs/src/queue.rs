use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use ids::Ids;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::desk::Desk;
use crate::held::Held;
use crate::periodic::Periodic;
use crate::report::Report;
use crate::{Job, JobHandler, Jobs, QueueSpec, claimer, keeper, settle};

/// A handler whose type no longer matters: what a service lists among its parts.
pub struct Queue {
    name: &'static str,
    start: Box<dyn FnOnce(Platform) -> Work + Send>,
}

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What the process gives to a queue.
struct Platform {
    pool: pg::Pool,
    ids: Ids,
    jobs: Jobs,
    shutdown: CancellationToken,
}

/// A queue at work: what its claimer, its settler and its keeper share.
pub(crate) struct Works<H> {
    pub(crate) handler: Arc<H>,
    pub(crate) spec: QueueSpec,
    pub(crate) pool: pg::Pool,
    pub(crate) ids: Ids,
    pub(crate) wake: pg::Wake,
    jobs: Jobs,
    pub(crate) held: Arc<Held>,
    /// The claimer waits for a free slot.
    pub(crate) hungry: AtomicBool,
    pub(crate) report: Report,
}

impl Queue {
    pub fn new<H: JobHandler>(handler: Arc<H>) -> Self {
        Self::with(handler, None)
    }

    /// A queue that writes its first job itself.
    pub(crate) fn with_seed(periodic: Arc<Periodic>) -> Self {
        Self::with(periodic.clone(), Some(periodic))
    }

    fn with<H: JobHandler>(handler: Arc<H>, seed: Option<Arc<Periodic>>) -> Self {
        let spec = handler.queue();
        let start = move |platform: Platform| -> Work {
            let works = Works {
                wake: platform.jobs.wake_of(spec.name),
                jobs: platform.jobs,
                report: Report::new(spec.name),
                held: Arc::default(),
                hungry: AtomicBool::new(false),
                pool: platform.pool,
                ids: platform.ids,
                handler,
                spec,
            };
            Box::pin(run(works, seed, platform.shutdown))
        };
        Self { name: spec.name, start: Box::new(start) }
    }

    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Works the queue off until `shutdown`; then takes no more, waits for what is in flight, commits it and
    /// returns. Dropped before that, it leaves its jobs to their leases. It does not return on failures of
    /// the database: it logs them and tries again.
    pub fn into_task(
        self,
        pool: pg::Pool,
        ids: Ids,
        jobs: Jobs,
        shutdown: CancellationToken,
    ) -> impl Future<Output = ()> + Send {
        (self.start)(Platform { pool, ids, jobs, shutdown })
    }
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").field("name", &self.name).finish_non_exhaustive()
    }
}

async fn run<H: JobHandler>(works: Works<H>, seed: Option<Arc<Periodic>>, shutdown: CancellationToken) {
    if let Some(periodic) = seed {
        sow(&works, &periodic, &shutdown).await;
    }
    let works = Arc::new(works);
    // Never more than the slots: a job is in them at most once while it is held.
    let (ended, mut to_settle) = mpsc::unbounded_channel();
    let (arrivals, arrived) = mpsc::unbounded_channel();
    let open = works.jobs.open(works.desk(arrivals));
    let work = async {
        // The claimer drops its sender when it has stopped and nothing runs any more, which ends the settler.
        tokio::join!(
            claimer::claim_and_run(&works, ended, (open, arrived), shutdown),
            settle::settle(&works, &mut to_settle)
        );
    };
    tokio::select! {
        () = work => {}
        () = keeper::keep(&works) => {}
    }
}

impl<H: JobHandler> Works<H> {
    fn desk(&self, arrivals: mpsc::UnboundedSender<Job>) -> Desk {
        let handler = self.handler.clone();
        Desk {
            spec: self.spec,
            limits: Arc::new(move |job| handler.limits(job)),
            held: self.held.clone(),
            arrivals,
        }
    }
}

/// Writes the first job of a periodic queue, however long the database is away.
async fn sow<H: JobHandler>(works: &Works<H>, periodic: &Periodic, shutdown: &CancellationToken) {
    while let Err(error) = periodic.seed(&works.pool, &works.ids).await {
        let error = classify::chain(&error);
        tracing::warn!(queue = works.spec.name, error, "could not write the first job");
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(claimer::jittered(works, Duration::from_secs(1))) => {}
        }
    }
}
