//! The books of several workers, on a real Postgres.

use bus::outbox::Outbox;
use events::message::llm::{AnomalySeen, BudgetReached};
use futures::future::join_all;
use ids::{Ids, ManualClock, Secret, SignedDuration};
use pg::{Pool, PoolSettings};
use prost::Message;
use testkit::TestDatabase;
use tokio_util::sync::{CancellationToken, DropGuard};

mod cards;
mod erasure;
mod lost_commit;
mod windows;

use super::config::{KeyLimits, MoneyConfig, TierLimits};
use super::who::Scope;
use super::*;
use crate::domain::answer::Usage;
use crate::store::budget::look;
use crate::store::{MIGRATOR, erased, person, reservation as rows};

pub(crate) struct Bench {
    url: Secret,
    pub(crate) pool: Pool,
    hands: ManualClock,
    config: MoneyConfig,
    _database: TestDatabase,
}

/// A worker whose books are open until this is dropped.
pub(crate) struct Worker {
    pub(crate) money: Money,
    _open: DropGuard,
}

const NOON: &str = "2026-11-27T12:00:00Z";

pub(crate) async fn bench(config: MoneyConfig) -> Bench {
    let database = testkit::database().await;
    let server = database.url.split_once('@').unwrap().1;
    let url = Secret::new(format!("postgres://{}_llm:only-for-this-test@{server}", database.name));
    pg::provision(&database.secret(), "llm", &url).await.unwrap();
    let pool = pg::connect(&PoolSettings { url: url.clone(), max_connections: 2 }, "llm").await.unwrap();
    pg::migrate(&pool, &MIGRATOR).await.unwrap();
    let hands = ManualClock::at(NOON.parse().unwrap());
    Bench { url, pool, hands, config, _database: database }
}

impl Bench {
    fn money(&self, pool: Pool) -> Money {
        Money::new(pool, self.hands.clock(), Ids::system(), Outbox::default(), self.config.clone()).unwrap()
    }

    /// A worker with connections of its own, that says that it lives.
    pub(crate) async fn worker(&self) -> Worker {
        let settings = PoolSettings { url: self.url.clone(), max_connections: 2 };
        let money = self.money(pg::connect(&settings, "llm").await.unwrap());
        rows::live(&self.pool, money.worker, 600).await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(money.clone().run(stop.clone()));
        Worker { money, _open: stop.drop_guard() }
    }

    pub(crate) async fn number(&self, sql: &'static str) -> i64 {
        look::number(&self.pool, sql).await.unwrap()
    }

    /// (calls, held, spent) of a scope.
    pub(crate) async fn counted(&self, scope: &str) -> (i64, i64, i64) {
        look::counted(&self.pool, scope).await.unwrap()
    }

    pub(crate) async fn published<E: Message + Default>(&self, name: &str) -> Vec<E> {
        let payloads = look::published(&self.pool, name).await.unwrap();
        payloads.iter().map(|payload| E::decode(payload.as_slice()).unwrap()).collect()
    }
}

pub(crate) fn asked(chat_id: i64) -> Who {
    let conversation_id = format!("conversation-{chat_id}");
    Who { bot: "sales".to_owned(), chat_id: Some(chat_id), conversation_id, ..Who::default() }
}

fn program(key: &str) -> Who {
    Who { api_key: key.to_owned(), ..Who::default() }
}

const fn spent(micros: i64) -> Spent {
    Spent { micros, was_asked: true, is_reported: true }
}

fn row(request_id: &str, reservation: &Reservation, micros: i64) -> Entry {
    Entry {
        request_id: request_id.to_owned(),
        outcome: "answered",
        provider: "p".to_owned(),
        model: "m".to_owned(),
        person: reservation.person().to_owned(),
        cost_micros: micros,
        usage: Usage { reported: true, ..Usage::default() },
        ended_at: NOON.parse().unwrap(),
        ..Entry::default()
    }
}

fn reserved(verdict: Verdict) -> Reservation {
    match verdict {
        Verdict::Reserved(reservation) => reservation,
        other => panic!("{other:?}"),
    }
}

