//! The order of a key under load: two replicas, retries, a backlog and writers at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Bench, Closure, bench, failure, spec, text};
use classify::Class;
use jobs::{NewJob, QueueSpec};

const KEYS: usize = 50;
const PER_KEY: usize = 60;
const WRITERS: usize = 4;

#[derive(Default)]
struct Seen {
    running: HashMap<String, bool>,
    overlaps: usize,
    attempts: usize,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_overlap_no_reorder_nothing_lost() {
    let bench = Arc::new(bench().await);
    let seen = Arc::new(Mutex::new(Seen::default()));
    let (watched, ids) = (seen.clone(), bench.ids.clone());
    let handler = Arc::new(Closure::new(
        QueueSpec { concurrency: 16, max_attempts: 50, backoff: |_| Duration::from_millis(5), ..spec() },
        move |job| {
            let (seen, ids) = (watched.clone(), ids.clone());
            async move {
                {
                    let mut seen = seen.lock().unwrap();
                    seen.attempts += 1;
                    if seen.running.insert(job.key.clone(), true) == Some(true) {
                        seen.overlaps += 1;
                    }
                }
                if ids.fraction() < 0.3 {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                seen.lock().unwrap().running.insert(job.key.clone(), false);
                if ids.fraction() < 0.05 {
                    return Err(failure(Class::Transient, "try again").into());
                }
                Ok(text(&job))
            }
        },
    ));

    // A third is there before anyone works, the rest comes meanwhile; a key has one writer, as the lock of its
    // aggregate's row would have it.
    let third = PER_KEY / 3;
    write(&bench, 0..KEYS, 0..third).await;
    let replicas = [bench.replica(&handler), bench.replica(&handler)];
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let bench = bench.clone();
            tokio::spawn(async move {
                let share = KEYS.div_ceil(WRITERS);
                let keys = writer * share..KEYS.min((writer + 1) * share);
                for nth in third..PER_KEY {
                    write(&bench, keys.clone(), nth..nth + 1).await;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    bench.drained().await;
    for replica in replicas {
        replica.stop().await;
    }

    let (overlaps, attempts) = {
        let seen = seen.lock().unwrap();
        (seen.overlaps, seen.attempts)
    };
    assert_eq!(overlaps, 0);
    assert!(attempts > KEYS * PER_KEY, "no attempt failed, so nothing was tried");
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
}

async fn write(bench: &Bench, keys: std::ops::Range<usize>, values: std::ops::Range<usize>) {
    let jobs: Vec<NewJob> = values
        .flat_map(|value| keys.clone().map(move |key| (key, value)))
        .map(|(key, value)| bench.job(&format!("key {key}"), &value.to_string()))
        .collect();
    bench.enqueue(&jobs).await;
}
