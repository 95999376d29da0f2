use std::time::Duration;

use pg::{PgConnection, PgError, Pool, in_time};
use sqlx::Connection;

/// The right to be the only one that does a thing, over all replicas. It lasts as long as its connection.
pub(crate) struct Leader(PgConnection);

/// Does a thing whenever it is this replica's turn, for ever: `lead` returns when the right is lost. Between two
/// turns, and after a failure, it pauses.
pub(crate) async fn take_turns<F: Future<Output = ()> + Send>(
    pool: &Pool,
    what: &str,
    pause: impl Fn() -> Duration + Send + Sync,
    lead: impl Fn(Leader) -> F + Send,
) {
    loop {
        match Leader::wait(pool, what, &pause).await {
            Ok(leader) => lead(leader).await,
            Err(error) => {
                let error = classify::chain(&error);
                tracing::warn!(what, error, "can not ask whose turn it is");
            }
        }
        tokio::time::sleep(pause()).await;
    }
}

impl Leader {
    /// Waits until no other process has the right to `what`, asking again after each `pause`, and takes it.
    pub(crate) async fn wait(
        pool: &Pool,
        what: &str,
        pause: impl Fn() -> Duration + Send,
    ) -> Result<Self, PgError> {
        // Out of the pool: whoever waits long must not keep the others from theirs.
        let mut connection = pool.acquire().await?.detach();
        // A machine that vanishes says no goodbye; without these the right would be its own for two hours.
        in_time(async {
            let settings = "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3;
                            set tcp_keepalives_count = 3; set tcp_user_timeout = 15000";
            Ok::<_, PgError>(sqlx::raw_sql(settings).execute(&mut connection).await?)
        })
        .await?;
        loop {
            let asked =
                sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('gateway ' || $1, 0))")
                    .bind(what)
                    .fetch_one(&mut connection);
            if in_time(async { Ok::<bool, PgError>(asked.await?) }).await? {
                return Ok(Self(connection));
            }
            tokio::time::sleep(pause()).await;
        }
    }

    /// Fails when the right has been lost with the connection, or nobody says that it has not.
    pub(crate) async fn still(&mut self) -> Result<(), PgError> {
        in_time(async { Ok(self.0.ping().await?) }).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use ids::Secret;
    use pg::PoolSettings;
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::Notify;
    use tokio::time::timeout;

    use super::*;

    /// Longer than anybody may wait for a statement, far shorter than the kernel does.
    const PATIENCE: Duration = Duration::from_secs(60);

    /// A way to Postgres that can be cut without either side being told.
    async fn through_a_cable(database: &testkit::TestDatabase) -> (Pool, Arc<Notify>) {
        let (login, place) = database.url.split_once('@').unwrap();
        let (server, name) = place.split_once('/').unwrap();
        let (server, cut) = (server.to_owned(), Arc::new(Notify::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Secret::new(format!("{login}@{}/{name}", listener.local_addr().unwrap()));
        let shears = cut.clone();
        tokio::spawn(async move {
            while let Ok((mut ours, _)) = listener.accept().await {
                let (server, shears) = (server.clone(), shears.clone());
                tokio::spawn(async move {
                    let mut theirs = TcpStream::connect(server).await.unwrap();
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut ours, &mut theirs) => {}
                        () = shears.notified() => std::future::pending().await,
                    }
                });
            }
        });
        let pool = pg::connect(&PoolSettings { url, max_connections: 3 }, "public").await.unwrap();
        (pool, cut)
    }

    #[tokio::test]
    async fn a_leader_whose_database_vanishes_does_not_wait_for_it() {
        let database = testkit::database().await;
        let (pool, cut) = through_a_cable(&database).await;
        let mut leader = Leader::wait(&pool, "x", || Duration::ZERO).await.unwrap();
        leader.still().await.unwrap();
        cut.notify_waiters();
        tokio::task::yield_now().await;
        // Nothing answers any more, so the time passes at once.
        tokio::time::pause();
        let lost = timeout(PATIENCE, leader.still()).await.unwrap();
        assert_eq!(classify::Classify::class(&lost.unwrap_err()), classify::Class::Transient);
    }

    #[tokio::test]
    async fn who_waits_for_the_lead_notices_that_the_database_vanishes() {
        let database = testkit::database().await;
        let (pool, cut) = through_a_cable(&database).await;
        let _leader = Leader::wait(&pool, "x", || Duration::ZERO).await.unwrap();
        let waiting = Leader::wait(&pool, "x", || Duration::from_millis(20));
        tokio::pin!(waiting);
        timeout(Duration::from_millis(500), &mut waiting).await.err().unwrap();
        cut.notify_waiters();
        tokio::task::yield_now().await;
        tokio::time::pause();
        let lost = timeout(PATIENCE, waiting).await.unwrap();
        assert_eq!(classify::Classify::class(&lost.err().unwrap()), classify::Class::Transient);
    }
}
