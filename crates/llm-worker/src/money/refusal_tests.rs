//! What is said of a budget that leaves no room.

use events::message::llm::BudgetReached;

use super::config::MoneyConfig;
use super::tests::{asked, bench};
use super::{Refusal, Verdict};

fn refused(verdict: &Verdict) -> Refusal {
    match verdict {
        Verdict::Refused(refusal) => *refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_dear_model_is_refused_without_a_word_and_a_cheaper_one_still_fits() {
    let config = MoneyConfig { day_dollars: 0.001, person_day_calls: 1, ..MoneyConfig::default() };
    let bench = bench(config).await;
    let worker = bench.worker().await;
    let told = async || bench.published::<BudgetReached>("llm.budget.reached").await.len();
    let who = asked(7);
    let dear = worker.money.reserve_one_of("r", &who, "dear", 1_500, true).await.unwrap();
    assert!(refused(&dear).is_of_dollars);
    let cheap = worker.money.reserve_one_of("r", &who, "cheap", 900, false).await.unwrap();
    assert!(matches!(cheap, Verdict::Reserved(_)), "{cheap:?}");
    // What is only held may come back.
    let held = worker.money.reserve("s", &asked(8), "cheap", 900).await.unwrap();
    assert!(refused(&held).is_of_dollars);
    // No model is cheap enough for somebody who has no calls left.
    let calls = worker.money.reserve_one_of("t", &who, "dear", 1_500, true).await.unwrap();
    assert!(!refused(&calls).is_of_dollars);
    let before = told().await;
    let last = worker.money.reserve("u", &asked(9), "dear", 1_500).await.unwrap();
    assert!(refused(&last).is_of_dollars);
    assert_eq!(told().await, before + 1, "the smallest call did not fit and nobody was told");
    let all = bench.published::<BudgetReached>("llm.budget.reached").await;
    let shares: Vec<_> = all.iter().map(|one| (one.scope.as_str(), one.percent)).collect();
    assert_eq!(shares.iter().filter(|(scope, _)| *scope == "all").count(), 1, "{shares:?}");
}
