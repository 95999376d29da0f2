//! How a job can end, and what follows for the next of its key.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::support::{Closure, bench, failure, spec, text, until};
use classify::Class;
use ids::Clock;
use jobs::JobError;

#[tokio::test]
async fn results_are_written_in_the_order_of_the_key() {
    let bench = bench().await;
    let replica = bench.replica(&Arc::new(Closure::new(spec(), async |job| Ok(text(&job)))));
    bench.enqueue(&[bench.job("a", "1"), bench.job("a", "2"), bench.job("a", "3")]).await;
    bench.drained().await;
    assert_eq!(bench.results().await, ["1", "2", "3"]);
    replica.stop().await;
}

#[tokio::test]
async fn a_job_for_later_waits_and_its_key_with_it() {
    let bench = bench().await;
    let started = std::time::Instant::now();
    let mut later = bench.job("a", "later");
    later.run_at = Some(Clock::system().now() + Duration::from_millis(300));
    bench.enqueue(&[later, bench.job("a", "after it")]).await;
    let replica = bench.replica(&Arc::new(Closure::new(spec(), async |job| Ok(text(&job)))));
    bench.drained().await;
    assert_eq!(bench.results().await, ["later", "after it"]);
    assert!(started.elapsed() >= Duration::from_millis(300));
    replica.stop().await;
}

#[tokio::test]
async fn a_failure_that_may_pass_is_tried_again_before_the_next_of_the_key() {
    let bench = bench().await;
    let replica = bench.replica(&Arc::new(Closure::new(spec(), async |job| {
        match (text(&job).as_str(), job.attempt) {
            ("1", 1 | 2) => Err(failure(Class::Transient, "not yet").into()),
            (value, attempt) => Ok(format!("{value} at attempt {attempt}")),
        }
    })));
    bench.enqueue(&[bench.job("a", "1"), bench.job("a", "2")]).await;
    bench.drained().await;
    assert_eq!(bench.results().await, ["1 at attempt 3", "2 at attempt 1"]);
    replica.stop().await;
}

#[tokio::test]
async fn a_snooze_spends_no_attempt() {
    let bench = bench().await;
    let naps = Arc::new(AtomicU32::new(0));
    let counted = naps.clone();
    let replica = bench.replica(&Arc::new(Closure::new(spec(), move |job| {
        let nap = counted.fetch_add(1, Ordering::SeqCst) < 12;
        async move {
            if nap {
                return Err(JobError::Snooze { after: Duration::from_millis(5) });
            }
            Ok(format!("attempt {}", job.attempt))
        }
    })));
    bench.enqueue(&[bench.job("a", "1")]).await;
    bench.drained().await;
    assert_eq!(bench.results().await, ["attempt 1"]);
    assert_eq!(naps.load(Ordering::SeqCst), 13);
    replica.stop().await;
}

#[tokio::test]
async fn only_attempts_of_unknown_outcome_are_counted_as_interrupted() {
    let bench = bench().await;
    let replica = bench.replica(&Arc::new(Closure::new(spec(), async |job| {
        let failure = failure(Class::Transient, "the call failed");
        match job.attempt {
            1 => Err(JobError::Retry { after: None, failure }),
            2 => Err(JobError::Unknown { after: None, failure }),
            attempt => Ok(format!("attempt {attempt}, interrupted: {}", job.interrupted)),
        }
    })));
    bench.enqueue(&[bench.job("a", "1")]).await;
    bench.drained().await;
    assert_eq!(bench.results().await, ["attempt 3, interrupted: 1"]);
    replica.stop().await;
}

