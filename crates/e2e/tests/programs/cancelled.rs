//! Programs that go away, and providers that do.

use futures::StreamExt;
use serde_json::{Value, json};

use crate::shop::{Shop, hello, hello_with};
use e2e::Script;

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_goes_away_ends_the_call_and_pays_for_what_was_read() {
    let shop = Shop::open().await;
    let (id, key) = shop.key("shop").await;
    shop.upstream.does(Script::Hangs);
    let asking = tokio::spawn(shop.post(&key, &hello()).send());
    shop.upstream.sees(|seen| seen.calls == 1).await;
    asking.abort();
    shop.upstream.sees(|seen| seen.cancelled == 1).await;
    let rows = shop.ledger(1).await;
    assert_eq!((rows[0].outcome.as_str(), &rows[0].api_key), ("cancelled", &id));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_nobody_reads_any_more_is_ended_and_settled() {
    let shop = Shop::open().await;
    let (id, key) = shop.key("shop").await;
    shop.upstream.does(Script::Hangs);
    let answer = shop.post(&key, &hello_with(json!({"stream": true}))).send().await.unwrap();
    let mut body = answer.bytes_stream();
    let first = body.next().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("Good "));
    drop(body);
    shop.upstream.sees(|seen| seen.cancelled == 1).await;
    let rows = shop.ledger(1).await;
    assert_eq!((rows[0].outcome.as_str(), &rows[0].api_key), ("cancelled", &id));
    assert!(rows[0].cost_micros > 0, "the prompt was read: {rows:?}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_breaks_off_ends_with_an_error() {
    let shop = Shop::open().await;
    let (_, key) = shop.key("shop").await;
    shop.upstream.does(Script::Cuts);
    let answer = shop.post(&key, &hello_with(json!({"stream": true}))).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.unwrap();
    let events: Vec<&str> = text.split_terminator("\n\n").collect();
    assert!(text.contains("Good ") && !text.contains("[DONE]"), "{text}");
    let last: Value = serde_json::from_str(events.last().unwrap().strip_prefix("data: ").unwrap()).unwrap();
    assert!(last["error"]["code"].is_string(), "{text}");
    let rows = shop.ledger(1).await;
    assert!(rows[0].outcome == "failed" && rows[0].cost_micros > 0, "{rows:?}");
    shop.close().await;
}
