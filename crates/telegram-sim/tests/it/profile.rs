//! What a bot says of itself, and what it offers in other chats.

use crate::world::{ANNA, world};
use serde_json::{Value, json};

#[tokio::test]
async fn texts_have_limits_and_languages() {
    let world = world().await;
    for (method, field, most) in [
        ("MyName", "name", 64),
        ("MyDescription", "description", 512),
        ("MyShortDescription", "short_description", 120),
    ] {
        let (set, get) = (format!("set{method}"), format!("get{method}"));
        let long = "я".repeat(most);
        world.call(&set, json!({ field: long })).await;
        world.call(&set, json!({ field: "по-русски", "language_code": "ru" })).await;
        let told = async |code: &str| {
            world.call(&get, json!({ "language_code": code })).await[field].as_str().unwrap().to_owned()
        };
        assert_eq!([told("").await, told("de").await, told("ru").await], [&long, &long, "по-русски"]);
        world.call(&set, json!({ field: "", "language_code": "ru" })).await;
        assert_eq!(told("ru").await, long, "an empty text takes back what was said to a language");
        let refused = world.refused(&set, json!({ field: "я".repeat(most + 1) })).await;
        assert!(refused.starts_with("400 Bad Request: ") && refused.ends_with("is too long"), "{refused}");
        for method in [&set, &get] {
            let refused = world.refused(method, json!({ "language_code": "rus" })).await;
            assert_eq!(refused, "400 Bad Request: invalid language code specified");
        }
    }
}

#[tokio::test]
async fn each_person_sees_the_bot_in_their_language() {
    let world = world().await;
    let vera =
        world.post("/sim/people", json!({ "first_name": "Vera", "language_code": "ru" })).await["id"].clone();
    for (language, what) in [("", "A shop"), ("ru", "Магазин")] {
        let about = json!({ "language_code": language, "description": what, "short_description": what });
        world.call("setMyDescription", about.clone()).await;
        world.call("setMyShortDescription", about).await;
        let commands = json!([{ "command": "help", "description": what }]);
        world.call("setMyCommands", json!({ "language_code": language, "commands": commands })).await;
    }
    for (person, what) in [(json!(ANNA), "A shop"), (vera, "Магазин")] {
        for begun in [false, true] {
            let chat = world.get(&format!("/sim/chats?person={person}")).await[0].clone();
            let bot = &chat["bot"];
            let seen = [&bot["description"], &bot["short_description"], &bot["commands"][0]["description"]];
            assert_eq!((&chat["begun"], seen), (&json!(begun), [&json!(what); 3]));
            world.post("/sim/messages", json!({ "person": person, "text": "hi" })).await;
        }
    }
}

#[tokio::test]
async fn an_inline_query_is_answered_once_with_articles_that_are_whole() {
    let world = world().await;
    let id = world.post("/sim/inline", json!({ "person": ANNA, "query": "price" })).await["id"].clone();
    let update = world.updates(0).await.remove(0);
    assert_eq!((&update["inline_query"]["query"], &update["inline_query"]["id"]), (&json!("price"), &id));
    let article = |id: &str, text: &str| json!({ "type": "article", "id": id, "title": "T", "input_message_content": { "message_text": text } });
    let too_many: Vec<Value> = (0..51).map(|nth| article(&nth.to_string(), "x")).collect();
    for (results, error) in [
        (json!("x"), "400 Bad Request: can't parse inline query results JSON object"),
        (json!({}), "400 Bad Request: expected an Array of inline query results"),
        (json!(too_many), "400 Bad Request: RESULTS_TOO_MUCH"),
        (json!([article("a", "x"), article("a", "y")]), "400 Bad Request: RESULT_ID_DUPLICATE"),
        (json!([article("", "x")]), "400 Bad Request: RESULT_ID_INVALID"),
        (json!([article("a", "")]), "400 Bad Request: message text is empty"),
        (json!([article("a", &"я".repeat(4097))]), "400 Bad Request: message is too long"),
        (
            json!([{ "type": "article", "id": "a", "title": "T" }]),
            "400 Bad Request: can't parse inline query result: Can't find field \"message_text\"",
        ),
    ] {
        let params = json!({ "inline_query_id": id, "results": results });
        assert_eq!(world.refused("answerInlineQuery", params).await, error);
    }
    let path = format!("/sim/inline/{}", id.as_str().unwrap());
    assert_eq!(world.get(&path).await["results"], Value::Null);
    world.call("answerInlineQuery", json!({ "inline_query_id": id, "results": [article("a", "x")] })).await;
    assert_eq!(world.get(&path).await["results"][0]["id"], "a");
    let unknown = json!({ "inline_query_id": "1", "results": [] });
    let refused = world.refused("answerInlineQuery", unknown).await;
    assert!(refused.contains("query is too old"), "{refused}");
}
