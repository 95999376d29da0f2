//! The same against `aimock`, a mock of the providers' interfaces that others wrote. It knows chat completions and
//! messages, and is stricter about requests than our own server.

use std::sync::Arc;

use ids::{Clock, Ids};
use serde_json::{Value, json};
use testkit::Aimock;
use tokio::time::Instant;

use super::shapes::ALL;
use super::{LONG, Read, is, told};
use crate::config::Kind;
use crate::domain::answer::Usage;
use crate::providers::{
    By, Call, Catalog, Finish, Message, Model, Problem, ProviderError, ToolCall, ToolChoice, ToolSpec, Tools,
};

fn model(kind: Kind, aimock: &Aimock) -> Arc<Model> {
    let text = format!(
        "[providers.p]\nkind = \"{kind}\"\nbase_url = \"{}/v1\"\napi_keys = \"any\"\ndiscover = true\nlisted.prices = {{ input = 0 }}\n\
         [providers.p.retries]\nattempts = 2\nfirst_pause_ms = 1\n[providers.p.breaker]\nfailures = 100\n\
         [[providers.p.models]]\nname = \"model-1\"\n",
        aimock.url
    );
    let tools = Tools { clock: Clock::system(), ids: Ids::system() };
    Catalog::build(&toml::from_str(&text).unwrap(), &tools).unwrap().first().clone()
}

/// One of everything for each kind; what is counted by `aimock` must not be shared by two of them.
fn fixtures() -> String {
    let mut fixtures: Vec<Value> = Vec::new();
    let usage = json!({
        "prompt_tokens": 100, "completion_tokens": 7, "total_tokens": 107, "input_tokens": 100, "output_tokens": 7,
    });
    let weather = json!({ "id": "call-a", "name": "weather", "arguments": { "city": "Омск" } });
    let now = json!({ "id": "call-b", "name": "now", "arguments": {} });
    let error = |kind: &str| json!({ "message": "it is so", "type": kind, "code": kind });
    for kind in ALL {
        let said = |what: &str| json!({ "userMessage": format!("{kind} {what}") });
        let nth =
            |what: &str, nth: u32| json!({ "userMessage": format!("{kind} {what}"), "sequenceIndex": nth });
        fixtures.extend([
            json!({ "match": said("greets"), "response": { "content": "Привет! Чем могу помочь?", "usage": usage } }),
            json!({ "match": { "userMessage": format!("{kind} asks tools"), "hasToolResult": true },
                    "response": { "content": "It rains in Омск." } }),
            json!({ "match": said("asks tools"), "response": { "toolCalls": [weather, now] } }),
            json!({ "match": nth("is limited", 0),
                    "response": { "error": error("rate_limit_error"), "status": 429, "retryAfter": 1 } }),
            json!({ "match": nth("is limited", 1), "response": { "content": "now" } }),
            json!({ "match": nth("is overloaded", 0),
                    "response": { "error": error("overloaded_error"), "status": 529 } }),
            json!({ "match": nth("is overloaded", 1), "response": { "content": "now" } }),
            json!({ "match": said("is broke"),
                    "response": { "error": error("insufficient_quota"), "status": 429 } }),
            json!({ "match": said("is cut"), "latency": 20, "truncateAfterChunks": 4,
                    "response": { "content": "It is not so that everything has an end, as everybody thinks it has." } }),
            json!({ "match": said("is garbled"), "response": { "content": "x" }, "chaos": { "malformedRate": 1 } }),
            json!({ "match": said("is gone"), "response": { "content": "x" }, "chaos": { "disconnectRate": 1 } }),
            json!({ "match": said("is down"), "response": { "content": "x" }, "chaos": { "dropRate": 1 } }),
        ]);
    }
    json!({ "fixtures": fixtures }).to_string()
}

fn tool(name: &str) -> ToolSpec {
    let parameters = json!({ "type": "object", "properties": { "city": { "type": "string" } } });
    ToolSpec { name: name.to_owned(), description: "A tool.".to_owned(), parameters, strict: None }
}

