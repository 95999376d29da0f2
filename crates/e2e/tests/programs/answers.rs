//! Answers in one piece and as a stream.

use serde_json::{Value, json};

use crate::shop::{MODEL, Row, Shop, hello, hello_with};
use e2e::{Script, Upstream};

/// The data of the events of a stream.
fn events(text: &str) -> Vec<Value> {
    let mut data: Vec<&str> = text
        .split("\n\n")
        .filter(|event| !event.is_empty() && !event.starts_with(':'))
        .map(|event| event.strip_prefix("data: ").unwrap())
        .collect();
    assert_eq!(data.pop(), Some("[DONE]"));
    data.into_iter().map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_whole_and_is_in_the_ledger() {
    let shop = Shop::open().await;
    let (id, key) = shop.key("shop").await;
    let asked = hello_with(json!({"top_p": 0.5, "seed": 7, "max_completion_tokens": 50, "user": "u-1"}));
    let (status, answer) = shop.ask(&key, &asked).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(
        (&answer["object"], &answer["model"], &answer["choices"][0]["message"]["content"]),
        (&json!("chat.completion"), &json!(MODEL), &json!("Good day."))
    );
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");
    assert_eq!(answer["usage"]["total_tokens"], Upstream::PROMPT_TOKENS + Upstream::COMPLETION_TOKENS);
    assert!(answer["id"].as_str().unwrap().starts_with("chatcmpl-"));
    let seen = shop.upstream.last();
    assert_eq!((&seen["model"], &seen["max_tokens"]), (&json!("parrot-1"), &json!(50)));
    assert_eq!((&seen["top_p"], &seen["seed"], &seen["user"]), (&json!(0.5), &json!(7), &Value::Null));
    let row = Row {
        outcome: "answered".to_owned(),
        api_key: id,
        prompt_tokens: Upstream::PROMPT_TOKENS,
        completion_tokens: Upstream::COMPLETION_TOKENS,
        cost_micros: 3_000,
    };
    assert_eq!(shop.ledger(1).await, [row]);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_comes_as_a_stream_with_its_usage() {
    let shop = Shop::open().await;
    let (_, key) = shop.key("shop").await;
    let asked = hello_with(json!({"stream": true, "stream_options": {"include_usage": true}}));
    let answer = shop.post(&key, &asked).send().await.unwrap();
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"text/event-stream".parse().unwrap())
    );
    let events = events(&answer.text().await.unwrap());
    let content: String =
        events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(content, "Good day.");
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let last = events.last().unwrap();
    assert_eq!(
        (&last["choices"], &last["usage"]["prompt_tokens"]),
        (&json!([]), &json!(Upstream::PROMPT_TOKENS))
    );
    assert_eq!(events[events.len() - 2]["choices"][0]["finish_reason"], "stop");
    assert_eq!(shop.ledger(1).await[0].cost_micros, 3_000);

    let plain =
        shop.post(&key, &hello_with(json!({"stream": true}))).send().await.unwrap().text().await.unwrap();
    assert!(!plain.contains("usage"), "{plain}");
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tools_are_passed_on_and_their_calls_come_back() {
    let shop = Shop::open().await;
    let (_, key) = shop.key("shop").await;
    shop.upstream.does(Script::Calls { name: "find", arguments: "{\"what\":\"shoes\"}" });
    let tool = json!({"type": "function", "function": {"name": "find", "description": "Finds.",
        "parameters": {"type": "object", "properties": {"what": {"type": "string"}}}}});
    let asked = hello_with(json!({"tools": [tool], "tool_choice": "required"}));
    let (status, answer) = shop.ask(&key, &asked).await;
    assert_eq!(status, 200, "{answer}");
    let choice = &answer["choices"][0];
    assert_eq!(
        (&choice["finish_reason"], &choice["message"]["content"]),
        (&json!("tool_calls"), &Value::Null)
    );
    let call = &choice["message"]["tool_calls"][0];
    assert_eq!((&call["id"], &call["type"]), (&json!("call_1"), &json!("function")));
    assert_eq!(call["function"], json!({"name": "find", "arguments": "{\"what\":\"shoes\"}"}));
    let seen = shop.upstream.last();
    assert_eq!((&seen["tools"], &seen["tool_choice"]), (&json!([tool]), &json!("required")));

    let asked = hello_with(json!({"tools": [tool], "stream": true}));
    let events = events(&shop.post(&key, &asked).send().await.unwrap().text().await.unwrap());
    let calls: Vec<&Value> = events
        .iter()
        .map(|event| &event["choices"][0]["delta"]["tool_calls"][0])
        .filter(|call| !call.is_null())
        .collect();
    assert_eq!(calls[0]["function"]["name"], "find");
    let arguments: String = calls.iter().filter_map(|call| call["function"]["arguments"].as_str()).collect();
    assert_eq!(arguments, "{\"what\":\"shoes\"}");
    shop.ledger(2).await;
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_sees_the_models_that_it_may_ask() {
    let shop = Shop::open().await;
    let (_, all) = shop.key("all").await;
    let (_, none) = shop.key_with("none", |key| key.models = vec!["other/*".to_owned()]).await;
    let (status, models) = shop.get(&all, "/v1/models").await;
    assert_eq!((status, &models["object"]), (200, &json!("list")));
    let ids: Vec<_> =
        models["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [MODEL], "what bots know is no model for programs");
    assert_eq!(models["data"][0]["owned_by"], "default");
    assert_eq!(shop.get(&all, &format!("/v1/models/{MODEL}")).await.0, 200);
    assert_eq!(shop.get(&none, "/v1/models").await, (200, json!({"object": "list", "data": []})));
    let (status, error) = shop.get(&none, &format!("/v1/models/{MODEL}")).await;
    assert_eq!((status, &error["error"]["code"]), (404, &json!("model_not_found")));
    assert_eq!(shop.get("nobody", "/v1/models").await.0, 401);
    assert_eq!(shop.ask(&all, &hello()).await.0, 200);
    shop.ledger(1).await;
    shop.close().await;
}
