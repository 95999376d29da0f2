//! Ordered consumers on real NATS and Postgres: order, once, replicas, failures.

mod common;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use bus::{BatchHandler, Consumer, Delivery};
use classify::{Class, Failure};
use common::bench;
use events::message::bot::FlowMoved;
use pg::{AfterCommit, PgConnection, PgError};
use tokio_util::sync::CancellationToken;

/// Writes each value; fails as the value says.
#[derive(Default)]
struct Recorder {
    transient_failures: AtomicU32,
}

#[async_trait]
impl BatchHandler for Recorder {
    async fn handle(&self, tx: &mut PgConnection, batch: &[Delivery]) -> Result<AfterCommit, Failure> {
        for event in batch {
            let value = event.decode::<FlowMoved>()?.flow;
            if value == "poison" {
                return Err(Failure::new(Class::Permanent, "this event is poison"));
            }
            if value.starts_with("flaky") && self.transient_failures.fetch_add(1, Ordering::SeqCst) < 3 {
                return Err(Failure::new(Class::Transient, "not now"));
            }
            sqlx::query("insert into effect (key, value) values ($1, $2)")
                .bind(event.key.as_str())
                .bind(&value)
                .execute(&mut *tx)
                .await
                .map_err(PgError::from)?;
        }
        Ok(AfterCommit::nothing())
    }
}

fn consumer(handler: Recorder) -> Consumer {
    Consumer::ordered("test", "bot", &["bot.flow.moved"], Arc::new(handler))
}

fn by_key(effects: Vec<(String, String)>) -> BTreeMap<String, Vec<String>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, value) in effects {
        values.entry(key).or_default().push(value);
    }
    values
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_once_and_each_key_in_order_over_two_replicas() {
    let bench = bench().await;
    let stop = CancellationToken::new();
    let first = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let second = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let (chats, each) = (40, 25);
    for nth in 0..each {
        let round = (0..chats).map(|chat| bench.event(chat, &format!("{nth:03}"))).collect();
        assert!(bench.bus.publish_all(round).await.iter().all(Result::is_ok));
    }
    let wanted: Vec<String> = (0..each).map(|nth| format!("{nth:03}")).collect();
    let values = by_key(bench.settle(usize::try_from(chats * each).unwrap()).await);
    assert_eq!(values.len(), 40);
    assert!(values.values().all(|of_key| *of_key == wanted));
    stop.cancel();
    first.await.unwrap();
    second.await.unwrap();
}

#[tokio::test]
async fn the_same_event_published_twice_has_one_effect() {
    let bench = bench().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let event = bench.event(1, "once");
    assert!(!bench.bus.publish(event.clone()).await.unwrap().duplicate);
    assert!(bench.bus.publish(event.clone()).await.unwrap().duplicate, "JetStream knows the id");
    bench.settle(1).await;
    // As if the window had passed: the stream has forgotten, the inbox has not.
    bench.jetstream().await.delete_stream("EV_BOT").await.unwrap();
    bench.bus.ensure_stream("bot").await.unwrap();
    assert!(!bench.bus.publish(event).await.unwrap().duplicate);
    bench.bus.publish(bench.event(1, "after")).await.unwrap();
    let values: Vec<String> = bench.settle(2).await.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, ["once", "after"]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn poison_is_buried_and_the_others_in_its_batch_are_not_held_up() {
    let bench = bench().await;
    for (chat, value) in [(1, "a"), (2, "poison"), (2, "b"), (3, "c")] {
        bench.bus.publish(bench.event(chat, value)).await.unwrap();
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let values: HashSet<String> = bench.settle(3).await.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, HashSet::from(["a".to_owned(), "b".to_owned(), "c".to_owned()]));
    let mut connection = bench.pool.acquire().await.unwrap();
    let letters = bus::list(&mut connection, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].source.as_str(), letters[0].key.as_str()), ("test", "b_2"));
    assert_eq!(letters[0].error, "this event is poison");
    assert!(bus::discard(&mut connection, letters[0].id).await.unwrap());
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_transient_failure_is_tried_again_and_keeps_the_order_of_its_key() {
    let bench = bench().await;
    for value in ["flaky", "second", "third"] {
        bench.bus.publish(bench.event(7, value)).await.unwrap();
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let values: Vec<String> = bench.settle(3).await.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, ["flaky", "second", "third"]);
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_dead_letter_that_is_sent_back_is_handled_by_its_consumer() {
    let bench = bench().await;
    bench.bus.publish(bench.event(5, "poison")).await.unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let mut connection = bench.pool.acquire().await.unwrap();
    let id = loop {
        if let [letter] = bus::list(&mut connection, 10).await.unwrap().as_slice() {
            break letter.id;
        }
        tokio::task::yield_now().await;
    };
    // The cause is mended: the handler is another one now.
    stop.cancel();
    running.await.unwrap();
    sqlx::query("update dead_letter set payload = $1")
        .bind({
            use events::Event as _;
            assert_eq!(FlowMoved::NAME, "bot.flow.moved");
            prost::Message::encode_to_vec(&FlowMoved { flow: "mended".to_owned(), ..FlowMoved::default() })
        })
        .execute(&mut *connection)
        .await
        .unwrap();
    let stop = CancellationToken::new();
    let running = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    assert!(bus::replay(&mut connection, id).await.unwrap());
    assert_eq!(bench.settle(1).await, [("b_5".to_owned(), "mended".to_owned())]);
    assert!(bus::list(&mut connection, 10).await.unwrap().is_empty());
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backlog_is_handled_many_at_a_time_though_a_replica_dies_over_it() {
    let bench = bench().await;
    let (chats, each) = (3, 300);
    for nth in 0..each {
        let round = (0..chats).map(|chat| bench.event(chat, &format!("{nth:03}"))).collect();
        assert!(bench.bus.publish_all(round).await.iter().all(Result::is_ok));
    }
    let stop = CancellationToken::new();
    let first = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    bench.settle(50).await;
    first.abort();
    let second = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let third = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let wanted: Vec<String> = (0..each).map(|nth| format!("{nth:03}")).collect();
    let values = by_key(bench.settle(usize::try_from(chats * each).unwrap()).await);
    assert!(values.values().all(|of_key| *of_key == wanted), "each key in order and once");
    let transactions: i64 = sqlx::query_scalar("select count(distinct xmin::text) from effect")
        .fetch_one(&bench.pool)
        .await
        .unwrap();
    assert!(transactions < chats * each / 6, "{transactions} transactions for {} events", chats * each);
    stop.cancel();
    second.await.unwrap();
    third.await.unwrap();
}

#[tokio::test]
async fn poison_in_a_backlog_is_buried_alone() {
    let bench = bench().await;
    let values: Vec<String> =
        (0..80).map(|nth| if nth == 20 { "poison".to_owned() } else { format!("{nth:02}") }).collect();
    for value in &values {
        bench.bus.publish(bench.event(1, value)).await.unwrap();
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(consumer(Recorder::default()).run(bench.runtime(&stop)));
    let handled: Vec<String> = bench.settle(79).await.into_iter().map(|(_, value)| value).collect();
    assert_eq!(handled, values.into_iter().filter(|value| value != "poison").collect::<Vec<_>>());
    let mut connection = bench.pool.acquire().await.unwrap();
    let letters = bus::list(&mut connection, 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(bus::discard(&mut connection, letters[0].id).await.unwrap());
    stop.cancel();
    running.await.unwrap();
}
