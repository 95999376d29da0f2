use std::time::Duration;

use pg::{PgConnection, PgError, Pool};
use sqlx::Connection;

/// The right to be the only one that does a thing, over all replicas. It lasts as long as its connection.
pub(crate) struct Leader(PgConnection);

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
        sqlx::raw_sql(
            "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3;
             set tcp_user_timeout = 15000",
        )
        .execute(&mut connection)
        .await?;
        loop {
            let taken: bool =
                sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('gateway ' || $1, 0))")
                    .bind(what)
                    .fetch_one(&mut connection)
                    .await?;
            if taken {
                return Ok(Self(connection));
            }
            tokio::time::sleep(pause()).await;
        }
    }

    /// Fails when the right has been lost with the connection.
    pub(crate) async fn still(&mut self) -> Result<(), PgError> {
        self.0.ping().await?;
        Ok(())
    }
}
