//! When a budget begins anew.

use super::*;

#[tokio::test]
async fn a_session_ends_with_a_break_and_a_day_at_midnight() {
    let config = MoneyConfig {
        time_zone: "Europe/Moscow".to_owned(),
        session_calls: 2,
        person_day_calls: 3,
        ..MoneyConfig::default()
    };
    let bench = bench(config).await;
    let worker = bench.worker().await;
    let who = asked(7);
    let ask = |nth: i32| {
        let (money, who) = (worker.money.clone(), who.clone());
        async move { money.reserve(&format!("r{nth}"), &who, "m", 10).await.unwrap() }
    };
    let _open = [reserved(ask(1).await), reserved(ask(2).await)];
    assert_eq!(refused(&ask(3).await), (Scope::Session, "2026-11-27T12:30:00Z".to_owned()));
    bench.hands.advance(SignedDuration::from_mins(30));
    let _third = reserved(ask(4).await);
    // 21:00 UTC is midnight in Moscow.
    assert_eq!(refused(&ask(5).await), (Scope::Person, "2026-11-27T21:00:00Z".to_owned()));
    bench.hands.advance(SignedDuration::from_mins(8 * 60 + 29));
    assert_eq!(refused(&ask(6).await).0, Scope::Person);
    bench.hands.advance(SignedDuration::from_mins(1));
    let _next_day = reserved(ask(7).await);
    // Somebody else was never in the way.
    let other = worker.money.reserve("other", &asked(8), "m", 10).await.unwrap();
    drop(reserved(other));
}

#[tokio::test]
async fn what_is_held_over_midnight_is_the_days_before() {
    let bench = bench(MoneyConfig { day_dollars: 0.000_1, ..MoneyConfig::default() }).await;
    let worker = bench.worker().await;
    let late = reserved(worker.money.reserve("late", &program(""), "m", 100).await.unwrap());
    assert_eq!(refused(&worker.money.reserve("r", &program(""), "m", 1).await.unwrap()).0, Scope::All);
    bench.hands.advance(SignedDuration::from_hours(12));
    let early = reserved(worker.money.reserve("early", &program(""), "m", 100).await.unwrap());
    let late_row = row("late", &late, 90);
    assert!(worker.money.settle(late, spent(90), late_row).await.unwrap());
    assert_eq!(bench.counted("all").await, (1, 100, 0));
    let early_row = row("early", &early, 80);
    assert!(worker.money.settle(early, spent(80), early_row).await.unwrap());
    assert_eq!(bench.counted("all").await, (1, 0, 80));
    assert_eq!(bench.number("select sum(cost_micros)::bigint from ledger").await, 170);
}
