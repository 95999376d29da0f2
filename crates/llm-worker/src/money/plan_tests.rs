//! How the books find their rows.

use super::config::MoneyConfig;
use super::tests::{asked, bench};
use super::{Due, Spent, Verdict};
use crate::store::budget::look;

#[tokio::test]
async fn rows_are_found_by_their_keys_after_a_flood_and_before_it() {
    let bench = bench(MoneyConfig::default()).await;
    // The tables are known to be as small as they can be, which is when reading all of them looks cheap.
    look::run(&bench.pool, "vacuum analyze budget, reservation, ledger").await.unwrap();
    let worker = bench.worker().await;
    let cycle = async |nth: i64| {
        let verdict = worker.money.reserve(&format!("r{nth}"), &asked(nth), "m", 10).await.unwrap();
        let Verdict::Reserved(mut reservation) = verdict else { panic!("{verdict:?}") };
        let spent = Spent { micros: 5, was_asked: true, is_reported: true };
        let mut tx = bench.pool.begin().await.unwrap();
        let due = Due { reservation: &mut reservation, spent, tried: None };
        let after = worker.money.settle_all_in_tx(&mut tx, vec![due]).await.unwrap();
        tx.commit().await.unwrap();
        after.run();
    };
    // Long enough for plans that are kept.
    for nth in 0..20 {
        cycle(nth).await;
    }
    look::run(
        &bench.pool,
        "insert into reservation (id, request_id, worker, held_micros, calls, scopes, periods, sinces, conversation_id,
             bot, person, api_key, model, mode)
         select gen_random_uuid(), n::text, gen_random_uuid(), 1, 1, '{}', '{}', '{}', '', '', '', '', '', ''
         from generate_series(1, 20000) n",
    )
    .await
    .unwrap();
    look::run(&bench.pool, "delete from reservation").await.unwrap();
    // What is counted from here on is what the books do.
    let deleted = "select n_tup_del::bigint from pg_stat_user_tables where relname = 'reservation'";
    testkit::until("what was deleted is counted", async || {
        look::run(&bench.pool, "select pg_stat_force_next_flush()").await.unwrap();
        (bench.number(deleted).await >= 20_000).then_some(())
    })
    .await;
    let scans =
        "select sum(seq_scan)::bigint from pg_stat_user_tables where relname in ('budget', 'reservation')";
    let keys =
        "select sum(idx_scan)::bigint from pg_stat_user_tables where relname in ('budget', 'reservation')";
    let (scans_before, keys_before) = (bench.number(scans).await, bench.number(keys).await);
    for nth in 20..40 {
        cycle(nth).await;
    }
    testkit::until("what was read is counted", async || {
        look::run(&bench.pool, "select pg_stat_force_next_flush()").await.unwrap();
        (bench.number(keys).await >= keys_before + 80).then_some(())
    })
    .await;
    assert!(bench.number(scans).await <= scans_before, "a whole table was read for a call");
}
