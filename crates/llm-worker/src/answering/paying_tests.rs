//! What calls cost that did not end as they should.

use super::meter::{Meter, Seen};
use super::paying::{Bills, Terms};
use crate::config::Prices;
use crate::domain::answer::Usage;
use crate::money::config::MoneyConfig;
use crate::money::tests::{asked, bench};
use crate::money::{Reservation, Verdict};
use crate::providers::{Problem, ProviderError};

/// A token of a prompt costs 1, one of an answer 2.
const TERMS: Terms = Terms {
    prices: Prices { input: 1_000_000, cached_input: None, output: 2_000_000 },
    prompt_tokens: 936,
    most_micros: 5_000,
};

fn reserved(verdict: Verdict) -> Reservation {
    match verdict {
        Verdict::Reserved(reservation) => reservation,
        other => panic!("{other:?}"),
    }
}

fn used(prompt: i64, completion: i64) -> Usage {
    Usage { prompt, cached: 0, completion, reported: true }
}

#[test]
fn a_call_that_broke_costs_what_was_written_whatever_was_told_before() {
    let cut = |attempts| ProviderError::new(Problem::Cut, attempts);
    let seen = |bytes, usage| Seen { bytes, usage, ..Seen::default() };
    // Told at the beginning of the stream: 800 of the prompt, and 1 of the answer.
    let early = TERMS.failed(&cut(1), seen(300, used(800, 1)));
    assert_eq!((early.micros, early.was_asked, early.is_reported), (800 + 2 * 100, true, false));
    let silent = TERMS.failed(&cut(1), seen(300, Usage::default()));
    assert_eq!((silent.micros, silent.is_reported), (1_000 + 2 * 100, false));
    assert_eq!(TERMS.failed(&cut(2), Seen::default()).micros, 1_000);
    assert_eq!(TERMS.failed(&ProviderError::new(Problem::TimedOut, 3), Seen::default()).micros, 3_000);
    let refused = Problem::Refused { status: 400, said: String::new() };
    let refused = TERMS.failed(&ProviderError::new(refused, 1), Seen::default());
    assert_eq!((refused.micros, refused.was_asked), (0, true));
    assert!(!TERMS.failed(&ProviderError::new(Problem::NoTime, 0), Seen::default()).was_asked);
}

#[test]
fn an_end_without_usage_is_an_estimate_and_no_more_than_was_held() {
    let lost = used(500, 0);
    let unreported = Seen { bytes: 300, is_whole: true, lost, attempts: 2, ..Seen::default() };
    let spent = TERMS.so_far(unreported);
    assert_eq!((spent.micros, spent.is_reported), (1_000 + 200 + 500, false));
    assert!(!Usage::default().after(lost).reported, "what was lost says nothing of the answer");
    let long = TERMS.so_far(Seen { bytes: 30_000, is_whole: true, ..Seen::default() });
    assert_eq!(long.micros, TERMS.most_micros);
    let reported = TERMS.so_far(Seen { bytes: 300, usage: used(800, 20), is_whole: true, ..Seen::default() });
    assert_eq!((reported.micros, reported.is_reported), (840, true));
}

#[tokio::test]
async fn a_model_that_was_not_asked_gives_its_call_back_before_the_next_counts() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let mut bills = Bills::default();
    let hold = async || reserved(worker.money.reserve("r", &asked(7), "m", 5_000).await.unwrap());
    bills.begin(Some((hold().await, TERMS)), &Meter::default());
    bills.ends(&Err(ProviderError::new(Problem::NoTime, 0)));
    let meter = Meter::default();
    bills.begin(Some((hold().await, TERMS)), &meter);
    assert_eq!(bench.counted("all").await, (1, 5_000, 0));
    meter.wrote(300);
    // The third is asked after the second has cost something: it is the same call of the person's.
    bills.ends(&Err(ProviderError::new(Problem::Cut, 1)));
    bills.begin(Some((hold().await, TERMS)), &Meter::default());
    assert_eq!(bench.counted("all").await, (1, 10_000, 0));
    let mut tx = bench.pool.begin().await.unwrap();
    let after = worker.money.settle_all_in_tx(&mut tx, bills.into_each()).await.unwrap();
    tx.commit().await.unwrap();
    after.run();
    assert_eq!(bench.counted("all").await, (1, 0, 1_200 + 1_000));
}

#[tokio::test]
async fn a_call_that_is_dropped_in_the_middle_costs_what_was_written_by_then() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let (mut bills, meter) = (Bills::default(), Meter::default());
    let held = reserved(worker.money.reserve("r", &asked(7), "m", 5_000).await.unwrap());
    bills.begin(Some((held, TERMS)), &meter);
    meter.opened(1, Usage::default());
    meter.wrote(600);
    drop(bills);
    testkit::until("it is settled", async || (bench.counted("all").await == (1, 0, 1_400)).then_some(()))
        .await;
    let rows = "select count(*) from ledger where outcome = 'cancelled' and cost_micros = 1400";
    assert_eq!(bench.number(rows).await, 1);
}