#[tokio::test]
async fn a_hopeless_job_is_a_dead_letter_that_can_be_replayed_or_discarded() {
    let bench = bench().await;
    let healed = Arc::new(AtomicU32::new(0));
    let now = healed.clone();
    let replica = bench.replica(&Arc::new(Closure::new(spec(), move |job| {
        let healed = now.load(Ordering::SeqCst) > 0;
        async move {
            match text(&job).as_str() {
                "bad" if !healed => Err(failure(Class::Invalid, "refused by the other side").into()),
                value => Ok(format!("{value} at attempt {}", job.attempt)),
            }
        }
    })));
    bench.enqueue(&[bench.job("a", "bad"), bench.job("a", "good"), bench.job("b", "bad")]).await;
    bench.drained().await;
    let mut results = bench.results().await;
    results.sort();
    let gave_up = "gave up bad: refused by the other side";
    assert_eq!(results, [gave_up, gave_up, "good at attempt 1"]);

    let letters: Vec<(i64, String, String, String, i32)> =
        sqlx::query_as("select id, kind, source, error, attempts from dead_letter order by key")
            .fetch_all(&bench.pool)
            .await
            .unwrap();
    let said = ("job".to_owned(), "test".to_owned(), "refused by the other side".to_owned(), 1);
    let expected: Vec<_> = letters
        .iter()
        .map(|letter| (letter.0, said.0.clone(), said.1.clone(), said.2.clone(), said.3))
        .collect();
    assert_eq!(letters, expected);
    assert_eq!(letters.len(), 2);

    healed.store(1, Ordering::SeqCst);
    let mut conn = bench.pool.acquire().await.unwrap();
    assert!(jobs::replay(&mut conn, letters[0].0).await.unwrap());
    assert!(!jobs::replay(&mut conn, letters[0].0).await.unwrap());
    assert!(jobs::discard(&mut conn, letters[1].0).await.unwrap());
    assert!(!jobs::discard(&mut conn, letters[1].0).await.unwrap());
    bench.drained().await;
    assert_eq!(bench.results().await.pop().unwrap(), "bad at attempt 1");
    assert_eq!(bench.count("select count(*) from dead_letter").await, 0);
    replica.stop().await;
}

#[tokio::test]
async fn the_last_attempt_and_a_panic_end_in_the_dead_letters() {
    let bench = bench().await;
    let spec = jobs::QueueSpec { max_attempts: 2, ..spec() };
    let replica = bench.replica(&Arc::new(Closure::new(spec, async |job| match text(&job).as_str() {
        "panics" => panic!("on purpose"),
        "fails" => Err(failure(Class::Transient, "busy").into()),
        value => Ok(value.to_owned()),
    })));
    bench.enqueue(&[bench.job("a", "panics"), bench.job("a", "fails"), bench.job("a", "works")]).await;
    bench.drained().await;
    assert_eq!(
        bench.results().await,
        ["gave up panics: the handler panicked", "gave up fails: busy", "works"]
    );
    assert_eq!(bench.count("select count(*) from dead_letter where attempts = 2").await, 2);
    replica.stop().await;
}

#[tokio::test]
async fn a_result_that_can_not_be_written_does_not_hold_up_the_others() {
    let bench = bench().await;
    let gate = Arc::new(tokio::sync::Barrier::new(4));
    let replica = bench.replica(&Arc::new(Closure::new(spec(), move |job| {
        let gate = gate.clone();
        async move {
            gate.wait().await;
            Ok(text(&job))
        }
    })));
    bench
        .enqueue(&[
            bench.job("a", "1"),
            bench.job("b", "poison"),
            bench.job("c", "panic"),
            bench.job("d", "4"),
        ])
        .await;
    bench.drained().await;
    let mut results = bench.results().await;
    results.sort();
    assert_eq!(
        results,
        ["1", "4", "gave up panic: the handler panicked", "gave up poison: the result is poison"]
    );
    replica.stop().await;
}

#[tokio::test]
async fn a_result_that_its_handler_will_not_write_now_holds_up_nobody_for_long() {
    let bench = bench().await;
    let replica = bench.replica(&Arc::new(Closure::new(spec(), async |job| Ok(text(&job)))));
    bench
        .enqueue(&[bench.job("a", "not now"), bench.job("a", "behind it"), bench.job("b", "beside it")])
        .await;
    bench.drained().await;
    let mut results = bench.results().await;
    results.sort();
    assert_eq!(results, ["behind it", "beside it", "gave up not now: the result can not be written now"]);
    assert_eq!(bench.count("select count(*) from dead_letter").await, 1);
    replica.stop().await;
}

#[tokio::test]
async fn a_stop_waits_for_what_is_in_flight_and_takes_no_more() {
    let bench = bench().await;
    let (started, go) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    let (begun, gate) = (started.clone(), go.clone());
    let replica = bench.replica(&Arc::new(Closure::new(spec(), move |job| {
        let (begun, gate) = (begun.clone(), gate.clone());
        async move {
            begun.notify_one();
            gate.notified().await;
            Ok(text(&job))
        }
    })));
    bench.enqueue(&[bench.job("a", "1"), bench.job("a", "2")]).await;
    started.notified().await;
    let stopping = tokio::spawn(replica.stop());
    go.notify_one();
    stopping.await.unwrap();
    assert_eq!(bench.results().await, ["1"]);
    until("the other job waits", async || bench.count("select count(*) from job where state = 2").await == 1)
        .await;
}