fn call(kind: Kind, what: &str) -> Call {
    Call {
        messages: vec![
            Message::new(By::System, "You are Max."),
            Message::new(By::Person, format!("{kind} {what}")),
        ],
        max_tokens: 300,
        tools: vec![tool("weather"), tool("now")],
        tool_choice: Some(ToolChoice::Auto),
        ..Call::default()
    }
}

async fn ask(model: &Model, call: &Call) -> Result<Read, ProviderError> {
    let opened = model.open(call, Instant::now() + LONG).await?;
    let read = Read::all(opened.pieces).await;
    Ok(Read { attempts: opened.attempts, ..read })
}

#[tokio::test]
async fn a_counterpart_that_others_wrote_is_understood() {
    let aimock = testkit::aimock(&fixtures()).await;
    for kind in ALL {
        let model = model(kind, &aimock);
        let read = ask(&model, &call(kind, "greets")).await.unwrap();
        let usage = Usage { prompt: 100, cached: 0, completion: 7, reported: true };
        assert_eq!((read.usage, read.model.as_str()), (usage, "model-1"), "{kind}");
        assert_eq!(told(Ok(read)), is("Привет! Чем могу помочь?", "Stop", 1), "{kind}");

        let read = ask(&model, &call(kind, "asks tools")).await.unwrap();
        let called =
            |id: &str, name: &str, arguments: &str| (id.to_owned(), name.to_owned(), arguments.to_owned());
        let calls = vec![called("call-a", "weather", "{\"city\":\"Омск\"}"), called("call-b", "now", "{}")];
        assert_eq!((read.tools, read.finish), (calls.clone(), Some(Finish::ToolCalls)), "{kind}");
        // And the tools' answers find their way back.
        let mut answered = call(kind, "asks tools");
        let tool_calls = calls.into_iter().map(|(id, name, arguments)| ToolCall { id, name, arguments });
        answered.messages.push(Message { tool_calls: tool_calls.collect(), ..Message::new(By::Model, "") });
        for id in ["call-a", "call-b"] {
            let id = Some(id.to_owned());
            answered.messages.push(Message { tool_call_id: id, ..Message::new(By::Tool, "rain") });
        }
        assert_eq!(told(ask(&model, &answered).await), is("It rains in Омск.", "Stop", 1), "{kind}");

        let listed = model.provider.listed().await;
        assert!(listed.is_ok_and(|models| models.len() > 1), "{kind}");
    }
}

#[tokio::test]
async fn a_counterpart_that_others_wrote_fails_and_is_understood() {
    let aimock = testkit::aimock(&fixtures()).await;
    for kind in ALL {
        let model = model(kind, &aimock);
        let started = Instant::now();
        assert_eq!(told(ask(&model, &call(kind, "is limited")).await), is("now", "Stop", 2), "{kind}");
        assert!(started.elapsed().as_secs() >= 1, "{kind}: it asked for a second");
        assert_eq!(told(ask(&model, &call(kind, "is overloaded")).await), is("now", "Stop", 2), "{kind}");
        assert_eq!(told(ask(&model, &call(kind, "is broke")).await), is("", "quota", 1), "{kind}");
        assert_eq!(told(ask(&model, &call(kind, "is garbled")).await), is("", "malformed", 1), "{kind}");
        assert_eq!(told(ask(&model, &call(kind, "is down")).await), is("", "busy", 2), "{kind}");
        let cut = ask(&model, &call(kind, "is cut")).await.unwrap();
        assert!(cut.text.starts_with("It is not"), "{kind}: {}", cut.text);
        assert_eq!(cut.problem, Some("cut"), "{kind}");
        let gone = ask(&model, &call(kind, "is gone")).await.unwrap_err();
        assert!(matches!(gone.problem, Problem::Unreachable(_)), "{kind}: {:?}", gone.problem);
    }
}
