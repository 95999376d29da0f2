//! What calls cost that did not end as they should.

use super::bills::Bills;
use super::meter::{Meter, Seen};
use super::terms::Terms;
use crate::config::Prices;
use crate::domain::answer::Usage;
use crate::money::config::MoneyConfig;
use crate::money::tests::{asked, bench};
use crate::money::{Reservation, Verdict};
use crate::providers::{Finish, ModelId, Problem, ProviderError, Tries};

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

/// So many calls, of which the last is out.
fn open(attempts: u32) -> Tries {
    Tries { attempts, is_open: true, ..Tries::default() }
}

#[test]
fn a_call_that_broke_costs_what_was_written_whatever_was_told_before() {
    let cut = |attempts| open(attempts).cut_off(Problem::Cut);
    let seen = |bytes, usage| Seen { bytes, usage, tries: open(1), ..Seen::default() };
    // Told at the beginning of the stream: 800 of the prompt, and 1 of the answer.
    let early = TERMS.failed(&cut(1), seen(300, used(800, 1)));
    assert_eq!((early.micros, early.was_asked, early.is_reported), (800 + 2 * 100, true, false));
    let silent = TERMS.failed(&cut(1), seen(300, Usage::default()));
    assert_eq!((silent.micros, silent.is_reported), (1_000 + 2 * 100, false));
    assert_eq!(TERMS.failed(&cut(2), Seen::default()).micros, 1_000);
    let timed_out = Tries { attempts: 3, unheard: 3, ..Tries::default() }.failed(Problem::TimedOut);
    assert_eq!(TERMS.failed(&timed_out, Seen::default()).micros, 3_000);
    let refused = Problem::Refused { status: 400, said: String::new() };
    let refused = TERMS.failed(&ProviderError::new(refused, 1), Seen::default());
    assert_eq!((refused.micros, refused.was_asked), (0, true));
    assert!(!TERMS.failed(&ProviderError::new(Problem::NoTime, 0), Seen::default()).was_asked);
}

#[test]
fn calls_that_nothing_was_heard_of_are_charged_whatever_came_after_them() {
    let (unheard, lost) = (2, used(500, 0));
    let tries = Tries { attempts: 4, unheard, lost, is_open: true };
    let answered =
        Seen { bytes: 300, usage: used(800, 100), finish: Some(Finish::Stop), tries, ..Seen::default() };
    let spent = TERMS.so_far(answered);
    assert_eq!((spent.micros, spent.is_reported), (800 + 200 + 2 * 1_000 + 500, false));
    let refused =
        Tries { is_open: false, ..tries }.failed(Problem::Quota { status: 429, code: String::new() });
    let spent = TERMS.failed(&refused, Seen { tries, ..Seen::default() });
    assert_eq!((spent.micros, spent.is_reported), (2 * 1_000 + 500, false));
    // Given up between two calls: the one that was made is known to have been refused.
    let between = Seen { tries: Tries { attempts: 1, ..Tries::default() }, ..Seen::default() };
    assert_eq!((TERMS.so_far(between).micros, TERMS.so_far(between).was_asked), (0, true));
}

#[test]
fn who_waits_for_a_place_has_asked_nobody() {
    let waits = TERMS.so_far(Seen::default());
    assert_eq!((waits.micros, waits.was_asked), (0, false));
    let asks = TERMS.so_far(Seen { tries: open(1), ..Seen::default() });
    assert_eq!((asks.micros, asks.was_asked), (1_000, true));
}

#[test]
fn an_end_without_usage_is_an_estimate_and_no_more_than_was_held() {
    let lost = used(500, 0);
    let tries = Tries { lost, ..open(2) };
    let finish = Some(Finish::Stop);
    let unreported = Seen { bytes: 300, finish, tries, ..Seen::default() };
    let spent = TERMS.so_far(unreported);
    assert_eq!((spent.micros, spent.is_reported), (1_000 + 200 + 500, false));
    assert!(!Usage::default().after(lost).reported, "what was lost says nothing of the answer");
    let long = TERMS.so_far(Seen { bytes: 30_000, finish, tries: open(1), ..Seen::default() });
    assert_eq!(long.micros, TERMS.most_micros);
    let reported = Seen { bytes: 300, usage: used(800, 20), finish, tries: open(1), ..Seen::default() };
    let reported = TERMS.so_far(reported);
    assert_eq!((reported.micros, reported.is_reported), (840, true));
}

#[tokio::test]
async fn a_model_that_was_not_asked_gives_its_call_back_before_the_next_counts() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let (mut bills, small, large) =
        (Bills::default(), ModelId::new("p", "small"), ModelId::new("p", "large"));
    let hold = async || reserved(worker.money.reserve("r", &asked(7), "m", 5_000).await.unwrap());
    bills.begin(Some((hold().await, TERMS)), &Meter::default(), &small);
    bills.ends::<()>(&Err(ProviderError::new(Problem::NoTime, 0)));
    let meter = Meter::default();
    bills.begin(Some((hold().await, TERMS)), &meter, &small);
    assert_eq!(bench.counted("all").await, (1, 5_000, 0));
    meter.tries(open(1));
    meter.wrote(300);
    // The third is asked after the second has cost something: it is the same call of the person's.
    bills.ends::<()>(&Err(open(1).cut_off(Problem::Cut)));
    bills.weighed("cut", None);
    let meter = Meter::default();
    bills.begin(Some((hold().await, TERMS)), &meter, &large);
    meter.tries(open(1));
    assert_eq!(bench.counted("all").await, (1, 10_000, 0));
    // A transaction that fails leaves them as they are for the next.
    for is_whole in [false, true] {
        let mut tx = bench.pool.begin().await.unwrap();
        let after = worker.money.settle_all_in_tx(&mut tx, bills.dues(Some(&large))).await.unwrap();
        if is_whole {
            tx.commit().await.unwrap();
            after.run();
        }
    }
    drop(bills);
    assert_eq!(bench.counted("all").await, (1, 0, 1_200 + 1_000));
    let own = "select count(*) from ledger where outcome = 'tried' and of_request = 'r' and reason = 'cut'
               and provider = 'p' and model = 'small' and cost_micros = 1200 and attempts = 1";
    assert_eq!(bench.number(own).await, 1);
    assert_eq!(
        bench.number("select count(*) from ledger").await,
        1,
        "the last word is the question's row to tell"
    );
}

#[tokio::test]
async fn a_call_that_is_dropped_in_the_middle_costs_what_was_written_by_then() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let (mut bills, meter) = (Bills::default(), Meter::default());
    let held = reserved(worker.money.reserve("r", &asked(7), "m", 5_000).await.unwrap());
    bills.begin(Some((held, TERMS)), &meter, &ModelId::new("p", "m"));
    meter.tries(open(1));
    meter.wrote(600);
    drop(bills);
    testkit::until("it is settled", async || (bench.counted("all").await == (1, 0, 1_400)).then_some(()))
        .await;
    let rows = "select count(*) from ledger where outcome = 'cancelled' and cost_micros = 1400";
    assert_eq!(bench.number(rows).await, 1);
}
