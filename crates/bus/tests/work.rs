//! Work consumers while the database is away.

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
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

    async fn commit(&self, _: &mut PgConnection, _: &Delivery, (): &mut ()) -> Result<AfterCommit, Failure> {
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

/// Tells who took what, and is at work until it is let go.
struct Patient {
    who: &'static str,
    took: tokio::sync::mpsc::UnboundedSender<&'static str>,
    go: Arc<tokio::sync::Semaphore>,
}

#[async_trait]
impl WorkHandler for Patient {
    type Done = ();

    async fn work(&self, _: &Delivery) -> Result<(), Failure> {
        let _ = self.took.send(self.who);
        let _go = self.go.acquire().await.ok();
        Ok(())
    }

    async fn commit(&self, _: &mut PgConnection, _: &Delivery, (): &mut ()) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }

    async fn give_up(&self, _: &mut PgConnection, _: &Delivery, _: &Failure) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }
}

#[tokio::test]
async fn one_replica_more_takes_what_waits_while_the_first_is_still_at_work() {
    let bench = bench().await;
    let (took, mut taken) = tokio::sync::mpsc::unbounded_channel();
    let go = Arc::new(tokio::sync::Semaphore::new(0));
    let stop = CancellationToken::new();
    let consumer = |who| {
        let handler = Arc::new(Patient { who, took: took.clone(), go: go.clone() });
        Consumer::work("work", "bot", &["bot.flow.moved"], 2, handler)
    };
    consumer("nobody").ensure(&bench.bus).await.unwrap();
    let start = |who| tokio::spawn(consumer(who).run(bench.runtime(&stop)));
    let mut next =
        async || tokio::time::timeout(Duration::from_secs(20), taken.recv()).await.unwrap().unwrap();
    let first = start("first");
    for number in 1..=5 {
        bench.bus.publish(bench.event(number, "x")).await.unwrap();
    }
    assert_eq!([next().await, next().await], ["first", "first"]);
    // What an autoscaler reads: three wait that nobody has taken, and two are at work.
    let lag = testkit::until("two are at work", async || {
        let lag = bench.bus.lag("bot", "work").await.unwrap();
        (lag.unacknowledged == 2).then_some(lag)
    })
    .await;
    assert_eq!(lag.pending, 3);

    let second = start("second");
    assert_eq!([next().await, next().await], ["second", "second"]);
    go.add_permits(5);
    next().await;
    testkit::until("everything is done", async || {
        bench.bus.lag("bot", "work").await.unwrap().is_zero().then_some(())
    })
    .await;
    stop.cancel();
    first.await.unwrap();
    second.await.unwrap();
}

/// Makes one dear call, whose result can not be written at first.
struct Dear {
    works: AtomicU32,
    commits: AtomicU32,
}

#[async_trait]
impl WorkHandler for Dear {
    type Done = String;

    async fn work(&self, _: &Delivery) -> Result<String, Failure> {
        let nth = self.works.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(format!("answer {nth}"))
    }

    async fn commit(
        &self,
        tx: &mut PgConnection,
        _: &Delivery,
        done: &mut String,
    ) -> Result<AfterCommit, Failure> {
        sqlx::query("insert into told values ($1)")
            .bind(&*done)
            .execute(tx)
            .await
            .map_err(pg::PgError::from)?;
        match self.commits.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Failure::new(Class::Transient, "not now")),
            1 => Err(Failure::new(Class::Conflict, "somebody was faster")),
            _ => Ok(AfterCommit::nothing()),
        }
    }

    async fn give_up(&self, _: &mut PgConnection, _: &Delivery, _: &Failure) -> Result<AfterCommit, Failure> {
        Ok(AfterCommit::nothing())
    }
}

#[tokio::test]
async fn what_was_paid_for_is_not_paid_for_again_where_it_can_not_be_written_at_first() {
    let bench = bench().await;
    sqlx::query("create table told (what text not null)").execute(&bench.pool).await.unwrap();
    let stop = CancellationToken::new();
    let handler = Arc::new(Dear { works: 0.into(), commits: 0.into() });
    let consumer = Consumer::work("work", "bot", &["bot.flow.moved"], 1, handler.clone());
    consumer.ensure(&bench.bus).await.unwrap();
    let running = tokio::spawn(consumer.run(bench.runtime(&stop)));
    bench.bus.publish(bench.event(1, "x")).await.unwrap();
    testkit::until("it is handled", async || {
        let told: i64 = sqlx::query_scalar("select count(*) from told").fetch_one(&bench.pool).await.unwrap();
        (told > 0 && bench.bus.lag("bot", "work").await.unwrap().is_zero()).then_some(())
    })
    .await;
    stop.cancel();
    running.await.unwrap();
    let told: Vec<String> = sqlx::query_scalar("select what from told").fetch_all(&bench.pool).await.unwrap();
    assert_eq!(told, ["answer 1"]);
    assert_eq!(handler.works.load(Ordering::SeqCst), 1);
    assert_eq!(handler.commits.load(Ordering::SeqCst), 3);
}
