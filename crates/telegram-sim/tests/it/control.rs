//! What people do reaches the bots that may see it, and the page.

use crate::world::{ANNA, BEN, TOKEN, eventually, options, start, world};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use telegram_sim::{BotSpec, Options, Simulator};

fn kinds(updates: &[Value]) -> Vec<String> {
    let kind =
        |update: &Value| update.as_object().and_then(|o| o.keys().find(|k| *k != "update_id").cloned());
    updates.iter().filter_map(kind).collect()
}

#[tokio::test]
async fn every_kind_of_message() {
    let world = world().await;
    let first = world.write("see https://e.org").await;
    let post = async |body: Value| world.post("/sim/messages", body).await;
    post(json!({ "person": ANNA, "contact": { "phone_number": "+79120000000", "first_name": "Anna" } }))
        .await;
    post(json!({ "person": ANNA, "chat": "shop", "location": { "latitude": 56.8, "longitude": 60.6 } }))
        .await;
    let reply = post(json!({ "person": ANNA, "text": "and?", "reply_to": first["message_id"] })).await;
    assert_eq!(reply["reply_to_message"]["text"], "see https://e.org");
    let edit = json!({ "person": ANNA, "message_id": first["message_id"], "text": "better" });
    world.post("/sim/edits", edit).await;
    world.post("/sim/blocks", json!({ "person": ANNA, "blocked": true })).await;
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x01".to_vec();
    png.extend([0; 8]);
    let part = Part::bytes(png).file_name("a.png");
    let form = Form::new().text("person", ANNA.to_string()).text("caption", "look").part("file", part);
    world.http.post(world.url("/sim/files")).multipart(form).send().await.unwrap();
    let got = world.updates(0).await;
    assert_eq!(
        kinds(&got),
        [
            "message",
            "message",
            "message",
            "message",
            "edited_message",
            "my_chat_member",
            "my_chat_member",
            "message"
        ]
    );
    assert_eq!(got[1]["message"]["contact"]["phone_number"], "+79120000000");
    assert_eq!(got[4]["edited_message"]["text"], "better");
    assert_eq!(got[5]["my_chat_member"]["new_chat_member"]["status"], "kicked");
    assert_eq!(got[6]["my_chat_member"]["new_chat_member"]["status"], "member", "writing unblocks");
    assert_eq!(
        (&got[7]["message"]["photo"][0]["width"], &got[7]["message"]["caption"]),
        (&json!(2), &json!("look"))
    );
}

#[tokio::test]
async fn bots_whose_usernames_would_be_the_same_are_told_apart() {
    let named = |number: u32, name: &str| BotSpec::new(name, format!("{number}:abc"));
    let bots = vec![named(1, "desk"), named(2, "desk-bot"), named(3, "desk_bot")];
    let world = start(Options { bots, ..options() }).await;
    let seen: Vec<Value> = world.http.get(world.url("/sim/bots")).send().await.unwrap().json().await.unwrap();
    let usernames: Vec<&Value> = seen.iter().map(|bot| &bot["username"]).collect();
    assert_eq!(usernames, ["desk_bot", "desk_bot_2_bot", "desk_bot_3_bot"]);
    // A chat is called as its bot, though another bot has that for a username.
    let person = world.post("/sim/people", json!({ "first_name": "Ann" })).await;
    world.post("/sim/messages", json!({ "person": person["id"], "chat": "desk_bot", "text": "hi" })).await;
    let address = format!("/sim/chats?person={}", person["id"]);
    let chats: Vec<Value> = world.http.get(world.url(&address)).send().await.unwrap().json().await.unwrap();
    let begun: Vec<&Value> =
        chats.iter().filter(|chat| chat["begun"] == true).map(|chat| &chat["chat"]).collect();
    assert_eq!(begun, ["desk_bot"]);
}

