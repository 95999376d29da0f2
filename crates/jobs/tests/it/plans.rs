//! The functions of the queue look at as many rows as they take, whatever the table was when their plans were
//! made.

use pg::PgConnection;

use crate::support::{QUEUE, bench};

const BACKLOG: i64 = 20_000;
const KEYS: i64 = 200;

/// Takes up to 100 jobs and ends them; returns how many.
async fn cycle(conn: &mut PgConnection) -> i64 {
    sqlx::query_scalar(
        "with taken as materialized (
             select key, id, lease from job_claim($1, 100, null, 30, true) where id is not null
         ), lists as materialized (
             select array_agg(key) as keys, array_agg(id) as ids, array_agg(lease) as leases from taken
         )
         select cardinality(array(
             select job_renew($1, 30, keys, ids, leases) from lists
         )) + (select count(f.id) from lists, job_finish($1, keys, ids, leases) f) * 1000",
    )
    .bind(QUEUE)
    .fetch_one(conn)
    .await
    .unwrap()
}

/// Entries that were read from the indexes of the queue.
async fn entries_read(conn: &mut PgConnection) -> i64 {
    sqlx::query("select pg_stat_force_next_flush()").execute(&mut *conn).await.unwrap();
    sqlx::query_scalar(
        "select coalesce(sum(idx_tup_read), 0)::bigint from pg_stat_user_indexes where relname = 'job'",
    )
    .fetch_one(conn)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_plan_made_while_the_queue_was_empty_serves_a_backlog() {
    let bench = bench().await;
    let mut conn = bench.pool.acquire().await.unwrap();
    // Plans are kept from the first call on; a parameter's value no longer counts from the sixth.
    for _ in 0..6 {
        assert_eq!(cycle(&mut conn).await, 0);
    }
    sqlx::query(
        "insert into job (queue, key, payload, trace, correlation)
         select $1, 'key ' || nth % $3, '', '', '' from generate_series(1, $2) nth",
    )
    .bind(QUEUE)
    .bind(BACKLOG)
    .bind(KEYS)
    .execute(&mut *conn)
    .await
    .unwrap();
    let before = entries_read(&mut conn).await;
    // All of the first of each key, then a few turns in which most of what is new must be put behind.
    for _ in 0..10 {
        let taken = cycle(&mut conn).await;
        assert_eq!(taken, 100 * 1000 + 100);
    }
    let read = entries_read(&mut conn).await - before;
    assert!(read < 25_000, "{read} index entries were read for 1,000 jobs");
}
