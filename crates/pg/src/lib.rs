//! Postgres, as every service uses it: one schema and one login role per service, a pool that sees
//! nothing else, migrations, and errors that know their class.

mod after_commit;
mod error;
mod in_time;
mod kept;
mod migrate;
mod pool;
mod provision;
mod vectors;
mod wake;

pub use after_commit::AfterCommit;
pub use error::PgError;
pub use in_time::in_time;
pub use kept::Kept;
pub use migrate::migrate;
pub use pool::{PoolSettings, connect};
pub use provision::provision;
pub use sqlx::migrate::Migrator;
pub use sqlx::{PgConnection, PgPool as Pool};
pub use vectors::{Vectors, provide_vectors};
pub use wake::Wake;

/// A transaction of our own database: the first argument of whatever writes.
pub type Tx = sqlx::Transaction<'static, sqlx::Postgres>;
