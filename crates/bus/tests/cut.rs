//! Publishing while the server goes away and comes back.

mod common;

use std::time::{Duration, Instant};

use common::bench;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_goes_on_as_soon_as_the_server_is_back() {
    let mut bench = bench().await;
    let began = Instant::now();
    let mut tasks = Vec::new();
    for chat in 0..40 {
        let (bus, first) = (bench.bus.clone(), bench.event(chat, "x"));
        let ids = bench.ids.clone();
        tasks.push(tokio::spawn(async move {
            let mut log = Vec::new();
            while began.elapsed() < Duration::from_secs(12) {
                let mut event = first.clone();
                event.id = ids.event();
                loop {
                    let asked = began.elapsed();
                    let result = bus.publish(event.clone()).await;
                    let took = began.elapsed() - asked;
                    if took > Duration::from_millis(1500) {
                        log.push(format!("{chat}: asked {asked:?} took {took:?}: {:?}", result.as_ref().err()));
                    }
                    if result.is_ok() {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            log
        }));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    bench.nats.kill();
    println!("killed {:?}", began.elapsed());
    tokio::time::sleep(Duration::from_secs(3)).await;
    bench.nats.start().await;
    println!("back {:?}", began.elapsed());
    for task in tasks {
        for line in task.await.unwrap() {
            println!("{line}");
        }
    }
}
