use std::collections::HashSet;
use std::time::Duration;

use pg::{PgError, in_time};
use tokio::time::{Instant, MissedTickBehavior};

use crate::queue::Works;
use crate::{JobHandler, claimer, rates, store};

/// How often the length of the queue is measured and old rates are forgotten.
const CENSUS: Duration = Duration::from_secs(15);

/// Renews the leases of what this process holds and takes back what no process holds any more. Never ends.
pub(crate) async fn keep<H: JobHandler>(works: &Works<H>) {
    let mut tick = tokio::time::interval(claimer::jittered(works, works.spec.lease / 3));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut counted: Option<Instant> = None;
    // Since when the database has answered. After it was away, the others get the time of a lease to renew
    // theirs before anything of theirs is taken for lost.
    let mut healthy = Instant::now();
    loop {
        tick.tick().await;
        let began = Instant::now();
        let kept = in_time(keep_leases(works, healthy.elapsed() >= works.spec.lease)).await;
        if kept.is_err() || is_slow(works, began) {
            healthy = Instant::now();
        }
        if let Err(error) = kept {
            let error = classify::chain(&error);
            tracing::warn!(queue = works.spec.name, error, "could not renew the leases of jobs");
        } else if counted.is_none_or(|at| at.elapsed() >= CENSUS) {
            counted = Some(Instant::now());
            if let Err(error) = in_time(take_census(works)).await {
                let error = classify::chain(&error);
                tracing::warn!(queue = works.spec.name, error, "could not count jobs");
            }
        }
    }
}

/// A database that was this slow may have kept the others from renewing theirs, as if it had been away.
fn is_slow<H: JobHandler>(works: &Works<H>, began: Instant) -> bool {
    began.elapsed() > works.spec.lease / 3
}

async fn keep_leases<H: JobHandler>(works: &Works<H>, reap: bool) -> Result<(), PgError> {
    let (held, began) = (works.held.leases(), Instant::now());
    // Asked even for nothing: it tells how quick the database is.
    let ours: HashSet<i64> = store::renew(&works.pool, &works.spec, &held).await?.into_iter().collect();
    for (_, id, lease) in held.into_iter().filter(|(_, id, _)| !ours.contains(id)) {
        // What ended between the two is not held any more either.
        if works.held.lose(id, lease) {
            works.report.lost(works.spec.name, id);
            works.wake.wake();
        }
    }
    if reap && !is_slow(works, began) {
        let reaped = store::reap(&works.pool, works.spec.name).await?;
        if reaped > 0 {
            tracing::warn!(queue = works.spec.name, reaped, "took back jobs whose process is gone");
            works.wake.wake();
        }
    }
    Ok(())
}

async fn take_census<H: JobHandler>(works: &Works<H>) -> Result<(), PgError> {
    let (jobs, oldest) = store::pending(&works.pool, works.spec.name).await?;
    works.report.pending(jobs, oldest);
    if works.spec.limited {
        rates::forget(&works.pool).await?;
    }
    Ok(())
}
