//! Calls of tools, as providers count them, or do not.

use serde_json::{Value, json};
use tokio::time::Instant;

use super::server::{Server, response, streamed};
use super::shapes::{self, ALL, is_anthropic};
use super::{LONG, Read, ask, model};
use crate::config::Kind;
use crate::providers::{AnswerSchema, Finish};

type Called = (String, String, String);

fn tool(id: &str, name: &str, arguments: &str) -> Called {
    (id.to_owned(), name.to_owned(), arguments.to_owned())
}

/// A chunk of a stream that holds these pieces of calls.
fn chunk(calls: &Value) -> String {
    let chunk = json!({ "id": "chatcmpl-a1", "choices": [{ "index": 0, "delta": { "tool_calls": calls } }] });
    format!("data: {chunk}\n\n")
}

async fn called(kind: Kind, chunks: &[Value]) -> Vec<Called> {
    let mut parts = vec![shapes::start(kind)];
    parts.extend(chunks.iter().map(chunk));
    parts.push(shapes::end(kind, true));
    let server = Server::playing(vec![streamed(parts.iter().map(String::as_str))]).await;
    let read = ask(&model(kind, &server, "")).await.unwrap();
    assert_eq!(read.finish, Some(Finish::ToolCalls), "{kind}");
    read.tools
}

#[tokio::test]
async fn calls_that_the_provider_does_not_count_are_kept_apart() {
    let two = [tool("a", "weather", r#"{"city":"Омск"}"#), tool("b", "now", "{}")];
    let named = |name: &str| json!({ "name": name, "arguments": "" });
    let more = |text: &str| json!({ "arguments": text });
    for kind in ALL.into_iter().filter(|kind| !is_anthropic(*kind)) {
        // The index is always 0; one sends the id again, one only once.
        let always_0 = [
            json!([{ "index": 0, "id": "a", "function": named("weather") }]),
            json!([{ "index": 0, "id": "a", "function": more("{\"city\":") }]),
            json!([{ "index": 0, "function": more("\"Омск\"}") }]),
            json!([{ "index": 0, "id": "b", "function": named("now") }]),
            json!([{ "index": 0, "id": "", "function": more("{}") }]),
        ];
        assert_eq!(called(kind, &always_0).await, two, "{kind}");
        // No index at all, a call in each chunk.
        let none = [
            json!([{ "id": "a", "function": named("weather") }]),
            json!([{ "function": more("{\"city\":\"Омск\"}") }]),
            json!([{ "id": "b", "function": { "name": "now", "arguments": "{}" } }]),
        ];
        assert_eq!(called(kind, &none).await, two, "{kind}");
        // Two pieces in one chunk, and the index begins at 1.
        let together = [
            json!([{ "index": 1, "id": "a", "function": named("weather") }, { "index": 2, "id": "b", "function": named("now") }]),
            json!([{ "index": 2, "function": more("{}") }, { "index": 1, "function": more("{\"city\":\"Омск\"}") }]),
        ];
        assert_eq!(called(kind, &together).await, two, "{kind}");
    }
}

#[tokio::test]
async fn calls_without_an_id_are_given_one() {
    let two = [tool("call_a1_0", "now", r#"{"at":1}"#), tool("call_a1_1", "now", r#"{"at":2}"#)];
    let call = |at: u32| json!({ "name": "now", "arguments": json!({ "at": at }) });
    for kind in ALL.into_iter().filter(|kind| !is_anthropic(*kind)) {
        let apart = [json!([{ "function": call(1) }]), json!([{ "function": call(2) }])];
        let counted =
            [json!([{ "index": 0, "function": call(1) }]), json!([{ "index": 0, "function": call(2) }])];
        for chunks in [&apart[..], &counted[..], &[json!([{ "function": call(1) }, { "function": call(2) }])]]
        {
            let ids: Vec<Called> = called(kind, chunks).await;
            assert_eq!(ids.iter().map(|call| &call.2).collect::<Vec<_>>(), [&two[0].2, &two[1].2], "{kind}");
            assert!(ids[0].0 != ids[1].0 && ids.iter().all(|call| call.0.starts_with("call_")), "{ids:?}");
        }
        let message = json!({ "tool_calls": [{ "function": call(1) }, { "function": call(2) }] });
        let whole = json!({ "id": "chatcmpl-a1", "choices": [{ "message": message, "finish_reason": "tool_calls" }] });
        let server = Server::playing(vec![response(200, "", &whole.to_string())]).await;
        assert_eq!(ask(&model(kind, &server, "")).await.unwrap().tools, two, "{kind}");
    }
}

#[tokio::test]
async fn a_tool_that_takes_nothing_is_called_with_an_empty_object() {
    for kind in ALL {
        let mut parts = vec![shapes::start(kind)];
        // The last but one holds the arguments `{}`.
        let said = shapes::tools(kind);
        let without = |part: &&String| {
            !part.contains("\"arguments\":\"{}\"") && !part.contains("\"partial_json\":\"{}\"")
        };
        parts.extend(said.iter().filter(without).cloned());
        assert_eq!(parts.len(), said.len(), "{kind}");
        parts.push(shapes::end(kind, true));
        let server = Server::playing(vec![streamed(parts.iter().map(String::as_str))]).await;
        let tools = ask(&model(kind, &server, "")).await.unwrap().tools;
        assert_eq!(
            tools,
            [tool("call-a", "weather", "{\"city\":\"Омск\"}"), tool("call-b", "now", "{}")],
            "{kind}"
        );
    }
}

#[tokio::test]
async fn a_schema_is_asked_for_as_it_came_or_in_words() {
    for kind in ALL {
        let parts = [shapes::start(kind), shapes::text(kind, "{}"), shapes::end(kind, false)];
        let server = Server::playing(vec![streamed(parts.iter().map(String::as_str))]).await;
        let schema = json!({ "type": "object", "required": ["colour"] });
        let mut asked = super::call();
        asked.messages[1].name = Some("ann".to_owned());
        asked.tools[0].strict = Some(true);
        asked.answer_schema = Some(AnswerSchema {
            name: Some("paint".to_owned()),
            description: None,
            strict: Some(false),
            schema: schema.clone(),
        });
        let opened = model(kind, &server, "").open(&asked, Instant::now() + LONG).await.unwrap();
        Read::all(opened.pieces).await;
        let body: Value = server.last(|asked| serde_json::from_slice(&asked.body).unwrap());
        let format = &body["response_format"];
        match kind {
            Kind::OpenAi | Kind::Gemini | Kind::Ollama => {
                let whole = json!({ "name": "paint", "strict": false, "schema": schema });
                assert_eq!(*format, json!({ "type": "json_schema", "json_schema": whole }), "{kind}");
                assert!(!body["messages"].to_string().contains("colour"), "{kind}");
            }
            Kind::DeepSeek => assert_eq!(*format, json!({ "type": "json_object" })),
            _ => assert!(format.is_null(), "{kind}"),
        }
        if matches!(kind, Kind::DeepSeek | Kind::LongCat | Kind::Anthropic) {
            let system = if is_anthropic(kind) { &body["system"] } else { &body["messages"][1]["content"] };
            let system = system.as_str().unwrap();
            assert!(
                system.contains("JSON schema") && system.contains(&schema.to_string()),
                "{kind}: {system}"
            );
        }
        if !is_anthropic(kind) {
            let said = body["messages"].as_array().unwrap().last().unwrap();
            assert_eq!((&said["name"], &said["role"]), (&json!("ann"), &json!("user")), "{kind}");
            assert_eq!(body["tools"][0]["function"]["strict"], true, "{kind}");
        }
    }
}
