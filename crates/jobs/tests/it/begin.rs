//! Jobs that begin with the commit that enqueues them.

use std::sync::Arc;

use classify::{Class, Classify};
use jobs::NewJob;
use pg::{AfterCommit, PgError, Tx};

use crate::support::{Bench, Closure, bench, spec, text, until};

impl Bench {
    /// In a transaction that the caller ends.
    async fn enqueued(&self, jobs: Vec<NewJob>) -> Result<(Tx, AfterCommit), PgError> {
        let mut tx = self.pool.begin().await?;
        let after = self.jobs.enqueue(&mut tx, jobs).await?;
        Ok((tx, after))
    }

    /// Waits until a replica works the queue off.
    async fn at_work(&self) {
        until("the queue is at work", async || {
            let (mut tx, after) = self.enqueued(vec![self.job("probe", "never")]).await.unwrap();
            drop(after);
            states(&mut tx).await == [3]
        })
        .await;
    }
}

async fn states(tx: &mut Tx) -> Vec<i16> {
    sqlx::query_scalar("select state from job order by id").fetch_all(&mut **tx).await.unwrap()
}

fn echo() -> Arc<Closure> {
    Arc::new(Closure::new(spec(), |job| async move { Ok(text(&job)) }))
}

#[tokio::test]
async fn the_first_of_a_key_runs_at_once_and_the_others_behind_it() {
    let bench = bench().await;
    let replica = bench.replica(&echo());
    bench.at_work().await;
    let three = vec![bench.job("a", "1"), bench.job("b", "1"), bench.job("a", "2")];
    let (mut tx, after) = bench.enqueued(three).await.unwrap();
    assert_eq!(states(&mut tx).await, [3, 3, 1]);
    assert!(bench.results().await.is_empty(), "nothing runs before the commit");
    tx.commit().await.unwrap();
    after.run();
    bench.drained().await;
    assert_eq!(bench.results().await.len(), 3);
    replica.stop().await;
}

#[tokio::test]
async fn a_transaction_that_is_taken_back_runs_nothing_and_keeps_no_slot() {
    let bench = bench().await;
    let replica = bench.replica(&echo());
    bench.at_work().await;
    for nth in 0..3 * spec().concurrency {
        let (mut tx, after) = bench.enqueued(vec![bench.job("a", "never")]).await.unwrap();
        assert_eq!(states(&mut tx).await, [3], "there is a slot for transaction {nth}");
        drop(after);
        tx.rollback().await.unwrap();
    }
    replica.stop().await;
    assert!(bench.results().await.is_empty());
}

#[tokio::test]
async fn a_stop_waits_for_the_jobs_of_transactions_that_are_under_way() {
    let bench = bench().await;
    let replica = bench.replica(&echo());
    bench.at_work().await;
    let (tx, after) = bench.enqueued(vec![bench.job("a", "in time")]).await.unwrap();
    let stopping = tokio::spawn(replica.stop());
    // As soon as the stop is seen, new transactions leave their jobs to others.
    until("the queue takes no more", async || {
        let (mut tx, after) = bench.enqueued(vec![bench.job("b", "too late")]).await.unwrap();
        drop(after);
        states(&mut tx).await == [0]
    })
    .await;
    assert!(!stopping.is_finished());
    tx.commit().await.unwrap();
    after.run();
    stopping.await.unwrap();
    assert_eq!(bench.results().await, ["in time"]);
    assert_eq!(bench.left().await, 0);
}

#[tokio::test]
async fn of_two_that_write_the_first_of_a_key_unknown_to_each_other_one_tries_again() {
    let bench = Arc::new(bench().await);
    let replica = bench.replica(&echo());
    bench.at_work().await;
    let (tx, after) = bench.enqueued(vec![bench.job("a", "first")]).await.unwrap();
    let other = tokio::spawn({
        let bench = bench.clone();
        async move { bench.enqueued(vec![bench.job("a", "second")]).await.map(|_| ()) }
    });
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";
    until("the second waits for the first", async || bench.count(waiting).await == 1).await;
    tx.commit().await.unwrap();
    let refused = other.await.unwrap().unwrap_err();
    assert_eq!(refused.class(), Class::Transient);
    let (tx, second) = bench.enqueued(vec![bench.job("a", "second")]).await.unwrap();
    tx.commit().await.unwrap();
    second.run();
    after.run();
    bench.drained().await;
    assert_eq!(bench.results().await, ["first", "second"]);
    replica.stop().await;
}

#[tokio::test]
async fn two_heads_of_one_key_run_one_after_the_other() {
    let bench = bench().await;
    bench.enqueue(&[bench.job("a", "1")]).await;
    bench.enqueue(&[bench.job("a", "2"), bench.job("b", "1")]).await;
    sqlx::query("update job set state = 2").execute(&bench.pool).await.unwrap();
    let replica = bench.replica(&echo());
    bench.drained().await;
    assert_eq!(bench.results().await.len(), 3);
    let of_a: Vec<String> = sqlx::query_scalar("select value from result where key = 'a' order by nth")
        .fetch_all(&bench.pool)
        .await
        .unwrap();
    assert_eq!(of_a, ["1", "2"]);
    replica.stop().await;
}
