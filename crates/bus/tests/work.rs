//! Work consumers while the database is away.

mod common;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bus::{Consumer, Delivery, WorkHandler};
use classify::{Class, Failure};
use common::bench;
use futures::StreamExt;
use pg::{AfterCommit, PgConnection, Pool};
use tokio_util::sync::CancellationToken;

/// Loses its database at the first event.
struct Unlucky(Pool);

#[async_trait]
impl WorkHandler for Unlucky {
    type Done = ();

    async fn work(&self, _: &Delivery) -> Result<(), Failure> {
        self.0.close().await;
        Err(Failure::new(Class::Transient, "the database is away"))
    }

    async fn commit(&self, _: &mut PgConnection, _: &Delivery, (): ()) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }

    async fn give_up(&self, _: &mut PgConnection, _: &Delivery, _: &Failure) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }
}

#[tokio::test]
async fn the_server_is_told_to_wait_while_the_database_is_away() {
    let bench = bench().await;
    let (user, password) = bench.nats.login();
    let options = async_nats::ConnectOptions::with_user_and_password(user, password);
    let client = options.connect(bench.nats.url().expose()).await.unwrap();
    let mut acknowledgements = client.subscribe("$JS.ACK.EV_BOT.>").await.unwrap();
    client.flush().await.unwrap();
    let stop = CancellationToken::new();
    let handler = Arc::new(Unlucky(bench.pool.clone()));
    let consumer = Consumer::work("work", "bot", &["bot.flow.moved"], 1, handler);
    consumer.ensure(&bench.bus).await.unwrap();
    let running = tokio::spawn(consumer.run(bench.runtime(&stop)));
    bench.bus.publish(bench.event(1, "x")).await.unwrap();
    let told = tokio::time::timeout(Duration::from_secs(20), acknowledgements.next()).await;
    assert_eq!(told.unwrap().unwrap().payload, "+WPI", "the work is still under way");
    stop.cancel();
    running.await.unwrap();
}
