//! The body of a call.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::{By, Call, Message, ToolChoice};

/// A temperature above it is refused.
const HOTTEST: f64 = 1.0;

/// It holds a person's words: never log it.
#[derive(Serialize)]
pub(super) struct Body<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    system: String,
    messages: Vec<Spoken<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_sequences: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_choice: Option<Value>,
}

#[derive(Serialize)]
struct Spoken<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Value },
    ToolResult { tool_use_id: &'a str, content: &'a str },
}

pub(super) fn body<'a>(model: &'a str, call: &'a Call) -> Body<'a> {
    let system = call.messages.iter().filter(|message| message.by == By::System);
    let system = system.map(|message| message.text.as_str()).filter(|text| !text.is_empty());
    let stop = call.extra.get("stop").map(|stop| match stop {
        Value::String(one) => json!([one]),
        many => many.clone(),
    });
    Body {
        model,
        max_tokens: call.max_tokens,
        system: system.collect::<Vec<_>>().join("\n\n"),
        messages: spoken(&call.messages),
        stream: true,
        temperature: call.temperature.map(|temperature| temperature.min(HOTTEST)),
        top_p: call.extra.get("top_p"),
        stop_sequences: stop,
        tools: call
            .tools
            .iter()
            .map(|tool| {
                json!({
                    "name": tool.name, "description": tool.description, "input_schema": tool.parameters,
                })
            })
            .collect(),
        tool_choice: call.tool_choice.as_ref().filter(|_| !call.tools.is_empty()).map(
            |choice| match choice {
                ToolChoice::Auto => json!({ "type": "auto" }),
                ToolChoice::None => json!({ "type": "none" }),
                ToolChoice::Required => json!({ "type": "any" }),
                ToolChoice::Tool(name) => json!({ "type": "tool", "name": name }),
            },
        ),
    }
}

/// Messages of one side in a row are one message: what several tools answered has to be one.
fn spoken(messages: &[Message]) -> Vec<Spoken<'_>> {
    let mut spoken: Vec<Spoken<'_>> = Vec::new();
    for message in messages.iter().filter(|message| message.by != By::System) {
        let role = if message.by == By::Model { "assistant" } else { "user" };
        let blocks = blocks(message);
        match spoken.last_mut() {
            _ if blocks.is_empty() => {}
            Some(last) if last.role == role => last.content.extend(blocks),
            _ => spoken.push(Spoken { role, content: blocks }),
        }
    }
    spoken
}

fn blocks(message: &Message) -> Vec<Block<'_>> {
    let text = message.text.as_str();
    if let (By::Tool, Some(id)) = (message.by, &message.tool_call_id) {
        return vec![Block::ToolResult { tool_use_id: id, content: text }];
    }
    // A text of nothing is refused.
    let text = (!text.trim().is_empty()).then_some(Block::Text { text });
    let calls = message.tool_calls.iter().map(|call| Block::ToolUse {
        id: &call.id,
        name: &call.name,
        input: serde_json::from_str(&call.arguments)
            .ok()
            .filter(Value::is_object)
            .unwrap_or_else(|| json!({})),
    });
    text.into_iter().chain(calls).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::{ToolCall, ToolSpec};

    #[test]
    fn a_conversation_with_tools_is_said_their_way() {
        let called = |id: &str| ToolCall { id: id.into(), name: "f".into(), arguments: r#"{"a":1}"#.into() };
        let answered = |id: &str| Message {
            tool_call_id: Some(id.to_owned()),
            ..Message::new(By::Tool, format!("of {id}"))
        };
        let call = Call {
            messages: vec![
                Message::new(By::System, "You are Max."),
                Message::new(By::Person, "Hi"),
                Message { tool_calls: vec![called("x"), called("y")], ..Message::new(By::Model, "") },
                answered("x"),
                answered("y"),
                Message::new(By::Person, "And?"),
            ],
            max_tokens: 7,
            temperature: Some(1.5),
            tools: vec![ToolSpec {
                name: "f".into(),
                description: "d".into(),
                parameters: json!({ "type": "object" }),
                strict: None,
            }],
            tool_choice: Some(ToolChoice::Required),
            extra: json!({ "stop": "END", "seed": 4 }).as_object().cloned().unwrap_or_default(),
            ..Call::default()
        };
        let used = |id: &str| json!({ "type": "tool_use", "id": id, "name": "f", "input": { "a": 1 } });
        let result =
            |id: &str| json!({ "type": "tool_result", "tool_use_id": id, "content": format!("of {id}") });
        assert_eq!(
            serde_json::to_value(body("c", &call)).unwrap(),
            json!({
                "model": "c", "max_tokens": 7, "system": "You are Max.", "stream": true, "temperature": 1.0,
                "stop_sequences": ["END"], "tool_choice": { "type": "any" },
                "tools": [{ "name": "f", "description": "d", "input_schema": { "type": "object" } }],
                "messages": [
                    { "role": "user", "content": [{ "type": "text", "text": "Hi" }] },
                    { "role": "assistant", "content": [used("x"), used("y")] },
                    { "role": "user",
                      "content": [result("x"), result("y"), { "type": "text", "text": "And?" }] },
                ],
            })
        );
    }
}
