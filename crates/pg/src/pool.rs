use std::str::FromStr;
use std::time::Duration;

use ids::Secret;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};

use crate::{PgError, Pool};

/// How a service reaches its schema.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// `postgres://role:password@host:port/database`
    pub url: Secret,
    /// Connections of this process at most.
    pub max_connections: u32,
}

/// A statement of ours takes milliseconds; one that takes this long is stuck. An event's redelivery
/// (30 s) is three times as far away.
const STATEMENT_TIMEOUT: &str = "10s";

/// How long a connection that comes back to the pool may take to answer.
const LAST_ANSWER: Duration = Duration::from_secs(5);

/// A pool whose connections see the service's schema and no other. Connects once, so that a wrong address
/// or password is told at the start and not at the first request.
pub async fn connect(settings: &PoolSettings, schema: &str) -> Result<Pool, PgError> {
    let options = PgConnectOptions::from_str(settings.url.expose())?
        .application_name(&format!("dragoman-{schema}"))
        .statement_cache_capacity(256)
        .options([
            ("search_path", schema),
            ("statement_timeout", STATEMENT_TIMEOUT),
            ("idle_in_transaction_session_timeout", "30s"),
            // A machine that vanishes says no goodbye: without these its locks, advisory ones too, would stay
            // for two hours.
            ("tcp_keepalives_idle", "5"),
            ("tcp_keepalives_interval", "3"),
            ("tcp_keepalives_count", "3"),
            ("tcp_user_timeout", "15000"),
            // Compiling a plan costs more than any statement of ours runs for.
            ("jit", "off"),
        ]);
    // The pool would try for as long as it may wait and then only say that it waited.
    options.clone().connect().await?.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(Duration::from_secs(5))
        // A ping before each use would be a round trip more on the hot path; a dead connection shows as a
        // transient error and the work is tried again.
        .test_before_acquire(false)
        // What was given up halfway (`in_time`) comes back here. Where its server is gone nobody answers, and the
        // pool would wait for the kernel to notice, a quarter of an hour with one connection less.
        .after_release(|connection, _| {
            Box::pin(async move {
                let answer = tokio::time::timeout(LAST_ANSWER, connection.ping()).await;
                answer.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut)).map(|()| true)
            })
        })
        .connect_with(options)
        .await?;
    Ok(pool)
}
