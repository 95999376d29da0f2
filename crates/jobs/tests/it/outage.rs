//! Postgres goes away under load and comes back.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jobs::QueueSpec;

use crate::support::{Closure, bench_on, spec, text, until};

const KEYS: usize = 40;
const PER_KEY: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_result_is_committed_once_and_in_order_over_a_crash_of_the_database() {
    let mut postgres = testkit::postgres_server().await;
    let bench = bench_on(postgres.url().clone()).await;
    let jobs: Vec<_> = (0..PER_KEY)
        .flat_map(|nth| (0..KEYS).map(move |key| (key, nth)))
        .map(|(key, nth)| bench.job(&format!("key {key}"), &nth.to_string()))
        .collect();
    bench.enqueue(&jobs).await;

    let spec = QueueSpec { lease: Duration::from_secs(2), ..spec() };
    let handler = Arc::new(Closure::new(spec, async |job| {
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(text(&job))
    }));
    let replicas = [bench.replica(&handler), bench.replica(&handler)];
    until("a fifth is done", async || bench.results().await.len() >= KEYS * PER_KEY / 5).await;
    postgres.kill();
    postgres.start().await;
    until("every job has ended", async || {
        // The first statement of each connection of the pool finds that it is dead.
        sqlx::query_scalar("select count(*) from job").fetch_one(&bench.pool).await.unwrap_or(-1i64) == 0
    })
    .await;

    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    let rows: Vec<(String, String)> =
        sqlx::query_as("select key, value from result order by nth").fetch_all(&bench.pool).await.unwrap();
    for (key, value) in rows {
        by_key.entry(key).or_default().push(value.parse().unwrap());
    }
    assert_eq!(by_key.len(), KEYS);
    for (key, values) in by_key {
        assert!(values.iter().copied().eq(0..PER_KEY), "key {key} ended as {values:?}");
    }
    assert_eq!(bench.count("select count(*) from dead_letter").await, 0);
    for replica in replicas {
        replica.stop().await;
    }
}
