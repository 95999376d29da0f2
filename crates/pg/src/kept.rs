use sqlx::pool::PoolConnection;
use sqlx::{Connection, Postgres, Transaction};

use crate::{PgError, Pool};

/// For transactions whose statements all find their rows by keys. Each statement is planned once for each connection:
/// the server would weigh the plan for any values against one for these, and where a list of one beats the ten that it
/// assumes of any list, plan it again every time, at more than the cost of running it. And no plan that is kept from when
/// a table was small reads it whole when it has grown.
const BY_KEYS: &str = "begin; set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; \
    set local enable_hashjoin = off; set local enable_mergejoin = off";

/// A connection that one transaction hands to the next, for whoever has many in a row. Giving a connection back
/// to the pool and taking it again costs two round trips, as much as a small transaction.
///
/// It is given back when there is nothing to do ([`Kept::give_back`]), and after every failure: what is wrong with
/// the connection is found out there.
#[derive(Debug)]
pub struct Kept {
    pool: Pool,
    connection: Option<PoolConnection<Postgres>>,
}

impl Kept {
    /// Takes nothing yet.
    #[must_use]
    pub fn of(pool: &Pool) -> Self {
        Self { pool: pool.clone(), connection: None }
    }

    /// Begins a transaction, on the connection that is kept or on one of the pool. Its statements find their rows by
    /// keys: one that has to read a whole table belongs elsewhere.
    pub async fn begin(&mut self) -> Result<Transaction<'_, Postgres>, PgError> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(self.pool.acquire().await?),
        };
        Ok(connection.begin_with(BY_KEYS).await?)
    }

    /// Whether a connection is kept.
    #[must_use]
    pub const fn is_taken(&self) -> bool {
        self.connection.is_some()
    }

    pub fn give_back(&mut self) {
        self.connection = None;
    }
}
