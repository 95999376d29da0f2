//! A service's role reaches its own schema and nobody else's.

use ids::Secret;
use pg::{Migrator, PgError, PoolSettings, connect, migrate, provision};
use sqlx::migrate::Migrator as SqlxMigrator;

static NOTHING: Migrator = SqlxMigrator::DEFAULT;

fn service_url(database: &testkit::TestDatabase, schema: &str) -> Secret {
    let url = database.url.split_once('@').unwrap().1;
    Secret::new(format!("postgres://{}_{schema}:p%40ss'word@{url}", database.name))
}

async fn service(database: &testkit::TestDatabase, schema: &str) -> pg::Pool {
    let url = service_url(database, schema);
    provision(&database.secret(), schema, &url).await.unwrap();
    let pool = connect(&PoolSettings { url, max_connections: 2 }, schema).await.unwrap();
    migrate(&pool, &NOTHING).await.unwrap();
    pool
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
