//! Limits hold over the replicas together, and cost no attempts.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::support::{Bench, Closure, Replica, bench, spec, text};
use jobs::{Limit, QueueSpec};

type Starts = Arc<Mutex<Vec<(Instant, String)>>>;

/// Two replicas whose jobs count against these limits, and when each job began.
fn replicas(bench: &Bench, limits: Vec<Limit>) -> ([Replica; 2], Starts) {
    let starts = Starts::default();
    let seen = starts.clone();
    let mut handler = Closure::new(QueueSpec { limited: true, ..spec() }, move |job| {
        seen.lock().unwrap().push((Instant::now(), job.key.clone()));
        async move { Ok(format!("{} at attempt {}", text(&job), job.attempt)) }
    });
    handler.limits = limits;
    let handler = Arc::new(handler);
    ([bench.replica(&handler), bench.replica(&handler)], starts)
}

fn limit(key: &str, per_ms: u64, burst: u32) -> Limit {
    Limit { key: key.to_owned(), per: Duration::from_millis(per_ms), burst }
}

/// No more began than the limit admits. A start is seen late and never early, so it is counted from the moment
/// before the first could begin.
fn assert_kept(limit: &Limit, from: Instant, mut starts: Vec<Instant>) {
    starts.sort_unstable();
    for (nth, start) in starts.iter().enumerate() {
        let earned = u32::try_from(nth + 1).unwrap().saturating_sub(limit.burst);
        assert!(*start - from >= limit.per * earned, "start {nth} after {:?}", *start - from);
    }
}

#[tokio::test]
async fn two_replicas_share_a_rate() {
    let bench = bench().await;
    let jobs: Vec<_> = (0..60).map(|nth| bench.job(&format!("chat {nth}"), "1")).collect();
    bench.enqueue(&jobs).await;
    let (from, bot) = (Instant::now(), limit("bot", 20, 5));
    let (replicas, starts) = replicas(&bench, vec![bot.clone()]);
    bench.drained().await;
    for replica in replicas {
        replica.stop().await;
    }
    let starts: Vec<Instant> = starts.lock().unwrap().iter().map(|(at, _)| *at).collect();
    assert_eq!(starts.len(), 60);
    assert_kept(&bot, from, starts);
    assert!(bench.results().await.iter().all(|result| result == "1 at attempt 1"));
}

#[tokio::test]
async fn a_slow_chat_does_not_hold_up_the_others() {
    let bench = bench().await;
    let mut jobs: Vec<_> = (0..13).map(|_| bench.job("slow", "1")).collect();
    jobs.extend((0..20).map(|nth| bench.job(&format!("chat {nth}"), "1")));
    bench.enqueue(&jobs).await;
    let starts = Starts::default();
    let seen = starts.clone();
    let handler = Arc::new(PerChat(Closure::new(QueueSpec { limited: true, ..spec() }, move |job| {
        seen.lock().unwrap().push((Instant::now(), job.key.clone()));
        async move { Ok(text(&job)) }
    })));
    let from = Instant::now();
    let replica = bench.replica(&handler);
    bench.drained().await;
    replica.stop().await;
    let (slow, others): (Vec<_>, Vec<_>) =
        starts.lock().unwrap().iter().cloned().partition(|(_, key)| key == "slow");
    let slow: Vec<Instant> = slow.into_iter().map(|(at, _)| at).collect();
    assert!(others.iter().all(|(at, _)| Some(at) < slow.iter().max()), "another waited for the slow chat");
    assert_kept(&limit("slow", 100, 3), from, slow);
}

#[tokio::test]
async fn a_pause_holds_everything_under_its_limit() {
    let bench = bench().await;
    let mut conn = bench.pool.acquire().await.unwrap();
    jobs::pause(&mut conn, "bot", Duration::from_millis(400)).await.unwrap();
    let paused = Instant::now();
    bench.enqueue(&[bench.job("a", "1"), bench.job("b", "1")]).await;
    let (replicas, starts) = replicas(&bench, vec![limit("bot", 1, 30)]);
    bench.drained().await;
    for replica in replicas {
        replica.stop().await;
    }
    let first = starts.lock().unwrap().iter().map(|(at, _)| *at).min().unwrap();
    assert!(first - paused >= Duration::from_millis(390), "began after {:?}", first - paused);
    assert_eq!(bench.results().await, ["1 at attempt 1", "1 at attempt 1"]);
}

/// Each key has a limit of its own: 3 at once, then one each 100 ms.
struct PerChat(Closure);

#[async_trait::async_trait]
impl jobs::JobHandler for PerChat {
    type Done = String;

    fn queue(&self) -> QueueSpec {
        self.0.queue()
    }

    fn limits(&self, job: &jobs::Job) -> Vec<Limit> {
        vec![limit(&format!("chat:{}", job.key), 100, 3)]
    }

    async fn run(&self, job: &jobs::Job) -> Result<String, jobs::JobError> {
        self.0.run(job).await
    }

    async fn commit(
        &self,
        tx: &mut pg::PgConnection,
        done: &[(jobs::Job, String)],
    ) -> Result<pg::AfterCommit, classify::Failure> {
        self.0.commit(tx, done).await
    }
}
