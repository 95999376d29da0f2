//! A transaction of the books whose commit was not heard of is done again, and nothing counts twice.

use super::*;
use crate::money::queue::Answer;
use crate::money::reservation::Held;

#[tokio::test]
async fn what_was_held_by_a_commit_that_nobody_heard_of_is_not_held_again() {
    let bench = bench(MoneyConfig { day_dollars: 0.000_1, ..MoneyConfig::default() }).await;
    let worker = bench.worker().await;
    let ask = |nth: i64| Ask {
        id: Ids::system().uuid(),
        request_id: format!("r{nth}"),
        who: asked(nth),
        model: "m".to_owned(),
        micros: 30,
        calls: 1,
        has_others: false,
    };
    let (one, two, late) = (ask(1), ask(2), ask(3));
    let transact = async |asks: &[&Ask]| {
        let mut tx = bench.pool.begin().await.unwrap();
        let done = worker.money.transact(&mut tx, asks, &[]).await.unwrap();
        tx.commit().await.unwrap();
        done.answers
    };
    let held = |answers: Vec<Answer>| -> Vec<_> {
        let held = answers.into_iter().map(|answer| match answer {
            Answer::Held(held) => *held,
            other => panic!("{other:?}"),
        });
        held.collect()
    };
    let first = held(transact(&[&one, &two]).await);
    // The reply was lost, and somebody else has come meanwhile.
    let again = held(transact(&[&one, &late, &two]).await);
    for (again, first) in [(&again[0], &first[0]), (&again[2], &first[1])] {
        let told = |held: &Held| (held.id, held.micros, held.calls, held.places.clone(), held.person.clone());
        assert_eq!(told(again), told(first), "it is the same reservation");
    }
    assert_eq!(bench.counted("all").await, (3, 90, 0));
    assert_eq!(rows::open(&bench.pool).await.unwrap(), (3, 90));
    assert_eq!(bench.counted("session:conversation-1").await, (1, 30, 0));
    for held in again {
        drop(Reservation::new(held, worker.money.queue.clone()));
    }
    testkit::until("all is given back", async || (bench.counted("all").await == (0, 0, 0)).then_some(()))
        .await;
}
