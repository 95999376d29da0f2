use pg::{PgConnection, PgError, Pool};
use sqlx::Connection;

/// The right to be the only one that does a thing, over all replicas. It lasts as long as its connection.
pub(crate) struct Leader(PgConnection);

impl Leader {
    /// Takes the right to `what`, unless another process has it.
    pub(crate) async fn try_take(pool: &Pool, what: &str) -> Result<Option<Self>, PgError> {
        let mut connection = pool.acquire().await?.detach();
        let taken: bool =
            sqlx::query_scalar("select pg_try_advisory_lock(hashtextextended('gateway ' || $1, 0))")
                .bind(what)
                .fetch_one(&mut connection)
                .await?;
        if !taken {
            connection.close().await?;
            return Ok(None);
        }
        // A machine that vanishes says no goodbye; without these the right would be its own for two hours.
        sqlx::raw_sql(
            "set tcp_keepalives_idle = 5; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 3;
             set tcp_user_timeout = 15000",
        )
        .execute(&mut connection)
        .await?;
        Ok(Some(Self(connection)))
    }

    /// Fails when the right has been lost with the connection.
    pub(crate) async fn still(&mut self) -> Result<(), PgError> {
        self.0.ping().await?;
        Ok(())
    }
}
