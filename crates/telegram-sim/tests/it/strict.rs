//! The simulator refuses what Telegram refuses, in its words.

use crate::world::{ANNA, TOKEN, World, world};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

async fn begun() -> World {
    let world = world().await;
    world.write("/start").await;
    world
}

#[tokio::test]
async fn tokens_methods_and_paths() {
    let world = world().await;
    for (path, code, description) in [
        ("/bot1:wrong/getMe", 401, "Unauthorized"),
        (&format!("/bot{TOKEN}/noSuchMethod") as &str, 404, "Not Found: method not found"),
        ("/nowhere", 404, "Not Found"),
        (&format!("/file/bot{TOKEN}/documents/file_9.txt"), 404, "Not Found"),
    ] {
        let answer = world.http.get(world.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), code);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body, json!({ "ok": false, "error_code": code, "description": description }), "{path}");
    }
}

#[tokio::test]
async fn every_way_to_pass_parameters() {
    let world = begun().await;
    let url = world.url(&format!("/bot{}/SENDMESSAGE", TOKEN.replace(':', "%3A")));
    let chat = ANNA.to_string();
    let pairs = [("chat_id", chat.as_str()), ("text", "hi")];
    let form = Form::new().text("chat_id", chat.clone()).text("text", "hi");
    for request in [
        world.http.get(&url).query(&pairs),
        world.http.post(&url).form(&pairs),
        world.http.post(&url).query(&[pairs[0]]).json(&json!({ "text": "hi" })),
        world.http.post(&url).multipart(form),
    ] {
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["result"]["text"], "hi", "{answer}");
    }
}

#[tokio::test]
async fn texts() {
    let world = begun().await;
    let long = "я".repeat(4096);
    world.call("sendMessage", json!({ "chat_id": ANNA, "text": long })).await;
    for (params, error) in [
        (json!({ "text": "" }), "400 Bad Request: message text is empty"),
        (json!({}), "400 Bad Request: message text is empty"),
        (json!({ "text": "  \n " }), "400 Bad Request: text must be non-empty"),
        (json!({ "text": "я".repeat(4097) }), "400 Bad Request: message is too long"),
        (json!({ "text": "x".repeat(32_769) }), "400 Bad Request: text is too long"),
        (
            json!({ "text": "<b>x", "parse_mode": "HTML" }),
            "400 Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (json!({ "text": "x", "parse_mode": "BBCode" }), "400 Bad Request: unsupported parse_mode"),
        (
            json!({ "text": "x", "reply_parameters": { "message_id": 999 } }),
            "400 Bad Request: message to be replied not found",
        ),
        (json!({ "text": "x", "message_thread_id": 5 }), "400 Bad Request: message thread not found"),
    ] {
        let mut params = params;
        params["chat_id"] = json!(ANNA);
        assert_eq!(world.refused("sendMessage", params).await, error);
    }
    // Formatting marks do not count.
    let marked = format!("<b>{}</b>", "x".repeat(4096));
    world.call("sendMessage", json!({ "chat_id": ANNA, "text": marked, "parse_mode": "HTML" })).await;
}

#[tokio::test]
async fn chats_that_are_not_there() {
    let world = world().await;
    let refused =
        async |chat: Value| world.refused("sendMessage", json!({ "chat_id": chat, "text": "x" })).await;
    assert_eq!(refused(json!(ANNA)).await, "400 Bad Request: chat not found", "she never wrote");
    assert_eq!(refused(json!("@nobody")).await, "400 Bad Request: chat not found");
    assert_eq!(refused(json!("")).await, "400 Bad Request: chat_id is empty");
    world.write("/start").await;
    world.send("hello").await;
    world.post("/sim/blocks", json!({ "person": ANNA, "blocked": true })).await;
    assert_eq!(refused(json!(ANNA)).await, "403 Forbidden: bot was blocked by the user");
    world.write("back again").await;
    world.send("hello again").await;
}

#[tokio::test]
async fn edits_and_deletes() {
    let world = begun().await;
    let id = world.send("one").await["message_id"].clone();
    let edit = |id: &Value, text: &str| json!({ "chat_id": ANNA, "message_id": id, "text": text });
    let edited = world.call("editMessageText", edit(&id, "two")).await;
    assert_eq!(edited["text"], "two");
    assert!(edited["edit_date"].is_i64());
    let same = world.refused("editMessageText", edit(&id, "two")).await;
    assert!(same.starts_with("400 Bad Request: message is not modified: specified new"), "{same}");
    assert_eq!(
        world.refused("editMessageText", edit(&json!(777), "x")).await,
        "400 Bad Request: message to edit not found"
    );
    assert_eq!(
        world.refused("editMessageText", edit(&json!(1), "x")).await,
        "400 Bad Request: message can't be edited"
    );
    let markup = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "b" }]] });
    let with = json!({ "chat_id": ANNA, "message_id": id, "reply_markup": markup });
    assert_eq!(world.call("editMessageReplyMarkup", with.clone()).await["reply_markup"], markup);
    assert!(world.refused("editMessageReplyMarkup", with).await.contains("message is not modified"));
    let gone = json!({ "chat_id": ANNA, "message_id": id });
    assert_eq!(world.call("deleteMessage", gone.clone()).await, true);
    assert_eq!(world.refused("deleteMessage", gone).await, "400 Bad Request: message to delete not found");
}

