//! The bot's tables, one aggregate a file.

pub(crate) mod conversation;
pub(crate) mod file;
pub(crate) mod file_news;
pub(crate) mod lead;
pub(crate) mod message;
pub(crate) mod transcript;
pub(crate) mod version;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/bot");

#[cfg(test)]
pub(crate) mod tests {
    use pg::{Pool, PoolSettings};

    /// The tables, for one test.
    pub(crate) async fn database() -> (testkit::TestDatabase, Pool) {
        let database = testkit::database().await;
        let settings = PoolSettings { url: database.secret(), max_connections: 3 };
        let pool = pg::connect(&settings, "public").await.unwrap();
        pg::migrate(&pool, &super::MIGRATIONS).await.unwrap();
        (database, pool)
    }
}