#[tokio::test]
async fn a_group_has_privacy_and_members() {
    let world = world().await;
    let group =
        json!({ "title": "Team", "kind": "supergroup", "people": [ANNA, BEN], "bots": [{ "bot": "shop" }] });
    let chat = world.post("/sim/chats", group).await["view"]["id"].clone();
    let say = async |text: &str| {
        world.post("/sim/messages", json!({ "person": BEN, "chat": chat, "text": text })).await
    };
    for text in ["just talk", "/help@shop_bot", "/help@other_bot", "hey @shop_bot", "hey @somebody_else"] {
        say(text).await;
    }
    let texts: Vec<_> = world.updates(0).await.iter().map(|u| u["message"]["text"].clone()).collect();
    assert_eq!(texts, ["/help@shop_bot", "hey @shop_bot"]);
    let answer = world.call("sendMessage", json!({ "chat_id": chat, "text": "yes?" })).await;
    let reply = json!({ "person": BEN, "chat": chat, "text": "that", "reply_to": answer["message_id"] });
    world.post("/sim/messages", reply).await;
    world
        .post("/sim/members", json!({ "chat": chat, "by": ANNA, "bot": "shop", "status": "administrator" }))
        .await;
    say("now it hears everything").await;
    world.post("/sim/members", json!({ "chat": chat, "person": BEN, "status": "left" })).await;
    let got = world.updates(1002).await;
    assert_eq!(kinds(&got), ["message", "my_chat_member", "message", "message"]);
    assert_eq!(got[3]["message"]["left_chat_member"]["id"], BEN);
    let (status, answer) = world
        .control(Method::POST, "/sim/messages", json!({ "person": BEN, "chat": chat, "text": "?" }))
        .await;
    assert_eq!(
        (status.as_u16(), &answer["error"]),
        (403, &json!(format!("person {BEN} is not in the chat")))
    );
    world.post("/sim/members", json!({ "chat": chat, "by": ANNA, "bot": "shop", "status": "kicked" })).await;
    let refused = world.refused("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
    assert_eq!(refused, "403 Forbidden: bot was kicked from the supergroup chat");
}

#[tokio::test]
async fn two_bots_have_chats_of_their_own() {
    let bots = vec![BotSpec::new("shop", TOKEN), BotSpec::new("help", "654321:OTHER-token")];
    let world = start(Options { bots, ..options() }).await;
    world.post("/sim/messages", json!({ "person": ANNA, "chat": "help", "text": "hi" })).await;
    assert_eq!(world.updates(0).await.len(), 0);
    let url = world.url("/bot654321:OTHER-token/getUpdates");
    let got: Value = world.http.get(url).send().await.unwrap().json().await.unwrap();
    assert_eq!(got["result"][0]["message"]["text"], "hi");
    assert_eq!(
        world.refused("sendMessage", json!({ "chat_id": ANNA, "text": "x" })).await,
        "400 Bad Request: chat not found"
    );
}

#[tokio::test]
async fn the_call_log_can_be_waited_for() {
    let world = world().await;
    world.write("/start").await;
    let (log, _) = tokio::join!(world.get("/sim/calls?method=sendMessage&wait=10"), world.send("hello"));
    let call = &log["calls"][0];
    assert_eq!(
        (&call["params"]["text"], &call["chat_id"], &call["status"]),
        (&json!("hello"), &json!(ANNA), &json!(200))
    );
    assert!(call["message_id"].is_i64() && call["at_ms"].is_i64());
}

#[tokio::test]
async fn injected_updates_bring_their_people() {
    let world = world().await;
    let update = json!({ "message": { "message_id": 1, "date": 1, "text": "hi",
        "chat": { "id": 42, "type": "private", "first_name": "Zoe" }, "from": { "id": 42, "is_bot": false, "first_name": "Zoe" } } });
    world.post("/sim/updates", json!({ "updates": [update] })).await;
    assert_eq!(world.updates(0).await[0]["message"]["text"], "hi");
    assert_eq!(
        world.call("sendMessage", json!({ "chat_id": 42, "text": "hello" })).await["chat"]["first_name"],
        "Zoe"
    );
}

#[tokio::test]
async fn a_watcher_sees_what_happens() {
    let world = world().await;
    world.write("/start").await;
    let mut stream = world.http.get(world.url(&format!("/sim/live?person={ANNA}"))).send().await.unwrap();
    let mut seen = String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()).into_owned();
    assert!(seen.contains("hello"));
    world.call("sendChatAction", json!({ "chat_id": ANNA, "action": "typing" })).await;
    world.call("sendMessageDraft", json!({ "chat_id": ANNA, "draft_id": 1, "text": "Hel" })).await;
    world.send("Hello <b>").await;
    // What is not hers does not come.
    world.post("/sim/messages", json!({ "person": BEN, "text": "secret" })).await;
    world.call("sendMessage", json!({ "chat_id": BEN, "text": "secret" })).await;
    world.send("the end").await;
    while !seen.contains("the end") {
        seen.push_str(&String::from_utf8_lossy(&stream.chunk().await.unwrap().unwrap()));
    }
    for part in ["\"type\":\"action\"", "\"type\":\"draft\"", "\"type\":\"message\"", "\"chat\":\"shop\""] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
    assert!(!seen.contains("secret"));
}

#[tokio::test]
async fn a_simulator_stops_and_says_what_is_in_its_way() {
    let world = world().await;
    let addr = world.sim.addr();
    let taken = Simulator::start(Options { listen: addr, ..options() }).await.unwrap_err();
    assert_eq!(taken.to_string(), format!("the Telegram simulator can not listen on {addr}"));
    let poll = world.http.get(world.url(&format!("/bot{TOKEN}/getUpdates?timeout=30"))).send();
    let (poll, ()) = tokio::join!(poll, async {
        world.polled().await;
        world.sim.shutdown().await;
    });
    assert!(poll.unwrap().status().is_success(), "a call under way is finished");
    eventually("the port is free", async || std::net::TcpListener::bind(addr).ok().map(drop)).await;
}

#[tokio::test]
async fn the_page_is_served_with_a_strict_policy() {
    let world = world().await;
    let page = world.http.get(world.url("/")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"));
    let html = page.text().await.unwrap();
    let assets: Vec<&str> = html.split('"').filter(|part| part.starts_with("page/")).collect();
    assert!(assets.len() >= 2, "{assets:?}");
    for asset in assets {
        let answer = world.http.get(world.url(&format!("/{asset}"))).send().await.unwrap();
        assert!(answer.status().is_success(), "{asset}");
    }
}
