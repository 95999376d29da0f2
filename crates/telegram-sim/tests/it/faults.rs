//! Faults happen when they were ordered, and not otherwise.

use std::time::{Duration, Instant};

use crate::world::{ANNA, TOKEN, World, world};
use reqwest::Method;
use serde_json::{Value, json};

async fn texts(world: &World) -> Vec<String> {
    let history = world.get(&format!("/sim/history?person={ANNA}&chat=shop")).await;
    let entries = history["entries"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| entry["message"]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn an_ordered_429_says_when_to_come_back() {
    let world = world().await;
    world.write("/start").await;
    world
        .post(
            "/sim/faults",
            json!({ "method": "sendMessage", "times": 1, "fail": { "status": 429, "retry_after": 3 } }),
        )
        .await;
    let url = world.url(&format!("/bot{TOKEN}/sendMessage?chat_id={ANNA}&text=hi"));
    let answer = world.http.get(&url).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, "3"));
    let body: Value = answer.json().await.unwrap();
    let expected = json!({ "ok": false, "error_code": 429, "description": "Too Many Requests: retry after 3",
        "parameters": { "retry_after": 3 } });
    assert_eq!(body, expected);
    assert!(world.http.get(&url).send().await.unwrap().status().is_success(), "it was ordered once");
    assert_eq!(texts(&world).await, ["/start", "hi"]);
}

#[tokio::test]
async fn a_call_may_fail_before_or_after_it_took_effect() {
    let world = world().await;
    world.write("/start").await;
    for (when, fail) in [("before", json!({ "status": 500 })), ("after", json!({ "status": 502 }))] {
        world
            .post("/sim/faults", json!({ "method": "sendMessage", "times": 1, "when": when, "fail": fail }))
            .await;
        let (status, _) = world.raw("sendMessage", json!({ "chat_id": ANNA, "text": when })).await;
        assert!(status.is_server_error());
    }
    assert_eq!(texts(&world).await, ["/start", "after"]);
}

#[tokio::test]
async fn a_connection_may_be_cut() {
    let world = world().await;
    world.write("/start").await;
    for when in ["before", "after"] {
        world.post("/sim/faults", json!({ "times": 1, "when": when, "fail": "drop" })).await;
        let url = world.url(&format!("/bot{TOKEN}/sendMessage"));
        let form = [("chat_id", ANNA.to_string()), ("text", when.to_owned())];
        // A connection of its own: a client may try again on a reused one.
        let cut = crate::world::client().post(url).form(&form).send().await;
        assert!(cut.is_err(), "{cut:?}");
    }
    assert_eq!(texts(&world).await, ["/start", "after"]);
    let calls = world.get("/sim/calls").await;
    assert_eq!(calls["calls"].as_array().unwrap().iter().filter(|call| call["dropped"] == true).count(), 2);
}

#[tokio::test]
async fn replies_may_be_late() {
    let world = world().await;
    world.put("/sim/settings", json!({ "delay_ms": 200 })).await;
    let begun = Instant::now();
    world.call("getMe", json!({})).await;
    assert!(begun.elapsed() >= Duration::from_millis(200));
    world.control(Method::DELETE, "/sim/faults", Value::Null).await;
    assert_eq!(world.get("/sim/settings").await["delay_ms"], 0);
}

#[tokio::test]
async fn a_share_of_calls_may_fail() {
    let world = world().await;
    let rule = world
        .post("/sim/faults", json!({ "method": "getMe", "probability": 0.5, "fail": { "status": 500 } }))
        .await;
    let mut failed = 0;
    for _ in 0..200 {
        failed += usize::from(world.raw("getMe", json!({})).await.0 == 500);
    }
    assert!((50..150).contains(&failed), "{failed}");
    let (status, _) =
        world.control(Method::DELETE, &format!("/sim/faults/{}", rule["id"]), Value::Null).await;
    assert!(status.is_success());
    assert_eq!(world.get("/sim/faults").await, json!([]));
}

#[tokio::test]
async fn updates_may_come_twice() {
    let world = world().await;
    world.put("/sim/settings", json!({ "duplicate_updates": true })).await;
    world.write("hello").await;
    let ids: Vec<_> = world.updates(0).await.iter().map(|update| update["update_id"].clone()).collect();
    assert_eq!(ids, [1000, 1000]);
    assert_eq!(world.updates(1001).await.len(), 0);
}

#[tokio::test]
async fn a_misspelt_fault_is_refused() {
    let world = world().await;
    for rule in
        [json!({}), json!({ "metod": "x", "fail": "drop" }), json!({ "probability": 2, "fail": "drop" })]
    {
        let (status, _) = world.control(Method::POST, "/sim/faults", rule.clone()).await;
        assert!(status.is_client_error(), "{rule}");
    }
}
