use sqlx::migrate::Migrator;
use sqlx::{ConnectOptions, Connection};

use crate::{PgError, Pool};

/// The tables of the bus and of the jobs, which stand in every service's schema. Their numbers are below
/// 1000; a service's own begin at 1001.
static PLATFORM: Migrator = sqlx::migrate!("../../migrations/platform");

/// Brings a service's schema up to date: the platform's tables, then the service's own. Any number of
/// replicas may call it at once; one works and the others wait. A schema that a newer program has already
/// brought further is left as it is: migrations only add, so that one can go back to an older image.
pub async fn migrate(pool: &Pool, own: &Migrator) -> Result<(), PgError> {
    let mut all = Migrator::with_migrations(PLATFORM.iter().chain(own.iter()).cloned().collect());
    all.set_ignore_missing(true);
    // A connection of its own: what is set on it goes with it, and so does the lock of a migration that failed.
    // Nothing on it is logged as a slow statement: to wait for whoever migrates, and to build an index, is no fault.
    let options = (*pool.connect_options()).clone().disable_statement_logging();
    let mut connection = options.connect().await?;
    // An index over a large table takes longer than any other statement may, and so does the wait for whoever
    // builds it. A lock_timeout would limit that wait as well, for the migrations' lock is a lock like others.
    sqlx::raw_sql("set statement_timeout = 0").execute(&mut connection).await?;
    all.run_direct(None, &mut connection, false).await?;
    connection.close().await?;
    Ok(())
}