#[tokio::test]
async fn callback_queries() {
    let world = begun().await;
    let markup = json!({ "inline_keyboard": [[{ "text": "a", "callback_data": "go" }]] });
    let sent =
        world.call("sendMessage", json!({ "chat_id": ANNA, "text": "?", "reply_markup": markup })).await;
    let press = json!({ "person": ANNA, "message_id": sent["message_id"], "data": "go" });
    let id = world.post("/sim/presses", press).await["id"].clone();
    let query = world.updates(0).await.pop().unwrap()["callback_query"].clone();
    assert_eq!((&query["id"], &query["data"], &query["message"]["text"]), (&id, &json!("go"), &json!("?")));
    world.call("answerCallbackQuery", json!({ "callback_query_id": id, "text": "ok" })).await;
    let answer = world.get(&format!("/sim/presses/{}", id.as_str().unwrap())).await;
    assert_eq!((&answer["answered"], &answer["text"]), (&json!(true), &json!("ok")));
    assert_eq!(
        world.refused("answerCallbackQuery", json!({ "callback_query_id": "123" })).await,
        "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    );
    let long = json!({ "callback_query_id": id, "text": "x".repeat(201) });
    assert_eq!(world.refused("answerCallbackQuery", long).await, "400 Bad Request: MESSAGE_TOO_LONG");
}

#[tokio::test]
async fn drafts_are_for_private_chats() {
    let world = begun().await;
    let group = json!({ "title": "Team", "kind": "group", "people": [ANNA], "bots": [{ "bot": "shop" }] });
    let group = world.post("/sim/chats", group).await["view"]["id"].clone();
    let draft = |chat: Value, id: i64| json!({ "chat_id": chat, "draft_id": id, "text": "" });
    assert_eq!(world.call("sendMessageDraft", draft(json!(ANNA), 7)).await, true);
    assert!(world.refused("sendMessageDraft", draft(json!(ANNA), 0)).await.starts_with("400 "));
    assert!(world.refused("sendMessageDraft", draft(group, 7)).await.starts_with("400 "));
}

#[tokio::test]
async fn files_up_and_down() {
    let world = begun().await;
    let send = async |method: &str, field: &'static str, bytes: Vec<u8>, caption: String| -> Value {
        let part = Part::bytes(bytes).file_name("price list.pdf").mime_str("application/pdf").unwrap();
        let form = Form::new().text("chat_id", ANNA.to_string()).text("caption", caption).part(field, part);
        let url = world.url(&format!("/bot{TOKEN}/{method}"));
        world.http.post(url).multipart(form).send().await.unwrap().json().await.unwrap()
    };
    let sent = send("sendDocument", "document", b"%PDF".to_vec(), "prices".into()).await;
    let document = &sent["result"]["document"];
    assert_eq!(
        (&document["file_name"], &sent["result"]["caption"]),
        (&json!("price list.pdf"), &json!("prices"))
    );
    let file = world.call("getFile", json!({ "file_id": document["file_id"] })).await;
    let path = file["file_path"].as_str().unwrap();
    let bytes =
        world.http.get(world.url(&format!("/file/bot{TOKEN}/{path}"))).send().await.unwrap().bytes().await;
    assert_eq!(&bytes.unwrap()[..], b"%PDF");
    // The same file again, by its id.
    let again = world.call("sendDocument", json!({ "chat_id": ANNA, "document": document["file_id"] })).await;
    assert_eq!(again["document"]["file_id"], document["file_id"]);

    let refused = async |method, field, bytes, caption| {
        send(method, field, bytes, caption).await["description"].clone()
    };
    assert_eq!(
        refused("sendPhoto", "photo", b"%PDF".to_vec(), String::new()).await,
        "Bad Request: IMAGE_PROCESS_FAILED"
    );
    let long = "x".repeat(1025);
    assert_eq!(
        refused("sendDocument", "document", vec![1], long).await,
        "Bad Request: message caption is too long"
    );
    let large = vec![0; (50 << 20) + 1];
    assert_eq!(refused("sendDocument", "document", large, String::new()).await, "Request Entity Too Large");

    let form = Form::new()
        .text("person", ANNA.to_string())
        .text("size", (21 << 20).to_string())
        .text("name", "big.zip");
    let url = world.url("/sim/files");
    let big: Value = world.http.post(url).multipart(form).send().await.unwrap().json().await.unwrap();
    let big = json!({ "file_id": big["document"]["file_id"] });
    assert_eq!(world.refused("getFile", big).await, "400 Bad Request: file is too big");
    assert!(world.refused("getFile", json!({ "file_id": "nope" })).await.contains("wrong file_id"));
}

