use sqlx::migrate::Migrator;

use crate::{PgError, Pool};

/// The tables of the bus and of the jobs, which stand in every service's schema. Their numbers are below
/// 1000; a service's own begin at 1001.
static PLATFORM: Migrator = sqlx::migrate!("../../migrations/platform");

/// Brings a service's schema up to date: the platform's tables, then the service's own. Any number of
/// replicas may call it at once; one works and the others wait.
pub async fn migrate(pool: &Pool, own: &Migrator) -> Result<(), PgError> {
    let all = PLATFORM.iter().chain(own.iter()).cloned().collect();
    Migrator::with_migrations(all).run(pool).await?;
    Ok(())
}
