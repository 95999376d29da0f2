//! The numbers of a period against numbers made by hand.

use analytics::Analytics;
use events::message::llm::model_answered::Outcome;
use rpc::Code;
use rpc::analytics::{Deals, Deliveries, Latency, Leads, ModelUse, ReportRequest, Revenue};
use testkit::Stage;

use crate::support::{
    HOUR, T, answered, ask, ask_as, asked, deal, delivery, handoff, lead, publish, send, sends, settled,
    stage, started, update,
};

/// An hour of one bot, with things before it, after it and of another bot that must not be counted.
async fn an_hour(stage: &Stage) {
    for (n, kind, at) in [(1, "message", T), (2, "message", T + 10), (3, "callback_query", T + HOUR - 1)] {
        publish(stage, at, &update(n, kind, at)).await;
    }
    publish(stage, T, &update(4, "message", T - 1)).await;
    publish(stage, T, &update(5, "message", T + HOUR)).await;

    // Four conversations begin in the hour, one before it.
    publish(stage, T, &started(10, T - HOUR)).await;
    for (n, at) in [(1, T), (2, T + 1), (3, T + 2), (4, T + HOUR - 1)] {
        publish(stage, at, &started(n, at)).await;
    }
    // Leads of two of them and of the one before; a lead of the next hour.
    publish(stage, T, &lead(1, 1, "hot", T + 5)).await;
    publish(stage, T, &lead(2, 2, "warm", T + 6)).await;
    publish(stage, T, &lead(3, 10, "cold", T + 7)).await;
    publish(stage, T, &lead(4, 11, "hot", T + HOUR)).await;
    // Two conversations ask for a human, one of them twice; nothing was said in the other.
    for (conversation, at) in [(1, T + 8), (1, T + 9), (20, T + 10), (2, T - 1)] {
        publish(stage, at, &handoff(conversation, at)).await;
    }
    // 100, 200, 300, 400 and 1000 ms: the median is 300, the 95th percentile 400 + 0.8 × 600.
    let said = T + 1_000;
    publish(stage, T, &sends(vec![send(1, Some(300), "sent", said), send(1, Some(1000), "sent", said)]))
        .await;
    publish(stage, T, &sends(vec![send(2, Some(100), "sent", said), send(3, Some(400), "sent", said)])).await;
    publish(stage, T, &sends(vec![send(3, Some(200), "sent", said)])).await;
    // Not measured: given up, not asked for, out of the hour.
    publish(stage, T, &sends(vec![send(4, Some(9_000), "failed", said), send(3, None, "sent", said)])).await;
    publish(stage, T, &sends(vec![send(5, Some(9_000), "sent", T + HOUR)])).await;

    for (n, outcome, cost) in
        [(1, Outcome::Answered, 1_500), (2, Outcome::Unknown, 0), (3, Outcome::Failed, 250)]
    {
        publish(stage, T + 20, &asked(n)).await;
        publish(stage, T, &answered(n, outcome, cost, T + 21)).await;
    }
    publish(stage, T + HOUR, &asked(4)).await;

    // The first lead failed and arrived after a replay, told in the wrong order; the second failed.
    publish(stage, T, &delivery(1, "delivered", T + 40)).await;
    publish(stage, T, &delivery(1, "failed", T + 30)).await;
    publish(stage, T, &delivery(2, "failed", T + 50)).await;

    let mut other = started(99, T);
    other.bot = "other".to_owned();
    publish(stage, T, &other).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_numbers_of_a_period_are_those_counted_by_hand() {
    let stage = stage().await;
    let app = stage.start(&[&Analytics], "").await;
    an_hour(&stage).await;
    settled(&stage).await;

    let report = ask(&app, T, T + HOUR, "sales").await.unwrap();
    assert_eq!(report.updates, 3);
    assert_eq!(report.conversations, 4);
    assert_eq!(report.leads, Some(Leads { total: 3, hot: 1, warm: 1, cold: 1 }));
    assert!(
        (report.conversion - 0.5).abs() < 1e-9,
        "2 of 4 conversations left a lead: {}",
        report.conversion
    );
    assert_eq!(report.handoffs, 2);
    // Active: something was said in 1, 2 and 3, and 20 asked for a human.
    assert!((report.handoff_rate - 0.5).abs() < 1e-9, "{}", report.handoff_rate);
    let Latency { answers, p50_ms, p95_ms } = report.latency.unwrap();
    assert_eq!(answers, 5);
    assert!((p50_ms - 300.0).abs() < 1e-6, "{p50_ms}");
    assert!((p95_ms - 880.0).abs() < 1e-6, "{p95_ms}");
    let model = ModelUse {
        requests: 3,
        answered: 1,
        unknown: 1,
        failed: 1,
        prompt_tokens: 300,
        completion_tokens: 30,
        cost_micros: 1_750,
    };
    assert_eq!(report.model, Some(model));
    assert_eq!(report.deliveries, Some(Deliveries { delivered: 1, failed: 1 }));

    assert_eq!(ask(&app, T, T + HOUR, "").await.unwrap().conversations, 5, "of all bots");
    let other = ask(&app, T, T + HOUR, "other").await.unwrap();
    assert_eq!((other.conversations, other.updates, other.deliveries.unwrap().failed), (1, 0, 0));
    let nothing = ask(&app, T + 10 * HOUR, T + 11 * HOUR, "").await.unwrap();
    assert_eq!((nothing.updates, nothing.conversion, nothing.latency.unwrap().p95_ms), (0, 0.0, 0.0));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_that_is_none_is_refused() {
    let stage = stage().await;
    let app = stage.start(&[&Analytics], "").await;
    for (from, to, bot) in [(2, 1, ""), (1, 1, ""), (-1, 1, ""), (0, i64::MAX, ""), (0, 1, "a\0b")] {
        assert_eq!(ask(&app, from, to, bot).await.unwrap_err().code(), Code::InvalidArgument);
    }
    let request = ReportRequest { from_ms: 0, to_ms: 1, bot: String::new() };
    let refused = ask_as(&app, "a guess", request).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deal_counts_once_as_it_stands_and_in_the_period_since_when_it_does() {
    let stage = stage().await;
    let app = stage.start(&[&Analytics], "").await;
    // Won, reopened, won again for more: told in a wrong order, and once twice.
    let won_again = deal(1, "won", 700_000, "RUB", T + 300);
    publish(&stage, T, &won_again).await;
    publish(&stage, T, &deal(1, "won", 500_000, "RUB", T + 100)).await;
    publish(&stage, T, &deal(1, "open", 500_000, "RUB", T + 200)).await;
    publish(&stage, T, &won_again).await;
    publish(&stage, T, &deal(2, "won", 1_050, "EUR", T + 5)).await;
    publish(&stage, T, &deal(3, "won", 950, "EUR", T + 6)).await;
    publish(&stage, T, &deal(4, "lost", 9_999, "EUR", T + 7)).await;
    // Reopened, thrown away, still open, of another hour.
    publish(&stage, T, &deal(5, "won", 1, "EUR", T + 8)).await;
    publish(&stage, T, &deal(5, "open", 1, "EUR", T + 9)).await;
    publish(&stage, T, &deal(6, "won", 1, "EUR", T + 8)).await;
    publish(&stage, T, &deal(6, "deleted", 0, "", T + 9)).await;
    publish(&stage, T, &deal(7, "open", 1, "EUR", T + 8)).await;
    publish(&stage, T, &deal(8, "won", 1, "EUR", T - 1)).await;
    publish(&stage, T, &deal(9, "lost", 1, "EUR", T + HOUR)).await;
    // Won before this hour; what is told in it is who answers for the deal now.
    let mut earlier = deal(10, "won", 1, "EUR", T + 10);
    earlier.outcome_since_ms = T - 1;
    publish(&stage, T, &earlier).await;
    let mut other = deal(11, "won", 3, "USD", T + 10);
    other.bot = "other".to_owned();
    publish(&stage, T, &other).await;
    settled(&stage).await;

    let revenue = |currency: &str, amount_minor| Revenue { currency: currency.to_owned(), amount_minor };
    let report = ask(&app, T, T + HOUR, "sales").await.unwrap();
    let wanted = Deals { won: 3, lost: 1, revenue: vec![revenue("EUR", 2_000), revenue("RUB", 700_000)] };
    assert_eq!(report.deals, Some(wanted));
    let all = ask(&app, T, T + HOUR, "").await.unwrap().deals.unwrap();
    assert_eq!((all.won, all.revenue.last()), (4, Some(&revenue("USD", 3))));
    assert_eq!(ask(&app, T + 2 * HOUR, T + 3 * HOUR, "").await.unwrap().deals, Some(Deals::default()));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sums_that_no_number_holds_are_told_as_the_largest() {
    let stage = stage().await;
    let app = stage.start(&[&Analytics], "").await;
    for n in 1..=3 {
        publish(&stage, T, &deal(n, "won", i64::MAX, "IRR", T)).await;
    }
    settled(&stage).await;
    let deals = ask(&app, T, T + HOUR, "").await.unwrap().deals.unwrap();
    assert_eq!((deals.won, deals.revenue[0].amount_minor), (3, i64::MAX));
    app.stop().await;
}
