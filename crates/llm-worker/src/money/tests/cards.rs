//! Budgets that stand on an API key's own card.

use super::*;
use crate::money::window::Period;

#[tokio::test]
async fn a_budget_of_a_card_is_told_of_when_it_is_spent_and_shown() {
    let bench = bench(MoneyConfig::default()).await;
    let worker = bench.worker().await;
    let card = |micros| Who { key_budget: Some((Period::Month, micros)), ..program("shop") };
    let used = async || {
        let used = worker.money.used().await.unwrap();
        let of_key = used.into_iter().filter(|(slot, _)| slot.scope == "key:shop");
        of_key.map(|(slot, used)| (slot.period, used)).collect::<Vec<_>>()
    };
    let held = reserved(worker.money.reserve("r1", &card(1_000), "m", 900).await.unwrap());
    assert_eq!(used().await, [(Period::Day, 0.0), (Period::Month, 0.9)]);
    let settled = row("r1", &held, 850);
    assert!(worker.money.settle(held, spent(850), settled).await.unwrap());
    assert_eq!(used().await, [(Period::Day, 0.0), (Period::Month, 0.85)]);
    // Nobody has to ask again for it.
    let told = bench.published::<BudgetReached>("llm.budget.reached").await;
    let [event] = told.as_slice() else { panic!("it was told {} times", told.len()) };
    assert_eq!(
        (event.scope.as_str(), event.id.as_str(), event.period.as_str(), event.percent, event.spent_micros),
        ("key", "shop", "month", 80, 850)
    );
    // The card is changed, and says nothing of months any more.
    let free = Who { key_budget: Some((Period::Day, 10_000)), ..program("shop") };
    drop(reserved(worker.money.reserve("r2", &free, "m", 150).await.unwrap()));
    testkit::until("it is given back", async || {
        (used().await == [(Period::Day, 0.085), (Period::Month, 0.0)]).then_some(())
    })
    .await;
}
