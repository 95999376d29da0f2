//! Publishing while the server goes away and comes back.

mod common;

use std::time::{Duration, Instant};

use bus::{Bus, BusError};
use common::{Bench, bench};
use tokio::task::JoinSet;

/// Far more than it takes to notice, and less than an acknowledgement is waited for.
const SOON: Duration = Duration::from_secs(2);

/// Publishes until it fails; how long that last call took, and how it failed.
async fn until_it_fails(
    bench: &Bench,
    bus: Bus,
    chat: i64,
) -> impl Future<Output = (Duration, BusError)> + use<> {
    let (ids, first) = (bench.ids.clone(), bench.event(chat, "x"));
    async move {
        loop {
            let asked = Instant::now();
            let mut event = first.clone();
            event.id = ids.event();
            if let Err(error) = bus.publish(event).await {
                return (asked.elapsed(), error);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_an_acknowledgement_is_told_when_the_connection_is_lost() {
    let mut bench = bench().await;
    let mut publishing = JoinSet::new();
    for chat in 0..40 {
        publishing.spawn(until_it_fails(&bench, bench.bus.clone(), chat).await);
    }
    let busy = Instant::now();
    while bench.stored().await.len() < 100 {
        assert!(busy.elapsed() < Duration::from_secs(30), "nothing is published");
    }
    bench.nats.kill();
    for (took, error) in publishing.join_all().await {
        assert!(took < SOON, "told after {took:?}: {error}");
    }
    bench.nats.start().await;
    let back = Instant::now();
    let event = bench.event(1, "after");
    while bench.bus.publish(event.clone()).await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(back.elapsed() < Duration::from_secs(10), "publishing does not go on");
    }
}
