//! A connection that is kept from one transaction to the next.
#![expect(clippy::unwrap_used, reason = "all of it is a test")]

use pg::{Kept, PgConnection, Pool, PoolSettings, connect};

async fn pool(database: &testkit::TestDatabase) -> Pool {
    connect(&PoolSettings { url: database.secret(), max_connections: 2 }, "public").await.unwrap()
}

async fn backend(connection: &mut PgConnection) -> i32 {
    sqlx::query_scalar("select pg_backend_pid()").fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn it_stays_the_same_until_it_is_given_back() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let mut kept = Kept::of(&pool);
    assert_eq!(pool.num_idle(), pool.size() as usize, "nothing is taken before it is needed");
    let mut seen = Vec::new();
    for _ in 0..3 {
        let mut tx = kept.begin().await.unwrap();
        seen.push(backend(&mut tx).await);
        tx.commit().await.unwrap();
        // Somebody else's work takes another.
        assert_ne!(backend(&mut pool.acquire().await.unwrap()).await, seen[0]);
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
    kept.give_back();
    // Both are there again, for two at once.
    let (one, other) = tokio::join!(pool.acquire(), pool.acquire());
    drop((one.unwrap(), other.unwrap()));
}

#[tokio::test]
async fn a_transaction_that_was_dropped_leaves_nothing_to_the_next() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    sqlx::query("create table noted (n int)").execute(&pool).await.unwrap();
    let mut kept = Kept::of(&pool);
    let mut tx = kept.begin().await.unwrap();
    sqlx::query("insert into noted values (1)").execute(&mut *tx).await.unwrap();
    drop(tx);
    let mut tx = kept.begin().await.unwrap();
    sqlx::query("insert into noted values (2)").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let noted: Vec<i32> = sqlx::query_scalar("select n from noted").fetch_all(&pool).await.unwrap();
    assert_eq!(noted, [2]);
}

#[tokio::test]
async fn one_that_died_is_replaced_once_it_was_given_back() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    let mut kept = Kept::of(&pool);
    let mut tx = kept.begin().await.unwrap();
    let pid = backend(&mut tx).await;
    tx.commit().await.unwrap();
    sqlx::query("select pg_terminate_backend($1, 5000)").bind(pid).execute(&pool).await.unwrap();
    kept.begin().await.unwrap_err();
    kept.give_back();
    let mut tx = kept.begin().await.unwrap();
    assert_ne!(backend(&mut tx).await, pid);
    tx.commit().await.unwrap();
}

/// A list of one would be planned anew each time: a plan for it beats the plan for ten of which the server thinks.
#[tokio::test]
async fn a_statement_is_planned_once_however_short_its_lists() {
    let database = testkit::database().await;
    let pool = pool(&database).await;
    sqlx::raw_sql(
        "create table thing (id bigint primary key, words text);
         insert into thing select n, 'words' from generate_series(1, 5000) n; analyze thing;",
    )
    .execute(&pool)
    .await
    .unwrap();
    let mut kept = Kept::of(&pool);
    let look =
        "select t.words from thing t join unnest($1::bigint[]) k (id) using (id) order by id for update of t";
    for id in 1..=12_i64 {
        let mut tx = kept.begin().await.unwrap();
        let found: Vec<String> = sqlx::query_scalar(look).bind([id]).fetch_all(&mut *tx).await.unwrap();
        assert_eq!(found.len(), 1);
        tx.commit().await.unwrap();
    }
    let mut tx = kept.begin().await.unwrap();
    let plans: (i64, i64) = sqlx::query_as(
        "select generic_plans, custom_plans from pg_prepared_statements where statement like '%join unnest%for update%'",
    )
    .fetch_one(&mut *tx)
    .await
    .unwrap();
    assert_eq!(plans, (12, 0));
}
