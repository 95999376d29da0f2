//! The outbox relay on real NATS and Postgres: nothing lost, nothing twice, whatever dies.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod common;

use std::time::Duration;

use bus::outbox::{Outbox, Relay};
use common::{Bench, bench};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tokio_util::sync::CancellationToken;

impl Bench {
    fn relay(&self, outbox: &Outbox) -> Relay {
        Relay {
            service: "bot",
            pool: self.pool.clone(),
            bus: self.bus.clone(),
            ids: self.ids.clone(),
            outbox: outbox.clone(),
        }
    }

    /// As a transaction of a process that relays by `outbox` does.
    async fn put(&self, outbox: &Outbox, values: &[(i64, String)]) {
        let mut tx = self.pool.begin().await.unwrap();
        let events: Vec<_> = values.iter().map(|(chat, value)| self.event(*chat, value)).collect();
        let after = outbox.put(&mut tx, &events).await.unwrap();
        tx.commit().await.unwrap();
        after.run();
    }

    async fn waiting(&self) -> i64 {
        sqlx::query_scalar("select count(*) from outbox").fetch_one(&self.pool).await.unwrap()
    }

    async fn until_empty(&self) {
        for _ in 0..400 {
            if self.waiting().await == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} events are still in the outbox", self.waiting().await);
    }
}

fn numbered(count: usize) -> Vec<(i64, String)> {
    (0..count).map(|nth| (nth as i64 % 7, nth.to_string())).collect()
}

#[tokio::test]
async fn what_a_transaction_writes_is_published_once_and_what_it_takes_back_is_not() {
    let bench = bench().await;
    let (stop, outbox) = (CancellationToken::new(), Outbox::default());
    let running = tokio::spawn(bench.relay(&outbox).run(stop.clone()));
    let mut taken_back = bench.pool.begin().await.unwrap();
    let after = outbox.put(&mut taken_back, &[bench.event(1, "never")]).await.unwrap();
    drop(after);
    taken_back.rollback().await.unwrap();
    bench.put(&outbox, &numbered(1000)).await;
    bench.until_empty().await;
    let stored = bench.stored().await;
    assert_eq!(stored.len(), 1000);
    for chat in 0..7 {
        let of_chat: Vec<usize> = stored
            .iter()
            .filter(|(key, _)| *key == format!("b_{chat}"))
            .map(|(_, value)| value.parse().unwrap())
            .collect();
        assert!(of_chat.is_sorted(), "the order of a key is the order of the outbox");
    }
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_relay_killed_between_publish_and_delete_publishes_nothing_twice() {
    let bench = bench().await;
    bench.put(&Outbox::default(), &numbered(50)).await;
    // While the rows are locked the relay can read and publish them, but not delete them.
    let mut lock = bench.pool.begin().await.unwrap();
    sqlx::query("select 1 from outbox for update").execute(&mut *lock).await.unwrap();
    let killed = tokio::spawn(bench.relay(&Outbox::default()).run(CancellationToken::new()));
    while bench.stored().await.len() < 50 {
        tokio::task::yield_now().await;
    }
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());
    // Its statement dies with it, as it does when the whole process is killed while the server is far away.
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'with gone as (delete from outbox%' and pid <> pg_backend_pid() and usename = current_user")
        .execute(&bench.pool)
        .await
        .unwrap();
    lock.rollback().await.unwrap();
    assert_eq!(bench.waiting().await, 50, "nothing was deleted");
    let stop = CancellationToken::new();
    let running = tokio::spawn(bench.relay(&Outbox::default()).run(stop.clone()));
    bench.until_empty().await;
    assert_eq!(bench.stored().await.len(), 50, "each event is in the stream once");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn one_relay_works_and_another_takes_over_when_it_dies() {
    let bench = bench().await;
    let (of_first, of_second) = (Outbox::default(), Outbox::default());
    let first = tokio::spawn(bench.relay(&of_first).run(CancellationToken::new()));
    bench.put(&of_first, &numbered(10)).await;
    bench.until_empty().await;
    let stop = CancellationToken::new();
    let second = tokio::spawn(bench.relay(&of_second).run(stop.clone()));
    // A wake at a replica that does not lead reaches the one that does.
    bench.put(&of_second, &numbered(10)).await;
    bench.until_empty().await;
    first.abort();
    bench.put(&of_second, &numbered(10)).await;
    bench.until_empty().await;
    assert_eq!(bench.stored().await.len(), 30);
    stop.cancel();
    second.await.unwrap();
}

#[tokio::test]
async fn events_wait_while_nats_is_down_and_go_when_it_is_back() {
    let mut bench = bench().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(bench.relay(&Outbox::default()).run(stop.clone()));
    bench.nats.stop().await;
    bench.put(&Outbox::default(), &numbered(20)).await;
    bench.nats.start().await;
    bench.until_empty().await;
    assert_eq!(bench.stored().await.len(), 20);
    stop.cancel();
    running.await.unwrap();
}

/// What the gauge of the outbox says, once it says so.
async fn until_told(page: &PrometheusHandle, line: &str) {
    until_page(page, line, |one| one == line).await;
}

async fn until_page(page: &PrometheusHandle, what: &str, is_it: impl Fn(&str) -> bool) {
    for _ in 0..400 {
        if page.render().lines().any(&is_it) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{what} is not told: {}", page.render());
}

#[tokio::test]
async fn how_much_waits_is_told_while_nothing_can_be_published() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let _recorder = metrics::set_default_local_recorder(&recorder);
    let mut bench = bench().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(bench.relay(&Outbox::default()).run(stop.clone()));
    until_told(&page, "dragoman_outbox_pending{service=\"bot\"} 0").await;
    bench.nats.stop().await;
    bench.put(&Outbox::default(), &numbered(20)).await;
    sqlx::query("update outbox set created_at = now() - interval '1 hour'")
        .execute(&bench.pool)
        .await
        .unwrap();
    until_told(&page, "dragoman_outbox_pending{service=\"bot\"} 20").await;
    until_page(&page, "an hour", |line| {
        let age = line.strip_prefix("dragoman_outbox_oldest_age_seconds{service=\"bot\"} ");
        age.and_then(|age| age.parse::<f64>().ok()).is_some_and(|age| (3600.0..3700.0).contains(&age))
    })
    .await;
    bench.nats.start().await;
    bench.until_empty().await;
    until_told(&page, "dragoman_outbox_pending{service=\"bot\"} 0").await;
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_relay_that_follows_tells_nothing_of_its_time_as_leader() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let page = recorder.handle();
    let _recorder = metrics::set_default_local_recorder(&recorder);
    let bench = bench().await;
    let mut leader = bench.pool.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock(hashtext('outbox relay'), hashtext(current_schema))")
        .execute(&mut *leader)
        .await
        .unwrap();
    metrics::gauge!("dragoman_outbox_pending", "service" => "bot").set(7.0);
    let stop = CancellationToken::new();
    let running = tokio::spawn(bench.relay(&Outbox::default()).run(stop.clone()));
    until_told(&page, "dragoman_outbox_pending{service=\"bot\"} 0").await;
    stop.cancel();
    running.await.unwrap();
}
