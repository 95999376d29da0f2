//! Migrations beside older and newer programs, and beside the limits of everyday statements.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

mod log;

use pg::{Migrator, Pool, PoolSettings, connect, migrate};
use sqlx::migrate::{Migration, MigrationType};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use log::Log;

fn migrations(statements: &[(i64, &str)]) -> Migrator {
    let migration = |(version, sql): &(i64, &str)| {
        let sql = AssertSqlSafe((*sql).to_owned()).into_sql_str();
        Migration::new(*version, "of a test".into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(statements.iter().map(migration).collect())
}

async fn pool(database: &testkit::TestDatabase) -> Pool {
    let settings = PoolSettings { url: database.secret(), max_connections: 1 };
    connect(&settings, "public").await.unwrap()
}

#[tokio::test]
async fn an_older_program_starts_on_the_tables_of_a_newer_one() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let old = (1001, "create table thing (id bigint)");
    migrate(&pool, &migrations(&[old, (1002, "alter table thing add column more text")])).await.unwrap();
    migrate(&pool, &migrations(&[old])).await.unwrap();
    sqlx::query("insert into thing (id, more) values (1, 'kept')").execute(&pool).await.unwrap();
    // What was applied under the same number must still be the same.
    migrate(&pool, &migrations(&[(1001, "create table other (id bigint)")])).await.unwrap_err();
}

#[tokio::test]
async fn a_migration_may_take_longer_than_a_statement_of_every_day() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let note = "create table noted as select current_setting('statement_timeout') as longest";
    migrate(&pool, &migrations(&[(1001, note)])).await.unwrap();
    let longest: String = sqlx::query_scalar("select longest from noted").fetch_one(&pool).await.unwrap();
    assert_eq!(longest, "0");
    let usual: String = sqlx::query_scalar("show statement_timeout").fetch_one(&pool).await.unwrap();
    assert_eq!(usual, "10s", "the connections of the pool keep their limit");
}

#[tokio::test]
async fn a_migration_that_takes_its_time_is_no_slow_statement() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    // Longer than the second from which on a statement is told as slow; where it is told, it is within this call.
    migrate(&pool, &migrations(&[(1001, "select pg_sleep(1.2)")])).await.unwrap();
    assert_eq!(log.of("WARN sqlx"), [""; 0]);
    sqlx::query("select pg_sleep(1.2)").execute(&pool).await.unwrap();
    drop(guard);
    let told = log.of("WARN sqlx");
    assert!(told.len() == 1 && told[0].contains("slow statement"), "one of every day still is: {told:?}");
}

#[tokio::test]
async fn a_migration_that_failed_leaves_its_lock_to_the_next() {
    let database = testkit::database().await;
    let (first, second) = (pool(&database).await, pool(&database).await);
    migrate(&first, &migrations(&[(1001, "select 1 / 0")])).await.unwrap_err();
    // The pool of the one that failed is still open, as that of a process that tries again.
    migrate(&second, &migrations(&[(1001, "select 1")])).await.unwrap();
}