fn refused(verdict: &Verdict) -> (Scope, String) {
    match verdict {
        Verdict::Refused(refusal) => (refusal.scope, refusal.resets_at.to_string()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_on_four_workers_never_spend_more_than_the_budget() {
    // Fifty calls at 2,000 millionths each.
    let bench = bench(MoneyConfig { day_dollars: 0.1, ..MoneyConfig::default() }).await;
    let workers = [bench.worker().await, bench.worker().await, bench.worker().await, bench.worker().await];
    let calls = (0..200_usize).map(|nth| {
        let money = workers[nth % 4].money.clone();
        async move {
            let id = format!("request-{nth}");
            // Each of another person, so that only the money is short.
            let who = asked(i64::try_from(nth).unwrap());
            let reservation = match money.reserve(&id, &who, "m", 2_000).await.unwrap() {
                Verdict::Reserved(reservation) => reservation,
                verdict => {
                    assert_eq!(refused(&verdict), (Scope::All, "2026-11-28T00:00:00Z".to_owned()));
                    return 0;
                }
            };
            tokio::task::yield_now().await;
            // Every fourth costs less than what was held, every fourth is dropped in the middle of its answer.
            match nth % 4 {
                0 => {
                    let row = row(&id, &reservation, 1_000);
                    assert!(money.settle(reservation, spent(1_000), row).await.unwrap());
                    1_000
                }
                1 => {
                    let mut reservation = reservation;
                    reservation.spends(Spent { is_reported: false, ..spent(1_500) });
                    drop(reservation);
                    1_500
                }
                _ => {
                    let row = row(&id, &reservation, 2_000);
                    assert!(money.settle(reservation, spent(2_000), row).await.unwrap());
                    2_000
                }
            }
        }
    });
    let came: i64 = join_all(calls).await.into_iter().sum();
    testkit::until("all is settled", async || {
        (rows::open(&bench.pool).await.unwrap() == (0, 0)).then_some(())
    })
    .await;
    // At least fifty were let through, and the least that one has cost is 1,000.
    assert!((50_000..=100_000).contains(&came), "{came}");
    let (_, held, counted) = bench.counted("all").await;
    assert_eq!((held, counted), (0, came));
    assert_eq!(bench.number("select sum(cost_micros)::bigint from ledger").await, came);
    // Whoever was told that the budget is used up, was told once.
    let mut told: Vec<i32> = bench
        .published::<BudgetReached>("llm.budget.reached")
        .await
        .iter()
        .map(|event| event.percent)
        .collect();
    told.dedup();
    // All of it is told of only where it was spent: what was held for others came back in part.
    let shares =
        [(80, 80_000), (100, 98_001)].map(|(percent, least)| !told.contains(&percent) || came >= least);
    assert!(told.is_sorted() && shares == [true, true], "{told:?} {came}");
    assert!(came < 100_000 || told.contains(&100), "{told:?} {came}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_calls_that_cost_what_was_held_fit_a_budget_for_fifty() {
    let bench = bench(MoneyConfig { day_dollars: 0.1, ..MoneyConfig::default() }).await;
    let workers = [bench.worker().await, bench.worker().await, bench.worker().await, bench.worker().await];
    let calls = (0..200_usize).map(|nth| {
        let money = workers[nth % 4].money.clone();
        async move {
            let id = format!("request-{nth}");
            let verdict = money.reserve(&id, &program(""), "m", 2_000).await.unwrap();
            let Verdict::Reserved(reservation) = verdict else { return 0 };
            let row = row(&id, &reservation, 2_000);
            i64::from(money.settle(reservation, spent(2_000), row).await.unwrap())
        }
    });
    assert_eq!(join_all(calls).await.into_iter().sum::<i64>(), 50);
    assert_eq!(bench.counted("all").await, (50, 0, 100_000));
    assert_eq!(bench.number("select count(*) from ledger").await, 50);
}

#[tokio::test]
async fn a_question_that_comes_again_counts_once_and_is_asked_once() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let who = asked(7);
    let first = reserved(worker.money.reserve("r", &who, "m", 10).await.unwrap());
    // Its worker may be dead, so it may be asked again; the call is the same one of the person's.
    let again = reserved(worker.money.reserve("r", &who, "m", 10).await.unwrap());
    let scope = format!("person:{}", first.person());
    assert_eq!(bench.counted(&scope).await, (1, 20, 0));
    let (one, two) = (row("r", &first, 6), row("r", &again, 7));
    assert!(worker.money.settle(first, spent(6), one).await.unwrap());
    assert!(!worker.money.settle(again, spent(7), two).await.unwrap(), "it was answered twice");
    assert_eq!(bench.counted(&scope).await, (1, 0, 13));
    assert!(matches!(worker.money.reserve("r", &who, "m", 10).await.unwrap(), Verdict::Ended));
    assert_eq!(bench.number("select count(*) from ledger").await, 1);
}

#[tokio::test]
async fn a_call_that_was_never_made_gives_everything_back() {
    let bench = bench(MoneyConfig { session_calls: 1, ..MoneyConfig::default() }).await;
    let worker = bench.worker().await;
    let who = asked(7);
    drop(reserved(worker.money.reserve("r1", &who, "m", 10).await.unwrap()));
    testkit::until("it is given back", async || {
        (rows::open(&bench.pool).await.unwrap().0 == 0).then_some(())
    })
    .await;
    assert_eq!(bench.counted("all").await, (0, 0, 0));
    let _now = reserved(worker.money.reserve("r2", &who, "m", 10).await.unwrap());
    assert_eq!(bench.number("select count(*) from ledger").await, 0);
}

#[tokio::test]
async fn a_dead_workers_calls_are_lost_and_put_right_if_it_was_not_dead() {
    let bench = bench(MoneyConfig::default()).await;
    let (worker, other) = (bench.worker().await, bench.worker().await);
    let dead = reserved(worker.money.reserve("r", &asked(7), "m", 500).await.unwrap());
    other.money.end_lapsed().await.unwrap();
    assert_eq!(rows::open(&bench.pool).await.unwrap(), (1, 500), "a living worker's call was ended");
    // Nothing was heard of it for longer than its lease.
    rows::live(&bench.pool, worker.money.worker, -1).await.unwrap();
    for _ in 0..2 {
        other.money.end_lapsed().await.unwrap();
        assert_eq!(bench.counted("all").await, (1, 0, 500));
    }
    let lost = "select count(*) from ledger where outcome = 'lost' and of_request = 'r' and cost_micros = 500
                and not usage_reported and person <> ''";
    assert_eq!(bench.number(lost).await, 1);
    // The question is asked again, as the same call of the person's.
    let again = reserved(other.money.reserve("r", &asked(7), "m", 500).await.unwrap());
    assert_eq!(bench.counted("all").await, (1, 500, 500));
    drop(again);
    // It was only slow.
    let late = row("r", &dead, 120);
    assert!(worker.money.settle(dead, spent(120), late).await.unwrap());
    testkit::until("all is settled", async || (bench.counted("all").await == (1, 0, 120)).then_some(()))
        .await;
    assert_eq!(bench.number("select count(*) from ledger").await, 1);
}

#[tokio::test]
async fn tiers_and_keys_have_limits_of_their_own() {
    let mut config = MoneyConfig { person_day_calls: 1, session_calls: 0, ..MoneyConfig::default() };
    config.tiers.insert("premium".to_owned(), TierLimits { day_calls: 2, ..TierLimits::default() });
    let shop = KeyLimits { month_dollars: 0.000_1, day_calls: 2, ..KeyLimits::default() };
    config.keys.insert("shop".to_owned(), shop);
    let bench = bench(config).await;
    let worker = bench.worker().await;
    let ask = |id: &'static str, who: Who, micros| {
        let money = worker.money.clone();
        async move { money.reserve(id, &who, "m", micros).await.unwrap() }
    };
    person::set_tier(&bench.pool, "sales", 7, "premium", Ids::system().uuid()).await.unwrap();
    let _premium = [reserved(ask("p1", asked(7), 1).await), reserved(ask("p2", asked(7), 1).await)];
    assert_eq!(refused(&ask("p3", asked(7), 1).await).0, Scope::Person);
    let _common = reserved(ask("c1", asked(8), 1).await);
    assert_eq!(refused(&ask("c2", asked(8), 1).await).0, Scope::Person);
    let key = reserved(ask("k1", program("shop"), 100).await);
    let month = (Scope::Key, "2026-12-01T00:00:00Z".to_owned());
    assert_eq!(refused(&ask("k2", program("shop"), 1).await), month);
    let settled = row("k1", &key, 40);
    assert!(worker.money.settle(key, spent(40), settled).await.unwrap());
    let _second = reserved(ask("k3", program("shop"), 60).await);
    assert_eq!(refused(&ask("k4", program("shop"), 1).await), month, "what resets last is told");
    let _free = reserved(ask("k5", program("lab"), 1_000_000).await);
}

#[tokio::test]
async fn a_share_is_told_once_and_an_anomaly_with_its_row() {
    let bench = bench(MoneyConfig { day_dollars: 0.001, ..MoneyConfig::default() }).await;
    let worker = bench.worker().await;
    for (nth, cost) in [400, 390, 20, 5].into_iter().enumerate() {
        let id = format!("r{nth}");
        let reservation = reserved(worker.money.reserve(&id, &program(""), "m", cost).await.unwrap());
        let row = Entry { took_ms: 10_001, ..row(&id, &reservation, cost) };
        assert!(worker.money.settle(reservation, spent(cost), row).await.unwrap());
    }
    let told = bench.published::<BudgetReached>("llm.budget.reached").await;
    let [event] = told.as_slice() else { panic!("it was told {} times", told.len()) };
    assert_eq!(
        (event.scope.as_str(), event.period.as_str(), event.percent, event.spent_micros),
        ("all", "day", 80, 810)
    );
    let midnight: ids::Timestamp = "2026-11-28T00:00:00Z".parse().unwrap();
    assert_eq!(event.resets_at_ms, midnight.as_millisecond());
    for nth in 0..3 {
        let verdict = worker.money.reserve(&format!("more{nth}"), &program(""), "m", 500).await.unwrap();
        assert_eq!(refused(&verdict).0, Scope::All);
    }
    let told = bench.published::<BudgetReached>("llm.budget.reached").await;
    assert_eq!(told.iter().map(|event| event.percent).collect::<Vec<_>>(), [80, 100]);
    let seen = bench.published::<AnomalySeen>("llm.anomaly.seen").await;
    assert_eq!(seen.len(), 4);
    assert_eq!((seen[0].kind.as_str(), seen[0].value), ("slow", 10_001));
}

#[tokio::test]
async fn an_erased_person_is_nobody_in_the_ledger() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let reservation = reserved(worker.money.reserve("r", &asked(7), "m", 10).await.unwrap());
    let under_way = reserved(worker.money.reserve("s", &asked(7), "m", 10).await.unwrap());
    let mut entry = row("r", &reservation, 10);
    entry.conversation_id = "conversation-7".to_owned();
    assert!(worker.money.settle(reservation, spent(10), entry).await.unwrap());
    let mut tx = bench.pool.acquire().await.unwrap();
    let (_, held) = erased::held(&mut tx, "sales", 7, "conversation-7").await.unwrap();
    assert_eq!(held["known_by_pseudonym"], true);
    let gone = erased::erase(&mut tx, "sales", 7, "conversation-7").await.unwrap();
    assert_eq!((gone.unlinked, gone.pseudonyms), (1, 1));
    erased::leave_books(&mut tx, &[gone.counted]).await.unwrap();
    drop(tx);
    let counted = "select count(*) from budget where scope <> 'all'";
    assert_eq!(bench.number(counted).await, 0, "what was counted for them is gone");
    assert_eq!(bench.number("select count(*) from reservation where person = ''").await, 1);
    let mut late = row("s", &under_way, 10);
    late.conversation_id = "conversation-7".to_owned();
    assert!(worker.money.settle(under_way, spent(10), late).await.unwrap());
    let named = "select count(*) from ledger where person <> '' or conversation_id <> ''";
    assert_eq!(bench.number(named).await, 0);
    assert_eq!(bench.number("select count(*) from person").await, 0);
    assert_eq!(bench.counted("all").await, (2, 0, 20));
}

#[tokio::test]
async fn a_database_that_goes_away_leaves_nothing_held() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let mut reservation = reserved(worker.money.reserve("r", &program(""), "m", 10).await.unwrap());
    reservation.spends(spent(4));
    // The transaction that was to settle it is rolled back.
    let mut tx = bench.pool.begin().await.unwrap();
    let due = Due { reservation: &mut reservation, spent: spent(4), tried: None };
    let after = worker.money.settle_all_in_tx(&mut tx, vec![due]).await.unwrap();
    tx.rollback().await.unwrap();
    drop((after, reservation));
    testkit::until("it is settled by itself", async || {
        (bench.counted("all").await == (1, 0, 4)).then_some(())
    })
    .await;
    let own =
        "select count(*) from ledger where outcome = 'cancelled' and of_request = 'r' and cost_micros = 4";
    assert_eq!(bench.number(own).await, 1);
}
