//! What is done for every role beside its work: the count of its dead letters, and the sweep of its inbox.

use std::time::Duration;

use classify::Failure;
use ids::Ids;
use tokio_util::sync::CancellationToken;

use crate::telemetry::Metrics;
use crate::{RoleContext, Task};

/// Streams keep events for 14 days; a mark has to outlive the last chance of a repetition.
const INBOX_AGE: Duration = Duration::from_secs(15 * 24 * 60 * 60);
const SWEEP: Duration = Duration::from_secs(60 * 60);
const COUNT: Duration = Duration::from_secs(15);

/// Moves measurements out of the buffers that the hot path writes into.
pub(super) fn metrics(metrics: Metrics) -> Task {
    Task::new("metrics", move |stop| {
        let metrics = metrics.clone();
        async move {
            while wait(&stop, Duration::from_secs(5)).await {
                metrics.upkeep();
            }
            Ok(())
        }
    })
}

/// The role's own.
pub(super) fn of_role(cx: &RoleContext) -> [Task; 2] {
    let (counted, swept) = (cx.clone(), cx.clone());
    [
        Task::new("dead letter count", move |stop| count(counted.clone(), stop)),
        Task::new("inbox sweep", move |stop| sweep(swept.clone(), stop)),
    ]
}

async fn count(cx: RoleContext, stop: CancellationToken) -> Result<(), Failure> {
    let gauge = metrics::gauge!("dragoman_dead_letters", "service" => cx.role);
    loop {
        let mut connection = cx.pool.acquire().await.map_err(pg::PgError::from)?;
        let letters = bus::count_dead_letters(&mut connection).await?;
        drop(connection);
        gauge.set(letters as f64);
        if !wait(&stop, jittered(COUNT, &cx.ids)).await {
            return Ok(());
        }
    }
}

async fn sweep(cx: RoleContext, stop: CancellationToken) -> Result<(), Failure> {
    // Replicas that start together do not sweep together.
    let mut pause = SWEEP.mul_f64(cx.ids.fraction());
    while wait(&stop, pause).await {
        let gone = bus::purge_inbox(&cx.pool, INBOX_AGE).await?;
        tracing::debug!(role = cx.role, gone, "old inbox marks were removed");
        pause = jittered(SWEEP, &cx.ids);
    }
    Ok(())
}

/// False when it is time to stop.
async fn wait(stop: &CancellationToken, pause: Duration) -> bool {
    tokio::time::timeout(pause, stop.cancelled()).await.is_err()
}

fn jittered(pause: Duration, ids: &Ids) -> Duration {
    pause.mul_f64(0.9 + 0.2 * ids.fraction())
}
