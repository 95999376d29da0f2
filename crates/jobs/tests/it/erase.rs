//! The jobs of somebody are erased, and no other waits for ever because of that.

use std::sync::Arc;

use jobs::Traces;
use testkit::until;

use crate::support::{Closure, bench, spec};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stood_behind_an_erased_job_goes_on() {
    let bench = bench().await;
    let mut connection = bench.pool.acquire().await.unwrap();
    let jobs = vec![
        bench.job("chat", r#"{"chat_id":1}"#),
        bench.job("chat", r#"{"chat_id":2}"#),
        bench.job("other", r#"{"chat_id":11}"#),
        bench.job("mine", "anything"),
    ];
    bench.jobs.enqueue(&mut connection, jobs).await.unwrap().run();
    // As a claim would have put it.
    sqlx::query("update job set state = case when payload like '%2}' then 1 else 2 end where key = 'chat'")
        .execute(&mut *connection)
        .await
        .unwrap();
    sqlx::query("insert into rate_limit (key, tat) values ('chat:1', now()), ('chat:2', now())")
        .execute(&mut *connection)
        .await
        .unwrap();
    let traces = Traces { keys: &["mine"], mentions: &[r#""chat_id":1}"#], rates: &["chat:1"] };
    assert!(!jobs::is_running(&mut connection, traces).await.unwrap());
    assert_eq!(jobs::erase(&mut connection, traces).await.unwrap(), 2);
    assert_eq!(jobs::erase(&mut connection, traces).await.unwrap(), 0);
    let rates: Vec<String> =
        sqlx::query_scalar("select key from rate_limit").fetch_all(&mut *connection).await.unwrap();
    assert_eq!(rates, ["chat:2"]);
    drop(connection);

    let handler = Arc::new(Closure::new(spec(), |_| async { Ok(String::new()) }));
    let replica = bench.replica(&handler);
    until("the rest is done", async || {
        let left: i64 = sqlx::query_scalar("select count(*) from job").fetch_one(&bench.pool).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    replica.stop().await;
}

#[tokio::test]
async fn a_job_that_runs_is_left_to_its_end() {
    let bench = bench().await;
    let mut connection = bench.pool.acquire().await.unwrap();
    bench.jobs.enqueue(&mut connection, vec![bench.job("mine", "x")]).await.unwrap().run();
    sqlx::query("update job set state = 3, lease_until = now() + interval '1 hour'")
        .execute(&mut *connection)
        .await
        .unwrap();
    let traces = Traces { keys: &["mine"], ..Traces::default() };
    assert!(jobs::is_running(&mut connection, traces).await.unwrap());
    assert_eq!(jobs::erase(&mut connection, traces).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_comes_of_a_job_that_is_cut_off_and_the_next_of_its_key_goes_on() {
    let bench = bench().await;
    let mut connection = bench.pool.acquire().await.unwrap();
    let (began, mut begun) = tokio::sync::mpsc::unbounded_channel();
    let go = Arc::new(tokio::sync::Semaphore::new(0));
    let handler = {
        let go = go.clone();
        Arc::new(Closure::new(spec(), move |job| {
            let (began, go) = (began.clone(), go.clone());
            let payload = String::from_utf8(job.payload.to_vec()).unwrap();
            async move {
                began.send(payload.clone()).unwrap();
                let _go = go.acquire().await.unwrap();
                Ok(payload)
            }
        }))
    };
    let replica = bench.replica(&handler);
    let jobs = vec![bench.job("mine", "first"), bench.job("mine", "second")];
    bench.jobs.enqueue(&mut connection, jobs).await.unwrap().run();
    assert_eq!(begun.recv().await.as_deref(), Some("first"));
    let traces = Traces { mentions: &["first"], ..Traces::default() };
    // Its end is just being written: it is left to it.
    let mut writes = bench.pool.begin().await.unwrap();
    sqlx::query("select from job where payload = 'first' for update").execute(&mut *writes).await.unwrap();
    assert_eq!(jobs::cut_off(&mut connection, traces).await.unwrap(), 0);
    writes.rollback().await.unwrap();
    assert_eq!(jobs::cut_off(&mut connection, traces).await.unwrap(), 1);
    drop(connection);
    go.add_permits(9);
    assert_eq!(begun.recv().await.as_deref(), Some("second"));
    until("the rest is done", async || {
        let left: i64 = sqlx::query_scalar("select count(*) from job").fetch_one(&bench.pool).await.unwrap();
        (left == 0).then_some(())
    })
    .await;
    replica.stop().await;
}
