//! A service's role reaches its own schema and nobody else's.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "all of it is a test")]

use ids::Secret;
use pg::{Migrator, PgError, PoolSettings, connect, migrate, provision};
use sqlx::migrate::Migrator as SqlxMigrator;

static NOTHING: Migrator = SqlxMigrator::DEFAULT;

fn service_url(database: &testkit::TestDatabase, schema: &str) -> Secret {
    let url = database.url.split_once('@').unwrap().1;
    Secret::new(format!("postgres://{}_{schema}:p%40ss'word@{url}", database.name))
}

async fn service(database: &testkit::TestDatabase, schema: &str) -> pg::Pool {
    service_with(database, schema, &NOTHING).await
}

async fn service_with(database: &testkit::TestDatabase, schema: &str, migrations: &Migrator) -> pg::Pool {
    let url = service_url(database, schema);
    provision(&database.secret(), schema, &url).await.unwrap();
    let pool = connect(&PoolSettings { url, max_connections: 2 }, schema).await.unwrap();
    migrate(&pool, migrations).await.unwrap();
    pool
}

/// Every service's real tables.
fn services() -> [(&'static str, Migrator); 5] {
    [
        ("gateway", sqlx::migrate!("../../migrations/gateway")),
        ("bot", sqlx::migrate!("../../migrations/bot")),
        ("llm", sqlx::migrate!("../../migrations/llm")),
        ("crm", sqlx::migrate!("../../migrations/crm")),
        ("analytics", sqlx::migrate!("../../migrations/analytics")),
    ]
}

/// Every relation of a schema, sequences among them.
async fn relations(pool: &pg::Pool, schema: &str) -> Vec<(String, String)> {
    let sql = "select relname::text, relkind::text from pg_class
               where relnamespace = $1::regnamespace and relkind in ('r', 'p', 'v', 'm', 'S') order by relname";
    sqlx::query_as(sql).bind(schema).fetch_all(pool).await.unwrap()
}

async fn denied(pool: &pg::Pool, statement: String) {
    let done = sqlx::raw_sql(sqlx::AssertSqlSafe(statement.clone())).execute(pool).await;
    let refused = done.map_err(PgError::from).expect_err(&statement);
    assert_eq!(classify::Classify::class(&refused), classify::Class::Denied, "{statement}: {refused:?}");
}

#[tokio::test]
async fn no_service_can_read_or_write_any_table_of_another_as_they_are_migrated() {
    let database = testkit::database().await;
    let mut pools = Vec::new();
    for (schema, migrations) in services() {
        pools.push((schema, service_with(&database, schema, &migrations).await));
    }
    for (owner, owners) in &pools {
        let relations = relations(owners, owner).await;
        let named = |name: &str| relations.iter().any(|(found, _)| found == name);
        assert!(["inbox", "outbox", "job", "dead_letter"].into_iter().all(named), "{owner}: {relations:?}");
        assert!(relations.len() > 5, "{owner} has no tables of its own: {relations:?}");
        for (stranger, pool) in pools.iter().filter(|(stranger, _)| stranger != owner) {
            for (relation, kind) in &relations {
                let name = format!("{owner}.{relation}");
                denied(pool, format!("select 1 from {name}")).await;
                if kind == "S" {
                    denied(pool, format!("select nextval('{name}')")).await;
                } else {
                    denied(pool, format!("delete from {name}")).await;
                    denied(pool, format!("truncate {name}")).await;
                }
            }
            denied(pool, format!("create table {owner}.of_{stranger} ()")).await;
            denied(pool, format!("select {owner}.job_reap('x')")).await;
        }
    }
}

#[tokio::test]
async fn one_service_can_not_read_or_write_anothers_tables() {
    let database = testkit::database().await;
    let bot = service(&database, "bot").await;
    let crm = service(&database, "crm").await;
    sqlx::query("insert into inbox (consumer, event_id) values ('c', 'e')").execute(&bot).await.unwrap();
    for statement in [
        "select * from bot.inbox",
        "insert into bot.inbox (consumer, event_id) values ('x', 'y')",
        "create table bot.mine ()",
        "create table public.mine ()",
        "drop schema bot cascade",
        "set role postgres",
    ] {
        let refused = sqlx::query(statement).execute(&crm).await.map_err(PgError::from).unwrap_err();
        assert_eq!(classify::Classify::class(&refused), classify::Class::Denied, "{statement}: {refused:?}");
    }
    let own: i64 = sqlx::query_scalar("select count(*) from inbox").fetch_one(&crm).await.unwrap();
    assert_eq!(own, 0, "an unqualified name means the service's own table");
}

#[tokio::test]
async fn provisioning_and_migrating_again_changes_nothing_and_may_run_at_once() {
    let database = testkit::database().await;
    let all = tokio::join!(service(&database, "bot"), service(&database, "bot"), service(&database, "bot"));
    sqlx::query("insert into inbox (consumer, event_id) values ('c', 'e')").execute(&all.0).await.unwrap();
    let again = service(&database, "bot").await;
    let kept: i64 = sqlx::query_scalar("select count(*) from inbox").fetch_one(&again).await.unwrap();
    assert_eq!(kept, 1);
}
