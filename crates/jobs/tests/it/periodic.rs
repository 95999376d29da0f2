//! A chore runs once in its time, however many replicas there are, and again after it failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use crate::support::{bench, failure, until};
use async_trait::async_trait;
use classify::{Class, Failure};
use jobs::{Chore, periodic};

#[derive(Default)]
struct Count {
    begun: AtomicU32,
    at_once: AtomicU32,
}

#[async_trait]
impl Chore for Count {
    async fn run(&self) -> Result<(), Failure> {
        assert_eq!(self.at_once.fetch_add(1, Ordering::SeqCst), 0, "two at once");
        let nth = self.begun.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        if nth == 1 { Err(failure(Class::Permanent, "the second time fails")) } else { Ok(()) }
    }
}

#[tokio::test]
async fn a_chore_has_one_line_of_turns() {
    let bench = bench().await;
    let chore = Arc::new(Count::default());
    let started = Instant::now();
    let every = Duration::from_millis(50);
    let replicas: Vec<_> =
        (0..3).map(|_| bench.queue(periodic("test.chore", every, chore.clone()))).collect();
    until("six turns are over", async || chore.begun.load(Ordering::SeqCst) >= 6).await;
    assert!(started.elapsed() >= 5 * every);
    for replica in replicas {
        replica.stop().await;
    }
    assert_eq!(bench.left().await, 1, "the next turn is written");
    assert_eq!(bench.count("select count(*) from dead_letter").await, 0);
}
