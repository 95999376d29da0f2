//! The pace Telegram allows.

use crate::world::{ANNA, BEN, TOKEN, options, start};
use serde_json::{Value, json};
use telegram_sim::{BotSpec, Limits, Options};

#[tokio::test]
async fn a_chat_that_is_written_to_too_fast_answers_429() {
    let world = start(Options { limits: Limits::default(), ..options() }).await;
    world.write("/start").await;
    let mut refused = None;
    for _ in 0..10 {
        let url = world.url(&format!("/bot{TOKEN}/sendMessage?chat_id={ANNA}&text=x"));
        let answer = world.http.get(url).send().await.unwrap();
        if answer.status() == 429 {
            let header = answer.headers()["retry-after"].to_str().unwrap().to_owned();
            refused = Some((header, answer.json::<Value>().await.unwrap()));
            break;
        }
    }
    let (header, body) = refused.expect("ten at once are too many");
    assert_eq!(body["parameters"]["retry_after"].to_string(), header);
    assert_eq!(body["description"], format!("Too Many Requests: retry after {header}"));
    // Another chat is not concerned.
    world.post("/sim/messages", json!({ "person": BEN, "text": "/start" })).await;
    world.call("sendMessage", json!({ "chat_id": BEN, "text": "hello" })).await;
    // Nor is anybody once the limits are off.
    world.put("/sim/settings", json!({ "limits": false })).await;
    for _ in 0..10 {
        world.send("x").await;
    }
}

#[tokio::test]
async fn a_lean_simulator_takes_any_chat_and_keeps_nothing() {
    let bots = vec![BotSpec::new("shop", TOKEN)];
    let world = start(Options { lean: true, any_chat: true, bots, ..options() }).await;
    let mut last = 0;
    for chat in [5, 6, -1_001_234_567_890_i64] {
        let sent = world.call("sendMessage", json!({ "chat_id": chat, "text": "hi" })).await;
        assert_eq!(sent["chat"]["id"], chat);
        assert!(sent["message_id"].as_i64().unwrap() > last);
        last = sent["message_id"].as_i64().unwrap();
        let edit = json!({ "chat_id": chat, "message_id": last, "text": "ho" });
        assert_eq!(world.call("editMessageText", edit).await["message_id"], last);
    }
    assert_eq!(world.sim.counters().methods["sendMessage"].ok, 3);
    assert_eq!(world.get("/sim/calls").await["calls"], json!([]));
    let update = json!({ "message": { "message_id": 1, "date": 1, "chat": { "id": 9, "type": "private", "first_name": "X" },
        "from": { "id": 9, "is_bot": false, "first_name": "X" }, "text": "hi" } });
    let given = world
        .post("/sim/updates", json!({ "updates": [update, { "update_id": 5000, "strange": { "a": 1 } }] }))
        .await;
    assert_eq!(given["update_ids"], json!([1000, 5000]));
    assert_eq!(world.updates(0).await[1], json!({ "update_id": 5000, "strange": { "a": 1 } }));
}
