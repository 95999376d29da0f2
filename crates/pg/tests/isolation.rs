//! A service's role reaches its own schema and nobody else's.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "all of it is a test")]

mod log;

use ids::Secret;
use pg::{Migrator, PgError, PoolSettings, connect, migrate, provision};
use sqlx::migrate::Migrator as SqlxMigrator;

use log::Log;

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

/// The SQLSTATE's class of a connection that must not come about.
async fn refused(url: &str) -> classify::Class {
    let connected = connect(&PoolSettings { url: Secret::new(url), max_connections: 1 }, "bot").await;
    classify::Classify::class(&connected.expect_err("the role may connect"))
}

#[tokio::test]
async fn a_services_role_reaches_no_other_database_and_makes_no_temporary_tables() {
    let (database, other) = tokio::join!(testkit::database(), testkit::database());
    let bot = service(&database, "bot").await;
    denied(&bot, "create temporary table mine ()".to_owned()).await;

    let own = service_url(&database, "bot");
    let in_other = format!("{}/{}", own.expose().rsplit_once('/').unwrap().0, other.name);
    // The database is as it was made: open.
    connect(&PoolSettings { url: Secret::new(in_other.as_str()), max_connections: 1 }, "bot").await.unwrap();
    let others = service(&other, "bot").await;
    assert_eq!(refused(&in_other).await, classify::Class::Denied);
    // Each still reaches its own.
    for pool in [&bot, &others] {
        sqlx::query("select count(*) from inbox").execute(pool).await.unwrap();
    }
    service(&database, "bot").await;
}

#[tokio::test]
async fn closing_the_database_shuts_out_no_service_that_is_there_already() {
    let database = testkit::database().await;
    let admin =
        connect(&PoolSettings { url: database.secret(), max_connections: 1 }, "public").await.unwrap();
    let bot = service(&database, "bot").await;
    // As an installation is that was provisioned before the database was closed.
    let name = &database.name;
    let before = format!(
        "grant connect, temporary on database {name} to public; revoke connect on database {name} from {name}_bot"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(before)).execute(&admin).await.unwrap();
    bot.close().await;
    service(&database, "crm").await;
    let again = PoolSettings { url: service_url(&database, "bot"), max_connections: 1 };
    let bot = connect(&again, "bot").await.unwrap();
    denied(&bot, "create temporary table mine ()".to_owned()).await;
}

#[tokio::test]
async fn who_is_shut_out_is_told_once_with_the_way_in() {
    let database = testkit::database().await;
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    service(&database, "bot").await;
    service(&database, "crm").await;
    drop(guard);
    let lines = log.of("INFO pg");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("taken from PUBLIC"), "{lines:?}");
    // What it says to do is what lets somebody in.
    let name = &database.name;
    let grant = format!("grant connect on database \"{name}\" to …");
    assert!(lines[0].contains(&format!("{grant:?}")), "{lines:?}");
    let (_, server) = database.url.split_once('@').unwrap();
    let backup = format!("postgres://{name}_backup:secret@{server}");
    let admin =
        connect(&PoolSettings { url: database.secret(), max_connections: 1 }, "public").await.unwrap();
    let run = async |sql: String| sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&admin).await.unwrap();
    run(format!("create role {name}_backup login password 'secret'")).await;
    assert_eq!(refused(&backup).await, classify::Class::Denied);
    run(grant.replace('…', &format!("{name}_backup"))).await;
    connect(&PoolSettings { url: Secret::new(backup), max_connections: 1 }, "bot").await.unwrap();
}

#[tokio::test]
async fn a_database_of_another_owner_is_left_as_it_is() {
    let database = testkit::database().await;
    let admin =
        connect(&PoolSettings { url: database.secret(), max_connections: 1 }, "public").await.unwrap();
    let name = &database.name;
    let handed_over = format!("create role {name}_owner; alter database {name} owner to {name}_owner");
    sqlx::raw_sql(sqlx::AssertSqlSafe(handed_over)).execute(&admin).await.unwrap();
    let bot = service(&database, "bot").await;
    sqlx::raw_sql("create temporary table mine ()").execute(&bot).await.unwrap();
    let open: bool =
        sqlx::query_scalar("select has_database_privilege('public', current_database(), 'connect')")
            .fetch_one(&admin)
            .await
            .unwrap();
    assert!(open);
}

#[tokio::test]
async fn an_administrator_may_have_a_name_that_wants_quotes() {
    let database = testkit::database().await;
    let admin =
        connect(&PoolSettings { url: database.secret(), max_connections: 1 }, "public").await.unwrap();
    let name = &database.name;
    let made = format!(
        "create role \"{name}-Admin\" superuser login password 'secret'; alter database {name} owner to \"{name}-Admin\""
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(made)).execute(&admin).await.unwrap();
    let server = database.url.split_once('@').unwrap().1;
    let as_admin = Secret::new(format!("postgres://{name}-Admin:secret@{server}"));
    provision(&as_admin, "bot", &service_url(&database, "bot")).await.unwrap();
    let open: bool =
        sqlx::query_scalar("select has_database_privilege('public', current_database(), 'connect')")
            .fetch_one(&admin)
            .await
            .unwrap();
    assert!(!open, "the administrator owns the database and closes it");
}
