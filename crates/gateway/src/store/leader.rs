use pg::{PgConnection, PgError, Pool};
use sqlx::Connection;

/// The right to be the only one that does a thing, over all replicas. It lasts as long as its connection.
pub(crate) struct Leader(PgConnection);

impl Leader {
    /// Takes the right to `what`, unless another process has it.
    pub(crate) async fn try_take(pool: &Pool, what: &str) -> Result<Option<Self>, PgError> {
        let mut connection = pool.acquire().await?.detach();
        let taken: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtext('gateway'), hashtext($1))")
            .bind(what)
            .fetch_one(&mut connection)
            .await?;
        if taken {
            return Ok(Some(Self(connection)));
        }
        connection.close().await?;
        Ok(None)
    }

    /// Fails when the right has been lost with the connection.
    pub(crate) async fn still(&mut self) -> Result<(), PgError> {
        self.0.ping().await?;
        Ok(())
    }
}
