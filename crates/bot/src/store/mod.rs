//! The bot's tables, one aggregate a file.

pub(crate) mod archive;
pub(crate) mod chat_moved;
pub(crate) mod conversation;
pub(crate) mod draft;
pub(crate) mod erasure;
pub(crate) mod erasure_view;
pub(crate) mod export;
pub(crate) mod figures;
pub(crate) mod file;
pub(crate) mod file_news;
pub(crate) mod lead;
pub(crate) mod lead_view;
pub(crate) mod limit;
pub(crate) mod message;
pub(crate) mod person;
pub(crate) mod transcript;
pub(crate) mod version;

use pg::Migrator;

pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/bot");

#[cfg(test)]
pub(crate) mod tests {
    use pg::{PgConnection, Pool, PoolSettings};

    /// The tables, for one test.
    pub(crate) async fn database() -> (testkit::TestDatabase, Pool) {
        let database = testkit::database().await;
        let settings = PoolSettings { url: database.secret(), max_connections: 3 };
        let pool = pg::connect(&settings, "public").await.unwrap();
        pg::migrate(&pool, &super::MIGRATIONS).await.unwrap();
        (database, pool)
    }

    pub(crate) async fn number(tx: &mut PgConnection, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(tx).await.unwrap()
    }

    pub(crate) async fn text(tx: &mut PgConnection, sql: &'static str) -> String {
        sqlx::query_scalar(sql).fetch_one(tx).await.unwrap()
    }

    pub(crate) async fn bytes(tx: &mut PgConnection, sql: &'static str) -> Vec<u8> {
        sqlx::query_scalar(sql).fetch_one(tx).await.unwrap()
    }

    pub(crate) async fn change(tx: &mut PgConnection, sql: &'static str) {
        sqlx::query(sql).execute(tx).await.unwrap();
    }
}
