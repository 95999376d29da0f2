//! What happens to the jobs of a process that is gone, or that only seems to be.

use std::sync::Arc;

use crate::support::{Bench, Closure, bench, spec, text, until};
use tokio::sync::Semaphore;

/// A handler whose runs wait for a permit, and tell how they began.
fn gated(gate: &Arc<Semaphore>, begun: &Arc<Semaphore>) -> Arc<Closure> {
    let (gate, begun) = (gate.clone(), begun.clone());
    Arc::new(Closure::new(spec(), move |job| {
        let (gate, begun) = (gate.clone(), begun.clone());
        async move {
            begun.add_permits(1);
            gate.acquire().await.unwrap().forget();
            Ok(format!("{} at attempt {}, interrupted: {}", text(&job), job.attempt, job.interrupted))
        }
    }))
}

async fn running(bench: &Bench) -> i64 {
    bench.count("select count(*) from job where state = 3").await
}

#[tokio::test]
async fn a_killed_process_leaves_its_job_to_another_once_and_says_so() {
    let bench = bench().await;
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let first = bench.replica(&gated(&gate, &begun));
    bench.enqueue(&[bench.job("a", "1"), bench.job("a", "2")]).await;
    begun.acquire().await.unwrap().forget();
    first.kill().await;
    assert_eq!(running(&bench).await, 1, "the attempt was recorded before the call");

    let second = bench.replica(&gated(&gate, &begun));
    gate.add_permits(10);
    bench.drained().await;
    assert_eq!(bench.results().await, ["1 at attempt 2, interrupted: 1", "2 at attempt 1, interrupted: 0"]);
    second.stop().await;
}

#[tokio::test]
async fn a_long_job_keeps_its_lease() {
    let bench = bench().await;
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let handler = gated(&gate, &begun);
    let replicas = [bench.replica(&handler), bench.replica(&handler)];
    bench.enqueue(&[bench.job("a", "1")]).await;
    begun.acquire().await.unwrap().forget();
    let long = std::time::Instant::now() + 4 * spec().lease;
    until("four leases have passed", async || std::time::Instant::now() > long).await;
    gate.add_permits(10);
    bench.drained().await;
    assert_eq!(bench.results().await, ["1 at attempt 1, interrupted: 0"]);
    for replica in replicas {
        replica.stop().await;
    }
}

#[tokio::test]
async fn a_database_that_stood_still_costs_nobody_a_lease() {
    let bench = bench().await;
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let handler = gated(&gate, &begun);
    let replicas = [bench.replica(&handler), bench.replica(&handler)];
    bench.enqueue(&(0..20).map(|nth| bench.job(&format!("k{nth}"), "1")).collect::<Vec<_>>()).await;
    begun.acquire_many(20).await.unwrap().forget();
    // As long as everyone takes the leases of the others for good.
    wait(2 * spec().lease).await;
    let mut still = bench.pool.begin().await.unwrap();
    sqlx::query("lock table job in access exclusive mode").execute(&mut *still).await.unwrap();
    wait(3 * spec().lease).await;
    still.rollback().await.unwrap();
    wait(2 * spec().lease).await;
    gate.add_permits(100);
    bench.drained().await;
    assert_eq!(bench.results().await, vec!["1 at attempt 1, interrupted: 0"; 20]);
    for replica in replicas {
        replica.stop().await;
    }
}

async fn wait(span: std::time::Duration) {
    let over = std::time::Instant::now() + span;
    until("the time has passed", async || std::time::Instant::now() > over).await;
}

#[tokio::test]
async fn a_process_that_lost_its_lease_can_not_commit() {
    let bench = bench().await;
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let replica = bench.replica(&gated(&gate, &begun));
    bench.enqueue(&[bench.job("a", "1")]).await;
    begun.acquire().await.unwrap().forget();
    // As if its lease had ended and another process had taken and held the job.
    sqlx::query(
        "update job set lease = lease + 1, attempt = attempt + 1, lease_until = now() + interval '1 hour'",
    )
    .execute(&bench.pool)
    .await
    .unwrap();
    gate.add_permits(1);
    replica.stop().await;
    assert_eq!(bench.results().await, Vec::<String>::new());
    assert_eq!(running(&bench).await, 1, "the job is the other's");
}

#[tokio::test]
async fn a_run_whose_lease_is_lost_is_stopped_and_the_job_runs_again() {
    let bench = bench().await;
    let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let replica = bench.replica(&gated(&gate, &begun));
    bench.enqueue(&[bench.job("a", "1")]).await;
    begun.acquire().await.unwrap().forget();
    sqlx::query("update job set state = 2, interrupted = interrupted + 1")
        .execute(&bench.pool)
        .await
        .unwrap();
    begun.acquire().await.unwrap().forget();
    // Enough for both.
    gate.add_permits(2);
    bench.drained().await;
    assert_eq!(bench.results().await, ["1 at attempt 2, interrupted: 1"]);
    assert_eq!(gate.available_permits(), 1, "the first run never went on");
    replica.stop().await;
}

#[tokio::test]
async fn a_job_that_kills_its_process_every_time_is_a_dead_letter() {
    let bench = bench().await;
    let mut closure = Closure::new(spec(), async |job| Ok(text(&job)));
    closure.spec.max_attempts = 3;
    bench.enqueue(&[bench.job("a", "1"), bench.job("a", "2")]).await;
    sqlx::query(
        "update job set state = 3, attempt = 3, lease = 3, lease_until = now() where key = 'a' and payload = '1'",
    )
    .execute(&bench.pool)
    .await
    .unwrap();
    let replica = bench.replica(&Arc::new(closure));
    bench.drained().await;
    assert_eq!(bench.results().await, ["gave up 1: interrupted in the last of its 3 attempts", "2"]);
    replica.stop().await;
}