#[tokio::test]
async fn topics() {
    let world = begun().await;
    let group = json!({ "title": "Room", "kind": "supergroup", "topics": true, "people": [ANNA],
        "bots": [{ "bot": "shop", "admin": true }] });
    let chat = world.post("/sim/chats", group).await["view"]["id"].clone();
    let plain = json!({ "title": "Plain", "kind": "group", "people": [ANNA], "bots": [{ "bot": "shop", "admin": true }] });
    let plain = world.post("/sim/chats", plain).await["view"]["id"].clone();
    let topic = world.call("createForumTopic", json!({ "chat_id": chat, "name": "Bugs" })).await;
    let thread = topic["message_thread_id"].clone();
    let sent = json!({ "chat_id": chat, "text": "in here", "message_thread_id": thread });
    assert_eq!(world.call("sendMessage", sent.clone()).await["message_thread_id"], thread);
    let one = json!({ "chat_id": chat, "message_thread_id": thread, "name": "Faults" });
    for method in ["editForumTopic", "closeForumTopic", "reopenForumTopic"] {
        assert_eq!(world.call(method, one.clone()).await, true, "{method}");
    }
    assert_eq!(world.refused("reopenForumTopic", one.clone()).await, "400 Bad Request: TOPIC_NOT_MODIFIED");
    assert_eq!(world.call("deleteForumTopic", one).await, true);
    assert_eq!(world.refused("sendMessage", sent).await, "400 Bad Request: message thread not found");
    let not_forum = json!({ "chat_id": plain, "name": "x" });
    assert_eq!(
        world.refused("createForumTopic", not_forum).await,
        "400 Bad Request: the chat is not a forum"
    );
    // A private chat may have topics too.
    assert_eq!(
        world.call("createForumTopic", json!({ "chat_id": ANNA, "name": "Task 1" })).await["name"],
        "Task 1"
    );
}

#[tokio::test]
async fn reactions_commands_and_profile() {
    let world = begun().await;
    let react = |emoji: &str| json!({ "chat_id": ANNA, "message_id": 1, "reaction": [{ "type": "emoji", "emoji": emoji }] });
    assert_eq!(world.call("setMessageReaction", react("👍")).await, true);
    assert_eq!(world.refused("setMessageReaction", react("🦖")).await, "400 Bad Request: REACTION_INVALID");
    let commands = json!([{ "command": "start", "description": "Begin" }]);
    world.call("setMyCommands", json!({ "commands": commands })).await;
    assert_eq!(world.call("getMyCommands", json!({})).await, commands);
    let bad = json!({ "commands": [{ "command": "Start!", "description": "x" }] });
    assert_eq!(world.refused("setMyCommands", bad).await, "400 Bad Request: BOT_COMMAND_INVALID");
    world.call("setMyCommands", json!({ "commands": commands, "language_code": "en" })).await;
    for code in ["kab", "EN", "pt-br"] {
        let refused =
            world.refused("setMyCommands", json!({ "commands": commands, "language_code": code })).await;
        assert_eq!(refused, "400 Bad Request: invalid language code specified");
    }
    world.call("setMyName", json!({ "name": "The Shop" })).await;
    assert_eq!(world.call("getMe", json!({})).await["first_name"], "The Shop");
    assert_eq!(
        world.refused("sendChatAction", json!({ "chat_id": ANNA, "action": "dancing" })).await,
        "400 Bad Request: wrong parameter action in request"
    );
}

#[tokio::test]
async fn a_draft_is_stopped_once_and_ends_with_the_message() {
    let world = begun().await;
    let draft = |id: i64, can_stop: bool| json!({ "chat_id": ANNA, "draft_id": id, "text": "Hel", "can_stop": can_stop });
    let stop = |id: i64| json!({ "person": ANNA, "draft_id": id.to_string() });
    let refused = async |id: i64| world.control(Method::POST, "/sim/stops", stop(id)).await.0;
    let topic = json!({ "chat_id": ANNA, "draft_id": 4, "text": "x", "message_thread_id": 999 });
    assert_eq!(world.raw("sendMessageDraft", topic).await.0, 400, "this chat has no topics");
    world.call("sendMessageDraft", draft(5, false)).await;
    assert_eq!(refused(5).await, 404, "it has no button");
    world.call("sendMessageDraft", draft(9_007_199_254_740_993, true)).await;
    world.post("/sim/stops", stop(9_007_199_254_740_993)).await;
    let updates = world.updates(0).await;
    let stopped = &updates.last().unwrap()["stopped_message_generation"];
    assert_eq!(
        (&stopped["chat"]["id"], &stopped["draft_id"]),
        (&json!(ANNA), &json!(9_007_199_254_740_993_i64))
    );
    assert_eq!(refused(9_007_199_254_740_993).await, 404, "once");
    world.call("sendMessageDraft", draft(6, true)).await;
    world.send("Hello").await;
    assert_eq!(refused(6).await, 404, "the message has come");
}
