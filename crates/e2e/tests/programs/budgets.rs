//! Budgets of keys.

use gateway::Period;
use serde_json::{Value, json};

use crate::shop::{Shop, hello, hello_with};

#[tokio::test(flavor = "multi_thread")]
async fn a_key_spends_its_budget_and_no_more() {
    let shop = Shop::open().await;
    // A call comes to 3,000 millionths of a dollar, and to at most about 600 before it is made.
    let brief = hello_with(json!({"max_tokens": 50}));
    let (id, key) = shop.key_with("shop", |key| key.budget_micros = Some(5_000)).await;
    assert_eq!(shop.ask(&key, &brief).await.0, 200);
    shop.ledger(1).await;
    assert_eq!(shop.ask(&key, &brief).await.0, 200);
    shop.ledger(2).await;

    let answer = shop.post(&key, &brief).send().await.unwrap();
    assert_eq!(answer.status(), 429);
    let headers = answer.headers().clone();
    let error: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    let error = &error["error"];
    assert_eq!(
        (&error["type"], &error["code"]),
        (&json!("insufficient_quota"), &json!("insufficient_quota"))
    );
    let wait: i64 = headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=86_400).contains(&wait), "{wait}");
    assert_eq!(headers["x-should-retry"], "false");
    let resets_at: ids::Timestamp = error["resets_at"].as_str().unwrap().parse().unwrap();
    let left = resets_at.as_second() - ids::Clock::system().now().as_second();
    assert!((left - wait).abs() <= 5, "{left} and {wait}");
    assert_eq!(shop.ask(&key, &hello_with(json!({"stream": true, "max_tokens": 50}))).await.0, 429);

    let (_, rich) = shop.key("rich").await;
    assert_eq!(shop.ask(&rich, &brief).await.0, 200, "another key has a budget of its own");
    let rows = shop.ledger(3).await;
    assert_eq!(rows.iter().filter(|row| row.api_key == id).count(), 2);
    assert_eq!(shop.upstream.calls(), 3, "what is refused asks nobody");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_spend_no_more_than_there_is() {
    let shop = Shop::open().await;
    // Before it is made a call may come to some 5,000 millionths of a dollar; it comes to 3,000.
    let words = "word ".repeat(1_200);
    let asked = hello_with(json!({"max_tokens": 100, "messages": [{"role": "user", "content": words}]}));
    let (id, key) = shop
        .key_with("shop", |key| {
            key.budget_micros = Some(30_000);
            key.period = Period::Month;
        })
        .await;
    let answers = futures::future::join_all((0..40).map(|_| shop.ask(&key, &asked))).await;
    let answered = answers.iter().filter(|(status, _)| *status == 200).count();
    assert!(answers.iter().all(|(status, _)| matches!(status, 200 | 429)), "{answers:?}");
    let rows = shop.ledger(answered).await;
    let spent: i64 = rows.iter().map(|row| row.cost_micros).sum();
    assert!((3_000..=30_000).contains(&spent), "{spent}");
    assert!(rows.iter().all(|row| row.api_key == id && row.outcome == "answered"));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_nothing_to_spend_asks_nobody() {
    let shop = Shop::open().await;
    let (_, key) = shop.key_with("poor", |key| key.budget_micros = Some(0)).await;
    assert_eq!(shop.ask(&key, &hello()).await.0, 429);
    assert_eq!(shop.upstream.calls(), 0);
    shop.close().await;
}
