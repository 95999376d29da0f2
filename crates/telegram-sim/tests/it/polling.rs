//! `getUpdates` waits, confirms and conflicts as the real one does.

use std::time::{Duration, Instant};

use crate::world::{ANNA, world};
use serde_json::json;

#[tokio::test]
async fn a_long_poll_ends_when_something_happens() {
    let world = world().await;
    let (got, _) = tokio::join!(world.call("getUpdates", json!({ "timeout": 30 })), async {
        world.polled().await;
        world.write("hello").await
    });
    assert_eq!(got[0]["update_id"], 1000);
    assert_eq!(got[0]["message"]["text"], "hello");
    assert_eq!(got[0]["message"]["from"]["id"], ANNA);
}

#[tokio::test]
async fn a_long_poll_ends_when_its_time_is_over() {
    let world = world().await;
    let begun = Instant::now();
    assert_eq!(world.call("getUpdates", json!({ "timeout": 1 })).await, json!([]));
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn the_offset_confirms() {
    let world = world().await;
    for text in ["one", "two", "three"] {
        world.write(text).await;
    }
    let limited = world.call("getUpdates", json!({ "limit": 2 })).await;
    assert_eq!(limited.as_array().unwrap().len(), 2);
    assert_eq!(world.updates(0).await.len(), 3, "nothing is confirmed without an offset");
    assert_eq!(world.updates(1002).await.len(), 1);
    assert_eq!(world.updates(0).await.len(), 1);
    assert_eq!(world.updates(999_999).await.len(), 1, "an offset that was never given out is not believed");
    assert_eq!(world.updates(1003).await.len(), 0);
}

#[tokio::test]
async fn the_newer_poll_wins() {
    let world = world().await;
    let poll = async |timeout: u64| world.raw("getUpdates", json!({ "timeout": timeout })).await;
    let (older, newer) = tokio::join!(poll(30), async {
        world.polled().await;
        poll(1).await
    });
    assert_eq!(older.0, 409);
    assert_eq!(
        older.1["description"],
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
    assert_eq!(newer.1, json!({ "ok": true, "result": [] }));
}

#[tokio::test]
async fn no_polling_beside_a_webhook() {
    let world = world().await;
    let (ended, _) = tokio::join!(world.raw("getUpdates", json!({ "timeout": 30 })), async {
        world.polled().await;
        world.call("setWebhook", json!({ "url": "http://127.0.0.1:9/" })).await
    });
    assert_eq!(ended.1["description"], "Conflict: terminated by setWebhook request");
    assert_eq!(
        world.refused("getUpdates", json!({})).await,
        "409 Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    world.call("deleteWebhook", json!({})).await;
    world.write("hello").await;
    assert_eq!(world.updates(0).await.len(), 1);
}

#[tokio::test]
async fn only_the_kinds_that_were_asked_for() {
    let world = world().await;
    let message = world.write("hello").await;
    let react = json!({ "person": ANNA, "message_id": message["message_id"], "emoji": ["👍"] });
    world.post("/sim/reactions", react.clone()).await;
    assert_eq!(world.updates(0).await.len(), 1, "reactions are off by default");
    world.call("getUpdates", json!({ "offset": 1001, "allowed_updates": ["message_reaction"] })).await;
    world.post("/sim/reactions", react).await;
    world.write("not asked for").await;
    let got = world.updates(1001).await;
    assert_eq!(got.len(), 1);
    assert_eq!(got[0]["message_reaction"]["new_reaction"][0]["emoji"], "👍");
}
