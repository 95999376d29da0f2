//! Erasures and the books at the same time.

use super::*;
use crate::money::counter::Slot;

#[tokio::test]
async fn a_question_after_the_erasure_is_nobodys() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let mut tx = bench.pool.begin().await.unwrap();
    erased::take_turns(&mut tx, &["conversation-7"]).await.unwrap();
    // While the erasure is under way, and nobody waits for it.
    let during = reserved(worker.money.reserve("during", &asked(7), "m", 10).await.unwrap());
    let gone = erased::erase(&mut tx, "sales", 7, "conversation-7").await.unwrap();
    erased::leave_books(&mut tx, &[gone.counted]).await.unwrap();
    tx.commit().await.unwrap();
    let after = reserved(worker.money.reserve("after", &asked(7), "m", 10).await.unwrap());
    let other = reserved(worker.money.reserve("other", &asked(8), "m", 10).await.unwrap());
    assert_eq!([during.person(), after.person()], ["", ""]);
    assert_ne!(other.person(), "");
    assert_eq!(bench.number("select count(*) from person").await, 1);
    let named = "select count(*) from reservation where conversation_id = 'conversation-7'";
    assert_eq!(bench.number(named).await, 0);
    let counted = "select count(*) from budget where scope = 'session:conversation-7'";
    assert_eq!(bench.number(counted).await, 0);
}

#[tokio::test]
async fn an_erasure_waits_for_the_books_with_nothing_of_theirs_in_its_hands() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let mut reservation = reserved(worker.money.reserve("r", &asked(7), "m", 10).await.unwrap());
    let mut books = bench.pool.begin().await.unwrap();
    let all = Slot::all();
    crate::store::budget::lock_in_tx(&mut books, &[&all]).await.unwrap();
    let pool = worker.money.pool.clone();
    let erasure = tokio::spawn(async move {
        let mut tx = pool.begin().await.unwrap();
        let gone = erased::erase(&mut tx, "sales", 7, "conversation-7").await.unwrap();
        erased::leave_books(&mut tx, &[gone.counted]).await.unwrap();
        tx.commit().await.unwrap();
    });
    let waits = "select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and query like '%from budget%'";
    testkit::until("the erasure waits for the books", async || {
        (bench.number(waits).await == 1).then_some(())
    })
    .await;
    // What the books settle meanwhile: in the wrong order, this is a deadlock.
    let due = Due { reservation: &mut reservation, spent: spent(10), tried: None };
    let after = worker.money.settle_all_in_tx(&mut books, vec![due]).await.unwrap();
    books.commit().await.unwrap();
    after.run();
    erasure.await.unwrap();
    let left = "select count(*) from budget where scope <> 'all'";
    assert_eq!(bench.number(left).await, 0);
    assert_eq!(bench.counted("all").await, (1, 0, 10));
}
